import Norms

/// What an audit says: a run's figures with what they rest on. The same rows, profile and moment give the same report, to the
/// byte, in every format.
public struct AuditReport: Sendable {
    /// What a report cites beside the rows.
    public struct Basis: Sendable, Hashable {
        /// The last event known to it; nil where there was none.
        public var event: Event?
        /// `中国@4`.
        public var calendar: String
        /// `Asia/Shanghai`.
        public var zone: String
        /// Breaches listed a rule, at most.
        public var mostBreaches: Int

        /// An event's place in the journal.
        public struct Event: Sendable, Hashable {
            public var chain: String
            public var sequence: Int64

            public init(chain: String, sequence: Int64) {
                self.chain = chain
                self.sequence = sequence
            }
        }

        public init(event: Event?, calendar: String, zone: String, mostBreaches: Int) {
            self.event = event
            self.calendar = calendar
            self.zone = zone
            self.mostBreaches = mostBreaches
        }
    }

    public let run: AuditRun
    public let basis: Basis

    public init(_ run: AuditRun, basis: Basis) {
        self.run = run
        self.basis = basis
    }

    var context: AuditContext { run.context }
    var profile: NormProfile { run.context.profile }

    /// The day on which a report of this period must be out, by each rule of the profile that names a day of the month (每月15日前,
    /// 遇节假日顺延): of the month in which the period ends.
    public var publications: [(rule: NormRule, nominal: CivilDate, date: ShiftedDate)] {
        let end = CivilDate(context.clock.zone.civil(context.to))
        return profile.rules.compactMap { rule in
            guard case .monthlyBy(let day, _)? = rule.limit,
                let date = rule.date(inMonth: end.month, year: end.year, calendar: context.clock.calendar)
            else { return nil }
            return (rule, CivilDate(year: end.year, month: end.month, day: day), date)
        }
    }

    /// What the profile names and nobody measures, with the reason.
    public var unmeasured: [(rule: NormRule, because: String)] {
        profile.rules.compactMap { rule in
            if case .notJudged(let because) = rule.judgement { return (rule, because) }
            return nil
        }
    }
}

extension AuditFigure {
    /// What is said of the rule as a whole.
    public enum Conclusion: String, Sendable, Hashable {
        /// Everything judged kept it; of a share, it is reached.
        case kept
        case broken
        /// The rule has no figure to break.
        case shown
        /// Nothing came that could be judged.
        case notJudged = "not_judged"
        /// Nothing of it happened.
        case nothing

        public var words: String {
            switch self {
            case .kept: "符合 kept"
            case .broken: "违反 BROKEN"
            case .shown: "列示 shown"
            case .notJudged: "不可判 not judged"
            case .nothing: "无 none"
            }
        }
    }

    public var conclusion: Conclusion {
        // The other channel of a talk holds prompts and music too: its share is shown, and breaks nothing.
        if case .atLeast(let amount)? = rule.limit, amount.unit == .percent, rule.measure != .callerTalkShare {
            let (numerator, denominator) = span.map { ($0.numerator, $0.denominator) } ?? (Int64(kept), Int64(judged))
            if denominator > 0 {
                return numerator * 100 >= denominator * Int64(amount.count) ? .kept : .broken
            }
        }
        if broken > 0 { return .broken }
        if kept > 0 { return .kept }
        if shown > 0 || span != nil { return .shown }
        return all == 0 ? .nothing : .notJudged
    }
}
