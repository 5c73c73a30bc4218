import Calls
import Foundation
import Storage
import Testing

@Suite struct BackupTests {
    @Test func backupThenRestoreGivesTheSameAnswers() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        for index in 0..<5 { try await store.record(Scenario(index).whole) }
        try await store.record([Scenario(5).offered, Scenario(5).alerted])
        #expect(try await store.reserveOrderNumber(localDate: "20261122") == "20261122-0001")
        let file = folder.file("copy.sqlite")
        try store.backup(to: file)
        // The copy stands alone, and later facts are not in it.
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("copy") } == [
                "copy.sqlite"
            ])
        let calls = try await store.reader.calls()
        let details = try await details(store.reader, calls)
        let orders = try await store.reader.orders()
        let recordings = try await store.reader.recordings()
        let heads = try await store.reader.heads()
        try await store.record(Scenario(6).whole)

        let other = try TemporaryFolder()
        try Store.restore(backup: file, folder: other.path)
        let reader = try Store.openForQueries(folder: other.path)
        #expect(try await reader.calls() == calls)
        #expect(try await self.details(reader, calls) == details)
        #expect(try await reader.orders() == orders)
        #expect(try await reader.recordings() == recordings)
        #expect(try await reader.heads() == heads)
        #expect(try await reader.verifyEvidence().ok)
        try reader.close()

        // A server goes on from there, and gives no number again that was given after the backup.
        let restored = try Store.test(other, seed: 2)
        try await restored.record(Scenario(5, start: SteppingTime.start).whole.dropFirst(2).map { $0 })
        #expect(try await restored.reserveOrderNumber(localDate: "20261122") == "20261122-1051")
        #expect(try await restored.reader.verifyEvidence().ok)
        await restored.close()
        await store.close()
    }

    private func details(_ reader: StoreReader, _ calls: [CallSummary]) async throws -> [CallDetail] {
        var details: [CallDetail] = []
        for call in calls { details.append(try #require(try await reader.call(call.callID))) }
        return details
    }

    @Test func aBackupWhileTheServerWritesIsWhole() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let (written, report) = AsyncStream.makeStream(of: Int.self)
        let writing = Task {
            defer { report.finish() }
            var count = 0
            while !Task.isCancelled {
                try await store.record(Scenario(count).whole)
                count += 1
                report.yield(count)
            }
        }
        for round in 1...3 {
            for await count in written where count >= 3 * round { break }
            let before = store.statistics.events
            // From another process's reader, as the command does it.
            let reader = try Store.openForQueries(folder: folder.path)
            try reader.backup(to: folder.file("copy\(round)"))
            try reader.close()
            // The server goes on.
            try await eventually { store.statistics.events > before }
        }
        writing.cancel()
        try await writing.value
        await store.close()
        for round in 1...3 {
            let target = try TemporaryFolder()
            try Store.restore(backup: folder.file("copy\(round)"), folder: target.path)
            let reader = try Store.openForQueries(folder: target.path)
            // All that was durable when it began, and no call in part.
            let calls = try await reader.calls(filter: CallFilter(limit: 100_000))
            #expect(calls.count >= 3 * round)
            #expect(calls.reversed().map(\.callID) == (0..<calls.count).map { Scenario($0).call })
            #expect(calls.allSatisfy { $0.outcome == .completed })
            try reader.close()
        }
    }

    @Test func nothingIsOverwritten() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record(Scenario(0).whole)
        let file = folder.file("copy")
        try store.backup(to: file)
        #expect { try store.backup(to: file) } throws: { ($0 as? StorageError)?.code == .folder }
        #expect { try store.backup(to: folder.file("no/such/folder")) } throws: {
            ($0 as? StorageError)?.code == .folder
        }
        // Into the folder of a running server, and into one that holds a store.
        #expect { try Store.restore(backup: file, folder: folder.path) } throws: {
            ($0 as? StorageError)?.code == .locked
        }
        await store.close()
        #expect { try Store.restore(backup: file, folder: folder.path) } throws: {
            ($0 as? StorageError)?.code == .folder
        }
        #expect { try Store.restore(backup: folder.file("none"), folder: folder.file("x")) } throws: {
            ($0 as? StorageError)?.code == .folder
        }
    }

    @Test func aDamagedOrAlteredBackupIsRefused() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        for index in 0..<5 { try await store.record(Scenario(index).whole) }
        let file = folder.file("copy")
        try store.backup(to: file)
        await store.close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))

        var altered = whole
        let number = try #require(whole.range(of: Data("13900000001".utf8)))
        altered.replaceSubrange(number, with: Data("13900000002".utf8))
        for (name, content) in [
            ("cut", whole.prefix(whole.count / 2)), ("altered", altered), ("text", Data("no database at all".utf8)),
            ("empty", Data()),
        ] {
            let bad = folder.file(name)
            try content.write(to: URL(fileURLWithPath: bad))
            let target = folder.file("into-\(name)")
            #expect("\(name)") { try Store.restore(backup: bad, folder: target) } throws: { error in
                guard let code = (error as? StorageError)?.code else { return false }
                return code == .corrupt || code == .version
            }
            #expect(!FileManager.default.fileExists(atPath: DataFolder(target).database))
        }
    }
}
