/// The norms of one document, or of documents that belong together: rules and penalties with their clauses. Profiles live
/// side by side; what they contradict each other in stays apart (docs/norms.md).
public struct NormProfile: Sendable, Hashable {
    /// One document.
    public struct Source: Sendable, Hashable {
        /// `002`, `000-G`; rules name it.
        public var key: String
        public var title: String
        public var evidence: NormEvidence
        /// Where it was read.
        public var address: String?
    }

    /// The file's name without its ending.
    public var id: String
    public var name: String
    /// `P-YQ`.
    public var short: String
    public var version: String
    public var issuer: String
    public var inForce: NormInForce
    public var sources: [Source]
    /// How it counts.
    public var clock: ClockRules
    /// How it counts rings.
    public var rings: RingClock.Reading
    public var rules: [NormRule]
    public var penalties: [NormPenalty]

    /// `yongqiang@1`: what judgements cite.
    public var citation: String { "\(id)@\(version)" }

    public func rule(_ id: String) -> NormRule? { rules.first { $0.id == id } }

    public func penalty(_ id: String) -> NormPenalty? { penalties.first { $0.id == id } }

    /// Rules on a measure that are about an order of a type, in the file's order.
    public func rules(on measure: NormMeasure, order: NormOrderType? = nil) -> [NormRule] {
        rules.filter { rule in
            guard rule.measure == measure else { return false }
            guard let order, !rule.scope.orders.isEmpty else { return true }
            return rule.scope.orders.contains(order)
        }
    }

    /// What the profile must not leave unsaid: anomalies of its documents, by the id of the rule or penalty.
    public var anomalies: [(id: String, text: String)] {
        rules.compactMap { rule in rule.anomaly.map { (rule.id, $0) } }
            + penalties.compactMap { penalty in penalty.anomaly.map { (penalty.id, $0) } }
    }
}
