import Audit
import Norms
import Testing

/// Work that recurs: every day, every five days, each month, each half of a year, on Mondays, by a date that holidays move.
@Suite struct DutyJudgeTests {
    /// Shanghai, the shipped calendar; the period is a stretch of days.
    private func judge(
        _ profile: String, _ rule: String, _ from: String, _ to: String, asOf: String? = nil
    ) throws -> DutyJudge {
        let profile = try OrderFacts.profile(profile)
        let zone = ZoneOffsets.fixed(28_800)
        let context = AuditContext(
            profile: profile, clock: profile.clock(calendar: try OrderFacts.calendar(), zone: zone),
            rings: RingClock(), from: try wall(from), to: try wall(to), asOf: try wall(asOf ?? "2027-01-01"))
        let found = try #require(profile.rule(rule))
        return try #require(DutyJudge(found, context))
    }

    /// A day's begin in Shanghai, and so many hours after it.
    private func wall(_ date: String, hours: Int64 = 0) throws -> Int64 {
        let day = try #require(CivilDate(date))
        return ZoneOffsets.fixed(28_800).instant(day) + hours * 3_600_000_000
    }

    private func deeds(_ rule: String, _ dates: [String], subject: String = "") throws -> [AuditDeed] {
        try dates.map {
            AuditDeed(rule: rule, subject: subject, happenedAt: try wall($0, hours: 10), by: "1001", isProven: true)
        }
    }

    private func verdicts(_ items: [AuditItem]) -> [AuditItem.Verdict] { items.map(\.verdict) }

    @Test func everyDay() throws {
        let judge = try judge("guangde", "gd-box", "2026-11-01", "2026-11-06", asOf: "2026-11-05")
        // From the first time on; the last day is not over.
        let items = judge.items(deeds: try deeds("gd-box", ["2026-11-02", "2026-11-04"]), outages: [])
        #expect(verdicts(items) == [.kept, .broken, .kept, .pending])
        #expect(items.map(\.subject.text) == [2, 3, 4, 5].map { "gd-box/2026-11-0\($0)" })
    }

    @Test func neverWrittenDownIsNotJudged() throws {
        let items = try judge("guangde", "gd-box", "2026-11-01", "2026-12-01").items(deeds: [], outages: [])
        #expect(verdicts(items) == [.notJudged("nothing of it was ever written down")])
    }

    @Test func everyFiveDays() throws {
        let judge = try judge("supply-station", "gds-box", "2026-11-01", "2026-12-01")
        let deeds = try deeds("gds-box", ["2026-10-30", "2026-11-04", "2026-11-10", "2026-11-27"], subject: "营业厅")
        let items = judge.items(deeds: deeds, outages: [])
        // Due on the 4th (kept, on its last moment day), the 9th (a day late), the 15th, 20th and 25th (missed), and after
        // the period.
        #expect(verdicts(items) == [.kept, .broken, .broken, .broken, .broken])
        #expect(items.allSatisfy { $0.subject.text.contains("营业厅") })
        // Of what is yet to come there is one that is open, not as many as the period could hold.
        let early = try self.judge("supply-station", "gds-box", "2026-11-01", "2026-12-01", asOf: "2026-11-07")
        #expect(verdicts(early.items(deeds: Array(deeds.prefix(2)), outages: [])) == [.kept, .pending])
    }

    @Test func eachMonthAndEachHalf() throws {
        let months = try judge("marketing", "mk-reception", "2026-01-01", "2026-05-01")
        let some = try deeds("mk-reception", ["2026-02-28", "2026-03-01"])
        #expect(verdicts(months.items(deeds: some, outages: [])) == [.kept, .kept, .broken])
        let halves = try judge("dazu", "dz-key-visit", "2026-01-01", "2027-01-01", asOf: "2026-11-01")
        #expect(
            verdicts(halves.items(deeds: try deeds("dz-key-visit", ["2026-06-30"]), outages: [])) == [.kept, .pending])
    }

    @Test func onMondays() throws {
        let judge = try judge("supply-station", "gds-reception", "2026-11-01", "2026-11-24")
        // The 9th, 16th and 23rd are Mondays; a Tuesday does not stand in.
        let items = judge.items(
            deeds: try deeds("gds-reception", ["2026-11-09", "2026-11-17", "2026-11-23"]), outages: [])
        #expect(verdicts(items) == [.kept, .broken, .kept])
    }

    /// 002: 每月15日前公布, 遇节假日顺延. 15 August 2026 is a Saturday: the 17th.
    @Test func byADateThatHolidaysMove() throws {
        let judge = try judge("yongqiang", "yq-publication", "2026-07-01", "2026-10-01")
        let items = judge.items(
            deeds: try deeds("yq-publication", ["2026-07-15", "2026-08-17", "2026-09-16"]), outages: [])
        #expect(verdicts(items) == [.kept, .kept, .broken])
        #expect(items[1].due == (try wall("2026-08-18")))
    }

    /// A calendar also shows what nobody ever wrote down, with its date.
    @Test func aCalendarHasWhatWasNeverWrittenDown() throws {
        let publication = try judge("yongqiang", "yq-publication", "2026-08-01", "2026-09-01", asOf: "2026-08-16")
        let open = try #require(publication.stretches(deeds: [], outages: []).first)
        let end = try wall("2026-08-18")
        #expect(open.verdict == .pending && open.due?.date.description == "2026-08-17")
        #expect(open.due?.shiftedFrom?.description == "2026-08-15" && open.due?.at == end)
        let past = try judge("yongqiang", "yq-publication", "2026-08-01", "2026-09-01")
        #expect(past.stretches(deeds: [], outages: []).map(\.verdict) == [.broken])
        let after = try wall("2026-08-20", hours: 10)
        // Late, and done after all; what is done in another month is not this one's.
        let late = past.stretches(
            deeds: try deeds("yq-publication", ["2026-08-20", "2026-09-15"]), outages: [])
        #expect(late.map(\.verdict) == [.broken] && late.first?.doneLate == after)
        let inTime = past.stretches(deeds: try deeds("yq-publication", ["2026-08-17"]), outages: [])
        #expect(inTime.map(\.verdict) == [.kept] && inTime.first?.doneLate == nil)
        let mondays = try judge("supply-station", "gds-reception", "2026-11-01", "2026-12-01", asOf: "2026-11-17")
        #expect(
            mondays.stretches(deeds: [], outages: []).map(\.verdict)
                == [.broken, .broken, .broken, .pending, .pending])
        // Five days after what? Half a year is due in June and in December.
        let box = try judge("supply-station", "gds-box", "2026-11-01", "2026-12-01").stretches(deeds: [], outages: [])
        #expect(box.map(\.verdict) == [.notJudged("nothing of it was ever written down")] && box[0].due == nil)
        let november = try judge("dazu", "dz-key-visit", "2026-11-01", "2026-12-01")
        #expect(november.stretches(deeds: [], outages: []).isEmpty)
        let december = try judge("dazu", "dz-key-visit", "2026-12-01", "2027-01-01", asOf: "2026-12-02")
        #expect(december.stretches(deeds: [], outages: []).map(\.due?.date.description) == ["2026-12-31"])
        // What has no figure is there when it was done.
        let drill = try judge("emergency", "em-records", "2026-11-01", "2026-12-01")
        #expect(drill.stretches(deeds: [], outages: []).isEmpty)
        #expect(drill.stretches(deeds: try deeds("em-records", ["2026-11-09"]), outages: []).map(\.verdict) == [.shown])
    }

    /// In the month in which it had to be out, not in the outage's own.
    @Test func anOutagesNoticeIsDueAhead() throws {
        let outages = try [
            ("a", "2026-11-20", "2026-12-01"), ("b", "2026-11-26", "2026-12-03"), ("c", "2026-11-01", "2026-12-20"),
        ]
        .map { id, announced, begins in
            AuditOutage(
                id: id, kind: "planned", announcedAt: try wall(announced, hours: 10),
                beginsAt: try wall(begins, hours: 8), isWithdrawn: false)
        }
        let judge = try judge("sgcc-promises", "sg-outage-planned", "2026-11-01", "2026-12-01")
        let found = judge.stretches(deeds: [], outages: outages)
        #expect(found.map(\.subject) == ["a", "b"] && found.map(\.verdict) == [.kept, .kept])
        #expect(found.map(\.due?.date.description) == ["2026-11-24", "2026-11-26"])
    }

    @Test func outagesAreAnnouncedAhead() throws {
        let judge = try judge("sgcc-promises", "sg-outage-planned", "2026-11-01", "2026-12-01")
        func outage(_ id: String, _ kind: String, _ announced: String, _ begins: String, withdrawn: Bool = false) throws
            -> AuditOutage
        {
            AuditOutage(
                id: id, kind: kind, announcedAt: try wall(announced, hours: 10), beginsAt: try wall(begins, hours: 8),
                isWithdrawn: withdrawn)
        }
        let items = judge.items(
            deeds: [],
            outages: [
                try outage("a", "planned", "2026-11-13", "2026-11-20"),
                try outage("b", "planned", "2026-11-14", "2026-11-20"),
                try outage("c", "fault", "2026-11-20", "2026-11-20"),
                try outage("d", "planned", "2026-11-20", "2026-11-21", withdrawn: true),
                try outage("e", "planned", "2026-11-20", "2026-12-01"),
            ])
        #expect(items.map(\.subject.text) == ["outage/a", "outage/b"])
        #expect(verdicts(items) == [.kept, .broken])
        // Whether the key customers were told is not known.
        let key = try self.judge("dazu", "dz-key-outage-planned", "2026-11-01", "2026-12-01")
        let told = key.items(deeds: [], outages: [try outage("a", "planned", "2026-11-01", "2026-11-20")])
        #expect(verdicts(told) == [.notJudged("whether key customers were told is not known")])
    }
}

/// For how much of the time the hotline could be reached.
@Suite struct LineJudgeTests {
    private let hour: Int64 = 3_600_000_000

    private func judge(_ events: [AuditServerEvent], from: Int64, to: Int64, asOf: Int64) throws -> (
        span: AuditFigure.Span?, items: [AuditItem]
    ) {
        let profile = try OrderFacts.profile("yongqiang")
        let clock = profile.clock(calendar: try OrderFacts.calendar(), zone: .fixed(28_800))
        return LineJudge(
            AuditContext(
                profile: profile, clock: clock, rings: RingClock(), from: from * hour, to: to * hour, asOf: asOf * hour)
        ).judge(events)
    }

    private func event(_ at: Int64, _ kind: AuditServerEvent.Kind) -> AuditServerEvent {
        AuditServerEvent(at: at * hour, kind: kind)
    }

    @Test func stopsAndLinesThatAreDown() throws {
        let events = [
            event(1, .started(lines: ["trunk", "sim1"])), event(10, .stopped),
            event(12, .started(lines: ["trunk", "sim1"])),
            // One line of two is down: the hotline can be reached.
            event(20, .lineDown("sim1")), event(22, .lineDown("trunk")), event(23, .lineUp("sim1")),
            event(24, .lineUp("trunk")),
        ]
        let (span, items) = try judge(events, from: 0, to: 30, asOf: 40)
        // From the first start on: 29 hours, of which 2 and 1 are lost.
        #expect(span == AuditFigure.Span(numerator: 26 * 3_600_000, denominator: 29 * 3_600_000))
        #expect(items.map(\.at) == [10 * hour, 22 * hour] && items.map(\.milliseconds) == [7_200_000, 3_600_000])
    }

    /// After a crash nobody wrote down the stop: the server was gone since it was last heard of.
    @Test func aCrashCountsFromTheLastSignOfLife() throws {
        let events = [
            event(0, .started(lines: ["trunk"])), event(5, .alive), event(8, .started(lines: ["trunk"])),
        ]
        let (span, items) = try judge(events, from: 0, to: 10, asOf: 10)
        #expect(span == AuditFigure.Span(numerator: 7 * 3_600_000, denominator: 10 * 3_600_000))
        #expect(items.map(\.milliseconds) == [10_800_000])
    }

    /// A start that first tells what the crash has cut off, and takes its time.
    @Test func aStartBeginsWithItsOpening() throws {
        let events = [
            event(0, .started(lines: ["trunk"])), event(4, .alive), event(7, .opening), event(7, .alive),
            event(8, .started(lines: ["trunk"])),
            // One that did not come to its end, and one after a stop.
            event(10, .stopped), event(11, .opening), event(12, .opening), event(13, .started(lines: ["trunk"])),
            // Running all the while, but its line was down.
            event(15, .lineDown("trunk")), event(16, .alive), event(17, .opening),
            event(18, .started(lines: ["trunk"])),
        ]
        let (span, items) = try judge(events, from: 0, to: 20, asOf: 20)
        #expect(items.map(\.at) == [4 * hour, 10 * hour, 15 * hour])
        #expect(items.map(\.milliseconds) == [4, 3, 3].map { $0 * 3_600_000 })
        #expect(span == AuditFigure.Span(numerator: 10 * 3_600_000, denominator: 20 * 3_600_000))
    }

    @Test func nothingIsKnownWithoutAStart() throws {
        let (span, items) = try judge([event(3, .alive)], from: 0, to: 10, asOf: 10)
        #expect(span == nil && items.count == 1)
        // An alarm of the server's own is no line's.
        let (other, _) = try judge(
            [
                event(0, .started(lines: ["a"])), event(1, .lineDown("tickets")), event(2, .lineDown("a")),
                event(3, .lineUp("tickets")), event(4, .lineUp("a")),
            ], from: 0, to: 10, asOf: 10)
        #expect(other == AuditFigure.Span(numerator: 8 * 3_600_000, denominator: 10 * 3_600_000))
        // Still down at the audit's moment.
        let (rest, _) = try judge([event(0, .started(lines: ["a"])), event(4, .stopped)], from: 0, to: 10, asOf: 6)
        #expect(rest == AuditFigure.Span(numerator: 4 * 3_600_000, denominator: 6 * 3_600_000))
    }
}
