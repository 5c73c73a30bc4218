import AudioLog
import Calls
import Glibc
import Recordings
import Testing

@Suite struct LongRecordingTests {
    #if DEBUG
        static let minutes = 10
    #else
        static let minutes = 60
    #endif

    /// Bytes of memory in use by the process: VmRSS of `/proc/self/statm`.
    private static func resident() -> Int {
        let fields = String(decoding: Bytes.read("/proc/self/statm"), as: UTF8.self).split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * 4096
    }

    /// An hour of stereo is 58 MB encoded and 115 MB linear; finishing it takes a small part of that.
    @Test func memoryDoesNotGrowWithTheLength() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let call = TestCall(1)
        let second = call.tone(channel: 0, first: 0, count: 8000)
        for minute in 0..<Self.minutes {
            var segment = try SegmentFile(folder.path, sequence: UInt64(minute))
            if minute == 0 { try segment.start(call) }
            for number in 0..<60 {
                for channel in 0..<2 as Range<UInt8> {
                    try segment.audio(
                        call, channel: channel, position: Int64(minute * 60 + number) * 48_000, payload: second)
                }
            }
            try segment.write()
            bench.publish(segment)
            bench.settle()
        }
        #expect(bench.segments.isEmpty)
        let before = Self.resident()
        var most = before
        var last = try SegmentFile(folder.path, sequence: UInt64(Self.minutes))
        try last.end(call, length: Int64(Self.minutes) * 60 * 48_000)
        try last.write()
        bench.publish(last)
        while bench.finished.isEmpty && bench.errors.isEmpty {
            most = max(most, Self.resident())
            usleep(2_000)
        }
        let recording = try #require(bench.finished.first)
        #expect(recording.frames == Int64(Self.minutes) * 480_000)
        #expect(recording.gaps.isEmpty)
        #expect(most - before < 40 * 1_048_576, "\((most - before) / 1_048_576) MB")
        bench.service.stop()
    }
}
