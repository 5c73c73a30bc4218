import AudioLog
import Calls
import Glibc
import Recordings
import Testing

/// Recordings that run and end as they should.
@Suite struct FinishingTests {
    /// Ten calls of three seconds, interleaved in blocks of 200 ms, published as a writer does.
    static func interleaved(
        _ folder: String, calls: [TestCall], blocks: Int = 15, sequence: UInt64 = 1, keys: RecordingKeys? = nil
    ) throws -> SegmentFile {
        var segment = try SegmentFile(folder, sequence: sequence, keys: keys)
        for call in calls { try segment.start(call) }
        for number in 0..<blocks {
            for call in calls {
                for channel in 0..<2 as Range<UInt8> {
                    try segment.audio(
                        call, channel: channel, position: Int64(number) * 9_600,
                        payload: call.tone(channel: channel, first: number * 1600, count: 1600))
                }
            }
        }
        for call in calls { try segment.end(call, length: Int64(blocks) * 9_600) }
        return segment
    }

    @Test(arguments: RecordingFormat.allCases)
    func tenCallsAtOnce(format: RecordingFormat) throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path, format: format)
        let calls = (0..<10).map { TestCall($0) }
        let segment = try Self.interleaved(folder.path, calls: calls)
        try segment.write()
        // Flushed bit by bit, always at a block's end, as the writer publishes it.
        for block in segment.blocks where block.block.channel == 1 {
            bench.service.progress(
                AudioLogProgress(
                    sequence: 1, path: segment.path, flushedBytes: UInt64(block.bytes.upperBound), isSealed: false))
        }
        bench.publish(segment, sealed: false)
        bench.settle()
        #expect(bench.errors.isEmpty)
        #expect(bench.finished.map(\.recording) == calls.map(\.recording))
        for (call, recording) in zip(calls, bench.finished) {
            #expect(recording.call == call.call)
            #expect(recording.frames == 24_000)
            #expect(recording.length.units == 144_000)
            #expect(recording.gaps.isEmpty)
            #expect(!recording.recovered)
            #expect(recording.startedAt == call.startedAt)
            #expect(recording.file == "2026/11/22/20261122T031245Z-\(call.call).\(format.fileExtension)")
            #expect(recording.channels.map(\.tap) == ["received", "sent"])
            #expect(recording.bytes == Int64(Bytes.read(bench.path(recording)).count))
            let decoded = try Decoded(bench.path(recording))
            #expect(decoded.rate == 8000)
            #expect(decoded.channels.map(\.count) == [24_000, 24_000])
            #expect(decoded.title == "call \(call.call)")
            #expect(decoded.comment?.contains("recording=\(call.recording)") == true)
            #expect(Tone.share(decoded.channels[0][...], at: call.left) > 0.99)
            #expect(Tone.share(decoded.channels[1][...], at: call.right) > 0.99)
            #expect(Tone.share(decoded.channels[0][...], at: call.right) < 0.01)
        }
        // Nothing goes before it is confirmed and the segment sealed; then everything does.
        #expect(bench.partials.count == 20)
        bench.publish(segment)
        bench.confirmAll()
        #expect(bench.partials.isEmpty)
        #expect(bench.segments.isEmpty)
        bench.service.stop()
    }

    @Test func theHashIsThatOfTheFile() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let call = TestCall(1)
        let segment = try Self.interleaved(folder.path, calls: [call])
        try segment.write()
        bench.publish(segment)
        bench.settle()
        let recording = try #require(bench.finished.first)
        let row = RecordingVerifier.Row(
            id: recording.recording, file: recording.file, sha256: recording.sha256, frames: recording.frames,
            channels: 2)
        let report = try RecordingVerifier(folder: folder.path + "/recordings").verify([row])
        #expect(report.ok == 1 && report.isAllOK)
        bench.service.stop()
    }

    /// libsndfile's own G.711 is the judge of ours.
    @Test(arguments: [0 as UInt8, 8])
    func everyCodeIsDecodedRight(codec: UInt8) throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let call = TestCall(1)
        var segment = try SegmentFile(folder.path, sequence: 1)
        try segment.start(call)
        let codes = (0...255).map { UInt8($0) }
        try segment.audio(call, channel: 0, position: 0, codec: codec, payload: codes)
        try segment.audio(call, channel: 1, position: 0, codec: codec, payload: codes.reversed())
        try segment.end(call, length: 256 * 6)
        try segment.write()
        bench.publish(segment)
        bench.settle()
        let decoded = try Decoded(bench.path(try #require(bench.finished.first)))
        let expected = try Decoded(raw: codes, muLaw: codec == 0)
        #expect(decoded.channels[0] == expected.channels[0])
        #expect(decoded.channels[1] == expected.channels[0].reversed())
        bench.service.stop()
    }

    @Test func aCodecMayChangeInMidCall() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let call = TestCall(1)
        var segment = try SegmentFile(folder.path, sequence: 1)
        try segment.start(call)
        try segment.audio(call, channel: 0, position: 0, codec: 0, payload: Array(repeating: 0x80, count: 800))
        try segment.audio(call, channel: 0, position: 4_800, codec: 8, payload: Array(repeating: 0xAA, count: 800))
        try segment.audio(call, channel: 1, position: 0, codec: 8, payload: Array(repeating: 0x2A, count: 1600))
        try segment.end(call, length: 9_600)
        try segment.write()
        bench.publish(segment)
        bench.settle()
        let recording = try #require(bench.finished.first)
        #expect(recording.gaps.isEmpty)
        let decoded = try Decoded(bench.path(recording))
        #expect(Set(decoded.channels[0][..<800]) == [32_124])
        #expect(Set(decoded.channels[0][800...]) == [32_256])
        #expect(Set(decoded.channels[1]) == [-32_256])
        bench.service.stop()
    }

    @Test func whatIsMissingIsSilentAndListed() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let call = TestCall(1)
        var segment = try SegmentFile(folder.path, sequence: 1)
        try segment.start(call)
        let loud = [UInt8](repeating: 0xAA, count: 800)
        // Left lacks 0.1–0.2 s, right lacks 0.3–0.5 s: the end says half a second.
        for position in [0, 9_600, 14_400, 19_200] as [Int64] {
            try segment.audio(call, channel: 0, position: position, payload: loud)
        }
        for position in [0, 4_800, 9_600] as [Int64] {
            try segment.audio(call, channel: 1, position: position, payload: loud)
        }
        try segment.end(call, length: 24_000)
        try segment.write()
        bench.publish(segment)
        bench.settle()
        let recording = try #require(bench.finished.first)
        #expect(recording.gaps == [[4_800, 9_600], [14_400, 24_000]])
        #expect(recording.channelGaps == [[[4_800, 9_600]], [[14_400, 24_000]]])
        let decoded = try Decoded(bench.path(recording))
        #expect(decoded.channels.map(\.count) == [4_000, 4_000])
        #expect(Set(decoded.channels[0][800..<1600]) == [0])
        #expect(Set(decoded.channels[0][1600...]) == [32_256])
        #expect(Set(decoded.channels[1][2400...]) == [0])
        bench.service.stop()
    }

    @Test(arguments: RecordingFormat.allCases)
    func aRecordingWithoutAudioIsAFileWithoutSamples(format: RecordingFormat) throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path, format: format)
        let call = TestCall(1)
        var segment = try SegmentFile(folder.path, sequence: 1)
        try segment.start(call)
        try segment.end(call, length: 0)
        try segment.write()
        bench.publish(segment)
        bench.settle()
        #expect(bench.errors.isEmpty)
        let recording = try #require(bench.finished.first)
        #expect(recording.frames == 0)
        #expect(try Decoded(bench.path(recording)).channels == [[], []])
        bench.service.stop()
    }

    @Test func audioBehindTheEndIsCutOff() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let call = TestCall(1)
        var segment = try SegmentFile(folder.path, sequence: 1)
        try segment.start(call)
        for channel in 0..<2 as Range<UInt8> {
            try segment.audio(call, channel: channel, position: 0, payload: Array(repeating: 0xAA, count: 1600))
        }
        try segment.end(call, length: 4_800)
        try segment.write()
        bench.publish(segment)
        bench.settle()
        #expect(bench.finished.map(\.frames) == [800])
        bench.service.stop()
    }

    @Test func twoRecordingsOfOneCallInOneSecondKeepApart() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let first = TestCall(1)
        var second = TestCall(2)
        second.callNumber = 1
        let segment = try Self.interleaved(folder.path, calls: [first, second], blocks: 2)
        try segment.write()
        bench.publish(segment)
        bench.settle()
        let files = bench.finished.map(\.file)
        #expect(
            files == [
                "2026/11/22/20261122T031245Z-\(first.call).flac",
                "2026/11/22/20261122T031245Z-\(first.call)-\(second.recording).flac",
            ])
        #expect(Tone.share(try Decoded(bench.path(bench.finished[1])).channels[0][...], at: second.left) > 0.99)
        bench.service.stop()
    }

    @Test func peaksAreAudiowaveformsFormat() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let call = TestCall(1)
        var segment = try SegmentFile(folder.path, sequence: 1)
        try segment.start(call)
        // Left: 256 samples loud, then 300 silent. Right: silent but for one negative sample.
        try segment.audio(
            call, channel: 0, position: 0,
            payload: Array(repeating: 0xAA, count: 256) + Array(repeating: 0xD5, count: 300))
        try segment.audio(
            call, channel: 1, position: 0,
            payload: Array(repeating: 0xD5, count: 300) + [0x2A] + Array(repeating: 0xD5, count: 255))
        try segment.end(call, length: 556 * 6)
        try segment.write()
        bench.publish(segment)
        bench.settle()
        let file = bench.path(try #require(bench.finished.first))
        let peaks = Bytes.read(file.replacing(".flac", with: ".dat"))
        let header: [UInt8] = [2, 0, 0, 0, 1, 0, 0, 0, 0x40, 0x1F, 0, 0, 0, 1, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0]
        #expect(Array(peaks.prefix(24)) == header)
        #expect(peaks.dropFirst(24).map { Int8(bitPattern: $0) } == [126, 126, 0, 0, 0, 0, -126, 0, 0, 0, 0, 0])
        bench.service.stop()
    }

    @Test func aRecordingRunsThroughManySegments() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let call = TestCall(3)
        for sequence in 0..<6 as Range<UInt64> {
            var segment = try SegmentFile(folder.path, sequence: 10 + sequence)
            if sequence == 0 { try segment.start(call) }
            for channel in 0..<2 as Range<UInt8> {
                try segment.audio(
                    call, channel: channel, position: Int64(sequence) * 9_600,
                    payload: call.tone(channel: channel, first: Int(sequence) * 1600, count: 1600))
            }
            if sequence == 5 { try segment.end(call, length: 57_600) }
            try segment.write()
            bench.publish(segment)
            bench.settle()
            // A sealed segment goes although the recording runs on: its audio is durable elsewhere.
            #expect(bench.segments.isEmpty)
        }
        let recording = try #require(bench.finished.first)
        #expect(recording.frames == 9_600 && recording.gaps.isEmpty)
        #expect(Tone.share(try Decoded(bench.path(recording)).channels[1][...], at: call.right) > 0.99)
        bench.service.stop()
    }
}
