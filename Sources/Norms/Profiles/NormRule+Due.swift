extension NormProfile {
    /// The clock by which this profile counts.
    public func clock(calendar: WorkingCalendar, zone: ZoneOffsets) -> DueClock {
        DueClock(calendar: calendar, zone: zone, rules: clock)
    }
}

extension NormRule {
    /// When what the rule demands is due.
    /// - Parameters:
    ///   - start: the start event: Unix time in microseconds, UTC.
    ///   - clock: the profile's.
    /// - Returns: nil where the rule has no limit in time after its start: rings, shares, `at once`, dates of the month.
    public func due(from start: Int64, by clock: DueClock) -> Due? {
        switch limit {
        case .within(let amount): amount.term.map { clock.due($0, from: start) }
        case .sameDay: clock.sameDay(as: start)
        case .every(let term): clock.due(term, from: start)
        default: nil
        }
    }

    /// When it is due at the latest, with all the extension that the document allows; nil where it allows none, or sets
    /// no bound.
    public func latest(from start: Int64, by clock: DueClock) -> Due? {
        guard let prolongation else { return nil }
        if let total = prolongation.total?.term { return clock.due(total, from: start) }
        guard let addition = prolongation.addition?.term, case .within(let amount)? = limit, let term = amount.term,
            term.unit == addition.unit
        else { return nil }
        return clock.due(Term(term.count + addition.count, term.unit), from: start)
    }

    /// When a date of the month falls (`by day 15`), shifted as the rule says; nil where the rule has no such date.
    /// - Parameter month: 1…12.
    public func date(inMonth month: Int, year: Int, calendar: WorkingCalendar) -> ShiftedDate? {
        guard case .monthlyBy(let day, let shift)? = limit else { return nil }
        let nominal = CivilDate(year: year, month: month, day: day)
        switch shift {
        case .none: return ShiftedDate(unshifted: nominal)
        case .holidays: return ShiftedDate(date: nominal, calendar: calendar, weekendsShift: false)
        case .weekends: return ShiftedDate(date: nominal, calendar: calendar, weekendsShift: true)
        }
    }

    /// Until when recurring work must be done again, after it was done last; nil where the rule has no period.
    public func nextDue(after last: Int64, by clock: DueClock) -> Due? {
        let date = CivilDate(clock.zone.civil(last))
        switch limit {
        case .every(let term) where term.unit == .months || term.unit == .years:
            // The next month, half or year is the time for it, to its end.
            let months = term.unit == .years ? term.count * 12 : term.count
            let begin = (date.year * 12 + date.month - 1) / months * months + months
            let first = CivilDate(year: begin / 12, month: begin % 12 + 1, day: 1)
            return ShiftedDate(unshifted: first.adding(months: months).adding(days: -1)).due(in: clock.zone)
        case .every(let term): return clock.due(term, from: last)
        case .weekly(let day):
            var next = date.adding(days: 1)
            while next.weekday != day { next = next.adding(days: 1) }
            return ShiftedDate(unshifted: next).due(in: clock.zone)
        case .monthlyBy:
            // The last time was this month's, or came before its date: then the next is the month after.
            let month = CivilDate(year: date.year, month: date.month, day: 1).adding(months: 1)
            return self.date(inMonth: month.month, year: month.year, calendar: clock.calendar)?.due(in: clock.zone)
        default: return nil
        }
    }

    /// Whether a notice came early enough before what it announces; nil where the rule wants none ahead.
    /// - Parameters:
    ///   - notice: Unix time in microseconds, UTC.
    ///   - event: the same.
    public func isAhead(_ notice: Int64, of event: Int64, by clock: DueClock) -> Bool? {
        guard case .ahead(let amount)? = limit, let term = amount.term else { return nil }
        // A holiday in between makes nothing later here: it is the time to prepare that counts.
        var rules = clock.rules
        rules.lastDay = .stays
        let earliest = DueClock(calendar: clock.calendar, zone: clock.zone, rules: rules).due(term, from: notice)
        return earliest.endsDay
            ? earliest.date <= CivilDate(clock.zone.civil(event)) : earliest.at <= event
    }

    /// Until when a notice must be out, so that it is early enough; nil where the rule wants none ahead. The mirror of
    /// `isAhead`: what comes by then is, what comes after is not.
    /// - Parameter event: what it announces: Unix time in microseconds, UTC.
    public func lastNotice(before event: Int64, by clock: DueClock) -> Due? {
        guard case .ahead(let amount)? = limit, let term = amount.term else { return nil }
        if term.unit == .hours || term.unit == .minutes, clock.rules.running == .always {
            let at = event - Int64(term.count) * (term.unit == .hours ? 3_600_000_000 : 60_000_000)
            return Due(
                at: at, date: CivilDate(clock.zone.civil(at)), endsDay: false, isProvisional: false, counted: [],
                shiftedFrom: nil)
        }
        var day = CivilDate(clock.zone.civil(event))
        // A hundred years ahead is no notice any more.
        for _ in 0..<36_600 {
            let end = clock.zone.end(of: day)
            if isAhead(min(end, event) - 1, of: event, by: clock) == true {
                return Due(
                    at: end, date: day, endsDay: true, isProvisional: clock.calendar.isProvisional(day), counted: [],
                    shiftedFrom: nil)
            }
            day = day.adding(days: -1)
        }
        return nil
    }

    /// Whether an answer so long after the alerting, or after the asking for a person, keeps the rule; nil where its limit is
    /// neither rings nor seconds.
    /// - Parameters:
    ///   - milliseconds: from the first alerting; of several phones the sum.
    ///   - reading: the profile's (`NormProfile.rings`).
    public func isKept(answeredAfter milliseconds: Int64, rings: RingClock, reading: RingClock.Reading) -> Bool? {
        guard case .within(let amount)? = limit else { return nil }
        switch amount.unit {
        case .rings: return rings.isWithin(rings: amount.count, milliseconds: milliseconds, reading: reading)
        case .seconds: return milliseconds <= Int64(amount.count) * 1000
        default: return nil
        }
    }
}
