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
        let bySubject = bySubject(deeds)
        guard !bySubject.isEmpty else {
            return [AuditItem(.duty(rule.id), .notJudged(Self.neverWritten), at: context.from)]
        }
        return bySubject.flatMap { subject, deeds in
            stretches(of: subject, deeds, since: date(of: deeds[0].happenedAt)).map(item)
        }
    }

    /// What falls due in the period, for a calendar: as the audit judges it, and also what nobody has ever written down, from
    /// the period's begin on. An outage's notice falls due so long ahead of it as the rule says.
    /// - Parameters:
    ///   - deeds: as for `items`.
    ///   - outages: all whose notice may fall due in the period.
    public func stretches(deeds: [AuditDeed], outages: [AuditOutage]) -> [DutyStretch] {
        if rule.measure == .outageNotice { return noticeStretches(outages) }
        let known = bySubject(deeds)
        let first = date(of: context.from)
        guard !known.isEmpty else { return stretches(of: "", [], since: first) }
        return known.flatMap { subject, deeds in
            stretches(of: subject, deeds, since: min(first, date(of: deeds[0].happenedAt)))
        }
    }

    /// By subject, each by time.
    private func bySubject(_ deeds: [AuditDeed]) -> [(subject: String, deeds: [AuditDeed])] {
        let mine = deeds.filter { $0.rule == rule.id && $0.happenedAt <= context.asOf }
        return Dictionary(grouping: mine, by: \.subject).sorted { $0.key < $1.key }.map { subject, deeds in
            (subject, deeds.sorted { ($0.happenedAt, $0.by) < ($1.happenedAt, $1.by) })
        }
    }

    private func item(_ stretch: DutyStretch) -> AuditItem {
        AuditItem(
            .duty([rule.id, stretch.subject, stretch.from.description].filter { !$0.isEmpty }.joined(separator: "/")),
            stretch.verdict, at: stretch.at, due: stretch.due?.at, done: stretch.done)
    }

    // MARK: - Outages

    private func isMine(_ outage: AuditOutage) -> Bool {
        !outage.isWithdrawn && (rule.scope.kinds.isEmpty || rule.scope.kinds.contains(outage.kind))
    }

    private func verdict(_ outage: AuditOutage) -> AuditItem.Verdict {
        if !rule.scope.customers.isEmpty { return .notJudged(Self.notKnownWho) }
        guard let isAhead = rule.isAhead(outage.announcedAt, of: outage.beginsAt, by: context.clock) else {
            return .shown
        }
        return isAhead ? .kept : .broken
    }

    private func notices(_ outages: [AuditOutage]) -> [AuditItem] {
        outages.filter { isMine($0) && $0.beginsAt >= context.from && $0.beginsAt < context.to }.map { outage in
            let ahead = (outage.beginsAt - outage.announcedAt) / 1000
            return AuditItem(
                .duty("outage/\(outage.id)"), verdict(outage), at: outage.beginsAt, milliseconds: max(0, ahead),
                done: outage.announcedAt)
        }
    }

    private func noticeStretches(_ outages: [AuditOutage]) -> [DutyStretch] {
        outages.filter(isMine).compactMap { outage in
            let due = rule.lastNotice(before: outage.beginsAt, by: context.clock)
            let falls = due.map { $0.endsDay ? $0.at - 1 : $0.at } ?? outage.beginsAt
            guard falls >= context.from, falls < context.to else { return nil }
            let verdict = verdict(outage)
            return DutyStretch(
                outage.id, from: date(of: outage.beginsAt), at: outage.beginsAt, due: due,
                done: verdict == .broken ? nil : outage.announcedAt,
                doneLate: verdict == .broken ? outage.announcedAt : nil, verdict)
        }
    }

    // MARK: - Work

    /// - Parameters:
    ///   - deeds: of one subject, by time.
    ///   - since: nothing before this day is asked for.
    private func stretches(of subject: String, _ deeds: [AuditDeed], since: CivilDate) -> [DutyStretch] {
        switch rule.limit {
        case .every(let term) where term.unit == .days && term.count > 1: return gaps(term, subject, deeds)
        case .every(let term): return periods(term, subject, deeds, since)
        case .weekly(let day): return days(ofWeek: day, subject, deeds, since)
        case .monthlyBy: return dates(subject, deeds, since)
        default:
            let mine = deeds.filter { $0.happenedAt >= context.from && $0.happenedAt < context.to }
            return mine.map { deed in
                DutyStretch(
                    subject, from: date(of: deed.happenedAt), at: deed.happenedAt, done: deed.happenedAt, .shown)
            }
        }
    }

    private func date(of wall: Int64) -> CivilDate { CivilDate(context.clock.zone.civil(wall)) }

    private func begin(of date: CivilDate) -> Int64 { context.clock.zone.instant(date) }

    /// A stretch in which it must be done, and whether it was.
    /// - Parameter next: the first day of the stretch after it: what is done until then belongs to this one, too late.
    private func stretch(
        _ subject: String, _ deeds: [AuditDeed], from first: CivilDate, due: Due, next: CivilDate? = nil
    ) -> DutyStretch? {
        let begin = begin(of: first)
        guard due.at > context.from, due.at <= context.to else { return nil }
        let done = deeds.first { $0.happenedAt >= begin && $0.happenedAt < due.at }?.happenedAt
        let end = next.map { self.begin(of: $0) } ?? due.at
        let late = done == nil ? deeds.first { $0.happenedAt >= due.at && $0.happenedAt < end }?.happenedAt : nil
        let verdict: AuditItem.Verdict = done != nil ? .kept : due.at <= context.asOf ? .broken : .pending
        return DutyStretch(subject, from: first, at: begin, due: due, done: done, doneLate: late, verdict)
    }

    /// By the end of a day that nothing moves.
    private func due(by last: CivilDate) -> Due { ShiftedDate(unshifted: last).due(in: context.clock.zone) }

    /// Calendar days, months, halves of years, years.
    private func periods(_ term: Term, _ subject: String, _ deeds: [AuditDeed], _ since: CivilDate) -> [DutyStretch] {
        var first = Self.begin(of: term, containing: since)
        // Nothing before the audit's period can end in it, but for the stretch that it begins in.
        first = max(first, Self.begin(of: term, containing: date(of: context.from).adding(days: -1)))
        var stretches: [DutyStretch] = []
        while begin(of: first) < context.to {
            let end = Self.end(of: term, first)
            if let stretch = stretch(subject, deeds, from: first, due: due(by: end.adding(days: -1))) {
                stretches.append(stretch)
            }
            first = end
        }
        return stretches
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
    private func gaps(_ term: Term, _ subject: String, _ deeds: [AuditDeed]) -> [DutyStretch] {
        // Without a first time there is none from which the days could be counted.
        guard !deeds.isEmpty else {
            return [DutyStretch(subject, from: date(of: context.from), at: context.from, .notJudged(Self.neverWritten))]
        }
        var stretches: [DutyStretch] = []
        for (index, deed) in deeds.enumerated() {
            let next = index + 1 < deeds.count ? deeds[index + 1].happenedAt : nil
            var since = deed.happenedAt
            while true {
                let due = context.clock.due(term, from: since)
                let isMet = next.map { due.isMet(at: $0) } ?? false
                // What comes late is a new beginning, and makes good nothing.
                if due.at > context.from, due.at <= context.to, !isMet || since == deed.happenedAt {
                    let verdict: AuditItem.Verdict = isMet ? .kept : due.at <= context.asOf ? .broken : .pending
                    stretches.append(
                        DutyStretch(
                            subject, from: date(of: since), at: since, due: due, done: isMet ? next : nil, verdict))
                }
                // What is not due yet is not missed: nothing is counted beyond it.
                if isMet || due.at > context.to || due.at > context.asOf { break }
                since = due.endsDay ? due.at - 1 : due.at
            }
        }
        return stretches
    }

    private func days(
        ofWeek day: Int, _ subject: String, _ deeds: [AuditDeed], _ since: CivilDate
    ) -> [DutyStretch] {
        var date = max(since, date(of: context.from))
        var stretches: [DutyStretch] = []
        while begin(of: date) < context.to {
            if date.weekday == day,
                let stretch = stretch(subject, deeds, from: date, due: due(by: date), next: date.adding(days: 7))
            {
                stretches.append(stretch)
            }
            date = date.adding(days: 1)
        }
        return stretches
    }

    private func dates(_ subject: String, _ deeds: [AuditDeed], _ since: CivilDate) -> [DutyStretch] {
        var month = max(
            CivilDate(year: since.year, month: since.month, day: 1),
            Self.begin(of: Term(1, .months), containing: date(of: context.from)))
        var stretches: [DutyStretch] = []
        while begin(of: month) < context.to {
            let next = month.adding(months: 1)
            if let due = rule.date(inMonth: month.month, year: month.year, calendar: context.clock.calendar)?
                .due(in: context.clock.zone),
                let stretch = stretch(subject, deeds, from: month, due: due, next: next)
            {
                stretches.append(stretch)
            }
            month = next
        }
        return stretches
    }
}
