import Calls

/// A penalty that an order comes to, proposed or decided; keys as in docs/json.md.
public struct PenaltySummary: Sendable, Hashable, Codable {
    public var orderID: OrderID
    public var order: String
    public var category: String
    public var penalty: String
    public var profile: String
    public var clause: String
    public var trigger: String
    /// In the document's words.
    public var who: String
    public var unit: String?
    /// The document's figure for one time, in yuan.
    public var least: Int?
    public var most: Int?
    public var count: Int
    public var perPerson: Bool
    public var factor: Int
    public var factorPenalty: String?
    public var sanction: String?
    public var anomaly: String?
    public var because: String
    public var proposedAt: UTCTime
    /// `proposed`, `confirmed`, `dropped`.
    public var state: String
    public var decidedAt: UTCTime?
    public var decidedBy: String?
    public var decidedRole: String?
    public var yuan: Int?
    public var persons: Int?
    public var why: String?

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case order, category, penalty, profile, clause, trigger, who, unit, least, most, count
        case perPerson = "per_person"
        case factor
        case factorPenalty = "factor_penalty"
        case sanction, anomaly, because
        case proposedAt = "proposed_at"
        case state
        case decidedAt = "decided_at"
        case decidedBy = "decided_by"
        case decidedRole = "decided_role"
        case yuan, persons, why
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(orderID, forKey: .orderID)
        try fields.encode(order, forKey: .order)
        try fields.encode(category, forKey: .category)
        try fields.encode(penalty, forKey: .penalty)
        try fields.encode(profile, forKey: .profile)
        try fields.encode(clause, forKey: .clause)
        try fields.encode(trigger, forKey: .trigger)
        try fields.encode(who, forKey: .who)
        try fields.encode(unit, forKey: .unit)
        try fields.encode(least, forKey: .least)
        try fields.encode(most, forKey: .most)
        try fields.encode(count, forKey: .count)
        try fields.encode(perPerson, forKey: .perPerson)
        try fields.encode(factor, forKey: .factor)
        try fields.encode(factorPenalty, forKey: .factorPenalty)
        try fields.encode(sanction, forKey: .sanction)
        try fields.encode(anomaly, forKey: .anomaly)
        try fields.encode(because, forKey: .because)
        try fields.encode(proposedAt, forKey: .proposedAt)
        try fields.encode(state, forKey: .state)
        try fields.encode(decidedAt, forKey: .decidedAt)
        try fields.encode(decidedBy, forKey: .decidedBy)
        try fields.encode(decidedRole, forKey: .decidedRole)
        try fields.encode(yuan, forKey: .yuan)
        try fields.encode(persons, forKey: .persons)
        try fields.encode(why, forKey: .why)
    }
}

/// Which penalties.
public struct PenaltyFilter: Sendable, Hashable {
    /// An order's number.
    public var order: String?
    /// `proposed`, `confirmed`, `dropped`.
    public var state: String?
    /// Proposed in a period.
    public var from: UTCTime?
    public var to: UTCTime?
    /// 1 to 100,000.
    public var limit: Int

    public init(
        order: String? = nil, state: String? = nil, from: UTCTime? = nil, to: UTCTime? = nil, limit: Int = 50
    ) {
        self.order = order
        self.state = state
        self.from = from
        self.to = to
        self.limit = limit
    }
}
