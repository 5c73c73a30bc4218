/// A campaign (外呼任务): orders whose customers are called one after the other by whichever agent is free.
///
/// A value: whoever runs it says which agents are free and what became of the calls, and places what it is told to. An
/// agent has one call of the campaign at a time. A customer who is not reached is called again later, a bounded number of
/// times; nobody is called twice at once.
public struct VisitCampaign: Sendable {
    public struct Rules: Sendable, Hashable {
        /// Calls at most for one order: 1…10.
        public var attempts: Int
        /// Milliseconds from the end of a call that reached nobody until the next for the same order.
        public var againMilliseconds: Int64
        /// Refusals to place a call in a row, without one that was placed, after which the campaign stops: outside the
        /// allowed hours, or without a way out, it goes on by itself no more.
        public var refusals: Int

        public init(attempts: Int = 3, againMilliseconds: Int64 = 3_600_000, refusals: Int = 5) {
            self.attempts = attempts
            self.againMilliseconds = againMilliseconds
            self.refusals = refusals
        }
    }

    /// One order and how it went.
    public struct Visit: Sendable, Hashable {
        public enum State: String, Sendable, Codable, CaseIterable {
            /// Not called yet, or to be called again.
            case due
            case calling
            case reached
            /// As often as allowed.
            case notReached = "not_reached"
        }

        /// The order's number.
        public var order: String
        public var state = State.due
        /// Calls placed, the first first.
        public var calls: [CallID] = []
        fileprivate var notBefore: Instant?
        fileprivate var agent: WorkNumber?

        public init(order: String) { self.order = order }
    }

    private let rules: Rules
    /// In the order in which they were given.
    public private(set) var visits: [Visit]
    private var refusedInARow = 0
    /// Why it stopped before its end; nil where it did not.
    public private(set) var stopped: String?

    /// - Parameter orders: numbers of orders, the most urgent first; one that stands twice counts once.
    public init(orders: [String], rules: Rules) {
        self.rules = rules
        var seen: Set<String> = []
        visits = orders.filter { seen.insert($0).inserted }.map(Visit.init)
    }

    /// Nothing is left to be called and no call goes on.
    public var isOver: Bool {
        visits.allSatisfy { $0.state == .reached || $0.state == .notReached || ($0.state == .due && stopped != nil) }
    }

    /// The calls that go on.
    public var running: [CallID] { visits.filter { $0.state == .calling }.compactMap(\.calls.last) }

    /// Whom to call now, and by whom. Each pair must be answered by `placed` or `refused`.
    /// - Parameter free: agents who are at work, in no call, with a phone that can be reached.
    public mutating func next(free: [WorkNumber], at now: Instant) -> [(order: String, agent: WorkNumber)] {
        guard stopped == nil else { return [] }
        let engaged = Set(visits.filter { $0.state == .calling }.compactMap(\.agent))
        var pairs: [(order: String, agent: WorkNumber)] = []
        var agents = free.filter { !engaged.contains($0) }[...]
        for index in visits.indices where visits[index].state == .due {
            if let earliest = visits[index].notBefore, now < earliest { continue }
            guard let agent = agents.popFirst() else { break }
            visits[index].state = .calling
            visits[index].agent = agent
            pairs.append((visits[index].order, agent))
        }
        return pairs
    }

    public mutating func placed(_ order: String, as call: CallID) {
        refusedInARow = 0
        change(order) { $0.calls.append(call) }
    }

    /// The exchange did not place the call: that is no attempt.
    public mutating func refused(_ order: String, because reason: String) {
        change(order) {
            $0.state = .due
            $0.agent = nil
        }
        refusedInARow += 1
        if refusedInARow >= rules.refusals { stopped = reason }
    }

    /// A call is over.
    /// - Parameter isReached: the customer answered.
    public mutating func ended(_ call: CallID, isReached: Bool, at now: Instant) {
        guard let visit = visits.first(where: { $0.state == .calling && $0.calls.last == call }) else { return }
        let rules = rules
        change(visit.order) {
            $0.agent = nil
            $0.state = isReached ? .reached : $0.calls.count >= rules.attempts ? .notReached : .due
            $0.notBefore = now.advanced(milliseconds: rules.againMilliseconds)
        }
    }

    private mutating func change(_ order: String, _ body: (inout Visit) -> Void) {
        guard let index = visits.firstIndex(where: { $0.order == order && $0.state == .calling }) else { return }
        body(&visits[index])
    }
}
