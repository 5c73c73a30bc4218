import Calls

/// What is asked of the queues of a period.
public struct QueueReportQuestion: Sendable, Hashable {
    /// Passages that began at this moment or later …
    public var from: UTCTime
    /// … and before this one; at most 366 days later.
    public var to: UTCTime
    /// An answer after at most so long counts as in time (the usual readings: 15, 20, 30 s).
    public var answerWithinMilliseconds: Int64
    /// Who gives up before this has not been offered to the agents in earnest.
    public var shortAbandonMilliseconds: Int64
    /// People's rings summed over the hunt below this are within the norm; else an apology is owed. Nil: not judged.
    public var ringLimitMilliseconds: Int64?

    public init(
        from: UTCTime, to: UTCTime, answerWithinMilliseconds: Int64 = 20_000, shortAbandonMilliseconds: Int64 = 5_000,
        ringLimitMilliseconds: Int64? = nil
    ) {
        self.from = from
        self.to = to
        self.answerWithinMilliseconds = answerWithinMilliseconds
        self.shortAbandonMilliseconds = shortAbandonMilliseconds
        self.ringLimitMilliseconds = ringLimitMilliseconds
    }
}

/// The queues of a period; keys as in docs/json.md.
public struct QueueReport: Sendable, Hashable, Encodable {
    public var from: UTCTime
    public var to: UTCTime
    public var answerWithinMilliseconds: Int64
    public var shortAbandonMilliseconds: Int64
    public var ringLimitMilliseconds: Int64?
    /// By name.
    public var queues: [QueueFigures]
    /// All of them together.
    public var total: QueueFigures

    enum CodingKeys: String, CodingKey {
        case from
        case to
        case answerWithinMilliseconds = "answer_within_ms"
        case shortAbandonMilliseconds = "short_abandon_ms"
        case ringLimitMilliseconds = "ring_limit_ms"
        case queues
        case total
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(from, forKey: .from)
        try fields.encode(to, forKey: .to)
        try fields.encode(answerWithinMilliseconds, forKey: .answerWithinMilliseconds)
        try fields.encode(shortAbandonMilliseconds, forKey: .shortAbandonMilliseconds)
        try fields.encode(ringLimitMilliseconds, forKey: .ringLimitMilliseconds)
        try fields.encode(queues, forKey: .queues)
        try fields.encode(total, forKey: .total)
    }
}

/// One queue's figures, or all queues'.
public struct QueueFigures: Sendable, Hashable, Encodable {
    /// Answered calls whose people's rings sum to one number.
    public struct Rings: Sendable, Hashable, Encodable {
        public var rings: Int
        public var calls: Int
    }

    /// Apologies for answers after more rings than the norm allows.
    public struct Apologies: Sendable, Hashable, Encodable {
        /// Nil where no limit was asked about.
        public var owed: Int?
        /// Waits that an apology was spoken for, owed or not.
        public var played: Int
        /// Those owed that were spoken; nil where no limit was asked about.
        public var whenOwed: Share?

        enum CodingKeys: String, CodingKey {
            case owed
            case played
            case whenOwed = "when_owed"
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(owed, forKey: .owed)
            try fields.encode(played, forKey: .played)
            try fields.encode(whenOwed, forKey: .whenOwed)
        }
    }

    /// Nil: all queues.
    public var queue: String?
    /// Callers who were let in: `answered`, `abandoned`, all other exits and `waiting` sum to it.
    public var entered: Int
    public var answered: Int
    /// Short ones among them.
    public var abandoned: Int
    public var shortAbandoned: Int
    /// Neither served nor gone yet.
    public var waiting: Int
    /// Those of `entered` who left, by exit; every exit has a key.
    public var exits: [String: Int]
    /// Callers who were not let in, by exit; every exit that refuses has a key.
    public var refused: [String: Int]
    /// Answered in time ÷ answered.
    public var serviceLevelOfAnswered: Share
    /// Answered in time ÷ (entered − short abandoned).
    public var serviceLevelOfOffered: Share
    /// From asking for a person to the answer.
    public var answeredWait: Spread
    /// From asking for a person to giving up.
    public var abandonedWait: Spread
    /// Answered calls by people's nominal rings, summed over the hunt; rising, without empty rows.
    public var summedRings: [Rings]
    /// The same against the limit, on milliseconds; nil where no limit was asked about.
    public var summedRingsWithin: Share?
    public var apologies: Apologies

    enum CodingKeys: String, CodingKey {
        case queue
        case entered
        case answered
        case abandoned
        case shortAbandoned = "short_abandoned"
        case waiting
        case exits
        case refused
        case serviceLevelOfAnswered = "service_level_of_answered"
        case serviceLevelOfOffered = "service_level_of_offered"
        case answeredWait = "answered_wait"
        case abandonedWait = "abandoned_wait"
        case summedRings = "summed_rings"
        case summedRingsWithin = "summed_rings_within"
        case apologies
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(queue, forKey: .queue)
        try fields.encode(entered, forKey: .entered)
        try fields.encode(answered, forKey: .answered)
        try fields.encode(abandoned, forKey: .abandoned)
        try fields.encode(shortAbandoned, forKey: .shortAbandoned)
        try fields.encode(waiting, forKey: .waiting)
        try fields.encode(exits, forKey: .exits)
        try fields.encode(refused, forKey: .refused)
        try fields.encode(serviceLevelOfAnswered, forKey: .serviceLevelOfAnswered)
        try fields.encode(serviceLevelOfOffered, forKey: .serviceLevelOfOffered)
        try fields.encode(answeredWait, forKey: .answeredWait)
        try fields.encode(abandonedWait, forKey: .abandonedWait)
        try fields.encode(summedRings, forKey: .summedRings)
        try fields.encode(summedRingsWithin, forKey: .summedRingsWithin)
        try fields.encode(apologies, forKey: .apologies)
    }
}

extension QueueExit {
    /// Why a caller can be sent away without having waited.
    static let refusals: Set<QueueExit> = [.full, .closed, .noAgents, .failed]
}
