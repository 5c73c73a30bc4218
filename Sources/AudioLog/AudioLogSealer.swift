/// What a sealed payload is bound to. An audio block's payload may be sealed on its way into the log; headers stay in the
/// clear, so that scanning, recovery and diagnostics need no key. How it is sealed is another room's: this one knows no
/// ciphers.
public struct AudioLogSeal: Sendable, Hashable {
    /// Bytes by which a sealed payload is longer: its authentication tag, at its end.
    public static let overhead = 16
    /// Bytes of the nonce.
    public static let nonceSize = 12

    /// The segment's.
    public var tag: UInt64
    /// Never twice in a segment: the block's number and its position, as they stand in its header.
    public var nonce: [UInt8]
    /// The block's header but for its checksum: 92 bytes, authenticated beside the payload.
    public var header: [UInt8]

    /// - Parameter header: at least a block's 96 bytes; nil where it is shorter.
    public init?(reading header: RawSpan) {
        guard header.byteCount >= AudioLogFormat.blockHeaderSize else { return nil }
        tag = header.littleEndian(UInt64.self, at: 80)
        func bytes(_ range: Range<Int>) -> [UInt8] { range.map { header.littleEndian(UInt8.self, at: $0) } }
        nonce = bytes(88..<92) + bytes(64..<72)
        self.header = bytes(0..<92)
    }
}

/// Seals the payloads of one segment.
public struct AudioLogSealer: Sendable {
    /// Names the key in the segment's header; never 0, which is nobody's.
    public var key: UInt32
    /// Gives `AudioLogSeal.overhead` bytes more than it takes.
    public var seal: @Sendable (_ payload: [UInt8], _ seal: AudioLogSeal) throws(AudioLogError) -> [UInt8]

    public init(
        key: UInt32,
        seal: @escaping @Sendable (_ payload: [UInt8], _ seal: AudioLogSeal) throws(AudioLogError) -> [UInt8]
    ) {
        self.key = key
        self.seal = seal
    }
}
