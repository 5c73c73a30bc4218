import Calls
import Storage
import Switchboard

/// An agent as `GET /api/v1/agents` and `hotline agents list --json` show it (docs/json.md). A key without a value is
/// null, never absent.
public struct AgentView: Sendable, Codable, Hashable {
    public var number: WorkNumber
    public var name: String
    public var role: AgentRole
    public var department: String
    public var skills: [String]
    public var state: AgentState
    /// Nil where the agent was in no other state since the start.
    public var since: UTCTime?
    /// Why the agent is away.
    public var reason: String?
    /// What the agent becomes when the call is over, where that is not the usual.
    public var next: AgentState?
    /// The call that rings or that the agent is in.
    public var call: CallID?
    public var queue: String?
    public var purpose: AgentPurpose?
    /// A phone is registered.
    public var isReachable: Bool
    /// Offers missed in a row.
    public var misses: Int
    /// Calls whose form is owed, the oldest first: no order was made for them, and the agent did not say that none is needed.
    public var formPending: [CallID]
    /// Reports that no shift leader has acknowledged; nil for those who are none, or not at work.
    public var unheardReports: Int?

    init(_ status: DistributorStatus.AgentStatus, forms: [CallID], unheardReports: Int) {
        number = status.agent.number
        name = status.agent.name
        role = status.agent.role
        department = status.agent.department
        skills = status.agent.skills.sorted()
        state = status.state
        since = status.since.map { UTCTime($0) }
        reason = status.reason
        next = status.next
        call = status.call
        queue = status.queue
        purpose = status.purpose
        isReachable = status.isReachable
        misses = status.misses
        formPending = forms
        let leads = status.agent.role == .shiftLeader && status.state != .loggedOut
        self.unheardReports = leads ? unheardReports : nil
    }

    enum CodingKeys: String, CodingKey {
        case number
        case name
        case role
        case department
        case skills
        case state
        case since
        case reason
        case next
        case call
        case queue
        case purpose
        case isReachable = "reachable"
        case misses
        case formPending = "form_pending"
        case unheardReports = "unheard_reports"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(number, forKey: .number)
        try fields.encode(name, forKey: .name)
        try fields.encode(role, forKey: .role)
        try fields.encode(department, forKey: .department)
        try fields.encode(skills, forKey: .skills)
        try fields.encode(state, forKey: .state)
        try fields.encode(since, forKey: .since)
        try fields.encode(reason, forKey: .reason)
        try fields.encode(next, forKey: .next)
        try fields.encode(call, forKey: .call)
        try fields.encode(queue, forKey: .queue)
        try fields.encode(purpose, forKey: .purpose)
        try fields.encode(isReachable, forKey: .isReachable)
        try fields.encode(misses, forKey: .misses)
        try fields.encode(formPending, forKey: .formPending)
        try fields.encode(unheardReports, forKey: .unheardReports)
    }
}

/// A queue as `GET /api/v1/queues` and `hotline queue status --json` show it.
public struct QueueView: Sendable, Codable, Hashable {
    /// Somebody who waits.
    public struct Waiter: Sendable, Codable, Hashable {
        public var call: CallID
        /// From 1; kept places count.
        public var position: Int
        public var since: UTCTime
        public var skill: String?
        public var priority: [String]
        /// The agent whose phone rings for the caller.
        public var offeredTo: WorkNumber?
        /// Served by the duty phones.
        public var isDuty: Bool
        /// A place kept for a call-back.
        public var isCallBack: Bool

        enum CodingKeys: String, CodingKey {
            case call
            case position
            case since
            case skill
            case priority
            case offeredTo = "offered_to"
            case isDuty = "duty"
            case isCallBack = "call_back"
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(call, forKey: .call)
            try fields.encode(position, forKey: .position)
            try fields.encode(since, forKey: .since)
            try fields.encode(skill, forKey: .skill)
            try fields.encode(priority, forKey: .priority)
            try fields.encode(offeredTo, forKey: .offeredTo)
            try fields.encode(isDuty, forKey: .isDuty)
            try fields.encode(isCallBack, forKey: .isCallBack)
        }
    }

    public var name: String
    public var isOpen: Bool
    /// Takes nobody new; those who wait are served.
    public var isDraining: Bool
    public var waiting: [Waiter]
    /// Agents at work for the queue, in a call or not.
    public var serving: Int
    /// The running mean of talk and wrap-up, milliseconds.
    public var meanHandlingMilliseconds: Int64

    init(_ status: DistributorStatus.Queue) {
        name = status.name
        isOpen = status.isOpen
        isDraining = status.isDraining
        serving = status.serving
        meanHandlingMilliseconds = status.meanHandlingMilliseconds
        waiting = status.waiting.map { waiter in
            Waiter(
                call: waiter.call, position: waiter.position, since: UTCTime(waiter.since), skill: waiter.skill,
                priority: waiter.priority.names, offeredTo: waiter.offeredTo, isDuty: waiter.isDuty,
                isCallBack: waiter.isCallBack)
        }
    }

    enum CodingKeys: String, CodingKey {
        case name
        case isOpen = "open"
        case isDraining = "draining"
        case waiting
        case serving
        case meanHandlingMilliseconds = "mean_handling_ms"
    }
}
