/// Who stands at the other end of a leg. A call's legs have roles; nothing is named "ours" or "theirs".
public enum LegRole: String, Sendable, Codable, CaseIterable {
    case caller, agent, supervisor, department, customer
}

/// Seen from the hotline.
public enum Direction: String, Sendable, Codable, CaseIterable {
    case inbound, outbound
    /// From an agent's phone to a feature code.
    case `internal`
}

/// What the count of rings rests on (design: a nominal 5 s cycle from the first alerting at our edge).
public enum RingsBasis: String, Sendable, Codable, CaseIterable {
    /// Counted from our 180; the far switch makes the tone.
    case nominal180 = "nominal_180"
    /// Counted from our 183 with the ring-back tone that we sent ourselves.
    case emitted183 = "emitted_183"
    /// Counted from the modem's first RING.
    case modem
}

/// Who ended a call. What cannot be known is `unknown`, which no norm is judged on.
public enum ReleasedBy: String, Sendable, Codable, CaseIterable {
    case caller, agent, flow, supervisor, network, unknown
}

/// What a statement about the end of a call rests on.
public struct ReleaseEvidence: Sendable, Codable, Hashable {
    /// The first leg to end, where one ended by itself.
    public var firstLeg: LegID?
    /// What was received or sent: `BYE received`, `CANCEL received`, `BYE sent`, `session timer expired`, `NO CARRIER`, …
    public var message: String
    /// The Reason header (RFC 3326) as received, cut at 200 characters.
    public var reason: String?
    /// Q.850 cause, 1…127.
    public var q850: Int?
    /// The final SIP status, where one ended the leg.
    public var sipStatus: Int?
    /// When the last RTP packet of the leg arrived, or the last audio of a sound card.
    public var lastRTP: Instant?

    public init(
        firstLeg: LegID? = nil, message: String, reason: String? = nil, q850: Int? = nil, sipStatus: Int? = nil,
        lastRTP: Instant? = nil
    ) {
        self.firstLeg = firstLeg
        self.message = message
        self.reason = reason
        self.q850 = q850
        self.sipStatus = sipStatus
        self.lastRTP = lastRTP
    }
}

/// How a call ended: every call has exactly one.
public enum Outcome: String, Sendable, Codable, CaseIterable {
    /// Answered, and ended by a party or by the flow at its end.
    case completed
    /// The caller gave up before the answer (CANCEL, or the modem's rings ceased).
    case abandoned
    /// The flow ended it after asking the caller to hang up, warning and waiting.
    case releasedAfterWait = "released_after_wait"
    /// No sound and no keys from the caller for the configured time.
    case inactive
    /// Refused for want of capacity.
    case overCapacity = "over_capacity"
    /// Refused because the server is draining.
    case draining
    /// Refused because a recording could not be made (disk full) and unrecorded calls are not taken.
    case unrecordable
    /// Refused because the caller's number is on the blocklist.
    case blocked
    /// Answered, but no ACK came.
    case notEstablished = "not_established"
    /// The network lost it: the session timer ran out, or the carrier was lost with a cause that says so.
    case networkLost = "network_lost"
    /// The program ended in mid-call.
    case interrupted
    /// Ended by an operator's stop after the drain limit.
    case stopped
    /// Outbound: busy, not answered, refused or unreachable.
    case busy, noAnswer = "no_answer", rejected, unreachable
    /// Something of ours failed; the event that says what stands in the timeline.
    case failed
}
