/// The fixed header of an RTP packet (RFC 3550 §5.1), and where its payload stands.
package struct RTPPacket: Sendable, Hashable {
    package var payloadType: UInt8
    package var marker: Bool
    package var sequence: UInt16
    package var timestamp: UInt32
    package var ssrc: UInt32
    /// In the datagram.
    package var payload: Range<Int>

    /// Bytes of a header without sources and extension.
    package static let headerLength = 12

    /// Nil for what is no RTP: too short, another version, lengths beyond the end, or RTCP (types 200 to 204).
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headerLength, bytes[0] >> 6 == 2 else { return nil }
        let type = bytes[1] & 0x7F
        guard !(72...76).contains(type) else { return nil }
        var from = Self.headerLength + 4 * Int(bytes[0] & 0x0F)
        if bytes[0] & 0x10 != 0 {
            guard bytes.count >= from + 4 else { return nil }
            from += 4 + 4 * (Int(bytes[from + 2]) << 8 | Int(bytes[from + 3]))
        }
        var end = bytes.count
        if bytes[0] & 0x20 != 0, end > from { end -= Int(bytes[end - 1]) }
        guard from <= end else { return nil }
        payloadType = type
        marker = bytes[1] & 0x80 != 0
        sequence = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        timestamp = Self.word(bytes, 4)
        ssrc = Self.word(bytes, 8)
        payload = from..<end
    }

    /// Whether a datagram is RTCP.
    package static func isControl(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 4 && bytes[0] >> 6 == 2 && (200...204).contains(bytes[1])
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt32 {
        UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8 | UInt32(bytes[at + 3])
    }

    /// Writes a header of twelve bytes.
    package static func write(
        payloadType: UInt8, marker: Bool, sequence: UInt16, timestamp: UInt32, ssrc: UInt32,
        to out: UnsafeMutablePointer<UInt8>
    ) {
        out[0] = 0x80
        out[1] = payloadType | (marker ? 0x80 : 0)
        out[2] = UInt8(truncatingIfNeeded: sequence >> 8)
        out[3] = UInt8(truncatingIfNeeded: sequence)
        for index in 0..<4 {
            let shift = UInt32(24 - 8 * index)
            out[4 + index] = UInt8(truncatingIfNeeded: timestamp >> shift)
            out[8 + index] = UInt8(truncatingIfNeeded: ssrc >> shift)
        }
    }
}
