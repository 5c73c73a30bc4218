/// How one queue (队列, 技能组) treats its callers. A value from the configuration; whoever reads the file checks the
/// ranges named here.
public struct QueueRules: Sendable, Hashable {
    public var name: String
    /// The skill that an agent needs (技能), where the entry does not name its own; nil: any agent serves.
    public var skill: String?
    /// How many rings an agent's phone rings before the next agent is tried, 1 or more, of the exchange's ring cycle.
    public var ringsPerAgent: Int
    /// An agent is set away after so many misses in a row; 0: never. A miss is an offer that was not answered, was
    /// refused, or did not make the phone ring; a busy phone is none.
    public var missesUntilAway: Int
    /// Wrap-up (话后处理) after a call; 0: none.
    public var wrapUpMilliseconds: Int64
    /// How many may wait, those to be called back among them, 1 or more; nil: any number.
    public var maximumLength: Int?
    /// After so long a caller leaves with `.timeout`, unless a phone rings for them just then; nil: never.
    public var maximumWaitMilliseconds: Int64?
    /// Whether callers wait where nobody is logged in who could serve them; otherwise they leave with `.noAgents`.
    public var waitsWithoutAgents: Bool
    /// The position is told at entry (to callers who have to wait) and so often, 1,000 or more; nil: never.
    public var announceEveryMilliseconds: Int64?
    /// How long a call is expected to take before the queue has its own experience.
    public var expectedTalkMilliseconds: Int64
    /// A phone that does not ring within so long is unreachable.
    public var reachMilliseconds: Int64
    /// How long a phone that was busy, refused or could not be reached is left alone; 0: not at all. Keeps a dead
    /// phone from being dialled without pause.
    public var retryMilliseconds: Int64
    /// The duty phones (值班电话): outside the opening hours they ring in turn, again and again, until one answers;
    /// empty: the queue is closed then. Numbers that the roster does not have are passed over.
    public var duty: [WorkNumber]

    public init(
        name: String, skill: String? = nil, ringsPerAgent: Int = 4, missesUntilAway: Int = 2,
        wrapUpMilliseconds: Int64 = 0, maximumLength: Int? = nil, maximumWaitMilliseconds: Int64? = nil,
        waitsWithoutAgents: Bool = true, announceEveryMilliseconds: Int64? = nil,
        expectedTalkMilliseconds: Int64 = 180_000, reachMilliseconds: Int64 = 5000, retryMilliseconds: Int64 = 5000,
        duty: [WorkNumber] = []
    ) {
        self.name = name
        self.skill = skill
        self.ringsPerAgent = ringsPerAgent
        self.missesUntilAway = missesUntilAway
        self.wrapUpMilliseconds = wrapUpMilliseconds
        self.maximumLength = maximumLength
        self.maximumWaitMilliseconds = maximumWaitMilliseconds
        self.waitsWithoutAgents = waitsWithoutAgents
        self.announceEveryMilliseconds = announceEveryMilliseconds
        self.expectedTalkMilliseconds = expectedTalkMilliseconds
        self.reachMilliseconds = reachMilliseconds
        self.retryMilliseconds = retryMilliseconds
        self.duty = duty
    }
}

/// What raises a caller above the order of coming (优先级).
///
/// Only the highest that holds counts: an emergency's fault, then a key customer, then a repeat caller, then everybody
/// else; within one, first come is first served.
public struct QueuePriority: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Called about the same matter before (重复来电).
    public static let repeatCaller = QueuePriority(rawValue: 1)
    /// A key customer (重要客户).
    public static let keyCustomer = QueuePriority(rawValue: 2)
    /// Reports a fault (故障报修); counts only while an emergency (应急) is declared.
    public static let fault = QueuePriority(rawValue: 4)

    /// The names as facts carry them, highest first.
    public var names: [String] {
        [(Self.fault, "fault"), (.keyCustomer, "key_customer"), (.repeatCaller, "repeat_caller")]
            .filter { contains($0.0) }.map(\.1)
    }

    /// Reads the names back; others are passed over.
    public init(names: [String]) {
        self = []
        for (one, name) in [(Self.fault, "fault"), (.keyCustomer, "key_customer"), (.repeatCaller, "repeat_caller")]
        where names.contains(name) { insert(one) }
    }

    /// 0…3, higher is served first.
    func rank(inEmergency: Bool) -> UInt64 {
        if inEmergency, contains(.fault) { return 3 }
        if contains(.keyCustomer) { return 2 }
        return contains(.repeatCaller) ? 1 : 0
    }
}

/// Somebody who asks for an agent.
public struct Waiting: Sendable, Hashable {
    public var call: CallID
    /// The queue's name.
    public var queue: String
    /// The skill that the agent needs; nil: the queue's own. In what the distributor gives back it is resolved.
    public var skill: String?
    /// The caller's number, where it is known.
    public var caller: String?
    public var priority: QueuePriority

    public init(
        call: CallID, queue: String, skill: String? = nil, caller: String? = nil, priority: QueuePriority = []
    ) {
        self.call = call
        self.queue = queue
        self.skill = skill
        self.caller = caller
        self.priority = priority
    }
}
