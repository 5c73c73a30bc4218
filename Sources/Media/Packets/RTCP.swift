/// A report block (RFC 3550 §6.4.1): what one end received of the other's stream.
package struct RTCPReportBlock: Sendable, Hashable {
    /// The stream reported on.
    package var ssrc: UInt32
    /// Loss since the previous report, in 1/256.
    package var fractionLost: UInt8 = 0
    /// Packets lost since the beginning, 24 bits with sign; duplicates can make it negative.
    package var cumulativeLost: Int32 = 0
    /// The extended highest sequence number.
    package var highestSequence: UInt32 = 0
    /// Interarrival jitter in timestamp units.
    package var jitter: UInt32 = 0
    /// The middle 32 bits of the last sender report's NTP time; 0 where none came.
    package var lastSenderReport: UInt32 = 0
    /// 1/65,536 s since that report came.
    package var delaySinceLastSenderReport: UInt32 = 0

    package static let length = 24

    package init(ssrc: UInt32) { self.ssrc = ssrc }

    /// - Precondition: `length` bytes can be read.
    init(reading bytes: UnsafeRawPointer) {
        ssrc = bytes.bigEndian32(at: 0)
        let loss = bytes.bigEndian32(at: 4)
        fractionLost = UInt8(truncatingIfNeeded: loss >> 24)
        // Twenty-four bits, sign extended.
        cumulativeLost = Int32(bitPattern: loss << 8) >> 8
        highestSequence = bytes.bigEndian32(at: 8)
        jitter = bytes.bigEndian32(at: 12)
        lastSenderReport = bytes.bigEndian32(at: 16)
        delaySinceLastSenderReport = bytes.bigEndian32(at: 20)
    }

    /// - Precondition: `length` bytes can be written.
    func write(to bytes: UnsafeMutableRawPointer) {
        bytes.storeBigEndian32(ssrc, at: 0)
        bytes.storeBigEndian32(UInt32(fractionLost) << 24 | UInt32(bitPattern: cumulativeLost) & 0xFF_FFFF, at: 4)
        bytes.storeBigEndian32(highestSequence, at: 8)
        bytes.storeBigEndian32(jitter, at: 12)
        bytes.storeBigEndian32(lastSenderReport, at: 16)
        bytes.storeBigEndian32(delaySinceLastSenderReport, at: 20)
    }
}

/// What we sent so far, for a sender report (RFC 3550 §6.4.1).
package struct RTCPSenderInfo: Sendable, Hashable {
    /// Packets sent.
    package var packets: UInt32
    /// Payload bytes sent, without headers.
    package var octets: UInt32
    /// The RTP timestamp that belongs to the report's moment.
    package var timestamp: UInt32

    package init(packets: UInt32, octets: UInt32, timestamp: UInt32) {
        self.packets = packets
        self.octets = octets
        self.timestamp = timestamp
    }
}

/// Packet types of RFC 3550 §12.1.
package enum RTCPType {
    package static let senderReport: UInt8 = 200
    package static let receiverReport: UInt8 = 201
    package static let sourceDescription: UInt8 = 202
    package static let goodbye: UInt8 = 203
}

/// Builds compound RTCP packets (RFC 3550 §6.1): a sender or receiver report, SDES with CNAME, BYE at the end.
package enum RTCPBuilder {
    /// Enough for everything `write` makes.
    package static let capacity = 28 + RTCPReportBlock.length + 12 + 256 + 8

    /// Writes one compound packet; the media thread may call it, nothing is allocated.
    /// - Parameters:
    ///   - sender: what we sent; nil makes a receiver report (nothing sent since the last two reports).
    ///   - block: about the stream received; nil before its first packet.
    ///   - cname: the canonical end-point identifier, UTF-8, at most 255 bytes are used (RFC 7022: nothing personal).
    ///   - bye: ends with BYE.
    ///   - wall: Unix time, microseconds UTC.
    ///   - bytes: at least `capacity`.
    /// - Returns: the length written; 0 where `bytes` is too small.
    package static func write(
        ssrc: UInt32, sender: RTCPSenderInfo?, block: RTCPReportBlock?, cname: UnsafeRawBufferPointer, bye: Bool,
        wall: Int64, into bytes: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard bytes.count >= capacity, let base = bytes.baseAddress else { return 0 }
        var length = 8
        base.storeBigEndian32(ssrc, at: 4)
        if let sender {
            let ntp = ntp(wall: wall)
            base.storeBigEndian32(UInt32(truncatingIfNeeded: ntp >> 32), at: 8)
            base.storeBigEndian32(UInt32(truncatingIfNeeded: ntp), at: 12)
            base.storeBigEndian32(sender.timestamp, at: 16)
            base.storeBigEndian32(sender.packets, at: 20)
            base.storeBigEndian32(sender.octets, at: 24)
            length = 28
        }
        if let block {
            block.write(to: base + length)
            length += RTCPReportBlock.length
        }
        header(
            base, count: block == nil ? 0 : 1, type: sender == nil ? RTCPType.receiverReport : RTCPType.senderReport,
            length: length)
        length += describe(base + length, ssrc: ssrc, cname: cname)
        if bye {
            header(base + length, count: 1, type: RTCPType.goodbye, length: 8)
            base.storeBigEndian32(ssrc, at: length + 4)
            length += 8
        }
        return length
    }

    /// Unix microseconds as an NTP timestamp: seconds since 1900 and 32 bits of fraction (RFC 3550 §4).
    package static func ntp(wall: Int64) -> UInt64 {
        let wall = UInt64(max(0, wall))
        let seconds = wall / 1_000_000 + 2_208_988_800
        let fraction = (wall % 1_000_000) << 32 / 1_000_000
        return seconds << 32 | fraction
    }

    /// SDES with one chunk and one item, closed by at least one zero and filled up to 32 bits (§6.5).
    private static func describe(_ base: UnsafeMutableRawPointer, ssrc: UInt32, cname: UnsafeRawBufferPointer) -> Int {
        let used = min(255, cname.count)
        let length = (8 + 2 + used + 1 + 3) & ~3
        (base + 4).initializeMemory(as: UInt8.self, repeating: 0, count: length - 4)
        header(base, count: 1, type: RTCPType.sourceDescription, length: length)
        base.storeBigEndian32(ssrc, at: 4)
        base.storeBytes(of: 1, toByteOffset: 8, as: UInt8.self)
        base.storeBytes(of: UInt8(used), toByteOffset: 9, as: UInt8.self)
        if used > 0, let text = cname.baseAddress { (base + 10).copyMemory(from: text, byteCount: used) }
        return length
    }

    private static func header(_ base: UnsafeMutableRawPointer, count: UInt8, type: UInt8, length: Int) {
        base.storeBytes(of: 0x80 | count, as: UInt8.self)
        base.storeBytes(of: type, toByteOffset: 1, as: UInt8.self)
        base.storeBigEndian16(UInt16(length / 4 - 1), at: 2)
    }
}
