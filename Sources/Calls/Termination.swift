/// How a leg ended, as its line told it, in words that no line owns.
public struct LegEnd: Sendable, Hashable {
    public enum Cause: String, Sendable, Codable {
        /// Given up before the answer.
        case cancelled
        /// The far end said BYE.
        case remoteBye = "remote_bye"
        /// We released or refused it.
        case local
        /// No ACK came to our 200.
        case noAck = "no_ack"
        /// The session timer ran out.
        case sessionTimer = "session_timer"
        /// A message that names nobody (a modem's NO CARRIER), or its rings ceased.
        case carrierLost = "carrier_lost"
        /// Outbound: a final answer of 300 or more.
        case rejected
        /// A transport or protocol error.
        case failed
    }
    public var leg: LegID
    public var cause: Cause
    public var status: Int?
    public var reason: String?
    public var q850: Int?
    public var message: String

    public init(
        leg: LegID, cause: Cause, status: Int? = nil, reason: String? = nil, q850: Int? = nil, message: String
    ) {
        self.leg = leg
        self.cause = cause
        self.status = status
        self.reason = reason
        self.q850 = q850
        self.message = message
    }
}

/// The one classified end of a call: what became of it, who ended it, and on what that rests.
public struct Termination: Sendable, Hashable {
    public var outcome: Outcome
    public var releasedBy: ReleasedBy
    public var evidence: ReleaseEvidence

    public init(outcome: Outcome, releasedBy: ReleasedBy, evidence: ReleaseEvidence) {
        self.outcome = outcome
        self.releasedBy = releasedBy
        self.evidence = evidence
    }

    /// A caller's BYE is the caller's only while their voice was still arriving: a gateway that loses the radio says
    /// BYE too. Packets come every 20 ms; two seconds without any is the line that is drawn.
    public static let voiceBeforeByeMilliseconds: Int64 = 2000

    /// Q.850 causes with which a person hangs up: normal clearing, and normal unspecified.
    private static let personal: Set<Int> = [16, 31]

    /// Judges an end (docs/decisions/0005-who-ended-it.md).
    public static func classify(
        end: LegEnd, endedAt: Instant, answered: Bool, established: Bool, intent: ReleaseIntent?, lastRTP: Instant?
    ) -> Termination {
        let evidence = ReleaseEvidence(
            firstLeg: end.leg, message: end.message, reason: end.reason, q850: end.q850, sipStatus: end.status,
            lastRTP: lastRTP)
        func ended(_ outcome: Outcome, _ by: ReleasedBy) -> Termination {
            Termination(outcome: outcome, releasedBy: by, evidence: evidence)
        }
        switch end.cause {
        case .cancelled:
            return ended(.abandoned, cancelledBy(end))
        case .remoteBye:
            guard answered else { return ended(.abandoned, .unknown) }
            return ended(established ? .completed : .notEstablished, saidBye(end, at: endedAt, lastRTP: lastRTP))
        case .noAck:
            return ended(.notEstablished, .unknown)
        case .sessionTimer:
            return ended(.networkLost, .network)
        case .carrierLost:
            // Whoever went, and whether anybody meant to, the message does not say; only a cause may speak of the network.
            if let cause = end.q850, !personal.contains(cause) {
                return ended(answered ? .networkLost : .abandoned, .network)
            }
            return ended(answered ? .completed : .abandoned, .unknown)
        case .rejected:
            return ended(rejected(end.status), .unknown)
        case .failed:
            return ended(.failed, .network)
        case .local:
            switch intent {
            case .flowCompleted: return ended(.completed, .flow)
            case .flowAfterWait: return ended(.releasedAfterWait, .flow)
            case .inactive: return ended(.inactive, .flow)
            case .stopped: return ended(.stopped, .supervisor)
            case .agentMissing: return ended(.noAnswer, .agent)
            case .overCapacity: return ended(.overCapacity, .flow)
            case .draining: return ended(.draining, .flow)
            case .unrecordable: return ended(.unrecordable, .flow)
            case .failed, nil: return ended(.failed, .unknown)
            }
        }
    }

    /// Why a call that we placed was not answered (RFC 3261 §21).
    private static func rejected(_ status: Int?) -> Outcome {
        switch status {
        case 486, 600: .busy
        case 408, 480, 487: .noAnswer
        case 403, 603: .rejected
        case 404, 410, 484, 604: .unreachable
        default: .failed
        }
    }

    private static func cancelledBy(_ end: LegEnd) -> ReleasedBy {
        // "Call completed elsewhere" and the like: the network cancels, not the person (RFC 3326 §2).
        if let cause = end.q850, !personal.contains(cause) { return .network }
        return .caller
    }

    private static func saidBye(_ end: LegEnd, at endedAt: Instant, lastRTP: Instant?) -> ReleasedBy {
        if let cause = end.q850 { return personal.contains(cause) ? .caller : .network }
        guard let lastRTP, endedAt.milliseconds(since: lastRTP) <= voiceBeforeByeMilliseconds else { return .unknown }
        return .caller
    }
}
