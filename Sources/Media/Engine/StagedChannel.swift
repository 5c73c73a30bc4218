import AudioLog
import Calls

/// One channel's audio between the ring and its block: contiguous, of one codec, at most a second. The writer's own.
struct StagedChannel {
    /// A second of G.711.
    static let capacity = 8000

    let bytes: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    /// Where the staged audio begins, and where the next frame is expected, 1/48,000 s.
    private(set) var start: Int64 = 0
    private(set) var expected: Int64 = 0
    private var codec: UInt8 = 0
    private var flags: AudioLogBlock.Flags = []

    /// Memory for a recording's channels, in one piece; `free` takes it back.
    static func make(_ count: Int) -> UnsafeMutablePointer<StagedChannel> {
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, count) * capacity)
        let channels = UnsafeMutablePointer<StagedChannel>.allocate(capacity: max(1, count))
        for number in 0..<max(1, count) {
            (channels + number).initialize(to: StagedChannel(bytes: bytes + number * capacity))
        }
        return channels
    }

    static func free(_ channels: UnsafeMutablePointer<StagedChannel>) {
        // The first channel's bytes are the piece's beginning.
        channels.pointee.bytes.deallocate()
        channels.deallocate()
    }

    private init(bytes: UnsafeMutablePointer<UInt8>) { self.bytes = bytes }

    /// Whether a frame continues what is staged.
    func takes(_ frame: TapFrame) -> Bool {
        count == 0
            ? frame.position == expected
            : frame.position == expected && frame.codec == codec && isPaused(frame) == flags.contains(.paused)
                && count + TapRing.payload <= Self.capacity
    }

    /// A pause has blocks of its own: they say exactly where it is.
    private func isPaused(_ frame: TapFrame) -> Bool {
        AudioLogBlock.Flags(rawValue: UInt32(frame.flags)).contains(.paused)
    }

    mutating func append(_ frame: TapFrame, _ payload: UnsafePointer<UInt8>) {
        if count == 0 {
            start = frame.position
            codec = frame.codec
            flags = []
        }
        (bytes + count).update(from: payload, count: TapRing.payload)
        count += TapRing.payload
        expected = frame.position + AudioPosition.tick.units
        flags.formUnion(AudioLogBlock.Flags(rawValue: UInt32(frame.flags)))
    }

    /// The block that holds what is staged.
    func block(of recording: RecordingPointer, channel: Int) -> AudioLogBlock {
        AudioLogBlock(
            kind: .audio, channel: recording.pointee.channels[channel].index, codec: codec, rate: 8000, flags: flags,
            recording: recording.pointee.id, call: recording.pointee.call,
            leg: recording.pointee.channels[channel].id, position: AudioPosition(units: start),
            duration: UInt32(expected - start))
    }

    /// The block that says that nothing was taped from `expected` to `position`.
    func gap(of recording: RecordingPointer, channel: Int, upTo position: Int64) -> AudioLogBlock {
        AudioLogBlock(
            kind: .gap, channel: recording.pointee.channels[channel].index, codec: codec, rate: 8000,
            recording: recording.pointee.id, call: recording.pointee.call,
            leg: recording.pointee.channels[channel].id, position: AudioPosition(units: expected),
            duration: UInt32(clamping: position - expected))
    }

    mutating func clear() { count = 0 }

    /// The next frame is expected there.
    mutating func move(to position: Int64) { expected = position }
}
