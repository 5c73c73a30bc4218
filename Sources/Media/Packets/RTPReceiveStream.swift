/// One received RTP stream: which packets belong to it, their extended sequence numbers, and what RFC 3550 counts
/// about them (appendix A.1 validity, A.3 loss, A.8 jitter).
///
/// A stream begins with the first packet. Another SSRC, or a sequence number far away, begins a new stream only when a
/// second packet continues it and none of the old stream came between: single strays and forged packets that fall
/// between the true ones change nothing. After 100 ms without a packet the first of the new stream is enough.
///
/// A value; belongs to the media thread; no allocation.
package struct RTPReceiveStream: Sendable {
    package enum Verdict: Sendable, Hashable {
        /// Of the running stream; its extended sequence number.
        case accepted(Int64)
        /// The first packet used of a new stream; what is known of the old one's clock is void.
        case restarted(Int64)
        /// Seen before.
        case duplicate
        /// Perhaps the first of a new stream: not used.
        case probation
    }

    /// A.1: so many packets forward are loss, more are another stream.
    static let maximumDropout = 3000
    /// A.1: so many packets backward are reordering, more are another stream.
    static let maximumMisorder = 100
    /// One cycle up, so that a packet from before the first still has a positive number.
    static let firstCycle: Int64 = 0x1_0000
    /// After so many nanoseconds without a packet a new stream needs no proof.
    static let quiet: Int64 = 100_000_000

    /// The stream's source; nil before the first packet.
    package private(set) var ssrc: UInt32?
    /// Packets that came a second time.
    package private(set) var duplicate: UInt64 = 0
    /// How often a new stream began after the first.
    package private(set) var restarts: UInt64 = 0

    private var highest: Int64 = 0
    private var base: Int64 = 0
    /// Bit n: packet highest-n was received.
    private var history: UInt64 = 0
    private var received: Int64 = 0
    private var lastAt: Int64 = 0
    private var closedLost: Int64 = 0
    private var candidateSSRC: UInt32 = 0
    private var candidateNext: UInt16?
    private var transit: Int64?
    /// A.8, in 1/16 timestamp units.
    private var jitter: Int64 = 0
    private var expectedPrior: Int64 = 0
    private var receivedPrior: Int64 = 0

    package init() {}

    /// Takes one packet from the source latched.
    /// - Parameters:
    ///   - carriesAudio: events' timestamps stand still, so only audio tells of jitter.
    ///   - at: its arrival, nanoseconds.
    package mutating func receive(_ packet: RTPPacket, carriesAudio: Bool, at: Int64) -> Verdict {
        guard let ssrc else { return begin(packet, carriesAudio: carriesAudio, at: at, again: false) }
        let delta = Int(Int16(bitPattern: packet.sequence &- UInt16(truncatingIfNeeded: highest)))
        guard packet.ssrc == ssrc, delta < Self.maximumDropout, delta > -Self.maximumMisorder else {
            if at &- lastAt >= Self.quiet || (candidateSSRC == packet.ssrc && candidateNext == packet.sequence) {
                return begin(packet, carriesAudio: carriesAudio, at: at, again: true)
            }
            candidateSSRC = packet.ssrc
            candidateNext = packet.sequence &+ 1
            return .probation
        }
        candidateNext = nil
        lastAt = at
        let extended = highest + Int64(delta)
        if delta > 0 {
            history = delta < 64 ? history << UInt64(delta) | 1 : 1
            highest = extended
        } else {
            // What lies before the stream's first packet moves its beginning.
            base = min(base, extended)
            if delta > -64 {
                let bit: UInt64 = 1 << UInt64(-delta)
                guard history & bit == 0 else {
                    duplicate &+= 1
                    return .duplicate
                }
                history |= bit
            }
        }
        received += 1
        if carriesAudio { measure(packet.timestamp, at: at) }
        return .accepted(extended)
    }

    /// Packets that never came, over all streams of the leg; those still on their way count until they come.
    package var lost: UInt64 { UInt64(max(0, closedLost + currentLost)) }

    /// Interarrival jitter (RFC 3550 §6.4.1), milliseconds of an 8 kHz clock.
    package var jitterMilliseconds: Double { Double(jitter) / 16 / 8 }

    /// The report block about this stream (RFC 3550 §6.4.1, A.3) and the end of the interval its fraction speaks of.
    /// - Parameters:
    ///   - lastSenderReport: the far end's last sender report, for LSR and DLSR.
    ///   - at: now, nanoseconds.
    package mutating func report(lastSenderReport: RTCPReceiver.SenderReportMark?, at: Int64) -> RTCPReportBlock? {
        guard let ssrc else { return nil }
        let expected = highest - base + 1
        let expectedInterval = expected - expectedPrior
        let lostInterval = expectedInterval - (received - receivedPrior)
        expectedPrior = expected
        receivedPrior = received
        var block = RTCPReportBlock(ssrc: ssrc)
        if expectedInterval > 0, lostInterval > 0 {
            block.fractionLost = UInt8(truncatingIfNeeded: min(255, lostInterval * 256 / expectedInterval))
        }
        block.cumulativeLost = Int32(clamping: max(-0x80_0000, min(0x7F_FFFF, expected - received)))
        block.highestSequence = UInt32(truncatingIfNeeded: highest - Self.firstCycle)
        block.jitter = UInt32(clamping: jitter >> 4)
        if let mark = lastSenderReport, mark.ssrc == ssrc {
            block.lastSenderReport = mark.middle
            // 1/65,536 s.
            block.delaySinceLastSenderReport = UInt32(clamping: max(0, at &- mark.at) / 1000 * 65_536 / 1_000_000)
        }
        return block
    }

    private var currentLost: Int64 { ssrc == nil ? 0 : max(0, highest - base + 1 - received) }

    private mutating func begin(_ packet: RTPPacket, carriesAudio: Bool, at: Int64, again: Bool) -> Verdict {
        if again {
            closedLost += currentLost
            restarts &+= 1
        }
        ssrc = packet.ssrc
        candidateNext = nil
        highest = Self.firstCycle + Int64(packet.sequence)
        base = highest
        history = 1
        received = 1
        lastAt = at
        transit = nil
        jitter = 0
        expectedPrior = 0
        receivedPrior = 0
        if carriesAudio { measure(packet.timestamp, at: at) }
        return again ? .restarted(highest) : .accepted(highest)
    }

    /// A.8, with its rounding; the far clock's wrap-around falls out of the 32-bit difference.
    private mutating func measure(_ timestamp: UInt32, at: Int64) {
        // Units of 125 µs.
        let arrival = at / 125_000
        let now = Int64(UInt32(truncatingIfNeeded: arrival) &- timestamp)
        defer { transit = now }
        guard let transit else { return }
        let difference = Int64(Int32(truncatingIfNeeded: now &- transit)).magnitude
        // A jump of the clock is not jitter.
        guard difference < 8000 * 10 else { return }
        jitter += Int64(difference) - ((jitter + 8) >> 4)
    }
}
