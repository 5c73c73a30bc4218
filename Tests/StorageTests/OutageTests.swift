import Calls
import Foundation
import Storage
import Testing

/// The database is locked, the spool takes over.
@Suite struct OutageTests {
    @Test func lockedDatabaseThenSpoolThenReplayInOrder() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record([one.offered])
        let spool = DataFolder(folder.path).spool

        let held = try HeldLock(folder)
        for key in 0..<10 { store.submit([one.noted(2000 + Int64(key), "key", ["key": String(key)])]) }
        try await store.record([one.released()])
        // Returned without the database: it is durable in the spool, and not in the tables yet.
        #expect(store.statistics.spooled == 11)
        #expect(store.statistics.errors > 0)
        #expect(store.statistics.lastError?.contains("cannot be used now") == true)
        #expect(try String(contentsOfFile: spool, encoding: .utf8).split(separator: "\n").count == 11)
        #expect(try await store.reader.call(one.call)?.summary.outcome == nil)
        #expect(try await store.reader.verifyEvidence().spooled == 11)
        try held.release()

        // Handed over after the outage, written after what was spooled.
        store.submit([Scenario(1).offered])
        try await eventually { store.statistics.spooled == 0 && store.statistics.queueDepth == 0 }
        try await store.record([Scenario(2).offered])
        let call = try #require(try await store.reader.call(one.call))
        #expect(call.summary.digits == "0123456789")
        #expect(call.summary.outcome == .completed)
        #expect(call.timeline.map(\.sequence) == Array(1...12))
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        #expect(report.chains.map(\.events) == [14])
        #expect(report.spooled == 0)
        #expect(try String(contentsOfFile: spool, encoding: .utf8).isEmpty)
        #expect(store.statistics.spooledTotal >= 11)
        await store.close()
    }

    @Test func whatIsSpooledSurvivesTheProgram() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record([one.offered])
        let held = try HeldLock(folder)
        try await store.record([one.alerted, one.answered])
        store.submit([one.released()])
        await store.close()
        try held.release()
        let other = NodeIdentity(name: "node1", number: 1, boot: "another boot")
        let again = try Store.test(folder, seed: 2, identity: other)
        #expect(again.statistics.spooled == 0)
        let call = try #require(try await again.reader.call(one.call))
        #expect(call.summary.outcome == .completed)
        // Stamped when they were handed over, in the boot of that moment.
        #expect(call.timeline.allSatisfy { $0.offsetMilliseconds != nil })
        #expect(try await again.reader.verifyEvidence().ok)
        await again.close()
    }

    @Test func aReplayThatWasCutOffDoesNotRepeatItself() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        let held = try HeldLock(folder)
        try await store.record([one.offered, one.alerted, one.answered])
        let spool = DataFolder(folder.path).spool
        let content = try Data(contentsOf: URL(fileURLWithPath: spool))
        try held.release()
        try await eventually { store.statistics.spooled == 0 }
        await store.close()
        // As if the power had failed between the commit and the emptying of the spool.
        try content.write(to: URL(fileURLWithPath: spool))
        let again = try Store.test(folder, seed: 2)
        let report = try await again.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        #expect(report.chains.map(\.events) == [3])
        #expect(again.statistics.spooled == 0)
        await again.close()
    }

    @Test func aTornLastLineWasNeverPromised() async throws {
        let folder = try TemporaryFolder()
        let lines = try await spooledLines(folder)
        let spool = URL(fileURLWithPath: DataFolder(folder.path).spool)
        try Data((lines[0] + "\n" + lines[1].dropLast(5)).utf8).write(to: spool)
        let store = try Store.test(folder, seed: 2)
        #expect(store.statistics.events == 1)
        #expect(store.statistics.damaged == 0)
        #expect(try await store.reader.verifyEvidence().chains.map(\.events) == [1])
        await store.close()
    }

    @Test func aDamagedLineIsSetAsideAndTheRestIsKept() async throws {
        let folder = try TemporaryFolder()
        var lines = try await spooledLines(folder)
        lines[1] = lines[1].replacingOccurrences(of: "nominal_180", with: "emitted_183")
        let spool = DataFolder(folder.path).spool
        try Data((lines.joined(separator: "\n") + "\nrubbish\n\n").utf8).write(to: URL(fileURLWithPath: spool))
        let store = try Store.test(folder, seed: 2)
        #expect(store.statistics.damaged == 3)
        #expect(store.statistics.spooled == 0)
        let call = try #require(try await store.reader.call(Scenario(0).call))
        #expect(call.timeline.map(\.type) == ["call_offered", "call_answered"])
        #expect(try String(contentsOfFile: spool + ".damaged", encoding: .utf8) == lines[1] + "\nrubbish\n\n")
        await store.close()
    }

    /// Leaves a folder with an empty store, and gives the lines of three facts as the spool keeps them.
    private func spooledLines(_ folder: TemporaryFolder) async throws -> [String] {
        let store = try Store.test(folder)
        let held = try HeldLock(folder)
        try await store.record([Scenario(0).offered, Scenario(0).alerted, Scenario(0).answered])
        await store.close()
        try held.release()
        let text = try String(contentsOfFile: DataFolder(folder.path).spool, encoding: .utf8)
        return text.split(separator: "\n").map(String.init)
    }

    @Test func neitherDatabaseNorSpool() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        // A folder where the spool should be: it cannot be written.
        let spool = DataFolder(folder.path).spool
        try FileManager.default.createDirectory(atPath: spool, withIntermediateDirectories: false)
        let held = try HeldLock(folder)
        store.submit([one.offered])
        do {
            try await store.record([one.alerted])
            Issue.record("nothing could be written")
        } catch {
            #expect(error.code == .lost)
        }
        try held.release()
        try FileManager.default.removeItem(atPath: spool)
        // What nobody waited for was held in memory and is written now.
        try await eventually { store.statistics.queueDepth == 0 }
        try await eventually { store.statistics.spooled == 0 }
        #expect(try await store.reader.call(one.call)?.timeline.map(\.type) == ["call_offered"])
        #expect(store.statistics.lost == 0)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }
}
