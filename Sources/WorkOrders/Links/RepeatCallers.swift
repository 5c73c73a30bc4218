/// What is known of an order when it is asked whether somebody has called before.
public struct OrderBrief: Sendable, Hashable {
    public var number: String
    public var category: String
    /// As normalised; nil: withheld.
    public var caller: String?
    /// The customer's account number (户号).
    public var account: String?
    /// Where it is about.
    public var place: String?
    public var item: String?
    /// Unix µs, UTC.
    public var acceptedAt: Int64
    public var isOpen: Bool

    public init(
        number: String, category: String, caller: String? = nil, account: String? = nil, place: String? = nil,
        item: String? = nil, acceptedAt: Int64, isOpen: Bool
    ) {
        self.number = number
        self.category = category
        self.caller = caller
        self.account = account
        self.place = place
        self.item = item
        self.acceptedAt = acceptedAt
        self.isOpen = isOpen
    }
}

/// When callers are known again and warned of early (003 2.2: 重视重复致电的客户诉求,建立预警处置机制).
public struct RepeatRules: Sendable, Hashable {
    /// How far back is looked, in milliseconds.
    public var window: Int
    /// So many orders within it, the new one counted, are warned of.
    public var warnAt: Int
    /// The same, of which a supervisor hears.
    public var escalateAt: Int
    public var clause: String

    public init(window: Int, warnAt: Int, escalateAt: Int, clause: String) {
        self.window = window
        self.warnAt = warnAt
        self.escalateAt = escalateAt
        self.clause = clause
    }
}

/// What earlier orders say about a new one.
public struct RepeatFinding: Sendable, Hashable {
    public enum Warning: String, Sendable, Hashable { case none, warn, escalate }

    /// The same customer's within the window, the newest first: to be linked.
    public var earlier: [String]
    /// Open ones that look like the same matter: to be merged where a person finds so. Never merged silently.
    public var duplicates: [String]
    /// With the new one.
    public var count: Int
    public var warning: Warning
}

extension RepeatRules {
    /// - Parameters:
    ///   - new: the order just accepted.
    ///   - others: any; what is not the same customer's, is later, or is itself, counts for nothing.
    public func find(_ new: OrderBrief, among others: some Sequence<OrderBrief>) -> RepeatFinding {
        let from = new.acceptedAt - Int64(window) * 1000
        let near = others.filter {
            $0.number != new.number && $0.acceptedAt <= new.acceptedAt && $0.acceptedAt >= from
        }.sorted { ($0.acceptedAt, $0.number) > ($1.acceptedAt, $1.number) }
        let same = near.filter { Self.same($0.caller, new.caller) || Self.same($0.account, new.account) }
        let duplicates = near.filter { other in
            guard other.isOpen, other.category == new.category else { return false }
            // A fault is one fault, whoever reports it; anything else is one person's.
            if new.category == OrderCategory.fault.rawValue, Self.same(other.place, new.place) { return true }
            return same.contains(other)
                && (other.item == new.item || other.item == nil || new.item == nil)
        }
        let count = same.count + 1
        return RepeatFinding(
            earlier: same.map(\.number), duplicates: duplicates.map(\.number), count: count,
            warning: count >= escalateAt ? .escalate : count >= warnAt ? .warn : .none)
    }

    private static func same(_ one: String?, _ other: String?) -> Bool {
        guard let one, let other, !one.isEmpty else { return false }
        return one == other
    }
}

/// Two orders about one thing become one.
public enum OrderMerge {
    /// The duplicate's event and that of the order it goes on under, made so that both are refused or neither is.
    /// - Parameters:
    ///   - duplicate: becomes `merged`; its number.
    ///   - master: goes on; its number.
    ///   - category: must be the same, or the step is another (`convert`).
    /// - Returns: both lives' actions, those of the duplicate first.
    public static func merge(
        _ duplicate: inout OrderLife, number: String, into master: inout OrderLife, masterNumber: String,
        by actor: OrderActor, happenedAt: Int64, enteredAt: Int64, why: String, deadline: OrderDeadline
    ) throws(OrderRefusal) -> (duplicate: [OrderAction], master: [OrderAction]) {
        guard number != masterNumber else { throw OrderRefusal(.condition, "an order does not go on under itself") }
        guard duplicate.category == master.category else {
            throw OrderRefusal(
                .condition, "a \(duplicate.category) does not go on under a \(master.category)",
                advice: "Convert it, or link the two")
        }
        var (one, other) = (duplicate, master)
        let first = try one.apply(
            OrderEvent(
                step: "merge", by: actor, happenedAt: happenedAt, enteredAt: enteredAt, why: why,
                fields: ["into": masterNumber]), deadline: deadline)
        let second = try other.apply(
            OrderEvent(
                step: "absorb", by: actor, happenedAt: happenedAt, enteredAt: enteredAt, why: why,
                fields: ["duplicate": number]), deadline: deadline)
        (duplicate, master) = (one, other)
        return (first, second)
    }
}
