import Foundation
import Norms
import Testing

/// What must hold of every clock, for whatever start, limit, parameters and zone.
@Suite struct DueClockPropertyTests {
    /// Zones whose clocks are put forward and back: at 02:00, at 01:00 UTC, at midnight itself, by half an hour; and ours.
    private static let zones = [
        "Asia/Shanghai", "America/New_York", "Europe/London", "America/Sao_Paulo", "America/Havana",
        "Australia/Lord_Howe", "Asia/Beirut",
    ]

    private static func rules(_ random: inout SeededGenerator) throws -> ClockRules {
        var rules = ClockRules()
        rules.startDay = .allCases.randomElement(using: &random) ?? .excluded
        rules.lastDay = .allCases.randomElement(using: &random) ?? .stays
        rules.running = .allCases.randomElement(using: &random) ?? .always
        rules.receipt = .allCases.randomElement(using: &random) ?? .atOnce
        rules.dayEnd = .allCases.randomElement(using: &random) ?? .midnight
        if Bool.random(using: &random) {
            rules.businessHours = [
                try #require(OpeningHours.Span("08:30-12:00")), try #require(OpeningHours.Span("14:00-17:30")),
            ]
        }
        return rules
    }

    /// From 2006 to 2030, so that known and unknown years, and the changes of every zone, are met.
    private static func start(_ random: inout SeededGenerator) -> Int64 {
        Int64.random(in: 1_136_000_000...1_900_000_000, using: &random) * 1_000_000
    }

    @Test(arguments: zones)
    func neverBeforeTheEventAndNeverEarlierForMore(zone: String) throws {
        let offsets = try ZoneOffsets.named(zone)
        let calendar = try shippedCalendar()
        var random = SeededGenerator(UInt64(zone.utf8.count) &* 77)
        for _ in 0..<300 {
            let clock = DueClock(calendar: calendar, zone: offsets, rules: try Self.rules(&random))
            let unit = Term.Unit.allCases.randomElement(using: &random) ?? .days
            let count = Int.random(in: 0...(unit == .years ? 3 : 40), using: &random)
            let start = Self.start(&random)
            let due = clock.due(Term(count, unit), from: start)
            let more = clock.due(Term(count + 1, unit), from: start)
            let later = clock.due(
                Term(count, unit), from: start + Int64.random(in: 0...200_000_000_000, using: &random))
            let about = "\(zone) \(clock.rules) \(count) \(unit) from \(start)"
            #expect(due.at >= start, "negative: \(about)")
            #expect(more.at >= due.at && more.date >= due.date, "more is earlier: \(about)")
            #expect(later.at >= due.at, "later is earlier: \(about)")
            #expect(due.counted == due.counted.sorted() && Set(due.counted).count == due.counted.count)
            if unit == .workingDays {
                #expect(due.counted.count == count && due.counted.allSatisfy(calendar.isWorkingDay), "\(about)")
            }
            // What is over in years that are settled is settled.
            if due.date < calendar.provisionalFrom, offsets.civil(start).year >= 2007 {
                #expect(!due.isProvisional, "\(about)")
            }
        }
    }

    @Test(arguments: zones)
    func aDayEndsWhereTheNextBegins(zone: String) throws {
        let offsets = try ZoneOffsets.named(zone)
        let first = day("2012-01-01").dayNumber
        var before = offsets.instant(CivilDate(dayNumber: first))
        for number in first..<first + 3700 {
            let date = CivilDate(dayNumber: number)
            let end = offsets.end(of: date)
            #expect(CivilDate(offsets.civil(end)) > date, "\(zone) \(date)")
            #expect(CivilDate(offsets.civil(end - 1)) == date, "\(zone) \(date)")
            // 23, 23.5, 24, 24.5 or 25 hours.
            let halves = (end - before) / 1_800_000_000
            #expect((end - before) % 1_800_000_000 == 0 && (46...50).contains(halves), "\(zone) \(date)")
            before = end
        }
    }

    @Test func hoursAreHoursWhenTheClockIsPutForward() throws {
        let york = try ZoneOffsets.named("America/New_York")
        let clock = DueClock(calendar: .weekdaysOnly, zone: york)
        // 2026-03-08 has 23 hours, 2026-11-01 has 25.
        let spring = york.instant(day("2026-03-07"), minute: 720)
        #expect(york.text(clock.due(Term(24, .hours), from: spring).at) == "2026-03-08 13:00:00")
        let autumn = york.instant(day("2026-10-31"), minute: 720)
        #expect(york.text(clock.due(Term(24, .hours), from: autumn).at) == "2026-11-01 11:00:00")
        #expect(york.text(clock.due(Term(1, .days), from: spring).at) == "2026-03-09 00:00:00")
        // 02:30 does not exist on 8 March: what is due then is due at the end of the leap.
        #expect(york.text(york.instant(day("2026-03-08"), minute: 150)) == "2026-03-08 03:30:00")
        // 01:30 exists twice on 1 November: the first is meant.
        let twice = york.instant(day("2026-11-01"), minute: 90)
        #expect(york.text(twice) == "2026-11-01 01:30:00" && york.text(twice + 3_600_000_000) == "2026-11-01 01:30:00")
    }

    /// Working days added one by one, by the plainest code there is.
    @Test func agreesWithCountingOnOnesFingers() throws {
        let calendar = try shippedCalendar()
        let clock = DueClock(calendar: calendar, zone: .shanghai)
        let first = day("2007-01-01").dayNumber
        let last = day("2026-11-30").dayNumber
        for number in stride(from: first, through: last, by: 3) {
            let start = CivilDate(dayNumber: number)
            var date = start
            var left = 10
            while left > 0 {
                date = CivilDate(dayNumber: date.dayNumber + 1)
                if calendar.isWorkingDay(date) { left -= 1 }
            }
            #expect(clock.due(Term(10, .workingDays), from: start).date == date)
        }
    }

    @Test func theFurthestLimitsDoNotOverflow() throws {
        let clock = DueClock(calendar: try shippedCalendar(), zone: .shanghai)
        for start in [Int64.min, 0, .max] {
            for unit in Term.Unit.allCases where unit != .workingDays {
                _ = clock.due(Term(.max, unit), from: start)
            }
        }
        let far = clock.due(Term(.max, .workingDays), from: day("2026-11-27"))
        #expect(far.counted.count == 36_500 && far.isProvisional)
    }
}
