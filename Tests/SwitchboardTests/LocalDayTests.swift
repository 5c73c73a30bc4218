import Calls
import Switchboard
import Testing

@Suite struct LocalDayTests {
    private static let hour: Int64 = 3_600_000_000
    private static let grace: Int64 = 5 * 60_000

    private func clock(_ zone: String = "Asia/Shanghai") throws -> LocalClock { try LocalClock(zone: zone) }

    @Test func aDayIsThatOfTheZone() throws {
        // 2026-11-21T16:00:00Z is midnight in Shanghai.
        let midnight: Int64 = 1_795_276_800_000_000
        let day = try clock().day(of: Instant(wall: midnight, mono: 0))
        #expect(day == LocalDay(date: "2026-11-22", from: midnight, to: midnight + 24 * Self.hour))
        #expect(try clock().day(of: Instant(wall: midnight - 1, mono: 0)).date == "2026-11-21")
        #expect(try clock().day(of: Instant(wall: midnight + 24 * Self.hour - 1, mono: 0)) == day)
        #expect(try clock().day(of: Instant(wall: midnight, mono: 0), daysBefore: 22).date == "2026-10-31")
    }

    @Test func daysOfAnotherLengthAreWhole() throws {
        let berlin = try clock("Europe/Berlin")
        // 2026-10-26T12:00:00Z: the day before had 25 hours.
        let autumn = Instant(wall: 1_793_016_000_000_000, mono: 0)
        let long = berlin.day(of: autumn, daysBefore: 1)
        #expect(long.date == "2026-10-25")
        #expect(long.to - long.from == 25 * Self.hour)
        #expect(long.to == berlin.day(of: autumn).from)
        #expect(long.from == berlin.day(of: autumn, daysBefore: 2).to)
        // 2026-03-30T12:00:00Z: the day before had 23.
        let short = berlin.day(of: Instant(wall: 1_774_872_000_000_000, mono: 0), daysBefore: 1)
        #expect(short.date == "2026-03-29")
        #expect(short.to - short.from == 23 * Self.hour)
    }

    @Test func finishedDaysFollowTheLastOne() throws {
        let clock = try clock()
        // 2026-11-23T00:04:59 and 00:05:00 in Shanghai.
        let early = Instant(wall: 1_795_363_200_000_000 + 299_000_000, mono: 0)
        let due = early.advanced(milliseconds: 1000)
        func days(_ last: String?, _ now: Instant, _ limit: Int = 31) -> [String] {
            clock.finishedDays(after: last, at: now, graceMilliseconds: Self.grace, atMost: limit).map(\.date)
        }
        #expect(days("2026-11-21", early) == [])
        #expect(days("2026-11-21", due) == ["2026-11-22"])
        #expect(days("2026-11-22", due) == [])
        #expect(days("2026-11-18", due) == ["2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"])
        // The first ever: the latest day that is over.
        #expect(days(nil, due) == ["2026-11-22"])
        #expect(days(nil, early) == ["2026-11-21"])
        #expect(days("2020-01-01", due, 3) == ["2026-11-20", "2026-11-21", "2026-11-22"])
        // A clock that went back makes no second anchor.
        #expect(days("2026-12-24", due) == [])
    }
}
