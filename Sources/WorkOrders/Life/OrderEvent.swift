/// Who does a step.
public struct OrderActor: Sendable, Hashable {
    /// A work number, or a name of the program's own such as `flow`.
    public var name: String
    public var role: String
    /// The department they act for; nil where their role is not that of a unit.
    public var unit: String?

    public init(name: String, role: String, unit: String? = nil) {
        self.name = name
        self.role = role
        self.unit = unit
    }
}

/// One step of an order's life, as it comes in and as the journal keeps it.
public struct OrderEvent: Sendable, Hashable {
    public var step: String
    public var by: OrderActor
    /// When it was done. Unix time in microseconds, UTC.
    public var happenedAt: Int64
    /// When it was written down; never before it was done.
    public var enteredAt: Int64
    public var why: String?
    /// By field.
    public var fields: [String: String]

    public init(
        step: String, by: OrderActor, happenedAt: Int64, enteredAt: Int64, why: String? = nil,
        fields: [String: String] = [:]
    ) {
        self.step = step
        self.by = by
        self.happenedAt = happenedAt
        self.enteredAt = enteredAt
        self.why = why
        self.fields = fields
    }
}

/// Who must act.
public struct OrderResponsible: Sendable, Hashable, CustomStringConvertible {
    public var role: String
    /// The department or crew, where the role is that of a unit.
    public var unit: String?

    public init(role: String, unit: String? = nil) {
        self.role = role
        self.unit = unit
    }

    public var description: String { unit.map { "\(role) (\($0))" } ?? role }
}

/// A clock of an order: running, or stopped.
public struct OrderClock: Sendable, Hashable {
    public var id: String
    /// Unix µs, UTC; when what started it was done.
    public var since: Int64
    /// A time that a person set: the date of a corrective action, an extension granted. Nil: the policy's limit counts.
    public var setDue: Int64?
    /// Who let it be extended, and when it was done; nil where it was not.
    public var extendedBy: String?
    public var extendedAt: Int64?
    /// Nil while it runs.
    public var stoppedAt: Int64?
    /// The step that stopped it.
    public var stoppedBy: String?
    /// What was due when it stopped: what is learnt of the order later does not change what was kept.
    public var stoppedDue: OrderDue?
}

/// What is to be done after a step. All of it can be told again from the journal.
public enum OrderAction: Sendable, Hashable {
    /// The order stands in another state, or was handed to another owner in the same one.
    case entered(state: String, owner: OrderResponsible?)
    case started(clock: String, since: Int64, due: OrderDue?, owner: OrderResponsible?)
    /// `kept`: nil where nothing was due.
    case stopped(clock: String, since: Int64, at: Int64, due: OrderDue?, kept: Bool?)
    case extended(clock: String, due: Int64)
    /// Somebody is to be told of the step.
    case notify(OrderResponsible, step: String)
    /// A department gets a copy of the order (抄送).
    case copy(department: String)
    /// A duty that outlives the order: its limit's name, and when it is due.
    case follow(duty: String, due: OrderDue)
    /// The other order must be told: `absorb` there for a merge here, `link` for a link.
    case tell(order: String, step: String)
    /// The step wants a recording and has none: unproven until one is linked.
    case unproven(step: String)
}

/// Why a step is not done. Nothing has changed.
public struct OrderRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Open-ended.
    public struct Code: Sendable, Hashable {
        public let name: String
        public init(_ name: String) { self.name = name }
        /// The life has no such step.
        public static let unknownStep = Code("unknown_step")
        /// The order is closed or goes on under another number.
        public static let ended = Code("ended")
        public static let state = Code("state")
        public static let role = Code("role")
        /// Right role, but of a unit that does not have the order.
        public static let unit = Code("unit")
        public static let confidential = Code("confidential")
        public static let time = Code("time")
        public static let fieldMissing = Code("field_missing")
        public static let fieldBad = Code("field_bad")
        /// A reason must be given.
        public static let whyMissing = Code("why_missing")
        /// The life's own conditions.
        public static let condition = Code("condition")
        public static let notExtendable = Code("extension")
        /// Something is owed before the order may end.
        public static let owed = Code("owed")
        public static let limit = Code("limit")
    }

    public let code: Code
    /// What is wrong, for people, without a full stop at the end.
    public let message: String
    /// What to do; empty where the message says it all.
    public let advice: String

    public init(_ code: Code, _ message: String, advice: String = "") {
        self.code = code
        self.message = message
        self.advice = advice
    }

    public var description: String { advice.isEmpty ? message : "\(message). \(advice)" }
}
