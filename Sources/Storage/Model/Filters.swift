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
    /// Only calls that this agent answered.
    public var agent: WorkNumber?
    /// Only calls that this work order belongs to, in whatever role; its number.
    public var order: String?
    /// 1…100,000.
    public var limit: Int
    /// Only calls made before this one: the next page after its last call.
    public var before: CallID?

    public init(
        from: UTCTime? = nil, to: UTCTime? = nil, caller: String? = nil, called: String? = nil,
        outcome: Outcome? = nil, node: String? = nil, agent: WorkNumber? = nil, order: String? = nil,
        limit: Int = 100, before: CallID? = nil
    ) {
        self.from = from
        self.to = to
        self.caller = caller
        self.called = called
        self.outcome = outcome
        self.node = node
        self.agent = agent
        self.order = order
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
    /// Only orders without a recording linked in this role (`return_visit`, `call_back`, …).
    public var withoutRecording: String?
    /// Only orders that have no number in this other ticket store, or have one.
    public var withoutExternal: String?
    public var withExternal: String?
    /// Only orders that wait for this department or crew.
    public var ownerUnit: String?
    /// Only orders that are not closed.
    public var isOpen = false

    public init(
        from: UTCTime? = nil, to: UTCTime? = nil, caller: String? = nil, category: String? = nil,
        status: String? = nil, call: CallID? = nil, limit: Int = 100, before: OrderID? = nil,
        withoutRecording: String? = nil, withoutExternal: String? = nil, withExternal: String? = nil
    ) {
        self.withoutExternal = withoutExternal
        self.withExternal = withExternal
        self.withoutRecording = withoutRecording
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

/// Which voice messages to list: those that nobody has heard first, the most urgent of them at the top, then the others,
/// newest first.
public struct MessageFilter: Sendable, Hashable {
    /// Left at this moment or later.
    public var from: UTCTime?
    /// Left before this moment.
    public var to: UTCTime?
    public var queue: String?
    public var call: CallID?
    public var kind: InboxKind?
    /// Only messages with ids in this range (`MessageID.range(beginning:)`).
    public var ids: ClosedRange<MessageID>?
    /// Leaves out what was heard.
    public var unheardOnly: Bool
    /// 1…100,000.
    public var limit: Int

    public init(
        from: UTCTime? = nil, to: UTCTime? = nil, queue: String? = nil, call: CallID? = nil, kind: InboxKind? = nil,
        ids: ClosedRange<MessageID>? = nil, unheardOnly: Bool = false, limit: Int = 100
    ) {
        self.from = from
        self.to = to
        self.queue = queue
        self.call = call
        self.kind = kind
        self.ids = ids
        self.unheardOnly = unheardOnly
        self.limit = limit
    }
}

/// Which wishes to be called back to list: open ones first, the most urgent of them at the top, then the others, newest
/// first.
public struct CallBackFilter: Sendable, Hashable {
    /// Asked at this moment or later.
    public var from: UTCTime?
    /// Asked before this moment.
    public var to: UTCTime?
    public var queue: String?
    public var number: String?
    /// The call that asked.
    public var call: CallID?
    /// Leaves out what is over.
    public var openOnly: Bool
    /// 1…100,000.
    public var limit: Int

    public init(
        from: UTCTime? = nil, to: UTCTime? = nil, queue: String? = nil, number: String? = nil,
        call: CallID? = nil, openOnly: Bool = false, limit: Int = 100
    ) {
        self.from = from
        self.to = to
        self.queue = queue
        self.number = number
        self.call = call
        self.openOnly = openOnly
        self.limit = limit
    }
}
