import Foundation
import Norms
import Testing

/// When limits fall due: the golden dates of norms.md F, and every parameter.
@Suite struct DueClockTests {
    private func clock(_ change: (inout ClockRules) -> Void = { _ in }) throws -> DueClock {
        var rules = ClockRules()
        change(&rules)
        return DueClock(calendar: try shippedCalendar(), zone: .shanghai, rules: rules)
    }

    private static func nineToFive() throws -> [OpeningHours.Span] {
        [try #require(OpeningHours.Span("09:00-12:00")), try #require(OpeningHours.Span("13:00-17:00"))]
    }

    @Test(arguments: [
        ("2026-02-13", 1, "2026-02-14"), ("2026-02-13", 3, "2026-02-25"), ("2026-02-13", 4, "2026-02-26"),
        ("2026-02-13", 10, "2026-03-05"), ("2026-09-18", 1, "2026-09-20"), ("2026-09-18", 3, "2026-09-22"),
        ("2026-09-18", 10, "2026-10-09"), ("2026-09-30", 1, "2026-10-08"), ("2026-09-30", 3, "2026-10-10"),
        ("2026-09-30", 10, "2026-10-20"),
    ])
    func workingDaysOfNormsF(from: String, count: Int, due: String) throws {
        let found = try clock().due(Term(count, .workingDays), from: day(from))
        #expect(found.date.description == due)
        #expect(found.counted.count == count && found.counted.last == found.date)
        #expect(!found.isProvisional && found.endsDay)
    }

    @Test func mondayToFridayWouldBeWrong() throws {
        let naive = DueClock(calendar: .weekdaysOnly, zone: .shanghai)
        #expect(naive.due(Term(10, .workingDays), from: day("2026-02-13")).date.description == "2026-02-27")
        #expect(naive.due(Term(10, .workingDays), from: day("2026-09-18")).date.description == "2026-10-02")
        #expect(naive.due(Term(1, .workingDays), from: day("2026-09-18")).isProvisional)
    }

    @Test func publicationBeforeThe15thIsShifted() throws {
        let calendar = try shippedCalendar()
        func due(_ month: Int, _ weekends: Bool) -> String {
            ShiftedDate(day: 15, ofMonth: month, year: 2026, calendar: calendar, weekendsShift: weekends)
                .date.description
        }
        #expect(due(2, true) == "2026-02-24")
        #expect(due(8, true) == "2026-08-17")
        // A Saturday that is no holiday stays where weekends do not count as 节假日.
        #expect(due(8, false) == "2026-08-15")
        #expect(due(2, false) == "2026-02-24")
        #expect(due(4, true) == "2026-04-15")
        let later = ShiftedDate(day: 31, ofMonth: 2, year: 2027, calendar: calendar, weekendsShift: true)
        #expect(later.nominal.description == "2027-02-28" && later.isProvisional)
    }

    /// As `hotline norms due` and the console ask.
    @Test func aQuestionIsAnsweredByTermOrByRule() throws {
        let clock = try clock()
        let term = try #require(
            DueQuestion(.term(Term(10, .workingDays)), from: .day(day("2026-02-13"))).answer(by: clock))
        #expect(term.due.date.description == "2026-03-05" && term.latest == nil)
        let noon = ZoneOffsets.shanghai.instant(day("2026-02-13"), minute: 720)
        let hour = try #require(DueQuestion(.term(Term(1, .hours)), from: .instant(noon)).answer(by: clock))
        #expect(hour.due.at == noon + 3_600_000_000 && !hour.due.endsDay)
        let complaint = try Shipped.rule("yongqiang", "yq-complaint")
        let answer = try #require(DueQuestion(.rule(complaint), from: .day(day("2026-02-13"))).answer(by: clock))
        #expect(answer.due.date.description == "2026-03-05" && answer.latest != nil)
        let publication = try Shipped.rule("yongqiang", "yq-publication")
        let shifted = try #require(DueQuestion(.rule(publication), from: .instant(noon)).answer(by: clock))
        #expect(shifted.due.date.description == "2026-02-24")
        #expect(shifted.due.shiftedFrom?.description == "2026-02-15")
        // Rings have no day.
        let rings = try Shipped.rule("yongqiang", "yq-rings")
        #expect(DueQuestion(.rule(rings), from: .instant(noon)).answer(by: clock) == nil)
    }

    /// Until when a notice must be out: what comes then is ahead, what comes later is not.
    @Test func aNoticesLastDayIsTheMirrorOfBeingAhead() throws {
        let begins = ZoneOffsets.shanghai.instant(day("2026-11-20"), minute: 480)
        for (profile, id, startDay) in [
            ("sgcc-promises", "sg-outage-planned", ClockRules.StartDay.excluded),
            ("sgcc-promises", "sg-outage-planned", .included), ("sgcc-promises", "sg-outage-temporary", .excluded),
            ("dazu", "dz-key-outage-temporary", .excluded),
        ] {
            let clock = try clock { $0.startDay = startDay }
            let rule = try Shipped.rule(profile, id)
            let due = try #require(rule.lastNotice(before: begins, by: clock))
            let last = due.endsDay ? due.at - 1 : due.at
            #expect(rule.isAhead(last, of: begins, by: clock) == true, "\(id)")
            #expect(rule.isAhead(last + 1, of: begins, by: clock) == false, "\(id)")
        }
        let planned = try Shipped.rule("sgcc-promises", "sg-outage-planned")
        #expect(planned.lastNotice(before: begins, by: try clock())?.date.description == "2026-11-13")
        #expect(try Shipped.rule("yongqiang", "yq-rings").lastNotice(before: begins, by: try clock()) == nil)
    }

    @Test func theStartDayCountsWhereTheRuleSaysSo() throws {
        let excluded = try clock()
        let included = try clock { $0.startDay = .included }
        let friday = day("2026-11-27")
        #expect(excluded.due(Term(1, .workingDays), from: friday).date.description == "2026-11-30")
        #expect(included.due(Term(1, .workingDays), from: friday).date.description == "2026-11-27")
        // A day that is not worked is no first day.
        #expect(included.due(Term(1, .workingDays), from: day("2026-11-28")).date.description == "2026-11-30")
        #expect(excluded.due(Term(5, .days), from: friday).date.description == "2026-12-02")
        #expect(included.due(Term(5, .days), from: friday).date.description == "2026-12-01")
        #expect(excluded.due(Term(5, .days), from: friday).counted.map(\.day) == [28, 29, 30, 1, 2])
    }

    @Test func calendarDaysStayOrAreShifted() throws {
        let start = day("2026-09-28")
        let stays = try clock().due(Term(5, .days), from: start)
        #expect(stays.date.description == "2026-10-03" && stays.shiftedFrom == nil)
        let shifts = try clock { $0.lastDay = .shifts }.due(Term(5, .days), from: start)
        #expect(shifts.date.description == "2026-10-08" && shifts.shiftedFrom?.description == "2026-10-03")
        #expect(shifts.counted.last == shifts.date && shifts.counted.count == 10)
    }

    @Test func dayLimitsEndAtMidnight() throws {
        let clock = try clock()
        let noon = ZoneOffsets.shanghai.instant(day("2026-02-13"), minute: 720)
        let due = clock.due(Term(1, .workingDays), from: noon)
        #expect(ZoneOffsets.shanghai.text(due.at) == "2026-02-15 00:00:00")
        #expect(due.isMet(at: due.at - 1) && !due.isMet(at: due.at))
        // One microsecond before midnight is still the same day, midnight is the next.
        let midnight = ZoneOffsets.shanghai.instant(day("2026-11-24"))
        #expect(clock.due(Term(1, .workingDays), from: midnight - 1).date.description == "2026-11-24")
        #expect(clock.due(Term(1, .workingDays), from: midnight).date.description == "2026-11-25")
        #expect(clock.sameDay(as: noon).date.description == "2026-02-13")
        #expect(clock.sameDay(as: noon).counted == [])
    }

    @Test func hoursRunByTheWallClock() throws {
        let start = ZoneOffsets.shanghai.instant(day("2026-09-30"), minute: 1410)
        let due = try clock().due(Term(24, .hours), from: start)
        #expect(ZoneOffsets.shanghai.text(due.at) == "2026-10-01 23:30:00")
        #expect(due.isMet(at: due.at) && !due.isMet(at: due.at + 1))
        #expect(due.counted.map(\.description) == ["2026-09-30", "2026-10-01"])
        #expect(try clock().due(Term(45, .minutes), from: start).date.description == "2026-10-01")
    }

    @Test func hoursMayRunInBusinessHoursAlone() throws {
        let hours = try Self.nineToFive()
        let clock = try clock {
            $0.running = .businessHours
            $0.businessHours = hours
        }
        func due(_ term: Term, _ date: String, _ minute: Int) throws -> String {
            let start = ZoneOffsets.shanghai.instant(day(date), minute: minute)
            return ZoneOffsets.shanghai.text(clock.due(term, from: start).at)
        }
        #expect(try due(Term(1, .hours), "2026-09-30", 11 * 60 + 30) == "2026-09-30 13:30:00")
        // Half an hour before the holiday, half an hour after it.
        #expect(try due(Term(1, .hours), "2026-09-30", 16 * 60 + 30) == "2026-10-08 09:30:00")
        #expect(try due(Term(7, .hours), "2026-10-09", 9 * 60) == "2026-10-09 17:00:00")
        // A Saturday that is worked has the hours of a Monday.
        #expect(try due(Term(8, .hours), "2026-10-09", 9 * 60) == "2026-10-10 10:00:00")
    }

    @Test func whatComesAfterTheCloseIsReceivedAtTheNextOpening() throws {
        let hours = try Self.nineToFive()
        let clock = try clock {
            $0.receipt = .nextOpening
            $0.dayEnd = .close
            $0.businessHours = hours
        }
        let evening = ZoneOffsets.shanghai.instant(day("2026-11-26"), minute: 18 * 60)
        let due = clock.due(Term(1, .workingDays), from: evening)
        #expect(ZoneOffsets.shanghai.text(due.at) == "2026-11-30 17:00:00")
        #expect(ZoneOffsets.shanghai.text(clock.due(Term(30, .minutes), from: evening).at) == "2026-11-27 09:30:00")
        let lunch = ZoneOffsets.shanghai.instant(day("2026-11-26"), minute: 12 * 60 + 10)
        #expect(ZoneOffsets.shanghai.text(clock.due(Term(30, .minutes), from: lunch).at) == "2026-11-26 13:30:00")
        // The day of something that came after its close is not over before it came.
        let late = try self.clock {
            $0.dayEnd = .close
            $0.businessHours = hours
        }
        #expect(late.sameDay(as: evening).at > evening)
    }

    @Test func halfAYearIsSixMonthsOfTheCalendar() throws {
        let clock = try clock()
        #expect(clock.due(Term(6, .months), from: day("2026-08-31")).date.description == "2027-02-28")
        #expect(clock.due(Term(2, .years), from: day("2024-02-29")).date.description == "2026-02-28")
    }

    @Test func overNewYearItIsProvisional() throws {
        let clock = try clock()
        #expect(!clock.due(Term(1, .workingDays), from: day("2026-12-25")).isProvisional)
        #expect(clock.due(Term(2, .workingDays), from: day("2026-12-25")).isProvisional)
        let due = clock.due(Term(10, .workingDays), from: day("2026-12-25"))
        #expect(due.isProvisional && due.date.description == "2027-01-08")
        // Calendar days are counted without any notice, unless the last is shifted.
        #expect(!clock.due(Term(30, .days), from: day("2026-12-25")).isProvisional)
        let shifting = try self.clock { $0.lastDay = .shifts }
        #expect(shifting.due(Term(30, .days), from: day("2026-12-25")).isProvisional)
        // Over a year end that both notices have settled nothing is.
        #expect(!clock.due(Term(5, .workingDays), from: day("2025-12-30")).isProvisional)
        #expect(clock.due(Term(2, .workingDays), from: day("2025-12-31")).date.description == "2026-01-05")
    }

    @Test func termsAreReadAndWrittenAlike() {
        for text in ["10 working days", "1 working day", "1 hour", "45 minutes", "6 months", "5 days", "2 years"] {
            #expect(Term(text)?.description == text)
        }
        #expect(Term("3 working-days") == Term(3, .workingDays))
        for text in ["", "3", "days", "-1 days", "1.5 hours", "999999999 days", "36501 days", "3 weeks", "3  "] {
            #expect(Term(text) == nil, "\(text)")
        }
        #expect(Term(-5, .days).count == 0 && Term(.max, .hours).count == 876_000)
    }
}
