import Calls

// What `calls show --json` says of a call's way to people; keys as in docs/json.md, a key without a value is null.

/// One stay of the caller in a queue, or one refusal at its door.
public struct QueuePassage: Sendable, Hashable, Encodable {
    /// The place of the event that began it in the node's journal.
    public var sequence: Int64
    public var queue: String
    /// The caller was not let in: nothing but `exit` says anything then.
    public var refused: Bool
    public var skill: String?
    /// The place taken at the entry; 1: the next to be served.
    public var position: Int?
    public var priority: [String]
    public var enteredAt: UTCTime
    public var answeredAt: UTCTime?
    /// Who answered.
    public var agent: WorkNumber?
    /// Nil: waiting.
    public var leftAt: UTCTime?
    public var exit: QueueExit?
    /// From asking for a person to the answer, or to leaving without one; nil while waiting.
    public var waitMilliseconds: Int64?
    /// Agents' phones tried.
    public var offers: Int?
    /// A person's nominal rings, summed over the hunt.
    public var rings: Int?
    public var ringMilliseconds: Int64?
    /// The first apology spoken for this wait.
    public var apologisedAt: UTCTime?

    public init(
        sequence: Int64, queue: String, refused: Bool, skill: String?, position: Int?, priority: [String],
        enteredAt: UTCTime, answeredAt: UTCTime?, agent: WorkNumber?, leftAt: UTCTime?, exit: QueueExit?,
        waitMilliseconds: Int64?, offers: Int?, rings: Int?, ringMilliseconds: Int64?, apologisedAt: UTCTime?
    ) {
        self.sequence = sequence
        self.queue = queue
        self.refused = refused
        self.skill = skill
        self.position = position
        self.priority = priority
        self.enteredAt = enteredAt
        self.answeredAt = answeredAt
        self.agent = agent
        self.leftAt = leftAt
        self.exit = exit
        self.waitMilliseconds = waitMilliseconds
        self.offers = offers
        self.rings = rings
        self.ringMilliseconds = ringMilliseconds
        self.apologisedAt = apologisedAt
    }

    enum CodingKeys: String, CodingKey {
        case sequence = "seq"
        case queue
        case refused
        case skill
        case position
        case priority
        case enteredAt = "entered_at"
        case answeredAt = "answered_at"
        case agent
        case leftAt = "left_at"
        case exit
        case waitMilliseconds = "wait_ms"
        case offers
        case rings
        case ringMilliseconds = "ring_ms"
        case apologisedAt = "apologised_at"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(sequence, forKey: .sequence)
        try fields.encode(queue, forKey: .queue)
        try fields.encode(refused, forKey: .refused)
        try fields.encode(skill, forKey: .skill)
        try fields.encode(position, forKey: .position)
        try fields.encode(priority, forKey: .priority)
        try fields.encode(enteredAt, forKey: .enteredAt)
        try fields.encode(answeredAt, forKey: .answeredAt)
        try fields.encode(agent, forKey: .agent)
        try fields.encode(leftAt, forKey: .leftAt)
        try fields.encode(exit, forKey: .exit)
        try fields.encode(waitMilliseconds, forKey: .waitMilliseconds)
        try fields.encode(offers, forKey: .offers)
        try fields.encode(rings, forKey: .rings)
        try fields.encode(ringMilliseconds, forKey: .ringMilliseconds)
        try fields.encode(apologisedAt, forKey: .apologisedAt)
    }
}

/// One agent's leg of the call, from the offer on.
public struct AgentLegSummary: Sendable, Hashable, Encodable {
    public var leg: LegID
    public var agent: WorkNumber
    public var purpose: AgentPurpose
    public var queue: String?
    public var offeredAt: UTCTime
    /// The phone's first alerting.
    public var alertedAt: UTCTime?
    /// The offer's end, be it the answer.
    public var endedAt: UTCTime?
    /// Nil: the phone is being tried.
    public var outcome: OfferOutcome?
    /// Nominal rings of this phone; nil where it never rang.
    public var rings: Int?
    public var ringMilliseconds: Int64?
    public var ringsBasis: RingsBasis?
    public var answeredAt: UTCTime?
    /// Nominal rings of all phones tried until this answer.
    public var summedRings: Int?
    public var summedRingMilliseconds: Int64?
    /// From asking for a person to this answer; nil where nobody waited.
    public var waitMilliseconds: Int64?
    public var leftAt: UTCTime?
    /// Who hung up first.
    public var leftBy: ReleasedBy?
    public var leftMessage: String?
    /// From the answer to the end, holds included; nil while it lasts.
    public var connectedMilliseconds: Int64?
    /// How often the other party was put on hold.
    public var holds: Int
    /// All holds that are over.
    public var holdMilliseconds: Int64

    public init(
        leg: LegID, agent: WorkNumber, purpose: AgentPurpose, queue: String?, offeredAt: UTCTime, alertedAt: UTCTime?,
        endedAt: UTCTime?, outcome: OfferOutcome?, rings: Int?, ringMilliseconds: Int64?, ringsBasis: RingsBasis?,
        answeredAt: UTCTime?, summedRings: Int?, summedRingMilliseconds: Int64?, waitMilliseconds: Int64?,
        leftAt: UTCTime?, leftBy: ReleasedBy?, leftMessage: String?, connectedMilliseconds: Int64?, holds: Int,
        holdMilliseconds: Int64
    ) {
        self.leg = leg
        self.agent = agent
        self.purpose = purpose
        self.queue = queue
        self.offeredAt = offeredAt
        self.alertedAt = alertedAt
        self.endedAt = endedAt
        self.outcome = outcome
        self.rings = rings
        self.ringMilliseconds = ringMilliseconds
        self.ringsBasis = ringsBasis
        self.answeredAt = answeredAt
        self.summedRings = summedRings
        self.summedRingMilliseconds = summedRingMilliseconds
        self.waitMilliseconds = waitMilliseconds
        self.leftAt = leftAt
        self.leftBy = leftBy
        self.leftMessage = leftMessage
        self.connectedMilliseconds = connectedMilliseconds
        self.holds = holds
        self.holdMilliseconds = holdMilliseconds
    }

    enum CodingKeys: String, CodingKey {
        case leg
        case agent
        case purpose
        case queue
        case offeredAt = "offered_at"
        case alertedAt = "alerted_at"
        case endedAt = "ended_at"
        case outcome
        case rings
        case ringMilliseconds = "ring_ms"
        case ringsBasis = "rings_basis"
        case answeredAt = "answered_at"
        case summedRings = "summed_rings"
        case summedRingMilliseconds = "summed_ring_ms"
        case waitMilliseconds = "wait_ms"
        case leftAt = "left_at"
        case leftBy = "left_by"
        case leftMessage = "left_message"
        case connectedMilliseconds = "connected_ms"
        case holds
        case holdMilliseconds = "hold_ms"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(leg, forKey: .leg)
        try fields.encode(agent, forKey: .agent)
        try fields.encode(purpose, forKey: .purpose)
        try fields.encode(queue, forKey: .queue)
        try fields.encode(offeredAt, forKey: .offeredAt)
        try fields.encode(alertedAt, forKey: .alertedAt)
        try fields.encode(endedAt, forKey: .endedAt)
        try fields.encode(outcome, forKey: .outcome)
        try fields.encode(rings, forKey: .rings)
        try fields.encode(ringMilliseconds, forKey: .ringMilliseconds)
        try fields.encode(ringsBasis, forKey: .ringsBasis)
        try fields.encode(answeredAt, forKey: .answeredAt)
        try fields.encode(summedRings, forKey: .summedRings)
        try fields.encode(summedRingMilliseconds, forKey: .summedRingMilliseconds)
        try fields.encode(waitMilliseconds, forKey: .waitMilliseconds)
        try fields.encode(leftAt, forKey: .leftAt)
        try fields.encode(leftBy, forKey: .leftBy)
        try fields.encode(leftMessage, forKey: .leftMessage)
        try fields.encode(connectedMilliseconds, forKey: .connectedMilliseconds)
        try fields.encode(holds, forKey: .holds)
        try fields.encode(holdMilliseconds, forKey: .holdMilliseconds)
    }
}

/// Whom a channel of a recording carries from one position on.
public struct CallSegment: Sendable, Hashable, Encodable {
    public var recording: RecordingID
    /// 0: left, 1: right.
    public var channel: Int
    public var fromMilliseconds: Int64
    public var role: String
    public var agent: WorkNumber?

    public init(recording: RecordingID, channel: Int, fromMilliseconds: Int64, role: String, agent: WorkNumber?) {
        self.recording = recording
        self.channel = channel
        self.fromMilliseconds = fromMilliseconds
        self.role = role
        self.agent = agent
    }

    enum CodingKeys: String, CodingKey {
        case recording
        case channel
        case fromMilliseconds = "from_ms"
        case role
        case agent
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(recording, forKey: .recording)
        try fields.encode(channel, forKey: .channel)
        try fields.encode(fromMilliseconds, forKey: .fromMilliseconds)
        try fields.encode(role, forKey: .role)
        try fields.encode(agent, forKey: .agent)
    }
}

/// What somebody marked the call with.
public struct CallMark: Sendable, Hashable, Encodable {
    /// `nuisance`, `wrong_number`, `angry`, `dropped`.
    public var mark: String
    public var degree: Int?
    public var note: String?
    public var by: WorkNumber
    public var at: UTCTime

    public init(mark: String, degree: Int?, note: String?, by: WorkNumber, at: UTCTime) {
        self.mark = mark
        self.degree = degree
        self.note = note
        self.by = by
        self.at = at
    }

    enum CodingKeys: String, CodingKey {
        case mark
        case degree
        case note
        case by
        case at
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(mark, forKey: .mark)
        try fields.encode(degree, forKey: .degree)
        try fields.encode(note, forKey: .note)
        try fields.encode(by, forKey: .by)
        try fields.encode(at, forKey: .at)
    }
}

/// The caller's rating of an agent.
public struct CallRating: Sendable, Hashable, Encodable {
    public var agent: WorkNumber
    /// 1 (worst) … 5.
    public var score: Int
    /// The number of the work order that it is about.
    public var order: String?
    public var at: UTCTime

    public init(agent: WorkNumber, score: Int, order: String?, at: UTCTime) {
        self.agent = agent
        self.score = score
        self.order = order
        self.at = at
    }

    enum CodingKeys: String, CodingKey {
        case agent
        case score
        case order
        case at
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(agent, forKey: .agent)
        try fields.encode(score, forKey: .score)
        try fields.encode(order, forKey: .order)
        try fields.encode(at, forKey: .at)
    }
}

/// An attempt to hand the caller over.
public struct CallTransfer: Sendable, Hashable, Encodable {
    public var from: WorkNumber
    public var to: String
    /// `blind`, `attended`, `shift_leader`.
    public var kind: String
    public var completed: Bool
    public var at: UTCTime
    /// Where in the recording.
    public var positionMilliseconds: Int64?

    public init(
        from: WorkNumber, to: String, kind: String, completed: Bool, at: UTCTime, positionMilliseconds: Int64?
    ) {
        self.from = from
        self.to = to
        self.kind = kind
        self.completed = completed
        self.at = at
        self.positionMilliseconds = positionMilliseconds
    }

    enum CodingKeys: String, CodingKey {
        case from
        case to
        case kind
        case completed
        case at
        case positionMilliseconds = "position_ms"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(from, forKey: .from)
        try fields.encode(to, forKey: .to)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(completed, forKey: .completed)
        try fields.encode(at, forKey: .at)
        try fields.encode(positionMilliseconds, forKey: .positionMilliseconds)
    }
}
