import AudioLog
import Calls
import Glibc
import Recordings
import Synchronization
import Testing

/// A disk without room: nothing is lost, the trouble is told once, and it goes on when there is room again.
@Suite struct DiskFullTests {
    /// Lets so many bytes be written to files whose name ends so; then the disk is full until `isFull` is cleared.
    final class SmallDisk: Sendable {
        let left: Mutex<Int>
        let suffix: String

        init(_ bytes: Int, suffix: String) {
            left = Mutex(bytes)
            self.suffix = suffix
        }

        func free() { left.withLock { $0 = .max } }

        var calls: DiskCalls {
            DiskCalls(
                write: { [self] file, bytes, count, offset in
                    guard Self.name(file).hasSuffix(suffix) else { return pwrite(file, bytes, count, off_t(offset)) }
                    let allowed = left.withLock { left in
                        let allowed = min(left, count)
                        left -= allowed
                        return allowed
                    }
                    guard allowed > 0 else {
                        errno = ENOSPC
                        return -1
                    }
                    return pwrite(file, bytes, allowed, off_t(offset))
                }, sync: { fdatasync($0) })
        }

        static func name(_ file: Int32) -> String {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = buffer.withUnsafeMutableBytes { bytes in
                bytes.baseAddress.map {
                    readlink("/proc/self/fd/\(file)", $0.assumingMemoryBound(to: CChar.self), bytes.count)
                } ?? 0
            }
            return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        }
    }

    @Test(arguments: RecordingFormat.allCases, [0, 40, 5_000])
    func noRoomForTheFinishedFile(format: RecordingFormat, room: Int) throws {
        let folder = try TestFolder()
        let disk = SmallDisk(room, suffix: ".\(format.fileExtension).tmp")
        let call = TestCall(1)
        let segment = try FinishingTests.interleaved(folder.path, calls: [call])
        let bench = try Bench(folder.path, format: format) {
            $0.calls = disk.calls
            $0.laterRetryMilliseconds = 10
        }
        try segment.write()
        bench.publish(segment)
        bench.settle()
        #expect(bench.errors.map(\.code) == [.finish])
        #expect(bench.errors.first?.errno == ENOSPC)
        #expect(bench.errors.first?.recording == call.recording)
        #expect(bench.finished.isEmpty)
        #expect(bench.partials.count == 3)
        #expect(bench.service.statistics.failed == 1)
        disk.free()
        try Self.wait { !bench.finished.isEmpty }
        #expect(bench.finished.map(\.frames) == [24_000])
        #expect(Tone.share(try Decoded(bench.path(bench.finished[0])).channels[0][...], at: call.left) > 0.99)
        #expect(bench.errors.count == 1)
        bench.service.stop()
    }

    @Test func noRoomForPartialFiles() throws {
        let folder = try TestFolder()
        let disk = SmallDisk(20_000, suffix: ".track")
        let calls = (0..<3).map { TestCall($0) }
        let segment = try FinishingTests.interleaved(folder.path, calls: calls)
        let bench = try Bench(folder.path) { $0.calls = disk.calls }
        try segment.write()
        bench.publish(segment)
        try Self.wait { !bench.errors.isEmpty }
        #expect(bench.errors.map(\.code) == [.partial])
        #expect(bench.errors.first?.errno == ENOSPC)
        #expect(bench.finished.isEmpty)
        #expect(bench.segments.count == 1)
        disk.free()
        try Self.wait { bench.finished.count == 3 }
        #expect(bench.finished.allSatisfy { $0.frames == 24_000 && $0.gaps.isEmpty })
        #expect(bench.errors.count == 1)
        bench.service.stop()
    }

    @Test func noRoomForTheIndex() throws {
        let folder = try TestFolder()
        let disk = SmallDisk(0, suffix: ".index.tmp")
        let call = TestCall(1)
        var segment = try SegmentFile(folder.path, sequence: 1)
        try segment.start(call)
        try segment.audio(call, channel: 0, position: 0, payload: call.tone(channel: 0, first: 0, count: 800))
        let bench = try Bench(folder.path) { $0.calls = disk.calls }
        try segment.write()
        bench.publish(segment)
        try Self.wait { !bench.errors.isEmpty }
        // The segment stays as long as the recording is not durable elsewhere.
        #expect(bench.segments.count == 1)
        disk.free()
        try Self.wait { bench.segments.isEmpty }
        #expect(bench.partials.count == 2)
        #expect(bench.errors.count == 1)
        bench.service.stop()
    }

    @Test func aMissingPartialFileIsAFailureNotASilence() throws {
        let folder = try TestFolder()
        let call = TestCall(1)
        let segment = try FinishingTests.interleaved(folder.path, calls: [call])
        do {
            let bench = try Bench(folder.path)
            try segment.write()
            bench.publish(segment)
            bench.settle()
            bench.service.stop()
        }
        let track = try #require(TestFolder.names(folder.path + "/partials").first { $0.hasSuffix(".track") })
        unlink(folder.path + "/partials/" + track)
        let bench = try Bench(folder.path)
        _ = try bench.service.recover()
        bench.settle()
        #expect(bench.finished.isEmpty)
        #expect(bench.errors.map(\.recording) == [call.recording])
        bench.service.stop()
    }

    /// Polls until a condition holds; fails after a minute.
    static func wait(_ condition: () -> Bool) throws {
        for _ in 0..<6_000 {
            if condition() { return }
            usleep(10_000)
        }
        Issue.record("it never came about")
    }
}
