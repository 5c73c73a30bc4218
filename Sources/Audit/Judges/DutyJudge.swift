import Norms

/// Judges work that recurs, and outages announced, by one rule (docs/audit.md, Duties).
public struct DutyJudge: Sendable {
    public let rule: NormRule
    private let context: AuditContext

    /// - Returns: nil where the rule is not about such work.
    public init?(_ rule: NormRule, _ context: AuditContext) {
        guard rule.measure?.subject == .duty else { return nil }
        self.rule = rule
        self.context = context
    }

    static let neverWritten = "nothing of it was ever written down"
    static let notKnownWho = "whether key customers were told is not known"

    /// - Parameters:
    ///   - deeds: of this and other rules, whenever they were done, up to the audit's moment.
    ///   - outages: those that begin in the period.
    public func items(deeds: [AuditDeed], outages: [AuditOutage]) -> [AuditItem] {
        if rule.measure == .outageNotice { return notices(outages) }
        let mine = deeds.filter { $0.rule == rule.id && $0.happenedAt <= context.asOf }
        guard !mine.isEmpty else {
            return [AuditItem(.duty(rule.id), .notJudged(Self.neverWritten), at: context.from)]
        }
        let bySubject = Dictionary(grouping: mine, by: \.subject).mapValues { deeds in
            deeds.sorted { ($0.happenedAt, $0.by) < ($1.happenedAt, $1.by) }
        }
        return bySubject.keys.sorted().flatMap { items(of: $0, bySubject[$0] ?? []) }
    }

    // MARK: - Outages

    private func notices(_ outages: [AuditOutage]) -> [AuditItem] {
        outages.filter { outage in
            !outage.isWithdrawn && (rule.scope.kinds.isEmpty || rule.scope.kinds.contains(outage.kind))
                && outage.beginsAt >= context.from && outage.beginsAt < context.to
        }.map { outage in
            let ahead = (outage.beginsAt - outage.announcedAt) / 1000
            let verdict: AuditItem.Verdict
            if !rule.scope.customers.isEmpty {
                verdict = .notJudged(Self.notKnownWho)
            } else if let isAhead = rule.isAhead(outage.announcedAt, of: outage.beginsAt, by: context.clock) {
                verdict = isAhead ? .kept : .broken
            } else {
                verdict = .shown
            }
            return AuditItem(
                .duty("outage/\(outage.id)"), verdict, at: outage.beginsAt, milliseconds: max(0, ahead),
                done: outage.announcedAt)
        }
    }

    // MARK: - Work

    private func items(of subject: String, _ deeds: [AuditDeed]) -> [AuditItem] {
        switch rule.limit {
        case .every(let term) where term.unit == .days && term.count > 1: return gaps(term, subject, deeds)
        case .every(let term): return periods(term, subject, deeds)
        case .weekly(let day): return days(ofWeek: day, subject, deeds)
        case .monthlyBy: return dates(subject, deeds)
        default:
            return deeds.filter { $0.happenedAt >= context.from && $0.happenedAt < context.to }.map {
                item(.shown, subject, from: date(of: $0.happenedAt), at: $0.happenedAt, done: $0.happenedAt)
            }
        }
    }

    private func date(of wall: Int64) -> CivilDate { CivilDate(context.clock.zone.civil(wall)) }

    private func begin(of date: CivilDate) -> Int64 { context.clock.zone.instant(date) }

    private func item(
        _ verdict: AuditItem.Verdict, _ subject: String, from date: CivilDate, at: Int64, due: Int64? = nil,
        done: Int64? = nil
    ) -> AuditItem {
        AuditItem(
            .duty([rule.id, subject, date.description].filter { !$0.isEmpty }.joined(separator: "/")), verdict, at: at,
            due: due, done: done)
    }

    /// A stretch in which it must be done, and whether it was.
    private func item(
        _ subject: String, _ deeds: [AuditDeed], from first: CivilDate, to end: CivilDate
    ) -> AuditItem? {
        let (begin, end) = (begin(of: first), begin(of: end))
        guard end > context.from, end <= context.to else { return nil }
        let done = deeds.first { $0.happenedAt >= begin && $0.happenedAt < end }?.happenedAt
        let verdict: AuditItem.Verdict = done != nil ? .kept : end <= context.asOf ? .broken : .pending
        return item(verdict, subject, from: first, at: begin, due: end, done: done)
    }

    /// Calendar days, months, halves of years, years.
    private func periods(_ term: Term, _ subject: String, _ deeds: [AuditDeed]) -> [AuditItem] {
        var first = Self.begin(of: term, containing: date(of: deeds[0].happenedAt))
        // Nothing before the audit's period can end in it, but for the stretch that it begins in.
        first = max(first, Self.begin(of: term, containing: date(of: context.from).adding(days: -1)))
        var items: [AuditItem] = []
        while begin(of: first) < context.to {
            let end = Self.end(of: term, first)
            if let item = item(subject, deeds, from: first, to: end) { items.append(item) }
            first = end
        }
        return items
    }

    private static func months(_ term: Term) -> Int { term.unit == .years ? term.count * 12 : term.count }

    private static func begin(of term: Term, containing date: CivilDate) -> CivilDate {
        guard term.unit == .months || term.unit == .years else { return date }
        let month = (date.year * 12 + date.month - 1) / months(term) * months(term)
        return CivilDate(year: month / 12, month: month % 12 + 1, day: 1)
    }

    private static func end(of term: Term, _ first: CivilDate) -> CivilDate {
        term.unit == .months || term.unit == .years
            ? first.adding(months: months(term)) : first.adding(days: term.count)
    }

    /// From each time to the next: so many days at most. A long gap is as many breaches as the work was missed.
    private func gaps(_ term: Term, _ subject: String, _ deeds: [AuditDeed]) -> [AuditItem] {
        var items: [AuditItem] = []
        for (index, deed) in deeds.enumerated() {
            let next = index + 1 < deeds.count ? deeds[index + 1].happenedAt : nil
            var since = deed.happenedAt
            while true {
                let due = context.clock.due(term, from: since)
                let isMet = next.map { due.isMet(at: $0) } ?? false
                // What comes late is a new beginning, and makes good nothing.
                if due.at > context.from, due.at <= context.to, !isMet || since == deed.happenedAt {
                    let verdict: AuditItem.Verdict = isMet ? .kept : due.at <= context.asOf ? .broken : .pending
                    items.append(
                        item(verdict, subject, from: date(of: since), at: since, due: due.at, done: isMet ? next : nil))
                }
                // What is not due yet is not missed: nothing is counted beyond it.
                if isMet || due.at > context.to || due.at > context.asOf { break }
                since = due.endsDay ? due.at - 1 : due.at
            }
        }
        return items
    }

    private func days(ofWeek day: Int, _ subject: String, _ deeds: [AuditDeed]) -> [AuditItem] {
        var date = max(date(of: deeds[0].happenedAt), date(of: context.from))
        var items: [AuditItem] = []
        while begin(of: date) < context.to {
            if date.weekday == day, let item = item(subject, deeds, from: date, to: date.adding(days: 1)) {
                items.append(item)
            }
            date = date.adding(days: 1)
        }
        return items
    }

    private func dates(_ subject: String, _ deeds: [AuditDeed]) -> [AuditItem] {
        let first = date(of: deeds[0].happenedAt)
        var month = max(
            CivilDate(year: first.year, month: first.month, day: 1),
            Self.begin(of: Term(1, .months), containing: date(of: context.from)))
        var items: [AuditItem] = []
        while begin(of: month) < context.to {
            if let due = rule.date(inMonth: month.month, year: month.year, calendar: context.clock.calendar),
                let item = item(subject, deeds, from: month, to: due.date.adding(days: 1))
            {
                items.append(item)
            }
            month = month.adding(months: 1)
        }
        return items
    }
}
