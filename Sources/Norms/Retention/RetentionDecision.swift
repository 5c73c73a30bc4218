/// What is known of a recording when it is decided whether it may go. Instants are Unix time in microseconds, UTC.
public struct RetentionSubject: Sendable, Hashable {
    /// A work order that the recording or its call is linked to.
    public struct Order: Sendable, Hashable {
        public var number: String
        public var category: String
        public var createdAt: Int64
        public var isClosed: Bool
        /// Nil where it is open, or where nobody wrote down when it was closed.
        public var closedAt: Int64?

        public init(number: String, category: String, createdAt: Int64, isClosed: Bool = false, closedAt: Int64? = nil)
        {
            self.number = number
            self.category = category
            self.createdAt = createdAt
            self.isClosed = isClosed
            self.closedAt = closedAt
        }
    }

    /// Somebody wants it kept, whatever the rules say.
    public struct Hold: Sendable, Hashable {
        public var id: String
        public var reason: String

        public init(id: String, reason: String) {
            self.id = id
            self.reason = reason
        }
    }

    public var recordedAt: Int64
    public var purpose: String
    public var direction: String
    /// Nil while the call goes on.
    public var outcome: String?
    public var marks: [String]
    public var orders: [Order]
    /// In force.
    public var holds: [Hold]
    /// A message or a report in it that nobody has heard.
    public var hasUnheardMessage: Bool
    public var isArchived: Bool

    public init(
        recordedAt: Int64, purpose: String = "call", direction: String = "inbound", outcome: String?,
        marks: [String] = [], orders: [Order] = [], holds: [Hold] = [], hasUnheardMessage: Bool = false,
        isArchived: Bool = false
    ) {
        self.recordedAt = recordedAt
        self.purpose = purpose
        self.direction = direction
        self.outcome = outcome
        self.marks = marks
        self.orders = orders
        self.holds = holds
        self.hasUnheardMessage = hasUnheardMessage
        self.isArchived = isArchived
    }
}

/// What is to become of a recording now, and why.
public struct RetentionDecision: Sendable, Hashable {
    public enum Action: String, Sendable, Hashable, Codable, CaseIterable {
        case keep, archive, delete
    }

    public var action: Action
    /// Until when it stays; nil while it stays for something that has no end yet.
    public var keepUntil: Int64?
    /// The id of the rule or minimum that keeps longest; `hold`, `call_open`, `unheard`, `order_open`.
    public var rule: String
    /// For people.
    public var reason: String

    public init(action: Action, keepUntil: Int64?, rule: String, reason: String) {
        self.action = action
        self.keepUntil = keepUntil
        self.rule = rule
        self.reason = reason
    }
}

extension RetentionPolicy {
    /// One thing that keeps a recording.
    private struct Claim {
        var until: Int64
        var rule: String
        var reason: String
    }

    /// Decides by the rules.
    /// - Parameters:
    ///   - now: Unix time in microseconds, UTC.
    ///   - offsetSeconds: what local time is ahead of UTC; periods are those of the local calendar.
    public func decide(_ subject: RetentionSubject, now: Int64, offsetSeconds: Int) -> RetentionDecision {
        if let decision = endless(subject) { return decision }
        let fitting = rules.filter { $0.conditions.hold(for: subject) }
        var claims = (fitting.isEmpty ? [otherwise] : fitting).map { claim($0, subject, offsetSeconds, "rule") }
        claims += standing(subject, offsetSeconds)
        return decide(claims, subject, now: now, offsetSeconds: offsetSeconds)
    }

    /// Decides whether it may go because the person it is of wishes so: rules do not count, minima, open orders and holds
    /// do (PIPL art. 47: what the law wants kept, and what is still needed, stays).
    /// - Returns: `keep` or `delete`.
    public func decideErasure(_ subject: RetentionSubject, now: Int64, offsetSeconds: Int) -> RetentionDecision {
        if let decision = endless(subject) { return decision }
        let claims = standing(subject, offsetSeconds).filter { $0.until > now }
        guard let longest = claims.max(by: { $0.until < $1.until }) else {
            return RetentionDecision(action: .delete, keepUntil: now, rule: "person", reason: "nothing keeps it")
        }
        return RetentionDecision(
            action: .keep, keepUntil: longest.until, rule: longest.rule, reason: longest.reason)
    }

    /// What has no end that could be told now.
    private func endless(_ subject: RetentionSubject) -> RetentionDecision? {
        if let hold = subject.holds.first {
            let more = subject.holds.count > 1 ? " and \(subject.holds.count - 1) more" : ""
            return RetentionDecision(
                action: .keep, keepUntil: nil, rule: "hold", reason: "held (\(hold.id)): \(hold.reason)\(more)")
        }
        guard subject.outcome != nil else {
            return RetentionDecision(
                action: .keep, keepUntil: nil, rule: "call_open", reason: "its call is not over")
        }
        guard !subject.hasUnheardMessage else {
            return RetentionDecision(
                action: .keep, keepUntil: nil, rule: "unheard", reason: "a message in it was heard by nobody yet")
        }
        return nil
    }

    /// What keeps it whatever the rules say: minima and open orders.
    private func standing(_ subject: RetentionSubject, _ offset: Int) -> [Claim] {
        var claims = minima.filter { $0.conditions.hold(for: subject) }.map { claim($0, subject, offset, "minimum") }
        for order in subject.orders where !order.isClosed {
            claims.append(
                Claim(
                    until: closing(of: order, offset), rule: "order_open",
                    reason: "order \(order.number) is not closed; it counts as closed after \(assumeClosedAfter)"))
        }
        return claims
    }

    private func decide(
        _ claims: [Claim], _ subject: RetentionSubject, now: Int64, offsetSeconds offset: Int
    ) -> RetentionDecision {
        // There is always one: the rule for the rest. Of equal ones the first counts.
        var longest = claims[0]
        for claim in claims where claim.until > longest.until { longest = claim }
        if longest.until <= now {
            return RetentionDecision(
                action: .delete, keepUntil: longest.until, rule: longest.rule, reason: longest.reason)
        }
        if let archiveAfter, !subject.isArchived, archiveAfter.after(subject.recordedAt, offsetSeconds: offset) <= now {
            return RetentionDecision(
                action: .archive, keepUntil: longest.until, rule: longest.rule,
                reason: "older than \(archiveAfter); \(longest.reason)")
        }
        return RetentionDecision(
            action: .keep, keepUntil: longest.until, rule: longest.rule, reason: longest.reason)
    }

    private func claim(_ rule: Rule, _ subject: RetentionSubject, _ offset: Int, _ word: String) -> Claim {
        var from = subject.recordedAt
        if rule.start == .closed {
            let categories = rule.conditions.categories
            let counted = subject.orders.filter { categories.isEmpty || categories.contains($0.category) }
            from = counted.map { closing(of: $0, offset) }.max() ?? from
        }
        let since = rule.start == .closed ? " after its orders are closed" : ""
        return Claim(
            until: rule.keep.after(from, offsetSeconds: offset), rule: rule.id,
            reason: "\(word) \(rule.id): \(rule.keep)\(since) (\(rule.clause))")
    }

    private func closing(of order: RetentionSubject.Order, _ offset: Int) -> Int64 {
        order.closedAt ?? assumeClosedAfter.after(order.createdAt, offsetSeconds: offset)
    }
}

extension RetentionPolicy.Conditions {
    fileprivate func hold(for subject: RetentionSubject) -> Bool {
        func fits(_ wanted: [String], _ had: [String]) -> Bool {
            wanted.isEmpty || had.contains { wanted.contains($0) }
        }
        return fits(categories, subject.orders.map(\.category)) && fits(outcomes, [subject.outcome].compactMap(\.self))
            && fits(marks, subject.marks) && fits(purposes, [subject.purpose]) && fits(directions, [subject.direction])
    }
}
