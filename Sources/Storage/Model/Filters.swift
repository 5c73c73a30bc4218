import Calls

/// Which calls to list: every condition that is set must hold. Newest first.
public struct CallFilter: Sendable, Hashable {
    /// Offered at this moment or later.
    public var from: UTCTime?
    /// Offered before this moment.
    public var to: UTCTime?
    /// The caller's number, as normalised.
    public var caller: String?
    /// The number dialled.
    public var called: String?
    public var outcome: Outcome?
    /// The node's name.
    public var node: String?
    /// 1…100,000.
    public var limit: Int
    /// Only calls made before this one: the next page after its last call.
    public var before: CallID?

    public init(
        from: UTCTime? = nil, to: UTCTime? = nil, caller: String? = nil, called: String? = nil,
        outcome: Outcome? = nil, node: String? = nil, limit: Int = 100, before: CallID? = nil
    ) {
        self.from = from
        self.to = to
        self.caller = caller
        self.called = called
        self.outcome = outcome
        self.node = node
        self.limit = limit
        self.before = before
    }
}

/// Which work orders to list. Newest first.
public struct OrderFilter: Sendable, Hashable {
    /// Created at this moment or later.
    public var from: UTCTime?
    /// Created before this moment.
    public var to: UTCTime?
    public var caller: String?
    public var category: String?
    public var status: String?
    public var call: CallID?
    /// 1…100,000.
    public var limit: Int
    /// Only orders made before this one.
    public var before: OrderID?

    public init(
        from: UTCTime? = nil, to: UTCTime? = nil, caller: String? = nil, category: String? = nil,
        status: String? = nil, call: CallID? = nil, limit: Int = 100, before: OrderID? = nil
    ) {
        self.from = from
        self.to = to
        self.caller = caller
        self.category = category
        self.status = status
        self.call = call
        self.limit = limit
        self.before = before
    }
}

/// Which recordings to list. Newest first.
public struct RecordingFilter: Sendable, Hashable {
    /// Planned at this moment or later.
    public var from: UTCTime?
    /// Planned before this moment.
    public var to: UTCTime?
    public var call: CallID?
    public var state: RecordingState?
    /// 1…100,000.
    public var limit: Int
    /// Only recordings planned before this one.
    public var before: RecordingID?

    public init(
        from: UTCTime? = nil, to: UTCTime? = nil, call: CallID? = nil, state: RecordingState? = nil,
        limit: Int = 100, before: RecordingID? = nil
    ) {
        self.from = from
        self.to = to
        self.call = call
        self.state = state
        self.limit = limit
        self.before = before
    }
}
