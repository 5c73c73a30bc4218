import Calls
import Glibc
import Recordings
import Synchronization
import Testing

@Suite struct AudioCacheTests {
    private let one = TestCall(1).recording
    private let two = TestCall(2).recording

    private func cache(_ folder: TestFolder, limit: Int64 = 1000, free: Int64 = 0) throws -> AudioCache {
        try AudioCache(folder: folder.path + "/cache", limitBytes: limit, minimumFreeBytes: free)
    }

    /// Makes a file of so many bytes, all the same.
    private func write(_ byte: UInt8, _ count: Int) -> @Sendable (String) throws(RecordingError) -> Void {
        { (path) throws(RecordingError) in
            do { try Bytes.write([UInt8](repeating: byte, count: count), to: path) } catch {
                throw RecordingError(.read, "\(error)")
            }
        }
    }

    private func names(_ folder: TestFolder) -> [String] {
        TestFolder.names(folder.path + "/cache").map { String($0.split(separator: ".", maxSplits: 1)[1]) }
    }

    @Test func isMadeOnceAndReadInPieces() async throws {
        let folder = try TestFolder()
        let cache = try cache(folder)
        let file = try await cache.file(of: one, "a.wav", make: write(7, 100))
        #expect(file.length == 100)
        #expect(try await file.read(at: 90, count: 10) == [UInt8](repeating: 7, count: 10))
        await #expect { try await file.read(at: 95, count: 10) } throws: {
            ($0 as? RecordingError)?.code == .altered
        }
        let again = try await cache.file(of: one, "a.wav", make: write(8, 50))
        #expect(again.length == 100)
        #expect(again.writtenAt == file.writtenAt)
        #expect(cache.made == 1)
    }

    @Test func whoAsksAtOnceWaitsForOneMaking() async throws {
        let folder = try TestFolder()
        let cache = try cache(folder)
        let gate = Mutex(false)
        let made = Mutex(0)
        let make: @Sendable (String) throws(RecordingError) -> Void = { (path) throws(RecordingError) in
            while !gate.withLock({ $0 }) { usleep(1000) }
            made.withLock { $0 += 1 }
            do { try Bytes.write([1, 2, 3], to: path) } catch { throw RecordingError(.read, "\(error)") }
        }
        let lengths = try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<20 { group.addTask { try await cache.file(of: one, "a.wav", make: make).length } }
            gate.withLock { $0 = true }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(lengths == Array(repeating: 3, count: 20))
        #expect(made.withLock { $0 } == 1)
    }

    @Test func whatWasNotUsedForLongestGoesFirst() async throws {
        let folder = try TestFolder()
        let cache = try cache(folder, limit: 300)
        for name in ["a", "b", "c"] { _ = try await cache.file(of: one, name, make: write(1, 100)) }
        let open = try await cache.file(of: one, "b", make: write(1, 100))
        _ = try await cache.file(of: one, "a", make: write(1, 100))
        _ = try await cache.file(of: one, "d", make: write(1, 150))
        // c was used before b and a; with d there is room for a alone.
        #expect(names(folder) == ["a", "d"])
        #expect(cache.size == (2, 250))
        // Who has it open reads on.
        #expect(try await open.read(at: 0, count: 100).count == 100)
        #expect(cache.made == 4)
    }

    @Test func oneLargerThanTheBoundStaysUntilTheNext() async throws {
        let folder = try TestFolder()
        let cache = try cache(folder, limit: 300)
        _ = try await cache.file(of: one, "huge", make: write(1, 500))
        #expect(names(folder) == ["huge"])
        _ = try await cache.file(of: one, "small", make: write(1, 10))
        #expect(names(folder) == ["small"])
    }

    @Test func aRestartKnowsWhatWasUsedLast() async throws {
        let folder = try TestFolder()
        var cache = try cache(folder, limit: 300)
        for name in ["a", "b", "c"] { _ = try await cache.file(of: one, name, make: write(1, 100)) }
        _ = try await cache.file(of: one, "a", make: write(1, 100))
        try Bytes.write([1], to: "\(folder.path)/cache/.\(one).x.tmp")
        cache = try self.cache(folder, limit: 200)
        #expect(names(folder) == ["a", "c"])
        #expect(cache.size == (2, 200))
        #expect(cache.made == 0)
    }

    @Test func aFailureLeavesNothingAndIsNotKept() async throws {
        let folder = try TestFolder()
        let cache = try cache(folder)
        await #expect {
            try await cache.file(of: one, "a") { (path) throws(RecordingError) in
                do { try Bytes.write([1], to: path) } catch { throw RecordingError(.read, "\(error)") }
                throw RecordingError(.altered, "cut short")
            }
        } throws: { ($0 as? RecordingError)?.code == .altered }
        #expect(TestFolder.names(folder.path + "/cache").isEmpty)
        #expect(try await cache.file(of: one, "a", make: write(1, 5)).length == 5)
    }

    @Test func theLastRoomIsKeptForCalls() async throws {
        let folder = try TestFolder()
        let cache = try cache(folder, free: .max)
        await #expect { try await cache.file(of: one, "a", make: write(1, 5)) } throws: {
            ($0 as? RecordingError)?.code == .room
        }
    }

    @Test func whatComesFromARecordingGoesWithIt() async throws {
        let folder = try TestFolder()
        let cache = try cache(folder)
        for name in ["a", "b"] { _ = try await cache.file(of: one, name, make: write(1, 5)) }
        _ = try await cache.file(of: two, "c", make: write(1, 5))
        await cache.remove(one)
        #expect(names(folder) == ["c"])
        // One removed by hand is made again.
        unlink("\(folder.path)/cache/\(two).c")
        #expect(try await cache.file(of: two, "c", make: write(1, 6)).length == 6)
    }

    @Test func linksAreNotFollowed() throws {
        let folder = try TestFolder()
        try Bytes.write([1], to: "\(folder.path)/real")
        symlink("\(folder.path)/real", "\(folder.path)/link")
        #expect(throws: RecordingError.self) { try RecordingFile(path: "\(folder.path)/link") }
        #expect { try RecordingFile(path: "\(folder.path)/none") } throws: {
            ($0 as? RecordingError)?.code == .missing
        }
        #expect(throws: RecordingError.self) { try RecordingFile(path: folder.path) }
    }
}
