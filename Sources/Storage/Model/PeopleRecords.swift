import Calls

/// A person who may use the console, as last set.
public struct PersonSummary: Sendable, Hashable, Codable {
    public var person: String
    public var title: String
    public var roles: [String]
    public var orderRoles: [String]
    /// A department of the orders' vocabulary.
    public var unit: String?
    public var workNumber: String?
    public var active: Bool
    public var changedAt: UTCTime
    public var changedBy: String?

    enum CodingKeys: String, CodingKey {
        case person, title, roles
        case orderRoles = "order_roles"
        case unit
        case workNumber = "work_number"
        case active
        case changedAt = "changed_at"
        case changedBy = "changed_by"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(person, forKey: .person)
        try fields.encode(title, forKey: .title)
        try fields.encode(roles, forKey: .roles)
        try fields.encode(orderRoles, forKey: .orderRoles)
        try fields.encode(unit, forKey: .unit)
        try fields.encode(workNumber, forKey: .workNumber)
        try fields.encode(active, forKey: .active)
        try fields.encode(changedAt, forKey: .changedAt)
        try fields.encode(changedBy, forKey: .changedBy)
    }
}

/// One line of who came in and saw what.
public struct AccessSummary: Sendable, Hashable {
    public var at: UTCTime
    public var kind: String
    public var person: String
    public var subject: String?
    public var address: String?
}

/// What decides who may see an order.
public struct OrderSubject: Sendable, Hashable {
    public var number: String
    public var category: String
    public var ownerUnit: String?
    /// Departments that had it, or were given a copy.
    public var units: Set<String>
    public var isConfidential: Bool
    public var reportedDepartment: String?
    /// As written down: a name, a work number, or both.
    public var reportedPerson: String?

    public init(
        number: String, category: String, ownerUnit: String?, units: Set<String>, isConfidential: Bool,
        reportedDepartment: String?, reportedPerson: String?
    ) {
        self.number = number
        self.category = category
        self.ownerUnit = ownerUnit
        self.units = units
        self.isConfidential = isConfidential
        self.reportedDepartment = reportedDepartment
        self.reportedPerson = reportedPerson
    }
}

/// What decides who may hear a recording.
public struct RecordingSubject: Sendable, Hashable {
    public var recording: RecordingID
    /// Agents who spoke in the call.
    public var agents: [String]
    public var orders: [OrderSubject]
    /// The caller left a voice message in it.
    public var holdsMessage: Bool

    public init(recording: RecordingID, agents: [String], orders: [OrderSubject], holdsMessage: Bool = false) {
        self.recording = recording
        self.agents = agents
        self.orders = orders
        self.holdsMessage = holdsMessage
    }
}
