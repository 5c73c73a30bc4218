/// What two profiles say of the same matters: conflicts are shown, never merged.
public struct NormDiff: Sendable, Hashable {
    /// One matter.
    public struct Row: Sendable, Hashable {
        /// A measure, or `penalty` with its trigger.
        public let matter: String
        /// What it is about: `complaint; urban`.
        public let scope: String
        /// `within 10 working days from order_created (五)`; nil: it says nothing.
        public let left: String?
        public let right: String?
        /// Whether both say the same, clauses and words aside.
        public let isSame: Bool
    }

    public let left: String
    public let right: String
    /// In the order of the measures, then of the penalties' triggers.
    public let rows: [Row]

    public init(_ left: NormProfile, _ right: NormProfile) {
        self.left = left.citation
        self.right = right.citation
        var rows: [Row] = []
        for measure in NormMeasure.allCases {
            rows += Self.rows(
                measure.rawValue, left.rules(on: measure).flatMap(Self.sayings),
                right.rules(on: measure).flatMap(Self.sayings))
        }
        for trigger in NormPenalty.Trigger.allCases {
            rows += Self.rows(
                "penalty \(trigger.rawValue)", left.penalties.filter { $0.trigger == trigger }.map(Self.saying),
                right.penalties.filter { $0.trigger == trigger }.map(Self.saying))
        }
        self.rows = rows
    }

    /// What a rule says, and where.
    private struct Saying {
        let scope: String
        let demand: String
        let clause: String
        var text: String { "\(demand.isEmpty ? "no figure" : demand) (\(clause))" }
    }

    /// One for each type of order that the rule is about: one document names two types in a sentence that another
    /// document keeps apart.
    private static func sayings(_ rule: NormRule) -> [Saying] {
        var parts: [String] = []
        if let limit = rule.limit { parts.append(limit.description) }
        if rule.limit != nil, let start = rule.start { parts.append("from \(start.rawValue)") }
        if let more = rule.prolongation {
            var text = "extension"
            if !more.approvedBy.isEmpty { text += " by \(more.approvedBy.joined(separator: ", "))" }
            if let total = more.total { text += " to \(total) in all" }
            if let addition = more.addition { text += " by \(addition)" }
            if more.isCustomerToldFirst { text += ", the customer told first" }
            parts.append(text)
        }
        let (demand, clause) = (parts.joined(separator: ", "), "\(rule.source) \(rule.clause)")
        let scopes =
            rule.scope.orders.isEmpty
            ? [rule.scope]
            : rule.scope.orders.map { order in
                var scope = rule.scope
                scope.orders = [order]
                return scope
            }
        return scopes.map { Saying(scope: $0.text, demand: demand, clause: clause) }
    }

    private static func saying(_ penalty: NormPenalty) -> Saying {
        var parts = [penalty.amount.description]
        if let per = penalty.per { parts.append("per \(per.rawValue)") }
        if let sanction = penalty.sanction { parts.append(sanction) }
        return Saying(
            scope: penalty.who, demand: parts.joined(separator: ", "), clause: "\(penalty.source) \(penalty.clause)")
    }

    private static func rows(_ matter: String, _ left: [Saying], _ right: [Saying]) -> [Row] {
        var scopes: [String] = []
        for saying in left + right where !scopes.contains(saying.scope) { scopes.append(saying.scope) }
        return scopes.flatMap { scope in
            let (ours, theirs) = (left.filter { $0.scope == scope }, right.filter { $0.scope == scope })
            return (0..<max(ours.count, theirs.count)).map { index in
                let one = ours.indices.contains(index) ? ours[index] : nil
                let other = theirs.indices.contains(index) ? theirs[index] : nil
                return Row(
                    matter: matter, scope: scope, left: one?.text, right: other?.text,
                    isSame: one != nil && one?.demand == other?.demand)
            }
        }
    }
}
