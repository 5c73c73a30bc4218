import Norms
import Testing

/// When the limits of the shipped rules fall due.
@Suite struct NormLimitTests {
    private func wall(_ date: String, _ minute: Int = 600) -> Int64 {
        ZoneOffsets.shanghai.instant(day(date), minute: minute)
    }

    /// Rule, start event at 10:00, due.
    private static let table: [(profile: String, rule: String, start: String, due: String)] = [
        ("yongqiang", "yq-consultation", "2026-02-13", "2026-02-26 00:00:00"),
        ("yongqiang", "yq-complaint", "2026-02-13", "2026-03-06 00:00:00"),
        ("yongqiang", "yq-complaint", "2026-09-30", "2026-10-21 00:00:00"),
        ("dazu", "dz-dispatch", "2026-09-30", "2026-09-30 11:00:00"),
        ("dazu", "dz-contact", "2026-02-13", "2026-02-15 00:00:00"),
        ("dazu", "dz-reply", "2026-02-13", "2026-02-27 00:00:00"),
        ("dazu", "dz-return", "2026-09-18", "2026-09-21 00:00:00"),
        ("dazu", "dz-return-visit", "2026-09-30", "2026-10-01 10:00:00"),
        ("dazu", "dz-same-day-brief", "2026-10-01", "2026-10-02 00:00:00"),
        ("dazu", "dz-meter-low", "2026-09-30", "2026-10-04 00:00:00"),
        ("supply-station", "gds-complaint", "2026-09-30", "2026-10-11 00:00:00"),
        ("guangde", "gd-major-report", "2026-10-01", "2026-10-01 11:00:00"),
        ("guangde", "gd-return-visit", "2026-09-30", "2026-10-10 00:00:00"),
        ("guangde", "gd-follow-up", "2026-08-31", "2027-03-01 00:00:00"),
        ("marketing", "mk-solve", "2026-09-30", "2026-10-06 00:00:00"),
        ("zhejiang", "zj-arrival-urban", "2026-10-01", "2026-10-01 10:45:00"),
        ("zhejiang", "zj-arrival-rural", "2026-10-01", "2026-10-01 11:30:00"),
        ("zhejiang", "zj-arrival-remote", "2026-10-01", "2026-10-01 12:00:00"),
        ("sgcc-promises", "sg-connection-high-dual", "2026-09-01", "2026-10-22 00:00:00"),
        ("sgcc-huaian-2021", "ha-report", "2026-02-13", "2026-03-05 00:00:00"),
        ("letters-tax", "lt-complex", "2026-01-31", "2026-05-02 00:00:00"),
        ("energy-12398", "en-finish", "2026-01-31", "2026-04-02 00:00:00"),
    ]

    @Test(arguments: table.indices)
    func dueWhereTheClauseSays(index: Int) throws {
        let row = Self.table[index]
        let profile = try Shipped.profile(row.profile)
        let clock = profile.clock(calendar: try shippedCalendar(), zone: .shanghai)
        let rule = try #require(profile.rule(row.rule))
        let due = try #require(rule.due(from: wall(row.start), by: clock))
        #expect(ZoneOffsets.shanghai.text(due.at) == row.due, "\(row.rule)")
    }

    /// Every rule with a term, counted a second time by the plainest code.
    @Test func everyRuleIsDueWhereCountingByHandSays() throws {
        let calendar = try shippedCalendar()
        var counted = 0
        for profile in try Shipped.profiles() where profile.clock == ClockRules() {
            let clock = profile.clock(calendar: calendar, zone: .shanghai)
            for rule in profile.rules {
                guard case .within(let amount)? = rule.limit, let term = amount.term else { continue }
                for start in ["2026-01-30", "2026-02-13", "2026-04-30", "2026-09-30"] {
                    let due = try #require(rule.due(from: wall(start), by: clock))
                    #expect(due.at == byHand(term, start, calendar), "\(rule.id) from \(start)")
                    counted += 1
                }
            }
        }
        #expect(counted > 300)
    }

    private func byHand(_ term: Term, _ start: String, _ calendar: WorkingCalendar) -> Int64 {
        switch term.unit {
        case .minutes: return wall(start) + Int64(term.count) * 60_000_000
        case .hours: return wall(start) + Int64(term.count) * 3_600_000_000
        case .days: return wall(start, 0) + Int64(term.count + 1) * 86_400_000_000
        case .workingDays:
            var number = day(start).dayNumber
            var left = term.count
            while left > 0 {
                number += 1
                if calendar.isWorkingDay(CivilDate(dayNumber: number)) { left -= 1 }
            }
            return Int64(number + 1) * 86_400_000_000 - 28_800_000_000
        case .months, .years:
            let months = term.count * (term.unit == .years ? 12 : 1)
            let from = day(start)
            let index = from.year * 12 + from.month - 1 + months
            let last = CivilDate(year: index / 12, month: index % 12 + 1, day: from.day)
            return Int64(last.dayNumber + 1) * 86_400_000_000 - 28_800_000_000
        }
    }

    @Test func anExtensionHasItsOwnBound() throws {
        let yongqiang = try Shipped.profile("yongqiang")
        let clock = yongqiang.clock(calendar: try shippedCalendar(), zone: .shanghai)
        let rule = try #require(yongqiang.rule("yq-complaint"))
        #expect(rule.latest(from: wall("2026-02-13"), by: clock)?.date.description == "2026-04-02")
        #expect(rule.latest(from: wall("2026-11-27"), by: clock)?.isProvisional == true)
        let energy = try Shipped.rule("energy-12398", "en-finish")
        #expect(energy.latest(from: wall("2026-01-31"), by: clock)?.date.description == "2026-05-01")
        #expect(try Shipped.rule("dazu", "dz-reply").latest(from: wall("2026-02-13"), by: clock) == nil)
    }

    @Test func publicationIsShiftedPastTheHolidays() throws {
        let rule = try Shipped.rule("yongqiang", "yq-publication")
        let calendar = try shippedCalendar()
        func date(_ month: Int) -> String? {
            rule.date(inMonth: month, year: 2026, calendar: calendar)?.date.description
        }
        #expect(date(2) == "2026-02-24" && date(8) == "2026-08-17" && date(7) == "2026-07-15")
        #expect(rule.due(from: wall("2026-02-01"), by: DueClock(calendar: calendar, zone: .shanghai)) == nil)
    }

    @Test func aNoticeAheadIsCountedFromTheNotice() throws {
        let rule = try Shipped.rule("zhejiang", "zj-outage-notice")
        let clock = DueClock(calendar: try shippedCalendar(), zone: .shanghai)
        let outage = wall("2026-11-20", 8 * 60)
        #expect(rule.isAhead(wall("2026-11-13", 23 * 60), of: outage, by: clock) == true)
        #expect(rule.isAhead(wall("2026-11-14", 60), of: outage, by: clock) == false)
        let temporary = try Shipped.rule("sgcc-promises", "sg-outage-temporary")
        #expect(temporary.isAhead(wall("2026-11-19", 8 * 60), of: outage, by: clock) == true)
        #expect(temporary.isAhead(wall("2026-11-19", 8 * 60 + 1), of: outage, by: clock) == false)
        #expect(try Shipped.rule("yongqiang", "yq-rings").isAhead(0, of: 1, by: clock) == nil)
    }

    @Test func theCivilCodeShiftsItsLastDay() throws {
        let law = try Shipped.profile("call-centre-law")
        let clock = law.clock(calendar: try shippedCalendar(), zone: .shanghai)
        let due = clock.due(Term(5, .days), from: day("2026-09-28"))
        #expect(due.date.description == "2026-10-08" && due.shiftedFrom?.description == "2026-10-03")
    }

    /// norms.md A14: within 3 rings ends before 15 s, within 4 before 20 s, within 5 before 25 s.
    @Test func ringsAreReadAsEachProfileReadsThem() throws {
        let clock = RingClock()
        func kept(_ profile: String, _ id: String, _ milliseconds: Int64, _ reading: RingClock.Reading? = nil) throws
            -> Bool?
        {
            let profile = try Shipped.profile(profile)
            let rule = try #require(profile.rule(id))
            return rule.isKept(answeredAfter: milliseconds, rings: clock, reading: reading ?? profile.rings)
        }
        #expect(try kept("yongqiang", "yq-rings", 19_999) == true)
        #expect(try kept("yongqiang", "yq-rings", 20_000) == false)
        #expect(try kept("yongqiang", "yq-rings", 16_000, .byEndOfTone) == false)
        #expect(try kept("dazu", "dz-rings", 24_999) == true)
        #expect(try kept("dazu", "dz-rings", 25_000) == false)
        #expect(try kept("gbt-33358", "gb-15-seconds", 15_000) == true)
        #expect(try kept("gbt-33358", "gb-15-seconds", 15_001) == false)
        #expect(try kept("dazu", "dz-reply", 0) == nil)
    }
}
