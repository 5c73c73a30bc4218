import Calls

/// Where a channel of a recording is tapped.
public enum AudioLogTap: UInt8, Sendable, Hashable {
    /// After the jitter buffer, at playout: what is heard from the leg.
    case received = 0
    /// What is sent to the leg.
    case sent = 1
}

/// The payload of a start block: when sample 0 was taken, and whom each channel carries.
public struct AudioLogStart: Sendable, Hashable {
    public struct Channel: Sendable, Hashable {
        /// 0: left, 1: right; below `AudioLogFormat.maximumChannels`.
        public var index: UInt8
        public var leg: LegID
        public var tap: AudioLogTap

        public init(index: UInt8, leg: LegID, tap: AudioLogTap) {
            self.index = index
            self.leg = leg
            self.tap = tap
        }
    }

    public var at: Instant
    /// At most `AudioLogFormat.maximumChannels`.
    public var channels: [Channel]

    public init(at: Instant, channels: [Channel]) {
        self.at = at
        self.channels = channels
    }

    static let fixedSize = 24
    private static let channelSize = 24

    /// Bytes of the payload.
    public var size: Int { Self.fixedSize + channels.count * Self.channelSize }

    /// The payload of a start block; nil where it breaks the format.
    public init?(reading bytes: RawSpan) {
        guard bytes.byteCount >= Self.fixedSize else { return nil }
        let count = Int(bytes.littleEndian(UInt8.self, at: 16))
        guard count <= AudioLogFormat.maximumChannels, bytes.byteCount == Self.fixedSize + count * Self.channelSize
        else { return nil }
        at = Instant(wall: bytes.littleEndian(Int64.self, at: 0), mono: bytes.littleEndian(Int64.self, at: 8))
        channels = []
        for number in 0..<count {
            let offset = Self.fixedSize + number * Self.channelSize
            let index = bytes.littleEndian(UInt8.self, at: offset)
            guard index < AudioLogFormat.maximumChannels,
                let tap = AudioLogTap(rawValue: bytes.littleEndian(UInt8.self, at: offset + 1))
            else { return nil }
            channels.append(Channel(index: index, leg: bytes.identifier(at: offset + 8), tap: tap))
        }
    }

    func write(into output: inout MutableRawSpan, at offset: Int) {
        output.store(at.wall, at: offset)
        output.store(at.mono, at: offset + 8)
        output.store(UInt64(channels.count), at: offset + 16)
        for (number, channel) in channels.enumerated() {
            let place = offset + Self.fixedSize + number * Self.channelSize
            output.store(UInt64(channel.index) | UInt64(channel.tap.rawValue) << 8, at: place)
            output.store(channel.leg, at: place + 8)
        }
    }
}
