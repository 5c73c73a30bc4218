import Calls
import Foundation
import Storage
import Testing

/// Notices that callers hear: what was set last, and every time that one was switched.
@Suite struct NoticeTests {
    private static func set(
        _ prompt: String?, _ milliseconds: Int64, variable: String = "notice.storm", until: Int64? = nil,
        why: String = ""
    ) -> Fact {
        let at = SteppingTime.start.advanced(milliseconds: milliseconds)
        return .noticeSet(
            NoticeSet(
                at: at, notice: variable, prompt: prompt,
                until: until.map { SteppingTime.start.advanced(milliseconds: $0).wall }, by: "8001", why: why))
    }

    private static func moment(_ milliseconds: Int64) -> UTCTime {
        UTCTime(SteppingTime.start.advanced(milliseconds: milliseconds))
    }

    @Test func whatWasSetLastHolds() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        #expect(try await store.reader.notices(at: Self.moment(0)) == [])
        try await store.record([
            Self.set("notice.storm", 0), Self.set("notice.flood", 1000, until: 5000, why: "洪水"),
            Self.set("notice.heat", 500, variable: "notice.other"),
        ])
        let now = try await store.reader.notices(at: Self.moment(4999))
        #expect(now.map(\.name) == ["other", "storm"] && now.map(\.isOn) == [true, true])
        #expect(now[1].prompt == "notice.flood" && now[1].until == Self.moment(5000) && now[1].why == "洪水")
        #expect(try await store.reader.notices(at: Self.moment(5000)).map(\.isOn) == [true, false])
        // At the same instant what was written later holds.
        try await store.record([Self.set(nil, 6000), Self.set("notice.storm", 6000)])
        #expect(try await store.reader.notices(at: Self.moment(6000)).map(\.prompt) == ["notice.heat", "notice.storm"])

        let all = try await store.reader.noticeHistory(at: Self.moment(6000), limit: 10)
        #expect(all.map(\.prompt) == ["notice.storm", nil, "notice.flood", "notice.heat", "notice.storm"])
        #expect(all.map(\.isOn) == [true, false, false, true, false])
        #expect(try await store.reader.noticeHistory(at: Self.moment(6000), limit: 2).count == 2)
        await #expect(throws: StorageError.self) {
            try await store.reader.noticeHistory(at: Self.moment(0), limit: 0)
        }
        let data = try QueryJSON.encode(all)
        #expect(try JSONDecoder().decode([NoticeRecord].self, from: Data(data)) == all)
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        await store.close()
    }

    @Test func aRowThatWasChangedIsFound() async throws {
        let folder = try TemporaryFolder()
        var store = try Store.test(folder)
        try await store.record([Self.set("notice.storm", 0)])
        await store.close()
        let raw = try Raw(folder)
        try raw.change("UPDATE notices SET by_name = '8002'")
        try raw.queue.close()
        store = try Store.test(folder, seed: 2)
        #expect(try await store.reader.verifyEvidence().ok == false)
        await store.close()
    }

    @Test func fromTheFifteenthSchema() async throws {
        let folder = try TemporaryFolder()
        var store = try Store.test(folder)
        try await store.record(Scenario(0).whole)
        await store.close()
        let raw = try Raw(folder)
        try raw.change("DROP TABLE notices")
        try raw.change("DELETE FROM grdb_migrations WHERE identifier = '0017'")
        try raw.queue.close()
        store = try Store.test(folder, seed: 2)
        try await store.record([Self.set("notice.storm", 60_000)])
        #expect(try await store.reader.notices(at: Self.moment(60_000)).map(\.isOn) == [true])
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        await store.close()
    }
}
