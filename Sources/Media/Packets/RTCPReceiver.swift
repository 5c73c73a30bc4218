import Calls

/// What the far end tells us by RTCP: its reports about our stream, its sender reports, its BYE.
///
/// A value; belongs to the media thread; no allocation. Datagrams may hold anything.
package struct RTCPReceiver: Sendable {
    /// The far end's last sender report, for our LSR and DLSR.
    package struct SenderReportMark: Sendable, Hashable {
        package var ssrc: UInt32
        /// The middle 32 bits of its NTP time.
        package var middle: UInt32
        /// Its arrival, CLOCK_MONOTONIC, nanoseconds.
        package var at: Int64
    }

    package private(set) var lastSenderReport: SenderReportMark?
    /// The last report block about our stream.
    package private(set) var lastBlock: RTCPReportBlock?
    /// The round trip by the last block that allowed it, milliseconds.
    package private(set) var roundTripMilliseconds: Double?
    /// The far end said BYE.
    package private(set) var saidBye = false
    /// Compound packets believed, and turned away as malformed.
    package private(set) var received: UInt64 = 0
    package private(set) var malformed: UInt64 = 0

    package init() {}

    /// The far end's last report about what we sent: fraction lost, 0…1.
    package var remoteFractionLost: Double? { lastBlock.map { Double($0.fractionLost) / 256 } }

    /// Reads one compound packet. It is checked whole (RFC 3550 A.2) before any of it is believed.
    /// - Parameters:
    ///   - ourSSRC: blocks about other streams are passed over.
    ///   - at: its arrival.
    /// - Returns: whether it was believed.
    package mutating func receive(_ datagram: UnsafeRawBufferPointer, ourSSRC: UInt32, at: Instant) -> Bool {
        guard Self.isValid(datagram), let base = datagram.baseAddress else {
            malformed &+= 1
            return false
        }
        received &+= 1
        var offset = 0
        while offset < datagram.count {
            let length = (Int(base.bigEndian16(at: offset + 2)) + 1) * 4
            let count = Int(base.load(fromByteOffset: offset, as: UInt8.self) & 0x1F)
            take(
                type: base.load(fromByteOffset: offset + 1, as: UInt8.self), count: count,
                UnsafeRawBufferPointer(rebasing: datagram[offset..<offset + length]), ourSSRC: ourSSRC, at: at)
            offset += length
        }
        return true
    }

    /// A.2: version 2 throughout, begins with a report without padding, the lengths add up to the datagram's.
    private static func isValid(_ datagram: UnsafeRawBufferPointer) -> Bool {
        guard datagram.count >= 8, let base = datagram.baseAddress else { return false }
        let first = base.load(as: UInt8.self)
        let type = base.load(fromByteOffset: 1, as: UInt8.self)
        guard first & 0x20 == 0, type == RTCPType.senderReport || type == RTCPType.receiverReport else { return false }
        var offset = 0
        while offset < datagram.count {
            guard offset + 4 <= datagram.count, base.load(fromByteOffset: offset, as: UInt8.self) >> 6 == 2 else {
                return false
            }
            offset += (Int(base.bigEndian16(at: offset + 2)) + 1) * 4
        }
        return offset == datagram.count
    }

    private mutating func take(type: UInt8, count: Int, _ packet: UnsafeRawBufferPointer, ourSSRC: UInt32, at: Instant)
    {
        guard let base = packet.baseAddress else { return }
        switch type {
        case RTCPType.senderReport:
            guard packet.count >= 28 else { return }
            lastSenderReport = SenderReportMark(
                ssrc: base.bigEndian32(at: 4), middle: base.bigEndian32(at: 10), at: at.mono)
            blocks(packet, from: 28, count: count, ourSSRC: ourSSRC, at: at)
        case RTCPType.receiverReport:
            blocks(packet, from: 8, count: count, ourSSRC: ourSSRC, at: at)
        case RTCPType.goodbye:
            if count > 0, packet.count >= 8 { saidBye = true }
        default: break
        }
    }

    private mutating func blocks(
        _ packet: UnsafeRawBufferPointer, from start: Int, count: Int, ourSSRC: UInt32, at: Instant
    ) {
        guard let base = packet.baseAddress else { return }
        for index in 0..<count {
            let offset = start + index * RTCPReportBlock.length
            guard offset + RTCPReportBlock.length <= packet.count else { return }
            let block = RTCPReportBlock(reading: base + offset)
            guard block.ssrc == ourSSRC else { continue }
            lastBlock = block
            guard block.lastSenderReport != 0 else { continue }
            let now = UInt32(truncatingIfNeeded: RTCPBuilder.ntp(wall: at.wall) >> 16)
            let trip = Int32(bitPattern: now &- block.lastSenderReport &- block.delaySinceLastSenderReport)
            // Below zero, or above a minute: the far end's figures cannot be true.
            if trip >= 0, trip < 60 << 16 { roundTripMilliseconds = Double(trip) * 1000 / 65_536 }
        }
    }
}
