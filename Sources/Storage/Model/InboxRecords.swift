import Calls

// What callers leave behind; keys as in docs/json.md, a key without a value is null.

/// What an item of the inbox is.
public enum InboxKind: String, Sendable, Codable, CaseIterable {
    /// A caller's voice message.
    case voice
    /// An agent's report of a call, for whoever has the role.
    case report
}

/// An item of the inbox: a caller's voice message, or an agent's report.
public struct MessageSummary: Sendable, Hashable, Encodable {
    public var id: MessageID
    public var kind: InboxKind
    public var callID: CallID
    /// Empty for a report of a call that came from no queue.
    public var queue: String
    /// Nil: withheld.
    public var caller: String?
    public var leftAt: UTCTime
    /// By when somebody must have dealt with it.
    public var dueAt: UTCTime?
    /// The first hearing; nil: nobody has listened to it.
    public var heardAt: UTCTime?
    public var heardBy: WorkNumber?
    public var recording: RecordingID
    /// Where in the recording it begins.
    public var fromMilliseconds: Int64
    public var toMilliseconds: Int64
    /// Below the data folder's `recordings/`; nil until finished.
    public var file: String?
    /// Of a report: who has to look at it, who made it, the mark it is about, and what was written with it.
    public var role: AgentRole?
    public var agent: WorkNumber?
    public var mark: String?
    public var note: String?

    public init(
        id: MessageID, kind: InboxKind, callID: CallID, queue: String, caller: String?, leftAt: UTCTime,
        dueAt: UTCTime?, heardAt: UTCTime?, heardBy: WorkNumber?, recording: RecordingID, fromMilliseconds: Int64,
        toMilliseconds: Int64, file: String?, role: AgentRole?, agent: WorkNumber?, mark: String?, note: String?
    ) {
        self.id = id
        self.kind = kind
        self.callID = callID
        self.queue = queue
        self.caller = caller
        self.leftAt = leftAt
        self.dueAt = dueAt
        self.heardAt = heardAt
        self.heardBy = heardBy
        self.recording = recording
        self.fromMilliseconds = fromMilliseconds
        self.toMilliseconds = toMilliseconds
        self.file = file
        self.role = role
        self.agent = agent
        self.mark = mark
        self.note = note
    }

    enum CodingKeys: String, CodingKey {
        case id = "message_id"
        case kind
        case callID = "call_id"
        case queue
        case caller
        case leftAt = "left_at"
        case dueAt = "due_at"
        case heardAt = "heard_at"
        case heardBy = "heard_by"
        case recording
        case fromMilliseconds = "from_ms"
        case toMilliseconds = "to_ms"
        case file
        case role
        case agent
        case mark
        case note
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(callID, forKey: .callID)
        try fields.encode(queue, forKey: .queue)
        try fields.encode(caller, forKey: .caller)
        try fields.encode(leftAt, forKey: .leftAt)
        try fields.encode(dueAt, forKey: .dueAt)
        try fields.encode(heardAt, forKey: .heardAt)
        try fields.encode(heardBy, forKey: .heardBy)
        try fields.encode(recording, forKey: .recording)
        try fields.encode(fromMilliseconds, forKey: .fromMilliseconds)
        try fields.encode(toMilliseconds, forKey: .toMilliseconds)
        try fields.encode(file, forKey: .file)
        try fields.encode(role, forKey: .role)
        try fields.encode(agent, forKey: .agent)
        try fields.encode(mark, forKey: .mark)
        try fields.encode(note, forKey: .note)
    }
}

/// How far a wish to be called back is.
public enum CallBackState: String, Sendable, Codable, CaseIterable {
    case open
    case reached
    /// Given up, or tried in vain: it may be made up for.
    case notReached = "not_reached"
}

/// Why somebody is to be called back.
public enum CallBackReason: String, Sendable, Codable, CaseIterable {
    /// The caller asked for it.
    case asked
    /// The line broke while an agent talked to the caller.
    case dropped
}

/// A caller's wish to be called back, or an agent's task to do so: the latest of its call.
public struct CallBackSummary: Sendable, Hashable, Encodable {
    /// The call that asked.
    public var callID: CallID
    public var queue: String
    public var number: String
    public var askedAt: UTCTime
    public var dueAt: UTCTime?
    public var state: CallBackState
    /// Calls placed for it.
    public var attempts: Int
    public var endedAt: UTCTime?
    /// The last call placed for it.
    public var made: CallID?
    /// Who spoke, or closed it by hand.
    public var by: WorkNumber?
    public var reason: CallBackReason
    /// Where the line broke: whose task it is.
    public var forAgent: WorkNumber?
    /// Where a call-back broke: the call that it was made for.
    public var follows: CallID?

    public init(
        callID: CallID, queue: String, number: String, askedAt: UTCTime, dueAt: UTCTime?, state: CallBackState,
        attempts: Int, endedAt: UTCTime?, made: CallID?, by: WorkNumber?, reason: CallBackReason,
        forAgent: WorkNumber?, follows: CallID?
    ) {
        self.callID = callID
        self.queue = queue
        self.number = number
        self.askedAt = askedAt
        self.dueAt = dueAt
        self.state = state
        self.attempts = attempts
        self.endedAt = endedAt
        self.made = made
        self.by = by
        self.reason = reason
        self.forAgent = forAgent
        self.follows = follows
    }

    enum CodingKeys: String, CodingKey {
        case callID = "call_id"
        case queue
        case number
        case askedAt = "asked_at"
        case dueAt = "due_at"
        case state
        case attempts
        case endedAt = "ended_at"
        case made
        case by
        case reason
        case forAgent = "for_agent"
        case follows
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(callID, forKey: .callID)
        try fields.encode(queue, forKey: .queue)
        try fields.encode(number, forKey: .number)
        try fields.encode(askedAt, forKey: .askedAt)
        try fields.encode(dueAt, forKey: .dueAt)
        try fields.encode(state, forKey: .state)
        try fields.encode(attempts, forKey: .attempts)
        try fields.encode(endedAt, forKey: .endedAt)
        try fields.encode(made, forKey: .made)
        try fields.encode(by, forKey: .by)
        try fields.encode(reason, forKey: .reason)
        try fields.encode(forAgent, forKey: .forAgent)
        try fields.encode(follows, forKey: .follows)
    }
}

/// The form of a work order that an agent owes for a call.
public struct PendingForm: Sendable, Hashable {
    public var call: CallID
    public var agent: WorkNumber
    /// The end of the agent's part in the call.
    public var owedAt: UTCTime

    public init(call: CallID, agent: WorkNumber, owedAt: UTCTime) {
        self.call = call
        self.agent = agent
        self.owedAt = owedAt
    }
}

/// A number from which no calls are taken.
public struct BlockedNumber: Sendable, Hashable, Encodable {
    public var number: String
    public var blockedAt: UTCTime
    /// Nil: until it is unblocked.
    public var until: UTCTime?
    public var by: WorkNumber
    public var reason: String

    public init(number: String, blockedAt: UTCTime, until: UTCTime?, by: WorkNumber, reason: String) {
        self.number = number
        self.blockedAt = blockedAt
        self.until = until
        self.by = by
        self.reason = reason
    }

    enum CodingKeys: String, CodingKey {
        case number
        case blockedAt = "blocked_at"
        case until
        case by
        case reason
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(number, forKey: .number)
        try fields.encode(blockedAt, forKey: .blockedAt)
        try fields.encode(until, forKey: .until)
        try fields.encode(by, forKey: .by)
        try fields.encode(reason, forKey: .reason)
    }
}

/// What is known of a calling number: is it a repeat caller (重复致电)?
public struct CallerHistory: Sendable, Hashable, Encodable {
    /// Calls offered since the moment asked about, at most `maximum`.
    public var recentCalls: Int
    /// The number called before, at whatever time.
    public var isKnown: Bool
    /// The latest of those calls.
    public var lastCallAt: UTCTime?

    /// The most calls that are counted.
    public static let maximum = 1000

    public init(recentCalls: Int, isKnown: Bool, lastCallAt: UTCTime?) {
        self.recentCalls = recentCalls
        self.isKnown = isKnown
        self.lastCallAt = lastCallAt
    }

    enum CodingKeys: String, CodingKey {
        case recentCalls = "recent_calls"
        case isKnown = "is_known"
        case lastCallAt = "last_call_at"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(recentCalls, forKey: .recentCalls)
        try fields.encode(isKnown, forKey: .isKnown)
        try fields.encode(lastCallAt, forKey: .lastCallAt)
    }
}
