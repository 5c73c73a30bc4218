import Calls
import Foundation
import Storage
import Testing

@Suite struct StoreTests {
    @Test func aWholeCallIsListedAsItHappened() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let scenario = Scenario(0)
        try await store.record(scenario.whole)
        let calls = try await store.reader.calls()
        let call = try #require(calls.first)
        #expect(calls.count == 1)
        #expect(call.callID == scenario.call)
        #expect(call.node == "node1")
        #expect(call.offeredAt.description == "2026-11-22T03:04:05.000000Z")
        #expect(call.ringingAt?.description == "2026-11-22T03:04:05.020000Z")
        #expect(call.answerMilliseconds == 1000)
        #expect(call.ringMilliseconds == 1000)
        #expect(call.rings == 1)
        #expect(call.firstPromptAt == UTCTime(scenario.at(1060)))
        #expect(call.digits == "2#")
        #expect(call.outcome == .completed)
        #expect(call.releasedBy == .caller)
        #expect(call.releaseEvidence?.message == "BYE received")
        #expect(call.legs == [.init(id: scenario.leg, role: .caller, codec: "PCMA", rate: 8000)])
        #expect(call.orders == ["20261122-0001"])
        #expect(call.recordings.count == 1)
        #expect(call.recordings.first?.seconds == 20)
        #expect(call.recordings.first?.channels.map(\.role) == ["caller", "system"])
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        #expect(report.standing == .selfConsistentOnly)
        #expect(report.chains.map(\.events) == [15])
        await store.close()
    }

    @Test func whatRecordReturnedFromIsOnTheDisk() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let raw = try Raw(folder)
        for index in 0..<20 {
            let scenario = Scenario(index)
            try await store.record([scenario.offered])
            #expect(try raw.number("SELECT count(*) FROM calls") == index + 1)
            #expect(try raw.number("SELECT seq FROM chains") == index + 1)
        }
        await store.close()
    }

    @Test func factsHandedOverTogetherShareCommits() async throws {
        let folder = try TemporaryFolder()
        var pace = Store.Pace.quick
        // Long enough for 300 tasks to come, also where the machine is busy.
        pace.gatherMilliseconds = 300
        pace.urgentMilliseconds = 300
        let store = try Store.test(folder, pace: pace)
        try await withThrowingTaskGroup { group in
            for index in 0..<300 { group.addTask { try await store.record([Scenario(index).offered]) } }
            try await group.waitForAll()
        }
        let statistics = store.statistics
        #expect(statistics.events == 300)
        #expect(statistics.commits < 60)
        #expect(statistics.largestGroup > 1)
        #expect(statistics.largestGroup <= 256)
        #expect(statistics.queueDepth == 0)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func submittedFactsKeepTheirOrderBeforeARecordedOne() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let scenario = Scenario(0)
        store.submit([scenario.offered])
        for key in 0..<500 { store.submit([scenario.noted(2000 + Int64(key), "key", ["key": String(key % 10)])]) }
        try await store.record([scenario.released()])
        let call = try #require(try await store.reader.call(scenario.call))
        #expect(call.summary.digits == String(repeating: "0123456789", count: 50))
        #expect(call.timeline.count == 502)
        #expect(call.timeline.map(\.sequence) == Array(1...502))
        #expect(store.statistics.unapplied == 0)
        await store.close()
    }

    @Test func factsHandedOverAreWrittenWithoutAnybodyWaiting() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        store.submit([Scenario(0).offered])
        try await eventually { try await store.reader.calls().count == 1 }
        await store.close()
    }

    @Test func closingWritesWhatWaitsAndRefusesWhatComesLater() async throws {
        let folder = try TemporaryFolder()
        var pace = Store.Pace.quick
        pace.gatherMilliseconds = 60_000
        let store = try Store.test(folder, pace: pace)
        store.submit([Scenario(0).offered])
        await store.close()
        await #expect(throws: StorageError.self) { try await store.record([Scenario(1).offered]) }
        store.submit([Scenario(2).offered])
        #expect(store.statistics.lost == 1)
        let reader = try Store.openForQueries(folder: folder.path)
        #expect(try await reader.calls().map(\.callID) == [Scenario(0).call])
        try reader.close()
    }

    /// The log of a store that is written to without a break, which no checkpoint beside the writer catches up with.
    @Test func theLogOfABusyHourBeginsAnew() async throws {
        func log(logBytes: Int, checkpointMilliseconds: Int) async throws -> Int {
            let folder = try TemporaryFolder()
            var pace = Store.Pace.quick
            pace.logBytes = logBytes
            pace.checkpointMilliseconds = checkpointMilliseconds
            let store = try Store.test(folder, pace: pace)
            for index in 0..<300 { store.submit(Scenario(index).whole) }
            try await store.record(Scenario(300).whole)
            // Its space is used again: the file is as long as the log ever was.
            let path = DataFolder(folder.path).database + "-wal"
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            await store.close()
            return size
        }
        let whole = try await log(logBytes: .max, checkpointMilliseconds: 3_600_000)
        let bounded = try await log(logBytes: 0, checkpointMilliseconds: 10)
        #expect(whole > 1 << 20)
        #expect(bounded < whole / 2, "\(bounded) of \(whole) bytes")
    }

    @Test func closingAgainAndCheckpointsAfterItAreHarmless() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("hotline.sqlite")
        let engine = try SQLiteEngine(path: path, chain: "node1", random: { 7 })
        try engine.close()
        try engine.checkpoint()
        try engine.close()
        let store = try Store.test(folder)
        try await store.record([Scenario(0).offered])
        await store.close()
        await store.close()
        let again = try Store.test(folder, seed: 2)
        #expect(try await again.reader.calls().count == 1)
        await again.close()
    }

    /// A start looks at what is open or due, however much there ever was: along an index that has nothing else.
    @Test(arguments: [
        (RetentionSQL.due, "recording_fates_due"), (CallSQL.unreleased, "calls_open"),
        (RecordingSQL.unfinished, "recordings_unfinished"), (RecordingCheckSQL.openAlarms, "recording_alarms_open"),
        (AgentSQL.open, "agent_offers_open"), (QueueSQL.open, "queue_passages_open"),
    ])
    func aStartReadsNoHistory(_ sql: String, index: String) async throws {
        let folder = try TemporaryFolder()
        await (try Store.test(folder)).close()
        // Bound as the store binds it: with the number in the text SQLite comes to other conclusions.
        let plan = try Raw(folder).plan(sql, sql.contains("?") ? [1000] : [])
        let scans = plan.filter { $0.hasPrefix("SCAN") }
        #expect(scans.count == 1 && scans[0].hasSuffix("USING INDEX \(index)"), "\(plan)")
    }

    @Test func aSecondServerIsRefusedAndToldWhoHoldsTheFolder() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        #expect {
            try Store.test(folder)
        } throws: { error in
            let error = error as? StorageError
            return error?.code == .locked && error?.message.contains("process \(getpid())") == true
        }
        await store.close()
        let again = try Store.test(folder)
        await again.close()
    }

    /// A child has copies of all descriptors until it runs its command.
    @Test func aCopyOfTheLockInAChildKeepsNobodyOut() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let path = folder.file("server.lock")
        let file = try Self.identity(path)
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init)
        let held = try open.first { try Self.identity("/proc/self/fd/\($0)") == file }
        let copy = dup(try #require(held))
        try #require(copy >= 0)
        defer { close(copy) }
        await store.close()
        #expect(!FileLock.isHeld(path))
        let again = try Store.test(folder, seed: 2)
        #expect(FileLock.isHeld(path))
        await again.close()
    }

    /// Device and number of a file; nil where there is none, as of a descriptor that was closed meanwhile.
    private static func identity(_ path: String) throws -> [UInt64]? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            try #require(errno == ENOENT)
            return nil
        }
        return [UInt64(status.st_dev), UInt64(status.st_ino)]
    }

    @Test func aNodeNameThatCannotBeAChainIsRefused() throws {
        let folder = try TemporaryFolder()
        for name in ["", String(repeating: "x", count: 65), "a\nb"] {
            #expect(throws: StorageError.self) {
                try Store.test(folder, identity: NodeIdentity(name: name, number: 1, boot: "b"))
            }
        }
    }

    @Test func theChainGoesOnAfterARestart() async throws {
        let folder = try TemporaryFolder()
        for round in 0..<4 {
            let store = try Store.test(folder, seed: UInt64(round + 1))
            try await store.record(Scenario(round).whole)
            await store.close()
        }
        let reader = try Store.openForQueries(folder: folder.path)
        let report = try await reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        #expect(report.chains.map(\.headSequence) == [60])
        #expect(try await reader.calls().map(\.callID) == (0..<4).reversed().map { Scenario($0).call })
        try reader.close()
    }

    @Test func queriesWorkBesideTheServer() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record(Scenario(0).whole)
        let reader = try Store.openForQueries(folder: folder.path)
        #expect(try await reader.calls().count == 1)
        try await store.record(Scenario(1).whole)
        #expect(try await reader.calls().count == 2)
        #expect(try await reader.verifyEvidence().ok)
        try reader.close()
        await store.close()
    }

    @Test func aFolderWithoutAStoreCannotBeQueried() throws {
        let folder = try TemporaryFolder()
        #expect {
            _ = try Store.openForQueries(folder: folder.path)
        } throws: { error in
            (error as? StorageError)?.code == .folder
        }
    }

    @Test func whatIsNoDatabaseIsRefused() throws {
        let folder = try TemporaryFolder()
        try Data(String(repeating: "no database ", count: 1000).utf8)
            .write(to: URL(fileURLWithPath: DataFolder(folder.path).database))
        #expect {
            try Store.test(folder)
        } throws: { error in
            (error as? StorageError)?.code == .corrupt
        }
    }
}
