/// Offer and answer of one dialog over time (RFC 3264 §8): what was said last, the version of our description, and
/// what stands agreed. A value: its owner performs what it returns.
///
/// An offer of ours is out from `offer` until `accept` or `withdraw`; an offer of the peer's is answered at once.
public struct SDPDialog: Sendable {
    public let negotiator: SDPNegotiator
    /// The RTP address announced; a change shows in the next description.
    public var local: Endpoint
    /// Handed on to `MediaSession.nat`.
    public let nat: Bool
    /// What stands agreed; nil before the first answer.
    public private(set) var session: MediaSession?
    /// Our description of last, offer or answer, as sent.
    public private(set) var description: String?
    /// Our offer that was not yet answered.
    public private(set) var pendingOffer: String?
    private var id: SDPSessionID

    /// - Parameter id: the session id of `o=`; unique for the dialog, from the owner's randomness or clock.
    public init(negotiator: SDPNegotiator, id: UInt64, local: Endpoint, nat: Bool) {
        self.negotiator = negotiator
        self.local = local
        self.nat = nat
        self.id = SDPSessionID(id: id)
    }

    /// Answers the peer's offer, the first one or a later one. What stood before is left standing if it throws.
    /// - Throws: see `SDPNegotiator.answer`.
    public mutating func answer(
        to offer: String, willing: MediaDirection = .sendReceive
    ) throws(MediaError) -> (sdp: String, session: MediaSession) {
        let unchanged = try negotiator.answer(to: offer, local: local, session: id, nat: nat, willing: willing)
        let next = version(for: unchanged.sdp)
        let answer =
            next == id
            ? unchanged
            : try negotiator.answer(to: offer, local: local, session: next, nat: nat, willing: willing)
        id = next
        description = answer.sdp
        session = answer.session
        return answer
    }

    /// Makes an offer: the first one of the dialog (dialling, late offer), or a later one (hold, resume, new address).
    public mutating func offer(direction: MediaDirection = .sendReceive) throws(MediaError) -> String {
        let unchanged = try negotiator.offer(
            local: local, session: id, direction: direction, previous: description)
        let next = version(for: unchanged)
        let sdp =
            next == id
            ? unchanged
            : try negotiator.offer(local: local, session: next, direction: direction, previous: description)
        id = next
        description = sdp
        pendingOffer = sdp
        return sdp
    }

    /// Takes the peer's answer to the offer that is out.
    /// - Throws: `.sdp` also where no offer is out; see `SDPNegotiator.accept`.
    public mutating func accept(answer: String) throws(MediaError) -> MediaSession {
        guard let offer = pendingOffer else { throw MediaError(.sdp, "SDP answer: no offer is waiting for one") }
        let agreed = try negotiator.accept(answer: answer, toOffer: offer, nat: nat)
        pendingOffer = nil
        session = agreed
        return agreed
    }

    /// The offer that was out was refused, or the answer to it was no use: what stood before stands (RFC 3264 §8).
    public mutating func withdraw() {
        pendingOffer = nil
    }

    /// The version stays where the description, made with the version of last, is the same; else it rises by one.
    private func version(for description: String) -> SDPSessionID {
        guard let last = self.description, last != description else { return id }
        var next = id
        next.version &+= 1
        return next
    }
}
