import AudioLog
import Calls
import Recordings
import Testing

/// A recording that was paused: silence of another law in the audio log, zeros in the file.
@Suite struct PausedRecordingTests {
    /// A second of tone, two of pause, and where it ends another of tone.
    private static func log(_ folder: String, _ call: TestCall, ends: Bool) throws -> SegmentFile {
        var segment = try SegmentFile(folder, sequence: 1)
        try segment.start(call)
        for channel in 0..<2 as Range<UInt8> {
            try segment.audio(
                call, channel: channel, position: 0, payload: call.tone(channel: channel, first: 0, count: 8000))
            for second in 1..<3 as Range<Int64> {
                try segment.audio(
                    call, channel: channel, position: second * 48_000, codec: 0,
                    payload: [UInt8](repeating: 0xFF, count: 8000))
            }
            guard ends else { continue }
            try segment.audio(
                call, channel: channel, position: 144_000,
                payload: call.tone(channel: channel, first: 24_000, count: 8000))
        }
        if ends { try segment.end(call, length: 192_000) }
        return segment
    }

    @Test func theFileIsExactlyZeroThere() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let call = TestCall(1)
        let segment = try Self.log(folder.path, call, ends: true)
        try segment.write()
        bench.publish(segment)
        bench.settle()
        #expect(bench.errors.isEmpty)
        let recording = try #require(bench.finished.first)
        #expect(recording.frames == 32_000)
        // It is there, and silent: nothing is missing.
        #expect(recording.gaps.isEmpty)
        #expect(recording.figures.channels.map(\.missingMilliseconds) == [0, 0])
        #expect(recording.figures.channels.map(\.silences) == [[[1000, 3000]], [[1000, 3000]]])
        #expect(recording.figures.silenceMilliseconds == 2000)
        let decoded = try Decoded(bench.path(recording))
        for (samples, tone) in zip(decoded.channels, [call.left, call.right]) {
            #expect(samples.count == 32_000)
            #expect(samples[8000..<24_000].allSatisfy { $0 == 0 })
            #expect(Tone.share(samples[..<8000], at: tone) > 0.99)
            #expect(Tone.share(samples[24_000...], at: tone) > 0.99)
        }
        bench.confirmAll()
        #expect(bench.partials.isEmpty)
        bench.service.stop()
    }

    /// The process was killed in the pause: the log has no end.
    @Test func whatWasCutOffInThePauseIsSilentToItsEnd() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let call = TestCall(2)
        let segment = try Self.log(folder.path, call, ends: false)
        try segment.write()
        let found = try bench.service.recover()
        #expect(found.map(\.length) == [AudioPosition(units: 144_000)])
        #expect(found.map(\.isInterrupted) == [true])
        bench.settle()
        let recording = try #require(bench.finished.first)
        #expect(recording.recovered)
        let decoded = try Decoded(bench.path(recording))
        #expect(decoded.channels.map(\.count) == [24_000, 24_000])
        #expect(decoded.channels.allSatisfy { $0[8000...].allSatisfy { $0 == 0 } })
        bench.service.stop()
    }
}
