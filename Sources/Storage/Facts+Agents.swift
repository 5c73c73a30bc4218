import Calls

// What the exchange writes down about agents (坐席) and queues (排队), by the rules of Facts.swift.

/// The caller waits for a person: the place in the queue is taken.
public struct QueueEntered: Sendable, Codable, Hashable {
    public var call: CallID
    public var at: Instant
    public var queue: String
    /// What the agent must be able to do; nil: the queue's own rule, or anybody.
    public var skill: String?
    /// 1: the next to be served.
    public var position: Int
    /// Why the caller stands before others: `fault`, `key_customer`, `repeat_caller`; empty for everybody else.
    public var priority: [String]

    public init(call: CallID, at: Instant, queue: String, skill: String? = nil, position: Int, priority: [String]) {
        self.call = call
        self.at = at
        self.queue = queue
        self.skill = skill
        self.position = position
        self.priority = priority
    }
}

/// The caller is out of the queue: exactly one for every caller who entered. For one who was refused at the door (`full`,
/// `closed`, `no_agents`, `failed`) it stands alone, with no wait and no rings.
///
/// The wait, the offers and the rings are derived from the facts before, and kept so that a later change of the cadence
/// does not rewrite history.
public struct QueueLeft: Sendable, Codable, Hashable {
    public var call: CallID
    public var at: Instant
    public var queue: String
    public var exit: QueueExit
    /// From entering to leaving.
    public var waitMilliseconds: Int64
    /// How many agents' phones were tried, the one that answered among them.
    public var offers: Int
    /// A person's rings, nominal, summed over all agents tried.
    public var rings: Int
    /// The same in milliseconds of alerting.
    public var ringMilliseconds: Int64

    public init(
        call: CallID, at: Instant, queue: String, exit: QueueExit, waitMilliseconds: Int64, offers: Int, rings: Int,
        ringMilliseconds: Int64
    ) {
        self.call = call
        self.at = at
        self.queue = queue
        self.exit = exit
        self.waitMilliseconds = waitMilliseconds
        self.offers = offers
        self.rings = rings
        self.ringMilliseconds = ringMilliseconds
    }
}

/// An agent's phone is being dialled.
public struct AgentOffered: Sendable, Codable, Hashable {
    public var call: CallID
    /// The agent's leg, a leg of the caller's call.
    public var leg: LegID
    public var at: Instant
    public var agent: WorkNumber
    public var purpose: AgentPurpose
    /// The queue that offered the call; nil where none did.
    public var queue: String?

    public init(call: CallID, leg: LegID, at: Instant, agent: WorkNumber, purpose: AgentPurpose, queue: String? = nil) {
        self.call = call
        self.leg = leg
        self.at = at
        self.agent = agent
        self.purpose = purpose
        self.queue = queue
    }
}

/// The first alerting of an agent's phone: ring 1 begins.
public struct AgentAlerted: Sendable, Codable, Hashable {
    public var call: CallID
    public var leg: LegID
    public var at: Instant
    public var agent: WorkNumber

    public init(call: CallID, leg: LegID, at: Instant, agent: WorkNumber) {
        self.call = call
        self.leg = leg
        self.at = at
        self.agent = agent
    }
}

/// One offer is over; an answered one too. Every offer ends once.
public struct OfferEnded: Sendable, Codable, Hashable {
    public var call: CallID
    public var leg: LegID
    public var at: Instant
    public var agent: WorkNumber
    public var outcome: OfferOutcome
    /// From the phone's first alerting to the end; nil where it never rang.
    public var ringMilliseconds: Int64?
    /// The same as nominal rings.
    public var rings: Int?

    public init(
        call: CallID, leg: LegID, at: Instant, agent: WorkNumber, outcome: OfferOutcome, ringMilliseconds: Int64? = nil,
        rings: Int? = nil
    ) {
        self.call = call
        self.leg = leg
        self.at = at
        self.agent = agent
        self.outcome = outcome
        self.ringMilliseconds = ringMilliseconds
        self.rings = rings
    }
}

/// An agent answered. The rings of this offer, and those summed over the hunt, are derived (ring clock) and kept with
/// their basis.
public struct AgentAnswered: Sendable, Codable, Hashable {
    public var call: CallID
    public var leg: LegID
    public var at: Instant
    public var agent: WorkNumber
    public var purpose: AgentPurpose
    public var queue: String?
    /// Nominal rings of this agent's phone.
    public var rings: Int
    public var ringMilliseconds: Int64
    /// Nominal rings of all agents tried in this hunt, this one among them.
    public var summedRings: Int
    public var summedRingMilliseconds: Int64
    /// From the caller's asking for a person to this answer; nil where nobody waited in a queue.
    public var waitMilliseconds: Int64?
    public var basis: RingsBasis

    public init(
        call: CallID, leg: LegID, at: Instant, agent: WorkNumber, purpose: AgentPurpose, queue: String? = nil,
        rings: Int, ringMilliseconds: Int64, summedRings: Int, summedRingMilliseconds: Int64,
        waitMilliseconds: Int64? = nil, basis: RingsBasis
    ) {
        self.call = call
        self.leg = leg
        self.at = at
        self.agent = agent
        self.purpose = purpose
        self.queue = queue
        self.rings = rings
        self.ringMilliseconds = ringMilliseconds
        self.summedRings = summedRings
        self.summedRingMilliseconds = summedRingMilliseconds
        self.waitMilliseconds = waitMilliseconds
        self.basis = basis
    }
}

/// An agent's leg ended.
public struct AgentLeft: Sendable, Codable, Hashable {
    public var call: CallID
    public var leg: LegID
    public var at: Instant
    public var agent: WorkNumber
    /// Who hung up first.
    public var by: ReleasedBy
    /// What that rests on: `BYE received`, …
    public var message: String

    public init(call: CallID, leg: LegID, at: Instant, agent: WorkNumber, by: ReleasedBy, message: String) {
        self.call = call
        self.leg = leg
        self.at = at
        self.agent = agent
        self.by = by
        self.message = message
    }
}

/// The other party was put on hold, or taken back.
public struct AgentHeld: Sendable, Codable, Hashable {
    public var call: CallID
    /// The holding agent's leg.
    public var leg: LegID
    public var at: Instant
    public var agent: WorkNumber
    public var isHeld: Bool
    /// Where in the recording.
    public var position: AudioPosition?

    public init(
        call: CallID, leg: LegID, at: Instant, agent: WorkNumber, isHeld: Bool, position: AudioPosition? = nil
    ) {
        self.call = call
        self.leg = leg
        self.at = at
        self.agent = agent
        self.isHeld = isHeld
        self.position = position
    }
}

/// An agent's state changed.
public struct AgentChanged: Sendable, Codable, Hashable {
    public var at: Instant
    public var agent: WorkNumber
    public var state: AgentState
    /// For `away`: why.
    public var reason: String?
    /// `restart`: the state before ended with the program, at an instant that may belong to another boot.
    public var source: AgentChangeSource

    public init(at: Instant, agent: WorkNumber, state: AgentState, reason: String? = nil, source: AgentChangeSource) {
        self.at = at
        self.agent = agent
        self.state = state
        self.reason = reason
        self.source = source
    }
}

/// The machine spoke in an agent's stead: greeting, unit, work number.
public struct Announced: Sendable, Codable, Hashable {
    public var call: CallID
    public var at: Instant
    /// Whose number was spoken.
    public var agent: WorkNumber?
    /// What was spoken, in order: `greeting`, `unit`, `work_number`.
    public var items: [String]
    /// Who spoke: `system`.
    public var by: String
    /// Where in the recording.
    public var position: AudioPosition?

    public init(
        call: CallID, at: Instant, agent: WorkNumber? = nil, items: [String], by: String, position: AudioPosition? = nil
    ) {
        self.call = call
        self.at = at
        self.agent = agent
        self.items = items
        self.by = by
        self.position = position
    }
}

/// An apology for a late answer was spoken to its end.
public struct ApologyPlayed: Sendable, Codable, Hashable {
    public var call: CallID
    public var at: Instant
    /// Where in the recording.
    public var position: AudioPosition?
    /// The answer was later than the profile allows; false where the flow apologises anyway.
    public var owed: Bool

    public init(call: CallID, at: Instant, position: AudioPosition? = nil, owed: Bool) {
        self.call = call
        self.at = at
        self.position = position
        self.owed = owed
    }
}

/// An agent handed the caller over, or tried to.
public struct Transferred: Sendable, Codable, Hashable {
    public var call: CallID
    public var at: Instant
    public var from: WorkNumber
    /// A work number, a queue or an outside number, as dialled.
    public var to: String
    /// `blind`, `attended`, `shift_leader`.
    public var kind: String
    /// False: the caller stayed with, or came back to, the agent.
    public var completed: Bool
    /// Where in the recording.
    public var position: AudioPosition?

    public init(
        call: CallID, at: Instant, from: WorkNumber, to: String, kind: String, completed: Bool,
        position: AudioPosition? = nil
    ) {
        self.call = call
        self.at = at
        self.from = from
        self.to = to
        self.kind = kind
        self.completed = completed
        self.position = position
    }
}

/// From here on a channel of a recording carries somebody else.
public struct SegmentBegan: Sendable, Codable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    /// Where in the recording.
    public var position: AudioPosition
    /// 0: left, 1: right.
    public var channel: Int
    /// Whose voice it is: `caller`, `agent`, `system`, …
    public var role: String
    public var agent: WorkNumber?

    public init(
        recording: RecordingID, call: CallID, at: Instant, position: AudioPosition, channel: Int, role: String,
        agent: WorkNumber? = nil
    ) {
        self.recording = recording
        self.call = call
        self.at = at
        self.position = position
        self.channel = channel
        self.role = role
        self.agent = agent
    }
}

/// Somebody marked the call.
public struct CallMarked: Sendable, Codable, Hashable {
    public var call: CallID
    public var at: Instant
    public var by: WorkNumber
    /// `nuisance`, `wrong_number`, `angry`, `dropped`.
    public var mark: String
    /// For `angry`: how much, as the norm asks to be noted.
    public var degree: Int?
    public var note: String?

    public init(call: CallID, at: Instant, by: WorkNumber, mark: String, degree: Int? = nil, note: String? = nil) {
        self.call = call
        self.at = at
        self.by = by
        self.mark = mark
        self.degree = degree
        self.note = note
    }
}

/// The caller rated the agent.
public struct Rated: Sendable, Codable, Hashable {
    public var call: CallID
    public var at: Instant
    public var agent: WorkNumber
    /// 1 (worst) … 5.
    public var score: Int
    /// The number of the work order that the rating is about.
    public var order: String?

    public init(call: CallID, at: Instant, agent: WorkNumber, score: Int, order: String? = nil) {
        self.call = call
        self.at = at
        self.agent = agent
        self.score = score
        self.order = order
    }
}

/// Calls from a number are not taken from now on.
public struct NumberBlocked: Sendable, Codable, Hashable {
    public var at: Instant
    /// Normalised.
    public var number: String
    /// Nil: until it is unblocked. Its monotonic part means nothing.
    public var until: Instant?
    public var by: WorkNumber
    public var reason: String

    public init(at: Instant, number: String, until: Instant? = nil, by: WorkNumber, reason: String) {
        self.at = at
        self.number = number
        self.until = until
        self.by = by
        self.reason = reason
    }
}

/// Calls from a number are taken again.
public struct NumberUnblocked: Sendable, Codable, Hashable {
    public var at: Instant
    public var number: String
    public var by: WorkNumber
    /// Nil where none was given.
    public var reason: String?

    public init(at: Instant, number: String, by: WorkNumber, reason: String? = nil) {
        self.at = at
        self.number = number
        self.by = by
        self.reason = reason
    }
}

/// The roster was read, at the start or anew.
public struct RosterLoaded: Sendable, Codable, Hashable {
    public var at: Instant
    public var file: String
    /// Of the file, lower-case hex.
    public var sha256: String
    public var agents: Int
    public var queues: Int

    public init(at: Instant, file: String, sha256: String, agents: Int, queues: Int) {
        self.at = at
        self.file = file
        self.sha256 = sha256
        self.agents = agents
        self.queues = queues
    }
}
