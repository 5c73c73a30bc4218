import WorkOrders

/// A work order as an audit looks at it. Instants are Unix time in microseconds, UTC.
public struct AuditOrder: Sendable, Hashable {
    /// A recording that belongs to the order, or to one of its steps.
    public struct Recording: Sendable, Hashable {
        /// As text.
        public var id: String
        /// `call`, `message`, `contact`, `return_visit`, or a step's name.
        public var role: String

        public init(id: String, role: String) {
            self.id = id
            self.role = role
        }
    }

    public var number: String
    /// As the order's life knows it: `complaint`, `report`, `fault`, `business`, `consultation`, `suggestion`, `other`….
    public var category: String
    public var createdAt: Int64
    /// Nil where withheld.
    public var caller: String?
    /// `created`, `dispatched`, `replied`, `closed`.
    public var status: String
    /// Of its life; nil before its first step.
    public var state: String?
    public var owner: String?
    public var ownerUnit: String?
    /// When the step that ended it was written down; nil while it is open.
    public var closedAt: Int64?
    /// What the flow collected.
    public var fields: [String: String]
    /// In the order in which they were written down.
    public var steps: [OrderEvent]
    public var recordings: [Recording] = []
    /// When the same caller's next order of the same category was made; nil where there is none.
    public var nextSameAt: Int64?
    /// Orders of the same caller in the 30 days before it.
    public var earlierOfCaller: Int = 0

    public init(
        number: String, category: String, createdAt: Int64, caller: String?, status: String, state: String?,
        owner: String?, ownerUnit: String?, closedAt: Int64?, fields: [String: String], steps: [OrderEvent]
    ) {
        self.number = number
        self.category = category
        self.createdAt = createdAt
        self.caller = caller
        self.status = status
        self.state = state
        self.owner = owner
        self.ownerUnit = ownerUnit
        self.closedAt = closedAt
        self.fields = fields
        self.steps = steps
    }
}
