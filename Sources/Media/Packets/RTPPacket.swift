/// The header of an RTP packet (RFC 3550 §5.1), read from a datagram that may hold anything.
///
/// A value of 40 bytes without references; parsing allocates nothing and may run on the media thread.
package struct RTPPacket: Sendable, Hashable {
    /// Set on the first packet of a talk spurt, or of an event (RFC 3551 §4.1, RFC 4733 §2.1.1).
    package var marker: Bool
    /// 0…127.
    package var payloadType: UInt8
    package var sequence: UInt16
    /// Counts samples of the payload's clock (8,000 a second for G.711 and telephone-event here).
    package var timestamp: UInt32
    package var ssrc: UInt32
    /// Where the payload begins in the datagram, bytes.
    package var payloadOffset: Int
    /// The payload's length in bytes, without padding; may be 0.
    package var payloadLength: Int

    /// The length of a header without CSRCs and extension, which is what we send.
    package static let headerLength = 12

    /// A header to be written: no padding, no extension, no CSRC.
    package init(payloadType: UInt8, marker: Bool = false, sequence: UInt16, timestamp: UInt32, ssrc: UInt32) {
        self.marker = marker
        self.payloadType = payloadType & 0x7F
        self.sequence = sequence
        self.timestamp = timestamp
        self.ssrc = ssrc
        payloadOffset = Self.headerLength
        payloadLength = 0
    }

    /// Reads a datagram's header; nil where it is no RTP of version 2, or a length in it points beyond its end.
    package init?(_ datagram: UnsafeRawBufferPointer) {
        let count = datagram.count
        guard count >= Self.headerLength, let base = datagram.baseAddress else { return nil }
        let first = base.load(as: UInt8.self)
        guard first >> 6 == 2 else { return nil }
        let second = base.load(fromByteOffset: 1, as: UInt8.self)
        var offset = Self.headerLength + Int(first & 0x0F) * 4
        guard offset <= count else { return nil }
        if first & 0x10 != 0 {
            // Extension: 16 bits of profile, 16 bits of length in 32-bit words (§5.3.1).
            guard offset + 4 <= count else { return nil }
            offset += 4 + Int(base.bigEndian16(at: offset + 2)) * 4
            guard offset <= count else { return nil }
        }
        var length = count - offset
        if first & 0x20 != 0 {
            // The last byte counts the padding, itself included.
            let padding = Int(base.load(fromByteOffset: count - 1, as: UInt8.self))
            guard padding > 0, padding <= length else { return nil }
            length -= padding
        }
        marker = second & 0x80 != 0
        payloadType = second & 0x7F
        sequence = base.bigEndian16(at: 2)
        timestamp = base.bigEndian32(at: 4)
        ssrc = base.bigEndian32(at: 8)
        payloadOffset = offset
        payloadLength = length
    }

    /// Writes the 12 bytes of the header; the payload stands behind them.
    /// - Precondition: `bytes` has room for `headerLength`.
    package func write(to bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: 0x80, as: UInt8.self)
        bytes.storeBytes(of: payloadType & 0x7F | (marker ? 0x80 : 0), toByteOffset: 1, as: UInt8.self)
        bytes.storeBigEndian16(sequence, at: 2)
        bytes.storeBigEndian32(timestamp, at: 4)
        bytes.storeBigEndian32(ssrc, at: 8)
    }
}

extension UnsafeRawPointer {
    /// Sixteen bits in network order, aligned or not.
    func bigEndian16(at offset: Int) -> UInt16 {
        UInt16(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// Thirty-two bits in network order, aligned or not.
    func bigEndian32(at offset: Int) -> UInt32 {
        UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

extension UnsafeMutableRawPointer {
    func storeBigEndian16(_ value: UInt16, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
    }

    func storeBigEndian32(_ value: UInt32, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }
}
