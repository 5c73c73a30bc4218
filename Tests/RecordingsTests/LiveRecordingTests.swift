import AudioLog
import Calls
import Recordings
import Testing

@Suite struct LiveRecordingTests {
    /// Both channels of 200 ms from `step` on.
    private func step(_ call: TestCall, _ step: Int, into segment: inout SegmentFile) throws {
        for channel in 0..<2 as Range<UInt8> {
            try segment.audio(
                call, channel: channel, position: Int64(step) * 9600,
                payload: call.tone(channel: channel, first: step * 1600, count: 1600))
        }
    }

    private func folder() throws -> TestFolder {
        let folder = try TestFolder()
        _ = try Bench(folder.path)
        return folder
    }

    @Test func followsTheLogAsItGrowsAndAcrossSegments() throws {
        let folder = try folder()
        let one = TestCall(1)
        let other = TestCall(2)
        var live = LiveRecording(dataFolder: folder.path, call: one.call)
        #expect(try live.read().isEmpty)
        var segment = try SegmentFile(folder.path, sequence: 1)
        try segment.start(one)
        try segment.start(other)
        for number in 0..<20 {
            try step(one, number, into: &segment)
            try step(other, number, into: &segment)
        }
        try segment.write()
        // The last second of what is there, of this call alone.
        var pieces = try live.read()
        #expect(pieces.count == 10)
        #expect(pieces.allSatisfy { $0.samples.count == 1600 && $0.rate == 8000 })
        #expect(pieces.map(\.position.milliseconds) == [3000, 3000, 3200, 3200, 3400, 3400, 3600, 3600, 3800, 3800])
        #expect(Tone.share(pieces[0].samples[...], at: one.left) > 0.9)
        #expect(Tone.share(pieces[1].samples[...], at: one.right) > 0.9)
        #expect(try live.read().isEmpty)
        // A block that is half written waits for its other half.
        try step(one, 20, into: &segment)
        try segment.write(cut: segment.bytes.count - 100)
        #expect(try live.read().map(\.channel) == [0])
        try segment.write()
        #expect(try live.read().map(\.channel) == [1])
        // The next segment goes on, and the old one may be gone.
        var next = try SegmentFile(folder.path, sequence: 2)
        try step(one, 21, into: &next)
        try next.end(one, length: 22 * 9600)
        try next.write()
        pieces = try live.read()
        #expect(pieces.map(\.position.milliseconds) == [4200, 4200])
        #expect(live.isOver)
    }

    @Test func aFolderThatIsNotThereHoldsNothing() throws {
        var live = LiveRecording(dataFolder: "/nonexistent", call: TestCall(1).call)
        #expect(try live.read().isEmpty)
        #expect(!live.isOver)
    }
}
