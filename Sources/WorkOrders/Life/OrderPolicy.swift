import Norms

/// A limit that a policy sets for a clock, and by which clause.
public struct OrderLimit: Sendable, Hashable, CustomStringConvertible {
    /// No days: by the end of the local day on which the clock started (当日).
    public var term: Term
    /// The rule of the norm profile that says so; nil where none does.
    public var rule: String?
    /// Where it is written, for people.
    public var clause: String

    public init(_ term: Term, rule: String? = nil, clause: String) {
        self.term = term
        self.rule = rule
        self.clause = clause
    }

    /// What `Term` reads, and `same day`; nil for anything else and for nothing (`0 hours`).
    public static func term(_ text: String) -> Term? {
        if text == "same day" { return Term(0, .days) }
        guard let term = Term(text), term.count > 0 else { return nil }
        return term
    }

    /// As it is read.
    public var description: String { term.count == 0 ? "same day" : term.description }
}

/// Until when something may be done.
public struct OrderDue: Sendable, Hashable {
    /// Unix time in microseconds, UTC.
    public var at: Int64
    /// The limit is a day's end: the instant itself is too late.
    public var endsDay: Bool
    /// It rests on days that no notice settles yet.
    public var isProvisional: Bool

    public init(at: Int64, endsDay: Bool = false, isProvisional: Bool = false) {
        self.at = at
        self.endsDay = endsDay
        self.isProvisional = isProvisional
    }

    public init(_ due: Due) { self.init(at: due.at, endsDay: due.endsDay, isProvisional: due.isProvisional) }

    /// Whether what happened at an instant was in time.
    public func isMet(at wall: Int64) -> Bool { endsDay ? wall < at : wall <= at }
}

/// The calendar, as lives see it: until when a limit lasts that starts to run at an instant (Unix µs, UTC). Nil where the
/// calendar cannot tell. Which counting rules hold for which rule of a profile is the affair of whoever gives this.
public typealias OrderDeadline = @Sendable (_ limit: OrderLimit, _ from: Int64) -> OrderDue?

extension DueClock {
    /// One counting for all limits.
    public var orderDeadline: OrderDeadline { { limit, from in OrderDue(self.due(limit.term, from: from)) } }
}

/// What one norm profile says about orders: limits by name, and what it decides besides.
public struct OrderPolicy: Sendable, Hashable {
    /// How a category's clocks may be extended; none where the profile knows no extension.
    public struct Extension: Sendable, Hashable {
        /// From the clock's start; nil: the profile sets no total.
        public var total: OrderLimit?
        /// On top of what was due, where the profile bounds that instead.
        public var addition: OrderLimit?
        /// The customer must have been told the reason before it is asked for.
        public var isCustomerToldFirst: Bool
        /// What it may be asked for; empty: any reason.
        public var grounds: [String]
        public var clause: String
    }

    public var id: String
    public var title: String
    public var version: String
    /// The norm profile it belongs to, with its version: `yongqiang@1`.
    public var profile: String
    /// The routing whose departments are proposed; nil: none are.
    public var routing: String?
    public var options: [String: String]
    /// By `CATEGORY.NAME` or `CATEGORY.NAME.VALUE`.
    public var limits: [String: OrderLimit]
    /// By category.
    public var extensions: [String: Extension]
}
