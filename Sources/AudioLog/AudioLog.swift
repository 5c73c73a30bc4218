/// The audio log: a write-ahead log of encoded audio, many recordings in one sequential file, so that a killed process
/// loses at most what it had not yet handed to the kernel.
///
/// A segment is a 64-byte header followed by blocks without padding; a block is a 96-byte header and its payload.
/// Everything is little-endian except the 16-byte identifiers, which stand in network order. docs/audio-log.md draws
/// the fields.
public enum AudioLogFormat {
    /// The version of both headers that this code writes and reads.
    public static let version: UInt8 = 1
    /// Bytes of a segment's header.
    public static let segmentHeaderSize = 64
    /// Bytes of a block's header.
    public static let blockHeaderSize = 96
    /// The longest payload of a block in bytes: more than a second of 48 kHz linear audio.
    public static let maximumPayload = 131_072
    /// Channels are numbered from 0 to below this; FLAC knows no more either.
    public static let maximumChannels = 8
    /// No recording reaches further than two days, in 1/48,000 s: a damaged or hostile position cannot make a file of
    /// astronomic size.
    public static let maximumPosition: Int64 = 48 * 3_600 * 48_000
    /// The size, in bytes, at which a writer should begin the next segment.
    public static let segmentSize = 64 * 1_048_576

    /// Audio is handed to the kernel so often, in milliseconds: what a process that is killed loses of a running
    /// recording, at most.
    public static let flushMilliseconds = 200
    /// No audio waits longer than this to be durable, in milliseconds: what a power failure loses, at most.
    public static let syncMilliseconds = 500

    /// Bytes that a block with such a payload takes.
    public static func blockSize(payload: Int) -> Int { blockHeaderSize + payload }

    static let segmentMagic: UInt32 = 0x5341_4C48  // "HLAS" as little-endian bytes
    static let blockMagic: UInt32 = 0x4241_4C48  // "HLAB"
}

/// How far the audio log's writer has come with one segment. The writer publishes it after each flush; what lies
/// beyond `flushedBytes` must not be read yet.
public struct AudioLogProgress: Sendable, Hashable {
    /// The segment's sequence number.
    public var sequence: UInt64
    /// The segment file's path.
    public var path: String
    /// So many bytes from the file's beginning are complete blocks handed to the kernel. Never goes back.
    public var flushedBytes: UInt64
    /// Nothing will be added to the segment any more.
    public var isSealed: Bool

    public init(sequence: UInt64, path: String, flushedBytes: UInt64, isSealed: Bool) {
        self.sequence = sequence
        self.path = path
        self.flushedBytes = flushedBytes
        self.isSealed = isSealed
    }
}

/// What went wrong in writing or reading the audio log's format.
public struct AudioLogError: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        public init(_ name: String) { self.name = name }
        /// The output buffer has no room for the block; write it out and try again at its beginning.
        public static let room = Code("room")
        /// A field is outside the format's limits.
        public static let field = Code("field")
    }
    public var code: Code
    /// For people: which field, and its limit.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [audio_log.\(code.name)]" }
}
