import Audit
import Calls
import Norms
import Storage
import WorkOrders

/// Makes audits: a profile with what its rules rest on, the calendar, a period, the moment up to which the journal is known.
public struct AuditOffice: Sendable {
    /// A period and what is asked of it.
    public struct Question: Sendable {
        /// Unix microseconds, UTC: from this moment on, and before that one.
        public var from: Int64
        public var to: Int64
        /// What was written down up to this moment is known.
        public var asOf: UTCTime
        /// Breaches listed a rule, at most.
        public var mostBreaches: Int

        public init(from: Int64, to: Int64, asOf: UTCTime, mostBreaches: Int) {
            self.from = from
            self.to = to
            self.asOf = asOf
            self.mostBreaches = mostBreaches
        }
    }

    public let norms: NormFolder
    private let zone: ZoneOffsets
    private let zoneName: String
    private let reader: StoreReader

    /// - Parameter zoneName: of `zone`, as reports name it.
    public init(norms: NormFolder, zone: ZoneOffsets, zoneName: String, reader: StoreReader) {
        self.norms = norms
        self.zone = zone
        self.zoneName = zoneName
        self.reader = reader
    }

    /// Judges a period by a profile.
    /// - Parameter calendar: nil: the folder's.
    /// - Throws: what is wrong with the folder of norms; `StorageError`.
    public func report(
        _ profile: NormProfile, _ question: Question, calendar: WorkingCalendar? = nil
    ) async throws -> AuditReport {
        let calendar = try calendar ?? norms.calendar()
        let moment = try await reader.auditMoment(before: question.asOf)
        let context = AuditContext(
            profile: profile, clock: profile.clock(calendar: calendar, zone: zone), rings: RingClock(),
            from: question.from, to: question.to, asOf: moment?.at.microseconds ?? question.asOf.microseconds)
        let run = try await reader.audit(AuditRun(context, knowledge: try knowledge(of: profile)))
        return AuditReport(
            run,
            basis: AuditReport.Basis(
                event: moment.map { AuditReport.Basis.Event(chain: $0.chain, sequence: $0.sequence) },
                calendar: "\(calendar.name)@\(calendar.version)", zone: zoneName, mostBreaches: question.mostBreaches))
    }

    /// The lists and routes that the profile's own rules rest on.
    private func knowledge(of profile: NormProfile) throws -> OrderKnowledge {
        let library = try OrderRulebook.library(norms, try norms.profiles().map(\.profile))
        let policies = library.policies.values.filter { $0.profile == profile.citation }.sorted { $0.id < $1.id }
        return OrderKnowledge(
            routing: policies.compactMap(\.routing).first.flatMap { library.routings[$0] },
            vocabulary: library.vocabulary, repeats: library.repeats)
    }
}
