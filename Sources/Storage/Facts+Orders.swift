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
