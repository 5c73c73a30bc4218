/// Which department gets which order, and who gets a copy: one document's rules, in order; the first that fits counts.
public struct OrderRouting: Sendable, Hashable {
    public struct Rule: Sendable, Hashable {
        public var id: String
        public var condition: OrderCondition
        /// Departments of which one gets it, the usual one first; whoever dispatches chooses where there are several.
        public var to: [String]
        /// 抄送.
        public var copies: [String]
        /// What is expected of them, as the document says.
        public var duty: String
        public var clause: String
    }

    /// Where an order goes.
    public struct Route: Sendable, Hashable {
        /// The rule's id; `confidential` where the order had to go past those it is about.
        public var rule: String
        /// Never empty.
        public var departments: [String]
        public var copies: [String]
        public var duty: String
        public var clause: String
        /// Departments of the rule that get nothing, because the order is confidential and about them.
        public var withheld: [String]
    }

    public var id: String
    public var title: String
    public var version: String
    /// The last one fits everything.
    public var rules: [Rule]
    /// Who gets a confidential report where the rule knows nobody but those it is about. Several, because the first may be
    /// the one reported.
    public var confidential: [String]
    public var confidentialClause: String

    /// What orders of a category are about where nobody has said so; nil for most.
    public static func topic(of category: String) -> String? {
        switch category {
        case "fault": "fault"
        case "business": "connection"
        default: nil
        }
    }

    /// - Parameters:
    ///   - category: the order's.
    ///   - fields: the order's. `topic` decides, or the topic of its `item`, or else its category; `confidential` and
    ///     `reported_department` keep it from that department (000-J 9, 000-L 第二十七条).
    /// - Returns: nil where the order is confidential and about everybody who could get it.
    public func route(category: String, fields: [String: String], vocabulary: OrderVocabulary) -> Route? {
        var fields = fields
        if fields["topic"] == nil {
            fields["topic"] = fields["item"].map { vocabulary.items[$0] } ?? Self.topic(of: category)
        }
        let fitting = rules.first { $0.condition.holds { $0 == "category" ? category : fields[$0] } }
        guard let rule = fitting else { return nil }
        let secret = fields["confidential"] == "yes" ? fields["reported_department"] : nil
        let departments = rule.to.filter { $0 != secret }
        let copies = rule.copies.filter { $0 != secret }
        let withheld = (rule.to + rule.copies).filter { $0 == secret }
        if departments.isEmpty {
            let others = confidential.filter { $0 != secret }
            guard let first = others.first else { return nil }
            return Route(
                rule: "confidential", departments: others, copies: copies.filter { $0 != first }, duty: rule.duty,
                clause: confidentialClause, withheld: withheld)
        }
        return Route(
            rule: rule.id, departments: departments, copies: copies, duty: rule.duty, clause: rule.clause,
            withheld: withheld)
    }
}
