import Calls
import Lines
import Norms

/// Who answers calls and how queues treat callers: the agents' file (花名册), read and checked. See docs/agents.md.
public struct Roster: Sendable, Hashable {
    /// In the file's order; no number twice.
    public var agents: [RosterAgent]
    /// In the file's order; no name twice.
    public var queues: [RosterQueue]
    public var codes: FeatureCodes
    public var conduct: ConductRules
    /// Numbers of key customers (重要客户), as offers carry them (`NumberRules`).
    public var keyCustomers: Set<String>
    /// Whose a key customer's number is, as their file remarks it behind `#`.
    public var keyCustomerRemarks: [String: String]
    /// In the file's order.
    public var departments: [String]
    public var skills: [String]

    public init(
        agents: [RosterAgent], queues: [RosterQueue], codes: FeatureCodes = .standard,
        conduct: ConductRules = ConductRules(), keyCustomers: Set<String> = [],
        keyCustomerRemarks: [String: String] = [:], departments: [String] = [], skills: [String] = []
    ) {
        self.agents = agents
        self.queues = queues
        self.codes = codes
        self.conduct = conduct
        self.keyCustomers = keyCustomers
        self.keyCustomerRemarks = keyCustomerRemarks
        self.departments = departments
        self.skills = skills
    }

    public func agent(_ number: WorkNumber) -> RosterAgent? { agents.first { $0.agent.number == number } }

    public func queue(_ name: String) -> RosterQueue? { queues.first { $0.rules.name == name } }

    /// Whose phones may register; the name is the work number.
    public var phoneUsers: [SIPUser] {
        agents.map { SIPUser(name: $0.agent.number.text, password: $0.password.text) }
    }

    /// What a flow may bring callers to.
    public var queueNames: Set<String> { Set(queues.map(\.rules.name)) }

    /// Those of one role, in the file's order: shift leaders to be transferred to, supervisors who may listen.
    public func agents(of role: AgentRole) -> [Agent] { agents.map(\.agent).filter { $0.role == role } }
}

/// What follows from callers' conduct and from broken lines.
public struct ConductRules: Sendable, Hashable {
    /// What is done about a task to call somebody back.
    public enum CallBackDropped: String, Sendable, CaseIterable {
        /// It stands in the list; the agent dials.
        case offer
        /// The agent's phone rings for it as soon as the agent is free.
        case auto
    }

    /// An angry caller of this degree or more may be handed to the shift leader with the mark (002 服务规范 8).
    public var handOverFrom = 2
    public var callBackDropped = CallBackDropped.offer
    /// How long after the line broke the call-back is to be made.
    public var callBackDroppedDueMilliseconds: Int64 = 300_000

    public init() {}
}

/// An agent with what proves them.
public struct RosterAgent: Sendable, Hashable {
    public var agent: Agent
    /// Of the phone's digest; its user is the work number.
    public var password: Secret
    /// Four to eight digits; nil where the agent has none.
    public var pin: Secret?

    public init(agent: Agent, password: Secret, pin: Secret? = nil) {
        self.agent = agent
        self.password = password
        self.pin = pin
    }
}

/// What both parties hear as they are connected, in the order of being said.
public enum Announcement: String, Sendable, Codable, CaseIterable {
    /// 您好.
    case greeting
    /// The unit's name (单位名称).
    case unit
    /// The agent's work number (工号).
    case workNumber = "work_number"
}

/// A queue as the file has it: the distributor's rules, and what others need to know of it.
public struct RosterQueue: Sendable, Hashable {
    public var rules: QueueRules
    public var hours: OpeningHours
    /// How long after it was left a voice message is to be dealt with; nil: no time is set.
    public var messageDueMilliseconds: Int64?
    /// How long after it was asked for a call-back is to be made; nil: no time is set.
    public var callBackDueMilliseconds: Int64?
    /// An answer within so long counts as within the service level.
    public var serviceLevelSeconds: Int
    /// Who leaves within so long is counted as a short abandon, apart from the others.
    public var shortAbandonSeconds: Int
    /// An agent's answer after more rings than these, summed over hunting, is apologised for.
    public var apologyAfterRings: Int
    /// Empty: nothing is said.
    public var announce: [Announcement]

    public init(
        rules: QueueRules, hours: OpeningHours = .always, messageDueMilliseconds: Int64? = nil,
        callBackDueMilliseconds: Int64? = nil, serviceLevelSeconds: Int = 20, shortAbandonSeconds: Int = 5,
        apologyAfterRings: Int = 4, announce: [Announcement] = Announcement.allCases
    ) {
        self.rules = rules
        self.hours = hours
        self.messageDueMilliseconds = messageDueMilliseconds
        self.callBackDueMilliseconds = callBackDueMilliseconds
        self.serviceLevelSeconds = serviceLevelSeconds
        self.shortAbandonSeconds = shortAbandonSeconds
        self.apologyAfterRings = apologyAfterRings
        self.announce = announce
    }
}
