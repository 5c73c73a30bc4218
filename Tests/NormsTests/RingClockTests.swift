import Norms
import Testing

@Suite struct RingClockTests {
    @Test(
        arguments: [
            (-1, 0), (0, 1), (999, 1), (4999, 1), (5000, 2), (14_999, 3), (15_000, 4), (19_999, 4), (20_000, 5),
        ] as [(Int64, Int)])
    func countsRings(_ milliseconds: Int64, _ ring: Int) {
        #expect(RingClock().ring(atMilliseconds: milliseconds) == ring)
    }

    @Test func fourRingsAreReadInTwoWays() {
        let clock = RingClock()
        #expect(clock.isWithin(rings: 4, milliseconds: 19_999, reading: .beforeNextRing))
        #expect(!clock.isWithin(rings: 4, milliseconds: 20_000, reading: .beforeNextRing))
        #expect(clock.isWithin(rings: 4, milliseconds: 15_999, reading: .byEndOfTone))
        #expect(!clock.isWithin(rings: 4, milliseconds: 16_000, reading: .byEndOfTone))
        // 001 2.8 allows five.
        #expect(clock.isWithin(rings: 5, milliseconds: 24_999, reading: .beforeNextRing))
        #expect(!clock.isWithin(rings: 5, milliseconds: 25_000, reading: .beforeNextRing))
    }

    @Test func answersSoFarIntoTheRing() {
        #expect(RingClock().answerDelay(onRing: 1, afterMilliseconds: 1000) == 1000)
        #expect(RingClock().answerDelay(onRing: 3, afterMilliseconds: 500) == 10_500)
        #expect(RingClock(cycleMilliseconds: 6000).answerDelay(onRing: 2, afterMilliseconds: 0) == 6000)
        #expect(RingClock().answerDelay(onRing: 0, afterMilliseconds: -5) == 0)
    }
}

@Suite struct CivilTimeTests {
    @Test func knowsTheDateInShanghai() {
        // 2026-11-22T16:30:05Z is the 23rd, 00:30:05, a Monday, eight hours east.
        let time = CivilTime(wallMicroseconds: 1_795_365_005_000_000, offsetSeconds: 28_800)
        #expect(time.compactDate == "20261123")
        #expect((time.hour, time.minute, time.second) == (0, 30, 5))
        #expect(time.weekday == 1)
        #expect(time.minuteOfDay == 30)
    }

    @Test(
        arguments: [
            (0, "19700101", 4), (951_782_400, "20000229", 2), (1_709_164_800, "20240229", 4),
            (-86_400, "19691231", 3), (4_102_444_800, "21000101", 5),
        ] as [(Int64, String, Int)])
    func walksTheCalendar(_ seconds: Int64, _ date: String, _ weekday: Int) {
        let time = CivilTime(wallMicroseconds: seconds * 1_000_000, offsetSeconds: 0)
        #expect(time.compactDate == date)
        #expect(time.weekday == weekday)
    }

    @Test func everyDayFollowsTheOneBefore() {
        var last = CivilTime(wallMicroseconds: 0, offsetSeconds: 0)
        for day in 1..<40_000 as Range<Int64> {
            let time = CivilTime(wallMicroseconds: day * 86_400_000_000, offsetSeconds: 0)
            #expect(time.weekday == last.weekday % 7 + 1)
            let isNext =
                (time.year == last.year && time.month == last.month && time.day == last.day + 1)
                || (time.day == 1 && (time.month == last.month + 1 || (time.month == 1 && time.year == last.year + 1)))
            #expect(isNext)
            last = time
        }
    }

    @Test(arguments: [(0, 1), (4000, 1), (5000, 1), (5200, 1), (5260, 2), (19_999, 4), (20_010, 4), (-1, 0)])
    func ringsInVainAreThoseHeard(milliseconds: Int64, rings: Int) {
        #expect(RingClock().rings(inVain: milliseconds) == rings)
    }
}
