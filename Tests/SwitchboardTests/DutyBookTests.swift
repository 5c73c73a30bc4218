import Calls
import Foundation
import Norms
import Storage
import Switchboard
import Testing

/// Recurring work and outages as facts; and outages as callers hear of them.
@Suite struct DutyBookTests {
    private func book(_ desk: OrderDesk) -> DutyBook {
        DutyBook(
            norms: Self.norms, store: desk.store, identifiers: Identifiers(node: 1, time: desk.clock),
            prompts: { $0 == "outage.east" }, time: desk.clock)
    }

    @Test func workIsWrittenDownWithItsEvidence() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let book = book(desk)
        let order = try await desk.make(1)
        let early = UTCTime(microseconds: desk.clock.now().wall - 3_600_000_000)
        try await book.done(
            DutyBook.Deed(
                rule: "gds-box", subject: "营业厅", happenedAt: early, by: workNumber("1001"), note: "无信件",
                evidence: order))
        try await book.done(DutyBook.Deed(rule: "gds-box", subject: "北门", by: workNumber("1001"), note: "一封"))
        let deeds = try await desk.store.reader.deeds(
            from: UTCTime(microseconds: 0), to: UTCTime(microseconds: .max), asOf: UTCTime(desk.clock.now()))
        #expect(deeds.map(\.subject) == ["北门", "营业厅"] && deeds.map(\.evidence) == [nil, order])
        #expect(deeds[1].happenedAt == early && deeds[1].profile == "supply-station")

        func refused(_ deed: DutyBook.Deed) async throws -> String? { try await refusal { try await book.done(deed) } }
        let by = workNumber("1001")
        #expect(try await refused(.init(rule: "gds-bx", by: by, note: "x"))?.contains("gds-box") == true)
        // A rule that is none of work that recurs.
        #expect(try await refused(.init(rule: "yq-complaint", by: by, note: "x")) != nil)
        #expect(try await refused(.init(rule: "gds-box", by: by, note: " "))?.contains("note") == true)
        #expect(try await refused(.init(rule: "gds-box", by: by, note: "a\u{7}"))?.contains("control") == true)
        let later = UTCTime(microseconds: desk.clock.now().wall + 1_000_000)
        #expect(
            try await refused(.init(rule: "gds-box", happenedAt: later, by: by, note: "x"))?.contains("yet") == true)
        #expect(
            try await refused(.init(rule: "gds-box", by: by, note: "x", evidence: "20260213-0099"))?
                .contains("no work order") == true)
        let recording = RecordingID(high: 1, low: 2).description
        #expect(
            try await refused(.init(rule: "gds-box", by: by, note: "x", evidence: recording))?
                .contains("no recording") == true)
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }

    /// What falls due in a month, by one profile or by all, with what was done of it.
    @Test func aMonthsDutiesStandWithWhatWasDone() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let book = book(desk)
        // Now is 2026-02-13 09:00.
        let now = UTCTime(desk.clock.now())
        let yesterday = UTCTime(microseconds: now.microseconds - 86_400_000_000)
        try await book.done(
            DutyBook.Deed(
                rule: "yq-publication", happenedAt: yesterday, by: workNumber("1001"), note: "已公布", evidence: "通报.pdf"))
        _ = try await book.announce(
            DutyBook.Outage(
                kind: "planned", area: "", beginsAt: try #require(UTCTime("2026-02-25T00:00:00Z")),
                endsAt: try #require(UTCTime("2026-02-25T08:00:00Z")), reason: "检修", text: "东门路检修停电",
                by: workNumber("1001")))
        let calendar = DutyCalendar(norms: Self.norms, zone: .fixed(28_800), reader: desk.store.reader)
        let february = try #require(CivilDate("2026-02-01"))
        let own = try await calendar.month(february, profile: "yongqiang", now: UTCTime(desk.clock.now()))
        #expect(own.allSatisfy { $0.profile.id == "yongqiang" })
        let publication = try #require(own.first { $0.rule.id == "yq-publication" })
        // The 15th lies in the Spring Festival.
        #expect(publication.due?.date.description == "2026-02-24" && publication.state == .done)
        #expect(publication.due?.shiftedFrom?.description == "2026-02-15" && publication.canBeNoted)
        #expect(publication.deed?.evidence == "通报.pdf" && publication.deed?.happenedAt == yesterday)
        let table = try #require(own.first { $0.rule.id == "yq-monthly-table" })
        #expect(table.due?.date.description == "2026-02-28" && table.state == .open && table.deed == nil)

        let all = try await calendar.month(february, profile: nil, now: UTCTime(desk.clock.now()))
        let states = Dictionary(all.map { ($0.rule.id, $0.state) }) { first, _ in first }
        #expect(states["gds-reception"] == .late && states["gds-box"] == .notBegun && states["em-records"] == .undated)
        #expect(states["sg-outage-planned"] == .done && states["dz-key-outage-planned"] == .notKnown)
        let notice = try #require(all.first { $0.rule.id == "sg-outage-planned" })
        #expect(notice.due?.date.description == "2026-02-18" && !notice.canBeNoted)
        #expect(notice.outage?.text == "东门路检修停电" && notice.subject.isEmpty)
        let dues = all.map { $0.due?.at ?? .max }
        #expect(dues == dues.sorted())
        // Half a year ends in June.
        #expect(states["dz-key-visit"] == nil)
        try await desk.close()
    }

    private static let norms = NormFolder(
        path: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "norms").path)

    @Test func callersHearOfOutagesInForce() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let book = book(desk)
        let lookups = Lookups(
            reader: desk.store.reader, sources: [], clock: try LocalClock(zone: "Asia/Shanghai"), time: desk.clock)
        func asked(_ area: String) async throws -> [String: String] {
            try await lookups.ask("outages", arguments: ["area": area], timeoutMilliseconds: 1000)
        }
        #expect(try await asked("") == ["found": "false", "count": "0", "speech": "outage.none"])
        // Now is 2026-02-13 09:00.
        let (begin, end) = (UTCTime("2026-02-21T00:30:00Z"), UTCTime("2026-02-21T08:00:00Z"))
        var outage = DutyBook.Outage(
            kind: "planned", area: "东门路", beginsAt: try #require(begin), endsAt: try #require(end),
            reason: "检修", text: "东门路计划停电", prompt: "outage.east", by: workNumber("1001"))
        let east = try await book.announce(outage)
        #expect(
            try await asked("东门路12号") == [
                "found": "true", "count": "1", "kind": "planned", "area": "东门路", "prompt": "outage.east",
                "begins_date": "20260221", "begins_time": "510", "ends_date": "20260221", "ends_time": "960",
                "speech": "outage.east outage.from date:20260221 time:510 outage.until time:960 outage.sorry",
            ])
        // The next that begins first; as many are told as a variable holds.
        outage.area = ""
        outage.prompt = nil
        outage.beginsAt = try #require(UTCTime("2026-02-20T00:30:00Z"))
        outage.kind = "temporary"
        var more: [OutageID] = []
        for _ in 0..<3 { more.append(try await book.announce(outage)) }
        let all = try await asked("东门路")
        #expect(all["count"] == "4" && all["begins_date"] == "20260220")
        let one = "outage.temporary outage.from date:20260220 time:510 outage.until date:20260221 time:960"
        #expect(all["speech"] == [one, one, "outage.sorry"].joined(separator: " "))
        for id in more { try await book.withdraw(id, by: workNumber("1002"), why: "改期") }
        outage.area = "东门路"
        outage.prompt = "outage.east"
        outage.kind = "planned"
        outage.beginsAt = try #require(begin)
        #expect(try await asked("西门路")["found"] == "false")
        try await book.withdraw(east, by: workNumber("1002"), why: "改期")
        #expect(try await asked("东门路")["found"] == "false")
        let twice = try await { () async throws -> Bool in
            do {
                try await book.withdraw(east, by: workNumber("1002"), why: "改期")
                return false
            } catch let error as StorageError {
                return error.code == .conflict
            }
        }()
        #expect(twice)

        func refused() async throws -> String? { try await refusal { _ = try await book.announce(outage) } }
        outage.prompt = "outage.west"
        #expect(try await refused()?.contains("no prompt") == true)
        outage.prompt = nil
        outage.kind = "other"
        #expect(try await refused()?.contains("planned") == true)
        outage.kind = "fault"
        outage.endsAt = outage.beginsAt
        #expect(try await refused()?.contains("after its begin") == true)
        outage.endsAt = try #require(UTCTime("2026-04-01T00:00:00Z"))
        #expect(try await refused()?.contains("30 days") == true)
        outage.beginsAt = try #require(UTCTime("2026-02-12T00:00:00Z"))
        outage.endsAt = try #require(UTCTime("2026-02-12T02:00:00Z"))
        #expect(try await refused()?.contains("over already") == true)
        let kept = try await desk.store.reader.outages(OutageFilter(withWithdrawn: true)).map(\.id)
        #expect(kept == more.sorted() + [east])
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }
}
