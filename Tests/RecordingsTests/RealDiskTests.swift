import AudioLog
import Calls
import Glibc
import Recordings
import Testing

/// The kernel's own refusals, where `DiskFullTests` makes them up: a disk without room, and one that went read-only, as
/// Linux does with a failing one.
@Suite(.enabled(if: MountSpace.isAllowed, MountSpace.refusal)) struct RealDiskTests {
    private static func expectWhole(_ bench: Bench, _ calls: [TestCall]) throws {
        #expect(bench.finished.map(\.recording) == calls.map(\.recording))
        #expect(bench.finished.allSatisfy { $0.frames == 24_000 && $0.gaps.isEmpty && !$0.recovered })
        for (call, recording) in zip(calls, bench.finished) {
            #expect(Tone.share(try Decoded(bench.path(recording)).channels[0][...], at: call.left) > 0.99)
        }
    }

    /// Takes all the room that there is.
    /// - Returns: bytes taken.
    private static func fill(_ path: String) throws -> Int {
        let file = open(path, O_WRONLY | O_CREAT, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        let page = [UInt8](repeating: 1, count: 4096)
        var taken = 0
        while true {
            let count = write(file, page, page.count)
            if count < 0 { break }
            taken += count
        }
        #expect(errno == ENOSPC)
        return taken
    }

    @Test(arguments: [RecordingFormat.flac, .wav]) func aDiskWithoutRoom(format: RecordingFormat) throws {
        let disk = try MountSpace(kilobytes: 1024)
        let calls = (0..<3).map { TestCall($0) }
        let bench = try Bench(disk.path, format: format)
        let segment = try FinishingTests.interleaved(disk.path, calls: calls)
        try segment.write()
        let ballast = disk.path + "/ballast"
        let taken = try Self.fill(ballast)
        bench.publish(segment)
        try DiskFullTests.wait { !bench.errors.isEmpty }
        #expect(bench.errors.map(\.errno) == [ENOSPC])
        #expect(bench.finished.isEmpty)
        #expect(bench.segments.count == 1)
        #expect(try DiskSpace(of: disk.path).freeBytes < 4096)
        // Room for the tracks, and not for all files of every format.
        truncate(ballast, off_t(taken - 160_000))
        try DiskFullTests.wait { bench.errors.count > 1 || bench.finished.count == 3 }
        #expect(bench.errors.allSatisfy { $0.errno == ENOSPC })
        if format == .wav { #expect(bench.finished.count < 3) }
        truncate(ballast, 0)
        try DiskFullTests.wait { bench.finished.count == 3 }
        try Self.expectWhole(bench, calls)
        bench.confirmAll()
        #expect(bench.partials.isEmpty)
        bench.service.stop()
    }

    @Test func aDiskThatWentReadOnly() throws {
        let disk = try MountSpace(kilobytes: 4096)
        let calls = (0..<3).map { TestCall($0) }
        let bench = try Bench(disk.path)
        let segment = try FinishingTests.interleaved(disk.path, calls: calls)
        try segment.write()
        try disk.remount(readOnly: true)
        bench.publish(segment)
        try DiskFullTests.wait { !bench.errors.isEmpty }
        #expect(bench.errors.map(\.code) == [.partial])
        #expect(bench.errors.map(\.errno) == [EROFS])
        #expect(bench.segments.count == 1)
        bench.service.stop()
        // A start on it finds everything, says that it cannot go on, and goes on when it can.
        let again = try Bench(disk.path)
        #expect(try again.service.recover().isEmpty)
        try DiskFullTests.wait { !again.errors.isEmpty }
        #expect(again.errors.map(\.errno) == [EROFS])
        try disk.remount(readOnly: false)
        try DiskFullTests.wait { again.finished.count == 3 }
        #expect(again.errors.count == 1)
        try Self.expectWhole(again, calls)
        again.confirmAll()
        #expect(again.partials.isEmpty)
        again.service.stop()
        // Finished recordings are heard from a read-only disk as from any other.
        try disk.remount(readOnly: true)
        let rows = again.finished.map {
            RecordingVerifier.Row(id: $0.recording, file: $0.file, sha256: $0.sha256, frames: $0.frames, channels: 2)
        }
        #expect(try RecordingVerifier(folder: disk.path + "/recordings").verify(rows).isAllOK)
        let error = #expect(throws: RecordingError.self) { _ = try Bench(disk.path + "/new") }
        #expect(error?.code == .folder && error?.errno == EROFS)
    }
}
