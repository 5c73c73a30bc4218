import Calls

/// What is asked of the agents of a period.
public struct AgentReportQuestion: Sendable, Hashable {
    /// What began at this moment or later …
    public var from: UTCTime
    /// … and before this one; at most 366 days later.
    public var to: UTCTime
    /// The present: a state that still lasts is counted up to it. Nil: up to `to`.
    public var now: UTCTime?
    /// A phone answered before it has rung so long was answered in time, as a norm's profile reads its number of rings:
    /// 20,000 is "before ring 5 begins". Nil: not judged.
    public var ringLimitMilliseconds: Int64?

    public init(from: UTCTime, to: UTCTime, now: UTCTime? = nil, ringLimitMilliseconds: Int64? = nil) {
        self.from = from
        self.to = to
        self.now = now
        self.ringLimitMilliseconds = ringLimitMilliseconds
    }
}

/// The agents of a period; keys as in docs/json.md.
public struct AgentReport: Sendable, Hashable, Encodable {
    public var from: UTCTime
    public var to: UTCTime
    public var ringLimitMilliseconds: Int64?
    /// By work number; those who were neither logged in nor named by anything are left out.
    public var agents: [AgentFigures]
    /// All of them together.
    public var total: AgentFigures

    enum CodingKeys: String, CodingKey {
        case from
        case to
        case ringLimitMilliseconds = "ring_limit_ms"
        case agents
        case total
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(from, forKey: .from)
        try fields.encode(to, forKey: .to)
        try fields.encode(ringLimitMilliseconds, forKey: .ringLimitMilliseconds)
        try fields.encode(agents, forKey: .agents)
        try fields.encode(total, forKey: .total)
    }
}

/// One agent's figures, or all agents'.
public struct AgentFigures: Sendable, Hashable, Encodable {
    /// Offers and answers of one purpose.
    public struct Purpose: Sendable, Hashable, Encodable {
        public var offered: Int
        public var answered: Int

        public init(offered: Int = 0, answered: Int = 0) {
            self.offered = offered
            self.answered = answered
        }
    }

    /// Where the logged-in time went, in milliseconds, from the states' instants.
    public struct Time: Sendable, Hashable, Encodable {
        /// All states but `logged_out`.
        public var loggedIn: Int64 = 0
        public var available: Int64 = 0
        public var ringing: Int64 = 0
        public var talking: Int64 = 0
        public var hold: Int64 = 0
        public var wrapUp: Int64 = 0
        public var away: Int64 = 0
        /// The parts of `away`; the empty reason stands for none given.
        public var awayByReason: [String: Int64] = [:]

        enum CodingKeys: String, CodingKey {
            case loggedIn = "logged_in_ms"
            case available = "available_ms"
            case ringing = "ringing_ms"
            case talking = "talking_ms"
            case hold = "hold_ms"
            case wrapUp = "wrap_up_ms"
            case away = "away_ms"
            case awayByReason = "away_by_reason_ms"
        }
    }

    /// Transfers of one kind.
    public struct Transfers: Sendable, Hashable, Encodable {
        public var attempted: Int
        public var completed: Int

        public init(attempted: Int = 0, completed: Int = 0) {
            self.attempted = attempted
            self.completed = completed
        }
    }

    /// Who ended the agent's conversations with callers.
    public struct HangUps: Sendable, Hashable, Encodable {
        public var agent: Int
        /// Those of `agent` in calls marked as nuisance, where an agent may (norms A1-9).
        public var agentExcused: Int
        public var caller: Int
        /// The agent handed the caller over: nobody hung up.
        public var transferred: Int
        /// Flow, supervisor, network, unknown: not judgeable.
        public var other: Int

        public init(
            agent: Int = 0, agentExcused: Int = 0, caller: Int = 0, transferred: Int = 0, other: Int = 0
        ) {
            self.agent = agent
            self.agentExcused = agentExcused
            self.caller = caller
            self.transferred = transferred
            self.other = other
        }

        enum CodingKeys: String, CodingKey {
            case agent
            case agentExcused = "agent_excused"
            case caller
            case transferred
            case other
        }
    }

    /// Callers' ratings.
    public struct Ratings: Sendable, Hashable, Encodable {
        public var count: Int
        public var sum: Int
        /// Nil where nobody rated.
        public var mean: Double? { count > 0 ? Double(sum) / Double(count) : nil }

        public init(count: Int = 0, sum: Int = 0) {
            self.count = count
            self.sum = sum
        }

        enum CodingKeys: String, CodingKey {
            case count
            case sum
            case mean
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(count, forKey: .count)
            try fields.encode(sum, forKey: .sum)
            try fields.encode(mean, forKey: .mean)
        }
    }

    /// Nil: all agents.
    public var agent: WorkNumber?
    /// Offers of callers who waited: purposes `queue`, `duty`, `transfer`.
    public var offered: Int
    public var answered: Int
    /// Those of `offered` without an answer, by outcome; every outcome but `answered` has a key.
    public var missed: [String: Int]
    /// Those of `offered` that have neither an answer nor an end yet.
    public var open: Int
    /// All offers, by purpose.
    public var purposes: [String: Purpose]
    /// The phone's ringing until the answers counted in `answered`.
    public var ring: Spread
    /// Nil where no limit was asked about.
    public var withinRings: Share?
    public var laterRings: Share?
    /// Conversations from the answer to the leg's end, holds included; purposes as `offered`, and `call_back`.
    public var connected: Spread
    public var time: Time
    /// By kind.
    public var transfers: [String: Transfers]
    public var hangUps: HangUps
    public var ratings: Ratings
    /// Marks given, by kind.
    public var marks: [String: Int]

    enum CodingKeys: String, CodingKey {
        case agent
        case offered
        case answered
        case missed
        case open
        case purposes
        case ring
        case withinRings = "within_rings"
        case laterRings = "later_rings"
        case connected
        case time
        case transfers
        case hangUps = "hang_ups"
        case ratings
        case marks
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(agent, forKey: .agent)
        try fields.encode(offered, forKey: .offered)
        try fields.encode(answered, forKey: .answered)
        try fields.encode(missed, forKey: .missed)
        try fields.encode(open, forKey: .open)
        try fields.encode(purposes, forKey: .purposes)
        try fields.encode(ring, forKey: .ring)
        try fields.encode(withinRings, forKey: .withinRings)
        try fields.encode(laterRings, forKey: .laterRings)
        try fields.encode(connected, forKey: .connected)
        try fields.encode(time, forKey: .time)
        try fields.encode(transfers, forKey: .transfers)
        try fields.encode(hangUps, forKey: .hangUps)
        try fields.encode(ratings, forKey: .ratings)
        try fields.encode(marks, forKey: .marks)
    }
}
