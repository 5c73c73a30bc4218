import Calls
import Documents
import Norms
import Storage
import WorkOrders

/// Recurring work and outages: what a person writes down of them (docs/duties.md).
public struct DutyBook: Sendable {
    /// Recurring work that was done.
    public struct Deed: Sendable {
        /// The rule's id.
        public var rule: String
        /// Which of several boxes, customers, counters; empty where there is one alone.
        public var subject: String
        /// Nil: now.
        public var happenedAt: UTCTime?
        public var by: WorkNumber
        public var note: String
        /// A recording's id, an order's number, or a document's name.
        public var evidence: String?

        public init(
            rule: String, subject: String = "", happenedAt: UTCTime? = nil, by: WorkNumber, note: String,
            evidence: String? = nil
        ) {
            self.rule = rule
            self.subject = subject
            self.happenedAt = happenedAt
            self.by = by
            self.note = note
            self.evidence = evidence
        }
    }

    /// An outage to be announced.
    public struct Outage: Sendable {
        /// `planned`, `temporary`, `fault`.
        public var kind: String
        /// Empty: everywhere.
        public var area: String
        public var beginsAt: UTCTime
        public var endsAt: UTCTime
        /// When the public was told; nil: now.
        public var announcedAt: UTCTime?
        public var reason: String
        public var text: String
        /// A recorded prompt's id.
        public var prompt: String?
        public var by: WorkNumber

        public init(
            kind: String, area: String, beginsAt: UTCTime, endsAt: UTCTime, announcedAt: UTCTime? = nil,
            reason: String, text: String, prompt: String? = nil, by: WorkNumber
        ) {
            self.kind = kind
            self.area = area
            self.beginsAt = beginsAt
            self.endsAt = endsAt
            self.announcedAt = announcedAt
            self.reason = reason
            self.text = text
            self.prompt = prompt
            self.by = by
        }
    }

    public static let outageKinds = ["planned", "temporary", "fault"]
    /// 30 days in microseconds: no outage is announced to last longer.
    private static let longestOutage: Int64 = 30 * 86_400_000_000
    /// The most that a text of these holds, in bytes.
    public static let mostText = 2000

    private let norms: NormFolder
    private let store: Store
    private let identifiers: Identifiers
    private let prompts: @Sendable (_ id: String) -> Bool
    private let time: any TimeSource

    /// - Parameter prompts: whether there is such a prompt.
    public init(
        norms: NormFolder, store: Store, identifiers: Identifiers,
        prompts: @escaping @Sendable (_ id: String) -> Bool, time: any TimeSource
    ) {
        self.norms = norms
        self.store = store
        self.identifiers = identifiers
        self.prompts = prompts
        self.time = time
    }

    /// What of all profiles recurs: rules on work and reports, by profile.
    public static func recurring(_ profiles: [NormProfile]) -> [(profile: NormProfile, rule: NormRule)] {
        profiles.flatMap { profile in
            profile.rules.filter { $0.measure == .dutyDone || $0.measure == .reportMade }.map { (profile, $0) }
        }
    }

    /// Writes down work that was done; durable when this returns.
    /// - Throws: `SwitchboardError` `.notFound`, `.refused` with the reason; `StorageError`.
    public func done(_ deed: Deed) async throws {
        let known = Self.recurring(try norms.profiles().map(\.profile))
        guard let (profile, rule) = known.first(where: { $0.rule.id == deed.rule }) else {
            throw SwitchboardError(
                .notFound,
                "no rule `\(deed.rule.prefix(60))` asks for work that recurs. "
                    + Names.advice(for: deed.rule, in: known.map(\.rule.id)))
        }
        let now = time.now()
        let happened = deed.happenedAt?.microseconds ?? now.wall
        guard happened <= now.wall else { throw SwitchboardError(.refused, "what is yet to come is not done") }
        try check("the note", deed.note)
        try check("the subject", deed.subject, mayBeEmpty: true)
        if let evidence = deed.evidence { try await check(evidence: evidence) }
        try await store.record([
            .dutyDone(
                DutyDone(
                    at: now, profile: profile.id, rule: rule.id, subject: deed.subject, happened: happened,
                    by: deed.by.text, note: deed.note, evidence: deed.evidence))
        ])
    }

    /// Announces an outage; callers hear of it from now until it is over or withdrawn. Durable when this returns.
    /// - Throws: as `done`.
    public func announce(_ outage: Outage) async throws -> OutageID {
        let now = time.now()
        guard Self.outageKinds.contains(outage.kind) else {
            throw SwitchboardError(
                .refused,
                "an outage is one of \(Self.outageKinds.joined(separator: ", ")), not `\(outage.kind.prefix(40))`")
        }
        let length = outage.endsAt.microseconds - outage.beginsAt.microseconds
        guard length > 0, length <= Self.longestOutage else {
            throw SwitchboardError(.refused, "an outage ends after its begin, and within 30 days")
        }
        guard outage.endsAt.microseconds > now.wall else {
            throw SwitchboardError(.refused, "the outage is over already: nobody could be told")
        }
        let announced = outage.announcedAt?.microseconds ?? now.wall
        guard announced <= now.wall else {
            throw SwitchboardError(.refused, "what will be announced later is written down then")
        }
        try check("the area", outage.area, mayBeEmpty: true)
        try check("the reason", outage.reason)
        try check("the text", outage.text)
        if let prompt = outage.prompt, !prompts(prompt) {
            throw SwitchboardError(.notFound, "there is no prompt `\(prompt.prefix(60))`: `prompts list` shows them")
        }
        let id: OutageID = identifiers.next()
        try await store.record([
            .outageAnnounced(
                OutageAnnounced(
                    outage: id, at: now, kind: outage.kind, area: outage.area, begins: outage.beginsAt.microseconds,
                    ends: outage.endsAt.microseconds, announced: announced, reason: outage.reason, text: outage.text,
                    prompt: outage.prompt, by: outage.by.text))
        ])
        return id
    }

    /// Withdraws an outage: it does not take place, or is over early.
    /// - Throws: `StorageError` `.conflict` where none such is announced.
    public func withdraw(_ outage: OutageID, by: WorkNumber, why: String) async throws {
        try check("the reason", why)
        try await store.record([
            .outageWithdrawn(OutageWithdrawn(outage: outage, at: time.now(), by: by.text, why: why))
        ])
    }

    private func check(_ what: String, _ text: String, mayBeEmpty: Bool = false) throws(SwitchboardError) {
        guard text.utf8.count <= Self.mostText else {
            throw SwitchboardError(.refused, "\(what) is longer than \(Self.mostText) bytes")
        }
        guard mayBeEmpty || text.contains(where: { !$0.isWhitespace }) else {
            throw SwitchboardError(.refused, "\(what) is missing")
        }
        let isControl = { (scalar: Unicode.Scalar) in scalar.value < 32 && scalar != "\n" || scalar.value == 127 }
        guard !text.unicodeScalars.contains(where: isControl) else {
            throw SwitchboardError(.refused, "\(what) holds control characters")
        }
    }

    /// What looks like a recording or an order must be one.
    private func check(evidence: String) async throws {
        try check("the evidence", evidence)
        if let id = RecordingID(evidence) {
            guard try await store.reader.recording(id) != nil else {
                throw SwitchboardError(.notFound, "there is no recording \(id)")
            }
        } else if let number = OrderNumber(evidence) {
            guard try await store.reader.order(number.description) != nil else {
                throw SwitchboardError(.notFound, "there is no work order \(number)")
            }
        }
    }
}
