/// How a document counts where it does not say: what the sources leave open, as parameters (docs/norms.md). The values
/// given first are those of the Civil Code (民法典 第二百零一条、第二百零三条) but for `lastDay`.
public struct ClockRules: Sendable, Hashable {
    /// Whether the day of the event counts.
    public enum StartDay: String, Sendable, Hashable, CaseIterable {
        /// The next day that counts is day 1 (民法典 第二百零一条: 开始的当日不计入).
        case excluded
        /// The day itself is day 1, where it counts at all.
        case included
    }

    /// Where the last of so many calendar days, months or years is not worked.
    public enum LastDay: String, Sendable, Hashable, CaseIterable {
        /// It stays.
        case stays
        /// It is the next working day (民法典 第二百零三条: 以法定休假日结束的次日为期间的最后一日).
        case shifts
    }

    /// What a limit in hours or minutes does outside the business hours.
    public enum Running: String, Sendable, Hashable, CaseIterable {
        /// It runs day and night.
        case always
        /// It stands still.
        case businessHours = "business_hours"
    }

    /// When what comes outside the business hours counts as received.
    public enum Receipt: String, Sendable, Hashable, CaseIterable {
        case atOnce = "at_once"
        /// At the next opening.
        case nextOpening = "next_opening"
    }

    /// When the last day is over.
    public enum DayEnd: String, Sendable, Hashable, CaseIterable {
        /// At 24:00 (民法典 第二百零三条: 截止时间为二十四时).
        case midnight
        /// At the close of business, where there are business hours (停止业务活动的时间为截止时间).
        case close
    }

    public var startDay = StartDay.excluded
    public var lastDay = LastDay.stays
    public var running = Running.always
    public var receipt = Receipt.atOnce
    public var dayEnd = DayEnd.midnight
    /// On every working day, sorted, not overlapping. Empty: the whole day.
    public var businessHours: [OpeningHours.Span] = []

    public init() {}
}

/// Until when something may be done, and how that was counted.
public struct Due: Sendable, Hashable {
    /// Unix time in microseconds, UTC. Of a limit in hours or minutes the last instant in time; of any other the first
    /// that is too late (`endsDay`).
    public let at: Int64
    /// The local day on which it falls due: the last in time.
    public let date: CivilDate
    /// Whether the limit is a day's end rather than an instant.
    public let endsDay: Bool
    /// A day that was counted, or passed over, is not settled by a notice yet (docs/norms.md).
    public let isProvisional: Bool
    /// The days that were counted, in order; of a limit in hours or minutes those on which the clock ran.
    public let counted: [CivilDate]
    /// The day on which it would have fallen due, where that was shifted past a holiday.
    public let shiftedFrom: CivilDate?

    /// Whether what happened at an instant was in time.
    public func isMet(at wall: Int64) -> Bool { endsDay ? wall < at : wall <= at }
}

/// Counts limits: working days, calendar days, hours, minutes, months.
public struct DueClock: Sendable {
    public let calendar: WorkingCalendar
    public let zone: ZoneOffsets
    public let rules: ClockRules
    private let hours: [OpeningHours.Span]

    public init(calendar: WorkingCalendar, zone: ZoneOffsets, rules: ClockRules = ClockRules()) {
        self.calendar = calendar
        self.zone = zone
        self.rules = rules
        hours = rules.businessHours.isEmpty ? [.wholeDay] : rules.businessHours.sorted()
    }

    /// When something is due that must be done within a limit.
    /// - Parameters:
    ///   - term: the limit.
    ///   - start: the event that starts the clock: Unix time in microseconds, UTC. Beyond the year 90,000 on either side
    ///     the nearest that is not.
    public func due(_ term: Term, from start: Int64) -> Due {
        let bound: Int64 = 2_700_000_000_000_000_000
        let start = min(max(start, -bound), bound)
        var provisional = false
        let began = received(start, &provisional)
        switch term.unit {
        case .minutes, .hours:
            let length = Int64(term.count) * (term.unit == .hours ? 3_600_000_000 : 60_000_000)
            return rules.running == .always
                ? elapsed(length, from: began, provisional) : worked(length, from: began, provisional)
        case .days, .workingDays, .months, .years:
            return days(term, from: CivilDate(zone.civil(began)), provisional, notBefore: start)
        }
    }

    /// The same, of an event whose day alone is known. A limit in hours or minutes runs from the day's begin.
    public func due(_ term: Term, from date: CivilDate) -> Due {
        switch term.unit {
        case .minutes, .hours: due(term, from: zone.instant(date))
        case .days, .workingDays, .months, .years: days(term, from: date, false, notBefore: .min)
        }
    }

    /// Within what is left of the day of an event (当日).
    public func sameDay(as start: Int64) -> Due { due(Term(0, .days), from: start) }

    /// When what happened counts as received.
    private func received(_ start: Int64, _ provisional: inout Bool) -> Int64 {
        guard rules.receipt == .nextOpening else { return start }
        let civil = zone.civil(start)
        var date = CivilDate(civil)
        provisional = provisional || calendar.isProvisional(date)
        if calendar.isWorkingDay(date) {
            if hours.contains(where: { $0.contains(civil.minuteOfDay) }) { return start }
            if let next = hours.first(where: { $0.from > civil.minuteOfDay }) {
                return max(start, zone.instant(date, minute: next.from))
            }
        }
        repeat {
            date = date.adding(days: 1)
            provisional = provisional || calendar.isProvisional(date)
        } while !calendar.isWorkingDay(date)
        return max(start, zone.instant(date, minute: hours[0].from))
    }

    // MARK: - Hours and minutes

    private func elapsed(_ length: Int64, from start: Int64, _ provisional: Bool) -> Due {
        let end = start + length
        let (first, last) = (CivilDate(zone.civil(start)), CivilDate(zone.civil(end)))
        return Due(
            at: end, date: last, endsDay: false, isProvisional: provisional, counted: Self.days(first, last),
            shiftedFrom: nil)
    }

    /// Within the business hours of working days alone.
    private func worked(_ length: Int64, from start: Int64, _ provisional: Bool) -> Due {
        var provisional = provisional
        var left = length
        var counted: [CivilDate] = []
        var date = CivilDate(zone.civil(start))
        while true {
            provisional = provisional || calendar.isProvisional(date)
            if calendar.isWorkingDay(date) {
                for span in hours {
                    let from = max(start, zone.instant(date, minute: span.from))
                    let to = zone.instant(date, minute: span.to)
                    guard from < to else { continue }
                    if counted.last != date { counted.append(date) }
                    if left <= to - from {
                        return Due(
                            at: from + left, date: date, endsDay: false, isProvisional: provisional,
                            counted: counted, shiftedFrom: nil)
                    }
                    left -= to - from
                }
            }
            date = date.adding(days: 1)
        }
    }

    // MARK: - Days

    /// - Parameter earliest: the event: what comes after the close of business has until midnight of its own day.
    private func days(_ term: Term, from date: CivilDate, _ provisional: Bool, notBefore earliest: Int64) -> Due {
        var provisional = provisional
        var counted: [CivilDate] = []
        var last = date
        switch term.unit {
        case .workingDays:
            var day = rules.startDay == .included ? date : date.adding(days: 1)
            while counted.count < term.count {
                provisional = provisional || calendar.isProvisional(day)
                if calendar.isWorkingDay(day) { counted.append(day) }
                last = day
                day = day.adding(days: 1)
            }
        case .months, .years:
            last = date.adding(months: term.count * (term.unit == .years ? 12 : 1))
            if term.count > 0 { counted = Self.days(date.adding(days: 1), last) }
        default:
            let included = rules.startDay == .included && term.count > 0
            last = date.adding(days: included ? term.count - 1 : term.count)
            if term.count > 0 { counted = Self.days(included ? date : date.adding(days: 1), last) }
        }
        var shiftedFrom: CivilDate?
        // 当日 is the day itself, holiday or not.
        if rules.lastDay == .shifts, term.unit != .workingDays, term.count > 0 {
            let shifted = ShiftedDate(date: last, calendar: calendar, weekendsShift: true)
            provisional = provisional || shifted.isProvisional
            if shifted.date != last {
                counted += Self.days(last.adding(days: 1), shifted.date)
                shiftedFrom = last
                last = shifted.date
            }
        }
        return Due(
            at: end(of: last, notBefore: earliest), date: last, endsDay: true, isProvisional: provisional,
            counted: counted,
            shiftedFrom: shiftedFrom)
    }

    private func end(of date: CivilDate, notBefore earliest: Int64) -> Int64 {
        let midnight = zone.end(of: date)
        guard rules.dayEnd == .close, let last = hours.last else { return midnight }
        let close = zone.instant(date, minute: last.to)
        return close < earliest ? midnight : close
    }

    private static func days(_ first: CivilDate, _ last: CivilDate) -> [CivilDate] {
        first <= last ? (first.dayNumber...last.dayNumber).map { CivilDate(dayNumber: $0) } : []
    }
}
