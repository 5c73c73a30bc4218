import Norms
import Switchboard
import Testing

/// A local time; 2026-11-22 is a Sunday.
private func time(_ date: String, _ hour: Int, _ minute: Int = 0, _ second: Int = 0) throws -> CivilTime {
    let day = try #require(CivilDate(date))
    let seconds = day.dayNumber * 86_400 + hour * 3600 + minute * 60 + second
    return CivilTime(wallMicroseconds: Int64(seconds) * 1_000_000, offsetSeconds: 0)
}

private func span(_ from: Int, _ to: Int) throws -> OpeningHours.Span {
    try #require(OpeningHours.Span(from: from * 60, to: to * 60))
}

@Suite struct OpeningHoursTests {
    /// Monday to Friday 08:00–12:00 and 13:00–18:00, Saturday to midnight, Sunday from midnight to 02:00.
    private func hours() throws -> OpeningHours {
        var weekly: [Int: [OpeningHours.Span]] = [6: [try span(20, 24)], 7: [try span(0, 2)]]
        for day in 1...5 { weekly[day] = [try span(8, 12), try span(13, 18)] }
        return OpeningHours(
            weekly: weekly, closed: [try #require(CivilDate("2026-12-01"))],
            open: [try #require(CivilDate("2026-11-29")): [try span(9, 10)]])
    }

    @Test func opensAndClosesOnTheMinute() throws {
        let hours = try hours()
        // Monday.
        #expect(!hours.isOpen(try time("2026-11-23", 7, 59, 59)))
        #expect(hours.isOpen(try time("2026-11-23", 8)))
        #expect(hours.isOpen(try time("2026-11-23", 11, 59, 59)))
        #expect(!hours.isOpen(try time("2026-11-23", 12)))
        #expect(hours.isOpen(try time("2026-11-23", 13)))
        #expect(!hours.isOpen(try time("2026-11-23", 18)))
    }

    @Test func datesGoBeforeTheWeek() throws {
        let hours = try hours()
        // A Tuesday that is closed, a Sunday that has hours of its own.
        #expect(!hours.isOpen(try time("2026-12-01", 9)))
        #expect(hours.isOpen(try time("2026-11-29", 9, 30)))
        #expect(!hours.isOpen(try time("2026-11-29", 1)))
    }

    @Test func tellsTheNextChange() throws {
        let hours = try hours()
        let early = try #require(hours.nextChange(after: try time("2026-11-23", 7, 30, 15)))
        #expect(early.isOpen && early.date == CivilDate("2026-11-23") && early.minute == 480)
        #expect(early.seconds == 29 * 60 + 45)
        let noon = try #require(hours.nextChange(after: try time("2026-11-23", 8)))
        #expect(!noon.isOpen && noon.minute == 720 && noon.seconds == 4 * 3600)
        // From the change itself the next one is told, not the same again.
        let after = try #require(hours.nextChange(after: try time("2026-11-23", 12)))
        #expect(after.isOpen && after.minute == 780)
    }

    @Test func openThroughMidnightIsNoChange() throws {
        let hours = try hours()
        let change = try #require(hours.nextChange(after: try time("2026-11-21", 23)))
        #expect(!change.isOpen)
        #expect(change.date == CivilDate("2026-11-22"))
        #expect(change.minute == 120)
        #expect(change.seconds == 3 * 3600)
    }

    @Test func closingAtMidnightIsAChange() throws {
        let hours = OpeningHours(weekly: [1: [.wholeDay]])
        let change = try #require(hours.nextChange(after: try time("2026-11-23", 9)))
        #expect(!change.isOpen && change.minute == 0 && change.date == CivilDate("2026-11-24"))
        let next = try #require(hours.nextChange(after: try time("2026-11-24", 0)))
        #expect(next.isOpen && next.date == CivilDate("2026-11-30"))
        #expect(next.seconds == 6 * 86_400)
    }

    @Test func aClosedDayIsPassedOver() throws {
        // Monday evening; Tuesday is closed.
        let change = try #require(try hours().nextChange(after: try time("2026-11-30", 18, 30)))
        #expect(change.isOpen && change.date == CivilDate("2026-12-02") && change.minute == 480)
    }

    @Test func alwaysOpenNeverChanges() throws {
        #expect(OpeningHours.always.isOpen(try time("2026-11-22", 3)))
        #expect(OpeningHours.always.nextChange(after: try time("2026-11-22", 3)) == nil)
        let never = OpeningHours(weekly: [:])
        #expect(!never.isOpen(try time("2026-11-22", 3)))
        #expect(never.nextChange(after: try time("2026-11-22", 3)) == nil)
    }

    /// Minute by minute through five weeks: the change is where `isOpen` changes first.
    @Test func agreesWithEveryMinute() throws {
        let hours = try hours()
        let start = try #require(CivilDate("2026-11-09")).dayNumber * 1440
        let states = (0..<(35 * 1440)).map { minute in
            hours.isOpen(CivilDate(dayNumber: (start + minute) / 1440), minute: (start + minute) % 1440)
        }
        var wrong = 0
        for minute in stride(from: 0, to: 21 * 1440, by: 7) {
            let at = CivilTime(wallMicroseconds: Int64(start + minute) * 60_000_000, offsetSeconds: 0)
            guard let change = hours.nextChange(after: at) else {
                wrong += 1
                continue
            }
            let found = states[(minute + 1)...].firstIndex { $0 != states[minute] }
            if found.map({ ($0 - minute) * 60 }) != change.seconds || change.isOpen == states[minute] { wrong += 1 }
        }
        #expect(wrong == 0)
    }

    @Test func datesAreThoseOfTheCalendar() throws {
        for text in ["2024-02-29", "2000-02-29", "2026-12-31", "2027-01-01", "2199-12-31"] {
            #expect(CivilDate(text)?.description == text)
        }
        for text in [
            "2026-02-29", "2026-04-31", "2100-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "1999-01-01", "26-01-01",
            "2026/01/01", "2026-01-01 ", "", "2026-01-0x", "２０２６-01-01",
        ] {
            #expect(CivilDate(text) == nil, "\(text)")
        }
        #expect(CivilDate("2026-11-22")?.weekday == 7)
        #expect(CivilDate("1970-01-01") == nil)
        #expect(CivilDate(dayNumber: 0).weekday == 4)
        #expect(CivilDate(dayNumber: -1).description == "1969-12-31")
        // The inverse of CivilTime's reckoning, day by day over two centuries.
        let wrong = (10_000..<84_000).filter { CivilDate(dayNumber: $0).dayNumber != $0 }
        #expect(wrong.isEmpty)
    }
}
