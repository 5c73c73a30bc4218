import Calls
import Lines
import Media

/// A leg of the call beside the caller's: an agent's phone, somebody asked, somebody who listens in.
struct PartyLeg: Sendable {
    enum Phase: Sendable, Hashable {
        case dialling, ringing, established, over
    }

    let leg: LegID
    /// Nil for a telephone outside.
    let agent: WorkNumber?
    let purpose: AgentPurpose
    /// The queue's offer behind it.
    let offer: AgentOffer?
    /// How it is told in facts: the work number, or the telephone's.
    let name: String
    /// What a supervisor chose.
    var mode: SuperviseMode?
    var transfer: TransferKind?
    var phase = Phase.dialling
    var alertedAt: Instant?
    var establishedAt: Instant?
    /// We asked for its end.
    var isReleasing = false
    /// The agent asked for its end by a command.
    var hangsUp = false
    /// It takes, or took, part in the conversation.
    var hasJoined = false
    var mediaOpen = false
    var mediaClosed = false
    var statistics: LegStatistics?

    init(
        leg: LegID, agent: WorkNumber?, purpose: AgentPurpose, offer: AgentOffer? = nil, name: String,
        mode: SuperviseMode? = nil, transfer: TransferKind? = nil
    ) {
        self.leg = leg
        self.agent = agent
        self.purpose = purpose
        self.offer = offer
        self.name = name
        self.mode = mode
        self.transfer = transfer
    }

    /// Nothing more comes of it.
    var isClosed: Bool { phase == .over && (mediaClosed || !mediaOpen) }

    /// Milliseconds of ringing so far, from the phone's own 180.
    func ringMilliseconds(at now: Instant) -> Int64? { alertedAt.map { now.milliseconds(since: $0) } }

    var role: LegRole {
        switch purpose {
        case .supervision: .supervisor
        case .queue, .duty, .transfer, .consultation, .callBack, .outbound: agent == nil ? .department : .agent
        }
    }
}

/// The caller's way through a queue.
struct QueuePassage: Sendable {
    var queue: String
    /// An agent is, or was, connected.
    var isServed = false
}

/// The agent's leg ended before the caller's: who hung up first.
struct AgentHangUp: Sendable {
    let end: LegEnd
    let agent: WorkNumber?
    let statistics: LegStatistics?

    /// The call's end was begun by the agent, whoever said the last BYE (design: the first leg to end).
    func applied(to termination: Termination) -> Termination {
        guard termination.outcome == .completed || termination.outcome == .releasedAfterWait else { return termination }
        var changed = termination
        switch end.cause {
        case .remoteBye: changed.releasedBy = .agent
        case .sessionTimer, .failed, .rejected: changed.releasedBy = .network
        // The agent's leg was ended from here (a command): the agent's wish, carried out by us.
        case .local: changed.releasedBy = .agent
        case .cancelled, .noAck, .carrierLost: changed.releasedBy = .unknown
        }
        changed.evidence = ReleaseEvidence(
            firstLeg: end.leg, message: end.message, reason: end.reason, q850: end.q850, sipStatus: end.status,
            lastRTP: statistics?.lastPacketAt)
        return changed
    }
}

extension OfferOutcome {
    /// What a leg's end before its answer means for the offer (RFC 3261 §21, RFC 3398 §8.2.6).
    init(release: LineRelease) {
        switch release.status {
        case 486, 600: self = .busy
        case 603, 403: self = .rejected
        case 408, 480, 487: self = .noAnswer
        case .some: self = .unreachable
        case nil: self = release.cause == .local || release.cause == .cancelled ? .withdrawn : .failed
        }
    }
}
