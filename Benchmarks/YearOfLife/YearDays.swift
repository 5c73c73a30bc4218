import Norms

/// The days of the year: how many calls and orders fall on each, and at which hour.
///
/// Work days, weekends and holidays differ; on the days of the Spring Festival and of the National Day, and on Saturdays
/// and Sundays that are worked in exchange, there are more orders than their share; a storm brings many times the calls.
struct YearDays: Sendable {
    let first: CivilDate
    /// Calls and orders of each day, in the days' order. They sum up to what was asked for.
    let calls: [Int]
    let orders: [Int]
    /// Days of a storm, by number.
    let storms: Set<Int>
    private let zone: ZoneOffsets

    var count: Int { calls.count }

    init(year: Int, calls: Int, orders: Int, calendar: WorkingCalendar, zone: ZoneOffsets, draw: inout Draw) {
        self.zone = zone
        let first = CivilDate(year: year, month: 1, day: 1)
        self.first = first
        let count = CivilDate(year: year + 1, month: 1, day: 1).dayNumber - first.dayNumber
        // A typhoon of the plum rains and one of the late summer.
        let storms: Set<Int> = [
            CivilDate(year: year, month: 7, day: 1).dayNumber - first.dayNumber + draw.below(25),
            CivilDate(year: year, month: 8, day: 10).dayNumber - first.dayNumber + draw.below(20),
        ]
        self.storms = storms
        var callWeights: [Int] = []
        var orderWeights: [Int] = []
        for day in 0..<count {
            let date = first.adding(days: day)
            let holiday = calendar.holiday(date)
            var weights = (calls: 100, orders: 100)
            if let holiday {
                weights = holiday.contains("春节") || holiday.contains("国庆") ? (95, 240) : (80, 130)
            } else if calendar.isWorkedWeekend(date) {
                weights = (110, 200)
            } else if date.weekday > 5 {
                weights = date.weekday == 6 ? (72, 70) : (60, 60)
            } else if calendar.isHoliday(date.adding(days: -1)) {
                weights = (140, 140)
            }
            // Air conditioners.
            if date.month == 7 || date.month == 8 { weights = (weights.calls * 5 / 4, weights.orders * 6 / 5) }
            if storms.contains(day) { weights = (weights.calls * 6, weights.orders * 5) }
            if storms.contains(day - 1) { weights = (weights.calls * 2, weights.orders * 2) }
            callWeights.append(weights.calls)
            orderWeights.append(weights.orders)
        }
        self.calls = Self.shares(of: calls, callWeights)
        self.orders = Self.shares(of: orders, orderWeights)
    }

    /// So many of a whole, by weights: the sums never differ from the exact share by one.
    private static func shares(of whole: Int, _ weights: [Int]) -> [Int] {
        let all = weights.reduce(0, +)
        var sum = 0
        var given = 0
        return weights.map { weight in
            sum += weight
            let share = whole * sum / max(1, all) - given
            given += share
            return share
        }
    }

    func date(_ day: Int) -> CivilDate { first.adding(days: day) }

    /// Unix µs, UTC; of the day after the last, the year's end.
    func begin(_ day: Int) -> Int64 { zone.instant(date(day)) }

    /// By local hour, of people who call: few at night, most before noon; a storm breaks in the afternoon.
    private static let hours = [
        6, 4, 3, 3, 3, 6, 14, 30, 60, 80, 82, 70, 52, 56, 66, 68, 62, 56, 52, 50, 44, 32, 20, 10,
    ]
    private static let stormHours = [
        8, 6, 5, 5, 5, 8, 15, 30, 50, 60, 60, 60, 60, 90, 180, 260, 280, 260, 220, 180, 140, 110, 80, 50,
    ]

    /// A moment of a day at which somebody calls.
    func moment(_ day: Int, _ draw: inout Draw) -> Int64 {
        let weights = (storms.contains(day) ? Self.stormHours : Self.hours).enumerated().map { ($0.offset, $0.element) }
        let hour = draw.weighted(weights)
        return zone.instant(date(day), minute: hour * 60) + draw.within(0...Micro.hour - 1)
    }

    /// A moment of a day at which a letter is opened or somebody stands at the counter.
    func officeMoment(_ day: Int, _ draw: inout Draw) -> Int64 {
        zone.instant(date(day), minute: 510 + draw.below(510)) + draw.within(0...Micro.minute - 1)
    }
}
