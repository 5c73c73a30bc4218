import Calls

/// One block of the audio log without its payload: what it is, whose it is, and where on the recording's timeline.
public struct AudioLogBlock: Sendable, Hashable {
    public enum Kind: UInt8, Sendable {
        /// The recording's first block; its payload is an `AudioLogStart`.
        case start = 1
        /// Encoded audio of one channel.
        case audio = 2
        /// The recording's last block; its position is the recording's length.
        case end = 3
        /// Audio that never was: ticks skipped because the machine stood still.
        case gap = 4
    }

    /// What happened within the block.
    public struct Flags: OptionSet, Sendable, Hashable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        /// Part of it was made by loss concealment.
        public static let concealed = Flags(rawValue: 1)
        /// Part of it is silence for want of packets.
        public static let silent = Flags(rawValue: 2)
        /// The recording was paused: digital silence in place of what was heard.
        public static let paused = Flags(rawValue: 4)
        /// The payload is sealed (`AudioLogSeal`).
        public static let sealed = Flags(rawValue: 8)
    }

    public var kind: Kind
    /// 0: left, 1: right; 0 for start and end.
    public var channel: UInt8
    /// RTP's static payload type number: 0 PCMU, 8 PCMA (RFC 3551 table 4).
    public var codec: UInt8
    /// Samples a second; a divisor of 48,000.
    public var rate: UInt32
    public var flags: Flags
    public var recording: RecordingID
    public var call: CallID
    public var leg: LegID
    /// Where the block begins. In an end block: the recording's length.
    public var position: AudioPosition
    /// How long it is, in 1/48,000 s.
    public var duration: UInt32

    public init(
        kind: Kind, channel: UInt8, codec: UInt8, rate: UInt32, flags: Flags = [], recording: RecordingID,
        call: CallID, leg: LegID, position: AudioPosition, duration: UInt32
    ) {
        self.kind = kind
        self.channel = channel
        self.codec = codec
        self.rate = rate
        self.flags = flags
        self.recording = recording
        self.call = call
        self.leg = leg
        self.position = position
        self.duration = duration
    }

    /// The block's end.
    public var end: AudioPosition { AudioPosition(units: position.units &+ Int64(duration)) }

    /// Why a block with such a payload is outside the format's limits; nil where it is within.
    /// - Parameter payload: bytes of it as they stand in the log.
    func fault(payload stored: Int) -> String? {
        if stored > AudioLogFormat.maximumPayload { return "payload of \(stored) bytes is longer than the limit" }
        var payload = stored
        if flags.contains(.sealed) {
            if kind != .audio { return "only audio is sealed" }
            payload -= AudioLogSeal.overhead
            if payload < 0 { return "a sealed payload of \(stored) bytes is short" }
        }
        if channel >= AudioLogFormat.maximumChannels { return "channel \(channel) is beyond the limit" }
        guard (0...AudioLogFormat.maximumPosition).contains(position.units),
            position.units + Int64(duration) <= AudioLogFormat.maximumPosition
        else { return "position \(position.units) is beyond the limit" }
        switch kind {
        case .start:
            if payload < AudioLogStart.fixedSize { return "the start's payload is short" }
        case .end, .gap:
            if payload != 0 { return "an end or a gap has no payload" }
        case .audio:
            if rate == 0 || 48_000 % rate != 0 { return "rate \(rate) is no divisor of 48,000" }
            if payload == 0 || duration == 0 { return "an audio block is empty" }
            // G.711 has a byte a sample; other codecs' lengths are theirs.
            if codec == 0 || codec == 8, UInt64(payload) * UInt64(48_000 / rate) != UInt64(duration) {
                return "\(payload) bytes at \(rate) Hz do not last \(duration)/48,000 s"
            }
        }
        return nil
    }

    /// Writes the header at `offset`, with a checksum of zero.
    /// - Parameter payload: bytes of it as they will stand in the log.
    func writeHeader(payload: Int, tag: UInt64, ordinal: UInt32, in output: inout MutableRawSpan, at offset: Int) {
        output.store(AudioLogFormat.blockMagic, at: offset)
        output.store(AudioLogFormat.version, at: offset + 4)
        output.store(kind.rawValue, at: offset + 5)
        output.store(channel, at: offset + 6)
        output.store(codec, at: offset + 7)
        output.store(rate, at: offset + 8)
        output.store(flags.rawValue, at: offset + 12)
        output.store(recording, at: offset + 16)
        output.store(call, at: offset + 32)
        output.store(leg, at: offset + 48)
        output.store(position.units, at: offset + 64)
        output.store(duration, at: offset + 72)
        output.store(UInt32(payload), at: offset + 76)
        output.store(tag, at: offset + 80)
        output.store(ordinal, at: offset + 88)
        output.store(0 as UInt32, at: offset + 92)
    }

    /// Writes the checksum into the header at `offset`; the payload stands behind it.
    static func writeChecksum(payload: Int, in output: inout MutableRawSpan, at offset: Int) {
        var crc = CRC32C()
        crc.update(output.bytes.extracting(offset..<offset + AudioLogFormat.blockSize(payload: payload)))
        output.store(crc.value, at: offset + 92)
    }

    /// What stands at a place of a segment.
    enum Reading {
        case block(AudioLogBlock, payload: Int, tag: UInt64, ordinal: UInt32)
        /// It may be a block, but more bytes are needed to tell.
        case short
        case damaged
    }

    /// Reads the block at the beginning of `bytes`.
    /// - Parameter tag: the segment's; nil where the segment's header is damaged and no block was read yet.
    static func read(_ bytes: RawSpan, tag: UInt64?) -> Reading {
        guard bytes.byteCount >= AudioLogFormat.blockHeaderSize else { return .short }
        guard bytes.littleEndian(UInt32.self, at: 0) == AudioLogFormat.blockMagic,
            bytes.littleEndian(UInt8.self, at: 4) == AudioLogFormat.version,
            let kind = Kind(rawValue: bytes.littleEndian(UInt8.self, at: 5))
        else { return .damaged }
        let found = bytes.littleEndian(UInt64.self, at: 80)
        if let tag, tag != found { return .damaged }
        let length = bytes.littleEndian(UInt32.self, at: 76)
        guard length <= UInt32(AudioLogFormat.maximumPayload) else { return .damaged }
        let payload = Int(length)
        let block = AudioLogBlock(
            kind: kind, channel: bytes.littleEndian(UInt8.self, at: 6), codec: bytes.littleEndian(UInt8.self, at: 7),
            rate: bytes.littleEndian(UInt32.self, at: 8),
            flags: Flags(rawValue: bytes.littleEndian(UInt32.self, at: 12)), recording: bytes.identifier(at: 16),
            call: bytes.identifier(at: 32), leg: bytes.identifier(at: 48),
            position: AudioPosition(units: bytes.littleEndian(Int64.self, at: 64)),
            duration: bytes.littleEndian(UInt32.self, at: 72))
        guard block.fault(payload: payload) == nil else { return .damaged }
        let size = AudioLogFormat.blockSize(payload: payload)
        guard bytes.byteCount >= size else { return .short }
        var crc = CRC32C()
        crc.update(bytes.extracting(0..<92))
        crc.update(zeros: 4)
        crc.update(bytes.extracting(AudioLogFormat.blockHeaderSize..<size))
        guard crc.value == bytes.littleEndian(UInt32.self, at: 92) else { return .damaged }
        return .block(block, payload: payload, tag: found, ordinal: bytes.littleEndian(UInt32.self, at: 88))
    }
}
