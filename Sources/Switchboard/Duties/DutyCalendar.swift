import Audit
import Calls
import Norms
import Storage

/// What falls due in a month by the norms' duties, and what was done of it: reports and their publication, boxes, reception
/// days, visits, drills, notices of outages (docs/duties.md). Reads only.
public struct DutyCalendar: Sendable {
    /// How something stands.
    public enum State: String, Sendable, Hashable, CaseIterable {
        case done
        /// Done after its time.
        case doneLate = "done_late"
        /// Not done, and not due yet.
        case open
        /// Not done, and due.
        case late
        /// Its days are counted from a first time that nobody wrote down.
        case notBegun = "not_begun"
        /// The document gives no date, and nothing was done in the month.
        case undated
        /// Nobody wrote down what would have to be known.
        case notKnown = "not_known"
    }

    /// One thing that is due.
    public struct Entry: Sendable, Hashable {
        public var profile: NormProfile
        public var rule: NormRule
        /// Which of several; empty where there is one alone.
        public var subject: String
        /// Nil where the document gives no date.
        public var due: Due?
        public var state: State
        /// What was written down of it; nil for outages, and where nothing was.
        public var deed: DutyDeed?
        /// Of a rule on notices: the outage announced.
        public var outage: OutageNotice?

        /// Whether somebody can write down that it was done: notices of outages are bulletins of their own.
        public var canBeNoted: Bool { rule.measure != .outageNotice }
    }

    private let norms: NormFolder
    private let zone: ZoneOffsets
    private let reader: StoreReader

    /// - Parameter zone: local time, whose days are counted.
    public init(norms: NormFolder, zone: ZoneOffsets, reader: StoreReader) {
        self.norms = norms
        self.zone = zone
        self.reader = reader
    }

    /// Everything that falls due in a month, the earliest first; what has no date comes last.
    /// - Parameters:
    ///   - first: the month's first day.
    ///   - profile: of this profile alone; nil: of all.
    ///   - now: what was written down until then is known, and what is due until then is due.
    /// - Throws: what is wrong with the folder of norms; `StorageError`.
    public func month(_ first: CivilDate, profile: String?, now: UTCTime) async throws -> [Entry] {
        let profiles = try norms.profiles().map(\.profile).filter { profile == nil || $0.id == profile }
        let calendar = try norms.calendar()
        let (begin, end) = (zone.instant(first), zone.instant(first.adding(months: 1)))
        let deeds = try await reader.deeds(
            from: UTCTime(microseconds: 0), to: UTCTime(microseconds: .max), asOf: now)
        // Whatever is announced a long time ahead falls due in this month, too.
        let outages = try await reader.outages(
            OutageFilter(
                from: UTCTime(microseconds: begin), to: UTCTime(microseconds: zone.instant(first.adding(months: 14))),
                limit: 10_000))
        var entries: [Entry] = []
        for profile in profiles {
            let context = AuditContext(
                profile: profile, clock: profile.clock(calendar: calendar, zone: zone), rings: RingClock(), from: begin,
                to: end, asOf: now.microseconds)
            for rule in profile.rules {
                guard let judge = DutyJudge(rule, context) else { continue }
                entries += self.entries(profile, judge, deeds, outages)
            }
        }
        return entries.enumerated().sorted { one, other in
            let (left, right) = (one.element.due?.at ?? .max, other.element.due?.at ?? .max)
            return (left, one.offset) < (right, other.offset)
        }.map(\.element)
    }

    private func entries(
        _ profile: NormProfile, _ judge: DutyJudge, _ deeds: [DutyDeed], _ outages: [OutageNotice]
    ) -> [Entry] {
        let rule = judge.rule
        let mine = deeds.filter { $0.rule == rule.id }
        let stretches = judge.stretches(deeds: mine.map(Self.deed), outages: outages.map(Self.outage))
        if stretches.isEmpty, rule.limit == nil {
            return [Entry(profile: profile, rule: rule, subject: "", due: nil, state: .undated)]
        }
        return stretches.map { stretch in
            var entry = Entry(
                profile: profile, rule: rule, subject: stretch.subject, due: stretch.due, state: Self.state(stretch))
            if rule.measure == .outageNotice {
                entry.outage = outages.first { $0.id.description == stretch.subject }
                entry.subject = ""
            } else if let at = stretch.done ?? stretch.doneLate {
                entry.deed = mine.first { $0.subject == stretch.subject && $0.happenedAt.microseconds == at }
            }
            return entry
        }
    }

    private static func state(_ stretch: DutyStretch) -> State {
        switch stretch.verdict {
        case .kept, .shown: .done
        case .pending: .open
        case .broken: stretch.doneLate == nil ? .late : .doneLate
        case .notJudged: stretch.due == nil ? .notBegun : .notKnown
        }
    }

    private static func deed(_ deed: DutyDeed) -> AuditDeed {
        AuditDeed(
            rule: deed.rule, subject: deed.subject, happenedAt: deed.happenedAt.microseconds, by: deed.by,
            isProven: deed.evidence != nil)
    }

    private static func outage(_ outage: OutageNotice) -> AuditOutage {
        AuditOutage(
            id: outage.id.description, kind: outage.kind, announcedAt: outage.announcedAt.microseconds,
            beginsAt: outage.beginsAt.microseconds, isWithdrawn: outage.withdrawnAt != nil)
    }
}
