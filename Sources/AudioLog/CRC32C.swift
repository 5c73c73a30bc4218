/// CRC-32C (Castagnoli; RFC 3720 appendix B.4), eight bytes at a step.
public struct CRC32C: Sendable {
    private var state: UInt32 = 0xFFFF_FFFF

    public init() {}

    /// The checksum of everything given so far.
    public var value: UInt32 { ~state }

    /// Takes in more bytes.
    public mutating func update(_ bytes: RawSpan) {
        let tables = Self.tables.span
        let count = bytes.byteCount
        var crc = state
        var index = 0
        while count - index >= 8 {
            let word = bytes.littleEndian(UInt64.self, at: index)
            let low = UInt32(truncatingIfNeeded: word) ^ crc
            let high = UInt32(truncatingIfNeeded: word >> 32)
            let a = tables[1792 + Int(low & 0xFF)] ^ tables[1536 + Int(low >> 8 & 0xFF)]
            let b = tables[1280 + Int(low >> 16 & 0xFF)] ^ tables[1024 + Int(low >> 24)]
            let c = tables[768 + Int(high & 0xFF)] ^ tables[512 + Int(high >> 8 & 0xFF)]
            let d = tables[256 + Int(high >> 16 & 0xFF)] ^ tables[Int(high >> 24)]
            crc = a ^ b ^ c ^ d
            index += 8
        }
        while index < count {
            let byte = bytes.littleEndian(UInt8.self, at: index)
            crc = crc >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: crc) ^ byte)]
            index += 1
        }
        state = crc
    }

    /// Takes in so many zero bytes, for a checksum field that counts as zero.
    mutating func update(zeros count: Int) {
        let tables = Self.tables.span
        for _ in 0..<count { state = state >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: state))] }
    }

    /// Eight tables of 256: table k is the effect of a byte followed by k zero bytes.
    private static let tables: [UInt32] = {
        let polynomial: UInt32 = 0x82F6_3B78
        var tables = (0..<256).map { byte in
            (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ polynomial : crc >> 1 }
        }
        for index in 256..<2048 {
            let shorter = tables[index - 256]
            tables.append(shorter >> 8 ^ tables[Int(shorter & 0xFF)])
        }
        return tables
    }()
}
