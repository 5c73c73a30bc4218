import Calls
import WorkOrders

/// One work order (工单) as `orders list --json` shows it; keys as in docs/json.md.
public struct OrderSummary: Sendable, Hashable, Codable {
    /// A recording, or a stretch of one, that belongs to the order.
    public struct Recording: Sendable, Hashable, Codable {
        public var id: RecordingID
        /// `call`: the whole call; `message`: the caller's voice message.
        public var role: String
        /// Milliseconds from the recording's start; nil: from its beginning.
        public var fromMilliseconds: Int64?
        /// Milliseconds from the recording's start; nil: to its end.
        public var toMilliseconds: Int64?
        /// Below the data folder's `recordings/`; nil until finished.
        public var file: String?

        public init(
            id: RecordingID, role: String, fromMilliseconds: Int64?, toMilliseconds: Int64?, file: String?
        ) {
            self.id = id
            self.role = role
            self.fromMilliseconds = fromMilliseconds
            self.toMilliseconds = toMilliseconds
            self.file = file
        }

        enum CodingKeys: String, CodingKey {
            case id
            case role
            case fromMilliseconds = "from_ms"
            case toMilliseconds = "to_ms"
            case file
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(id, forKey: .id)
            try fields.encode(role, forKey: .role)
            try fields.encode(fromMilliseconds, forKey: .fromMilliseconds)
            try fields.encode(toMilliseconds, forKey: .toMilliseconds)
            try fields.encode(file, forKey: .file)
        }
    }

    /// A step of its life (docs/orders.md).
    public struct Step: Sendable, Hashable, Codable {
        /// 1….
        public var number: Int
        public var step: String
        /// A work number.
        public var by: String
        public var role: String
        /// The department they acted for.
        public var unit: String?
        /// When it was done.
        public var happenedAt: UTCTime
        /// When it was written down.
        public var enteredAt: UTCTime
        public var why: String?
        public var fields: [String: String]
        /// Where the order stood after it.
        public var state: String

        enum CodingKeys: String, CodingKey {
            case number, step, by, role, unit
            case happenedAt = "happened_at"
            case enteredAt = "entered_at"
            case why, fields, state
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(number, forKey: .number)
            try container.encode(step, forKey: .step)
            try container.encode(by, forKey: .by)
            try container.encode(role, forKey: .role)
            try container.encode(unit, forKey: .unit)
            try container.encode(happenedAt, forKey: .happenedAt)
            try container.encode(enteredAt, forKey: .enteredAt)
            try container.encode(why, forKey: .why)
            try container.encode(fields, forKey: .fields)
            try container.encode(state, forKey: .state)
        }
    }

    /// A call that belongs to the order.
    public struct Call: Sendable, Hashable, Codable {
        public var id: CallID
        /// `created`: it made the order; `contact`, `reply`, `return_visit`, …: what it was for.
        public var role: String
    }

    /// Somebody was told that a clock nears its limit, or is past it.
    public struct Alarm: Sendable, Hashable, Codable {
        public var clock: String
        /// When the clock began.
        public var since: UTCTime
        public var alarm: String
        public var dueAt: UTCTime
        /// Told before it was due.
        public var warning: Bool
        public var role: String
        public var unit: String?
        /// `console`, `phone`, `message`.
        public var channel: String
        public var toldAt: UTCTime

        enum CodingKeys: String, CodingKey {
            case clock, since, alarm
            case dueAt = "due_at"
            case warning, role, unit, channel
            case toldAt = "told_at"
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(clock, forKey: .clock)
            try container.encode(since, forKey: .since)
            try container.encode(alarm, forKey: .alarm)
            try container.encode(dueAt, forKey: .dueAt)
            try container.encode(warning, forKey: .warning)
            try container.encode(role, forKey: .role)
            try container.encode(unit, forKey: .unit)
            try container.encode(channel, forKey: .channel)
            try container.encode(toldAt, forKey: .toldAt)
        }
    }

    /// What it is in another ticket store.
    public struct External: Sendable, Hashable, Codable {
        public var store: String
        public var reference: String
        /// In that store's words.
        public var status: String?
        public var changedAt: UTCTime?
        public var learntAt: UTCTime

        enum CodingKeys: String, CodingKey {
            case store, reference, status
            case changedAt = "changed_at"
            case learntAt = "learnt_at"
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(store, forKey: .store)
            try container.encode(reference, forKey: .reference)
            try container.encode(status, forKey: .status)
            try container.encode(changedAt, forKey: .changedAt)
            try container.encode(learntAt, forKey: .learntAt)
        }
    }

    public var orderID: OrderID
    /// `20261122-0007`.
    public var number: String
    /// Given to the caller with the number.
    public var code: String
    public var category: String
    /// `OrderStatus`: `created`, `dispatched`, `replied`, `closed`.
    public var status: String
    public var caller: String?
    public var createdAt: UTCTime
    /// The call that made it.
    public var callID: CallID?
    /// What the flow collected, by name.
    public var fields: [String: String]
    public var recordings: [Recording]
    /// With their roles; the one that made it too.
    public var calls: [Call]
    /// `complaint@1`; nil before its first step.
    public var life: String?
    /// `yongqiang@1`; nil before its first step.
    public var policy: String?
    /// Of its life; nil before its first step.
    public var state: String?
    /// The role that must act; nil before its first step and after its end.
    public var owner: String?
    /// The department or crew, where the role is that of one.
    public var ownerUnit: String?
    /// Nil while it is open.
    public var closedAt: UTCTime?
    /// In the order in which they were written down.
    public var steps: [Step]
    /// In the order in which they were told.
    public var alarms: [Alarm]
    /// By store.
    public var external: [External]

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case number
        case code
        case category
        case status
        case caller
        case createdAt = "created_at"
        case callID = "call_id"
        case fields
        case recordings
        case calls
        case life
        case policy
        case state
        case owner
        case ownerUnit = "owner_unit"
        case closedAt = "closed_at"
        case steps
        case alarms
        case external
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(orderID, forKey: .orderID)
        try container.encode(number, forKey: .number)
        try container.encode(code, forKey: .code)
        try container.encode(category, forKey: .category)
        try container.encode(status, forKey: .status)
        try container.encode(caller, forKey: .caller)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(callID, forKey: .callID)
        try container.encode(fields, forKey: .fields)
        try container.encode(recordings, forKey: .recordings)
        try container.encode(calls, forKey: .calls)
        try container.encode(life, forKey: .life)
        try container.encode(policy, forKey: .policy)
        try container.encode(state, forKey: .state)
        try container.encode(owner, forKey: .owner)
        try container.encode(ownerUnit, forKey: .ownerUnit)
        try container.encode(closedAt, forKey: .closedAt)
        try container.encode(steps, forKey: .steps)
        try container.encode(alarms, forKey: .alarms)
        try container.encode(external, forKey: .external)
    }
}

extension OrderSummary {
    /// An order as it is the moment it is made, before its first step.
    package init(_ made: OrderCreated) {
        self.init(
            orderID: made.order, number: made.number, code: made.code, category: made.category,
            status: OrderStatus.created.rawValue, caller: made.caller, createdAt: UTCTime(made.at), callID: made.call,
            fields: made.fields, recordings: [], calls: made.call.map { [Call(id: $0, role: "created")] } ?? [],
            life: nil, policy: nil, state: nil, owner: nil, ownerUnit: nil, closedAt: nil, steps: [], alarms: [],
            external: [])
    }
}
