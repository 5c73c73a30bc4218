import Storage
import WorkOrders

/// Where an order stands, as `orders life` and the API show it; keys as in docs/json.md.
public struct OrderLifeView: Sendable, Codable {
    /// A clock that runs.
    public struct Clock: Sendable, Codable {
        public var id: String
        public var title: String
        public var since: UTCTime
        public var dueAt: UTCTime?
        /// Milliseconds; negative where it is over.
        public var leftMilliseconds: Int64?
        public var provisional: Bool
        public var extended: Bool
        public var owner: String?
        public var ownerUnit: String?
        public var rule: String?
        public var clause: String?

        enum CodingKeys: String, CodingKey {
            case id, title, since
            case dueAt = "due_at"
            case leftMilliseconds = "left_ms"
            case provisional, extended, owner
            case ownerUnit = "owner_unit"
            case rule, clause
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(title, forKey: .title)
            try container.encode(since, forKey: .since)
            try container.encode(dueAt, forKey: .dueAt)
            try container.encode(leftMilliseconds, forKey: .leftMilliseconds)
            try container.encode(provisional, forKey: .provisional)
            try container.encode(extended, forKey: .extended)
            try container.encode(owner, forKey: .owner)
            try container.encode(ownerUnit, forKey: .ownerUnit)
            try container.encode(rule, forKey: .rule)
            try container.encode(clause, forKey: .clause)
        }
    }

    /// A step that is possible now, to whoever may do it.
    public struct Step: Sendable, Codable {
        public var id: String
        public var title: String
        /// Roles; empty: everybody.
        public var by: [String]
        public var needs: [String]
        /// What it may bring; some of it is needed after all, by what else it brings.
        public var takes: [String]
        public var why: Bool
    }

    /// Where the policy's routing would send it (002 四); whoever dispatches decides.
    public struct Route: Sendable, Codable {
        public var rule: String
        public var departments: [String]
        public var copies: [String]
        /// Those who get nothing because it is confidential and about them.
        public var withheld: [String]
        public var duty: String
        public var clause: String
    }

    /// What is known of the same customer (003 2.2).
    public struct Repeats: Sendable, Codable {
        /// With this order.
        public var count: Int
        /// `none`, `warn`, `escalate`.
        public var warning: String
        /// To be linked, the newest first.
        public var earlier: [String]
        /// Open ones that look like the same matter: to be merged where a person finds so.
        public var duplicates: [String]
    }

    /// A step that wants a recording and has none; `prove` gives it one.
    public struct Unproven: Sendable, Codable {
        /// 1….
        public var number: Int
        public var step: String
    }

    public var number: String
    public var category: String
    /// `new` before it is accepted.
    public var state: String
    public var title: String
    public var status: String
    public var owner: String?
    public var ownerUnit: String?
    /// The next due first.
    public var clocks: [Clock]
    /// Warnings and escalations whose moment has come and that nobody acknowledged: `CLOCK ALARM`.
    public var alarms: [String]
    /// Steps done that want a recording and have none.
    public var unproven: [Unproven]
    /// The order's calls, with their roles.
    public var calls: [OrderSummary.Call]
    /// What it is in other ticket stores.
    public var external: [OrderSummary.External]
    public var possible: [Step]
    /// Nil where nobody is to be sent it, or no routing is set.
    public var route: Route?
    /// Nil where the caller is not known.
    public var repeats: Repeats?

    enum CodingKeys: String, CodingKey {
        case number, category, state, title, status, owner
        case ownerUnit = "owner_unit"
        case clocks, alarms, unproven, calls, external, possible, route, repeats
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(number, forKey: .number)
        try container.encode(category, forKey: .category)
        try container.encode(state, forKey: .state)
        try container.encode(title, forKey: .title)
        try container.encode(status, forKey: .status)
        try container.encode(owner, forKey: .owner)
        try container.encode(ownerUnit, forKey: .ownerUnit)
        try container.encode(clocks, forKey: .clocks)
        try container.encode(alarms, forKey: .alarms)
        try container.encode(unproven, forKey: .unproven)
        try container.encode(calls, forKey: .calls)
        try container.encode(external, forKey: .external)
        try container.encode(possible, forKey: .possible)
        try container.encode(route, forKey: .route)
        try container.encode(repeats, forKey: .repeats)
    }

    init(order: OrderSummary, life: OrderLife, now: Int64, deadline: OrderDeadline) {
        number = order.number
        calls = order.calls
        external = order.external
        category = life.category
        state = life.state
        title = life.rules.state(life.state)?.title ?? "待受理"
        status = life.status.rawValue
        owner = life.owner?.role
        ownerUnit = life.owner?.unit
        clocks = life.clocks(at: now, deadline: deadline).map { clock in
            Clock(
                id: clock.id, title: clock.title, since: UTCTime(microseconds: clock.since),
                dueAt: clock.due.map { UTCTime(microseconds: $0.at) }, leftMilliseconds: clock.left.map { $0 / 1000 },
                provisional: clock.due?.isProvisional ?? false, extended: clock.isExtended,
                owner: clock.owner?.role, ownerUnit: clock.owner?.unit, rule: clock.rule, clause: clock.clause)
        }
        alarms = life.alarms(at: now, deadline: deadline).map { "\($0.key.clock) \($0.key.alarm)" }
        unproven = life.unproven.map { Unproven(number: $0.number, step: $0.event.step) }
        possible = life.openSteps.map { step in
            let always = step.needs.filter(\.condition.terms.isEmpty).flatMap(\.fields)
            let sometimes = step.needs.filter { !$0.condition.terms.isEmpty }.flatMap(\.fields)
            return Step(
                id: step.id, title: step.title, by: life.doers(of: step), needs: always,
                takes: step.takes + sometimes.filter { !step.takes.contains($0) }, why: step.whyIsNeeded)
        }
    }
}
