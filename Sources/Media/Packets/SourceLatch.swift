/// Decides whose packets a leg listens to, so that a third party cannot speak into a call.
///
/// Only the SDP's address is listened to, with these ways round it:
/// - its new port, after two seconds without a packet from the source latched (a peer that restarted);
/// - with `nat`, another source that sends three consecutive packets of the negotiated type with one SSRC, as long as
///   nothing was latched before (the peer's SDP names an address behind its NAT).
///
/// A source that is nearer to the SDP takes over from one that is farther away, after three consecutive packets; never
/// the other way round, and never by an equal. What sends while another is latched is counted as foreign. With `nat`
/// whoever is first to send wins, since nothing in the call tells two unknown sources apart: that is why it is off
/// unless a trunk asks for it.
///
/// A value; belongs to the media thread; no allocation.
package struct SourceLatch: Sendable {
    package enum Verdict: Sendable, Hashable {
        /// From the source latched.
        case accepted
        /// The first packet from a source that is latched from now on.
        case latched
        /// Not ours to listen to; counted.
        case foreign
    }

    /// The SDP's port may move after so long without a packet, nanoseconds.
    package static let silence: Int64 = 2_000_000_000
    /// Consecutive packets that a source other than the SDP's must show.
    package static let proof = 3

    /// The source listened to; nil before the first packet and after a new address was configured.
    package private(set) var source: Endpoint?
    /// Packets from sources that are not ours to listen to.
    package private(set) var foreign: UInt64 = 0

    private var expected: Endpoint?
    private var nat = false
    private var lastAccepted: Int64 = 0
    private var candidate: Candidate?

    private struct Candidate {
        var source: Endpoint
        var ssrc: UInt32
        var next: UInt16
        var count: Int
    }

    package init() {}

    /// Sets what the SDP says. A new address drops the latch; the same address keeps it.
    /// - Parameter at: CLOCK_MONOTONIC, nanoseconds; the two seconds begin here.
    package mutating func configure(remote: Endpoint, nat: Bool, at: Int64) {
        guard expected != remote || self.nat != nat else { return }
        expected = remote
        self.nat = nat
        source = nil
        candidate = nil
        lastAccepted = at
    }

    /// Judges one packet.
    /// - Parameters:
    ///   - negotiated: whether its payload type is one that was agreed on; other packets prove nothing.
    ///   - at: CLOCK_MONOTONIC, nanoseconds.
    package mutating func judge(
        _ from: Endpoint, ssrc: UInt32, sequence: UInt16, negotiated: Bool, at: Int64
    ) -> Verdict {
        guard let expected else { return refuse() }
        if let source, source == from {
            // The latched source speaks, so nobody else's claim stands.
            candidate = nil
            lastAccepted = at
            return .accepted
        }
        let rank = rank(of: from, expected)
        if rank == 3, source == nil {
            return latch(from, at: at)
        }
        guard mayClaim(from, rank: rank, at: at), negotiated else { return refuse() }
        if var claim = candidate, claim.source == from, claim.ssrc == ssrc, claim.next == sequence {
            claim.count += 1
            claim.next = sequence &+ 1
            candidate = claim
            if claim.count >= Self.proof { return latch(from, at: at) }
        } else if candidate == nil || candidate?.source == from || rank > self.rank(of: candidate?.source, expected) {
            candidate = Candidate(source: from, ssrc: ssrc, next: sequence &+ 1, count: 1)
        } else {
            // Another claims at the same time: neither is believed before one is consecutive for itself.
            candidate = Candidate(source: from, ssrc: ssrc, next: sequence &+ 1, count: 1)
        }
        return refuse()
    }

    /// Counts a datagram that was turned away before it came here (RTCP from elsewhere).
    package mutating func countForeign() { foreign &+= 1 }

    private func mayClaim(_ from: Endpoint, rank: Int, at: Int64) -> Bool {
        guard let expected else { return false }
        let silent = at &- lastAccepted >= Self.silence
        guard let source else {
            // Nothing latched yet: the SDP's address on another port after the silence, anybody only behind NAT.
            return nat || (rank == 2 && silent)
        }
        let held = self.rank(of: source, expected)
        if rank > held && (rank == 3 || nat) { return true }
        return from.address == source.address && silent
    }

    /// How near a source is to the SDP: 3 the very address and port, 2 the address, 1 anything else.
    private func rank(of source: Endpoint?, _ expected: Endpoint) -> Int {
        guard let source else { return 0 }
        if source == expected { return 3 }
        return source.address == expected.address ? 2 : 1
    }

    private mutating func latch(_ from: Endpoint, at: Int64) -> Verdict {
        source = from
        candidate = nil
        lastAccepted = at
        return .latched
    }

    private mutating func refuse() -> Verdict {
        foreign &+= 1
        return .foreign
    }
}
