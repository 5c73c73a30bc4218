import Calls

/// A step of a work order's life (docs/orders.md), by the rules of Facts.swift. Where the order stands after it follows from
/// its steps by the life's and the policy's rules of that day, and is kept with it, so that a later change of those rules
/// does not rewrite history.
public struct OrderStepped: Sendable, Codable, Hashable {
    public var order: OrderID
    /// When it was written down.
    public var at: Instant
    /// 1 for the first step; each the last one's and one.
    public var number: Int
    public var step: String
    /// A work number.
    public var by: String
    public var role: String
    /// The department they acted for.
    public var unit: String?
    /// When it was done: Unix time in microseconds, UTC.
    public var happened: Int64
    public var why: String?
    public var fields: [String: String]
    /// `complaint@1`.
    public var life: String
    /// `yongqiang@1`.
    public var policy: String
    /// Where the order stands now.
    public var state: String
    public var status: String
    /// Who must act now; nil where nobody must.
    public var owner: String?
    public var ownerUnit: String?

    public init(
        order: OrderID, at: Instant, number: Int, step: String, by: String, role: String, unit: String?,
        happened: Int64, why: String?, fields: [String: String], life: String, policy: String, state: String,
        status: String, owner: String?, ownerUnit: String?
    ) {
        self.order = order
        self.at = at
        self.number = number
        self.step = step
        self.by = by
        self.role = role
        self.unit = unit
        self.happened = happened
        self.why = why
        self.fields = fields
        self.life = life
        self.policy = policy
        self.state = state
        self.status = status
        self.owner = owner
        self.ownerUnit = ownerUnit
    }
}

/// A call belongs to an order, in a role: `contact`, `reply`, `return_visit`, ….
public struct OrderCallLinked: Sendable, Codable, Hashable {
    public var order: OrderID
    public var at: Instant
    public var call: CallID
    public var role: String
    /// Who says so: a work number.
    public var by: String

    public init(order: OrderID, at: Instant, call: CallID, role: String, by: String) {
        self.order = order
        self.at = at
        self.call = call
        self.role = role
        self.by = by
    }
}

/// Somebody is told that a clock of an order nears its limit, or is past it. Each alarm of a clock is told once.
public struct OrderAlarmed: Sendable, Codable, Hashable {
    public var order: OrderID
    /// When it was told.
    public var at: Instant
    public var clock: String
    /// When the clock began: Unix time in microseconds, UTC, as the next two.
    public var since: Int64
    public var alarm: String
    /// The moment for which it was set.
    public var moment: Int64
    public var due: Int64
    public var isWarning: Bool
    public var role: String
    public var unit: String?
    /// `console`, `phone`, `message`.
    public var channel: String

    public init(
        order: OrderID, at: Instant, clock: String, since: Int64, alarm: String, moment: Int64, due: Int64,
        isWarning: Bool, role: String, unit: String?, channel: String
    ) {
        self.order = order
        self.at = at
        self.clock = clock
        self.since = since
        self.alarm = alarm
        self.moment = moment
        self.due = due
        self.isWarning = isWarning
        self.role = role
        self.unit = unit
        self.channel = channel
    }
}

/// What an order comes to by a document's rules (考核). Nothing is due before a person has confirmed it. Written down again
/// where the same penalty grows (another day late) and nobody has decided yet.
public struct PenaltyProposed: Sendable, Codable, Hashable {
    public var order: OrderID
    public var at: Instant
    /// The penalty's id, unique among all profiles.
    public var penalty: String
    /// `yongqiang@1`.
    public var profile: String
    public var clause: String
    public var trigger: String
    /// In the document's words.
    public var who: String
    public var unit: String?
    /// The document's figure for one time, in yuan: equal ends where it is exact, no `most` for a floor, neither where it
    /// gives none.
    public var least: Int?
    public var most: Int?
    public var count: Int
    public var isPerPerson: Bool
    public var factor: Int
    public var factorPenalty: String?
    public var sanction: String?
    public var anomaly: String?
    public var because: String

    public init(
        order: OrderID, at: Instant, penalty: String, profile: String, clause: String, trigger: String, who: String,
        unit: String?, least: Int?, most: Int?, count: Int, isPerPerson: Bool, factor: Int, factorPenalty: String?,
        sanction: String?, anomaly: String?, because: String
    ) {
        self.order = order
        self.at = at
        self.penalty = penalty
        self.profile = profile
        self.clause = clause
        self.trigger = trigger
        self.who = who
        self.unit = unit
        self.least = least
        self.most = most
        self.count = count
        self.isPerPerson = isPerPerson
        self.factor = factor
        self.factorPenalty = factorPenalty
        self.sanction = sanction
        self.anomaly = anomaly
        self.because = because
    }
}

/// A person confirmed a proposed penalty with a sum, or dropped it.
public struct PenaltyDecided: Sendable, Codable, Hashable {
    public var order: OrderID
    public var at: Instant
    public var penalty: String
    public var by: String
    public var role: String
    public var unit: String?
    /// Nil: dropped.
    public var yuan: Int?
    /// For how many; nil where dropped.
    public var persons: Int?
    public var why: String

    public init(
        order: OrderID, at: Instant, penalty: String, by: String, role: String, unit: String?, yuan: Int?,
        persons: Int?, why: String
    ) {
        self.order = order
        self.at = at
        self.penalty = penalty
        self.by = by
        self.role = role
        self.unit = unit
        self.yuan = yuan
        self.persons = persons
        self.why = why
    }
}

/// An order is known in another ticket store, or what it is there has changed (docs/orders.md).
public struct OrderReferred: Sendable, Codable, Hashable {
    public var order: OrderID
    /// When this server learnt it.
    public var at: Instant
    /// The other store's name in the configuration.
    public var store: String
    /// Its number there.
    public var reference: String
    /// Its status there, in that store's words; nil where it said none.
    public var status: String?
    /// When it came to that status, as the other store says; Unix time in microseconds, UTC.
    public var changed: Int64?

    public init(order: OrderID, at: Instant, store: String, reference: String, status: String?, changed: Int64?) {
        self.order = order
        self.at = at
        self.store = store
        self.reference = reference
        self.status = status
        self.changed = changed
    }
}
