import Calls

/// The first 64 bytes of a segment.
public struct AudioLogSegmentHeader: Sendable, Hashable {
    /// The node that wrote it.
    public var node: UInt16
    /// Rises by one with each segment of a node.
    public var sequence: UInt64
    public var created: Instant
    /// Random bits that every block of the segment repeats. A caller, who chooses the payload's bytes, does not know
    /// them, so that no block hidden in his audio is ever believed, also where the block around it is damaged.
    public var tag: UInt64
    /// Names the key with which the payloads of its audio blocks are sealed; 0: they are not.
    public var key: UInt32

    public init(node: UInt16, sequence: UInt64, created: Instant, tag: UInt64, key: UInt32 = 0) {
        self.node = node
        self.sequence = sequence
        self.created = created
        self.tag = tag
        self.key = key
    }

    /// The header at the beginning of a segment; nil where it is too short, damaged or of another version.
    public init?(reading bytes: RawSpan) {
        guard bytes.byteCount >= AudioLogFormat.segmentHeaderSize,
            bytes.littleEndian(UInt32.self, at: 0) == AudioLogFormat.segmentMagic,
            bytes.littleEndian(UInt8.self, at: 4) == AudioLogFormat.version
        else { return nil }
        var crc = CRC32C()
        crc.update(bytes.extracting(0..<60))
        crc.update(zeros: 4)
        guard crc.value == bytes.littleEndian(UInt32.self, at: 60) else { return nil }
        node = bytes.littleEndian(UInt16.self, at: 8)
        sequence = bytes.littleEndian(UInt64.self, at: 16)
        created = Instant(
            wall: bytes.littleEndian(Int64.self, at: 24), mono: bytes.littleEndian(Int64.self, at: 32))
        tag = bytes.littleEndian(UInt64.self, at: 40)
        key = bytes.littleEndian(UInt32.self, at: 48)
    }

    /// Writes the 64 bytes to a byte offset of `output`.
    func write(into output: inout MutableRawSpan, at offset: Int) {
        output.store(AudioLogFormat.segmentMagic, at: offset)
        output.store(UInt32(AudioLogFormat.version), at: offset + 4)
        output.store(UInt64(node), at: offset + 8)
        output.store(sequence, at: offset + 16)
        output.store(created.wall, at: offset + 24)
        output.store(created.mono, at: offset + 32)
        output.store(tag, at: offset + 40)
        output.store(UInt64(key), at: offset + 48)
        output.store(0 as UInt64, at: offset + 56)
        var crc = CRC32C()
        crc.update(output.bytes.extracting(offset..<offset + AudioLogFormat.segmentHeaderSize))
        output.store(crc.value, at: offset + 60)
    }

    /// The name of a segment's file: twenty digits and `.hlas`, so that names sort as the segments do.
    public static func fileName(sequence: UInt64) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: 20 - digits.count) + digits + ".hlas"
    }

    /// The sequence number in a segment's file name; nil where it is no such name.
    public static func sequence(fileName: String) -> UInt64? {
        guard fileName.utf8.count == 25, fileName.hasSuffix(".hlas") else { return nil }
        let digits = fileName.utf8.prefix(20)
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt64(fileName.prefix(20))
    }
}
