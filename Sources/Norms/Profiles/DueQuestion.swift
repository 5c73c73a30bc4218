/// "When is it due?", as a person asks it: so many of a unit, or what a rule allows, from a day or an instant on.
/// `hotline norms due` and the console's calendar ask alike.
public struct DueQuestion: Sendable, Hashable {
    /// What is allowed.
    public enum Demand: Sendable, Hashable {
        case term(Term)
        case rule(NormRule)
    }

    /// The event that starts the clock.
    public enum Start: Sendable, Hashable {
        /// Its day alone is known.
        case day(CivilDate)
        /// Unix time in microseconds, UTC.
        case instant(Int64)
    }

    /// What comes of it.
    public struct Answer: Sendable, Hashable {
        public var due: Due
        /// At the latest, with all the extension that the rule's document allows; nil where it allows none.
        public var latest: Due?
    }

    public var demand: Demand
    public var start: Start

    public init(_ demand: Demand, from start: Start) {
        self.demand = demand
        self.start = start
    }

    /// Counts.
    /// - Parameter clock: of the profile whose rule it is, or whose way of counting is asked for.
    /// - Returns: nil for a rule without a deadline after its start event: rings, shares, `at once`.
    public func answer(by clock: DueClock) -> Answer? {
        switch (demand, start) {
        case (.term(let term), .day(let date)): return Answer(due: clock.due(term, from: date))
        case (.term(let term), .instant(let wall)): return Answer(due: clock.due(term, from: wall))
        case (.rule(let rule), .day(let date)): return answer(rule, clock.zone.instant(date), date, clock)
        case (.rule(let rule), .instant(let wall)):
            return answer(rule, wall, CivilDate(clock.zone.civil(wall)), clock)
        }
    }

    private func answer(_ rule: NormRule, _ wall: Int64, _ date: CivilDate, _ clock: DueClock) -> Answer? {
        if let due = rule.due(from: wall, by: clock) {
            return Answer(due: due, latest: rule.latest(from: wall, by: clock))
        }
        return rule.date(inMonth: date.month, year: date.year, calendar: clock.calendar).map { shifted in
            Answer(due: shifted.due(in: clock.zone))
        }
    }
}
