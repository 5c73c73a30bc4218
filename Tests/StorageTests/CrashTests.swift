import Calls
import Foundation
import Storage
import Testing

/// The program ends at any moment. Without checkpoints the database file stands still and the write-ahead log only
/// grows, so that every prefix of the log is a state that a crash can leave.
@Suite struct CrashTests {
    @Test func everyPrefixOfTheLogOpensAndHolds() async throws {
        let folder = try TemporaryFolder()
        var pace = Store.Pace.quick
        pace.checkpointMilliseconds = 600_000
        let store = try Store.test(folder, pace: pace)
        let count = 20
        for index in 0..<count { try await store.record(Scenario(index).whole) }
        let file = DataFolder(folder.path).database
        let database = try Data(contentsOf: URL(fileURLWithPath: file))
        let log = try Data(contentsOf: URL(fileURLWithPath: file + "-wal"))
        await store.close()

        let random = SteppingRandom(seed: 5)
        var cuts = (0..<12).map { _ in Int(random.next() % UInt64(log.count)) }
        cuts += [0, 31, 32, log.count - 1, log.count]
        var found: Set<Int> = []
        for cut in cuts {
            let crashed = try TemporaryFolder()
            let copy = DataFolder(crashed.path).database
            try database.write(to: URL(fileURLWithPath: copy))
            try log.prefix(cut).write(to: URL(fileURLWithPath: copy + "-wal"))
            let again = try Store.test(crashed, seed: 3)
            let report = try await again.reader.verifyEvidence()
            #expect(report.ok, "cut at \(cut) of \(log.count): \(report)")
            let calls = try await again.reader.calls()
            // Whole groups, from the first on: no call is there in part, none is missing before another.
            #expect(calls.allSatisfy { $0.outcome == .completed })
            #expect(calls.reversed().map(\.callID) == (0..<calls.count).map { Scenario($0).call })
            if cut == log.count { #expect(calls.count == count) }
            found.insert(calls.count)
            try await again.record(Scenario(100).whole)
            #expect(try await again.reader.verifyEvidence().ok)
            await again.close()
        }
        #expect(found.count > 4)
    }

    @Test func openCallsAndUnfinishedRecordingsAreFoundAfterwards() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let whole = Scenario(0)
        try await store.record(whole.whole)
        let ringing = Scenario(1)
        try await store.record([ringing.offered, ringing.alerted])
        let talking = Scenario(2)
        try await store.record([
            talking.offered, talking.alerted, talking.answered, talking.established, talking.planned,
            talking.recordingStarted, talking.noted(9000, "key", ["key": "1"]),
        ])
        let failed = Scenario(3)
        try await store.record([failed.offered, failed.planned])
        try await store.record([
            .recordingFailed(
                RecordingFailed(recording: failed.recording, call: failed.call, at: failed.at(10), message: "no log"))
        ])
        await store.close()

        let again = try Store.test(folder, seed: 2)
        let open = try await again.reader.unreleasedCalls()
        #expect(open.map(\.call) == [ringing.call, talking.call, failed.call])
        #expect(open[0].answeredAt == nil)
        #expect(open[1].answeredAt == talking.at(1020))
        #expect(open[1].legs == [talking.leg])
        #expect(open[1].boot == NodeIdentity.test.boot)
        #expect(open[1].lastSeenAt > SteppingTime.start)
        let unfinished = try await again.reader.unfinishedRecordings()
        #expect(unfinished.map(\.id) == [talking.recording])
        #expect(unfinished[0].state == .started)
        #expect(unfinished[0].startedAt == UTCTime(talking.at(1060)))
        #expect(unfinished[0].channels.map(\.tap) == ["received", "sent"])

        // Recovery closes both.
        try await again.record([
            .recordingStopped(
                RecordingStopped(
                    recording: talking.recording, call: talking.call, at: talking.at(9500),
                    length: AudioPosition(milliseconds: 8440))),
            talking.recordingFinished, talking.released(.interrupted, by: .unknown), ringing.released(.interrupted),
            failed.released(.interrupted),
        ])
        #expect(try await again.reader.unreleasedCalls().isEmpty)
        #expect(try await again.reader.unfinishedRecordings().isEmpty)
        #expect(try await again.reader.calls(filter: CallFilter(outcome: .interrupted)).count == 3)
        #expect(try await again.reader.verifyEvidence().ok)
        await again.close()
    }
}
