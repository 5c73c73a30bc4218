import Calls

/// A piece of recurring work that was done; keys as in docs/json.md.
public struct DutyDeed: Sendable, Hashable, Codable {
    public var profile: String
    public var rule: String
    /// Empty where there is one alone.
    public var subject: String
    public var happenedAt: UTCTime
    public var enteredAt: UTCTime
    public var by: String
    public var note: String
    /// A recording, an order, a document; nil: unproven.
    public var evidence: String?

    enum CodingKeys: String, CodingKey {
        case profile, rule, subject
        case happenedAt = "happened_at"
        case enteredAt = "entered_at"
        case by, note, evidence
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(profile, forKey: .profile)
        try fields.encode(rule, forKey: .rule)
        try fields.encode(subject, forKey: .subject)
        try fields.encode(happenedAt, forKey: .happenedAt)
        try fields.encode(enteredAt, forKey: .enteredAt)
        try fields.encode(by, forKey: .by)
        try fields.encode(note, forKey: .note)
        try fields.encode(evidence, forKey: .evidence)
    }
}

/// An outage announced to the public; keys as in docs/json.md.
public struct OutageNotice: Sendable, Hashable, Codable {
    public var id: OutageID
    /// `planned`, `temporary`, `fault`.
    public var kind: String
    /// Empty: everywhere.
    public var area: String
    public var beginsAt: UTCTime
    public var endsAt: UTCTime
    public var reason: String
    public var text: String
    /// Nil: callers hear the times.
    public var prompt: String?
    /// When the public was told.
    public var announcedAt: UTCTime
    public var enteredAt: UTCTime
    public var by: String
    public var withdrawnAt: UTCTime?
    public var withdrawnBy: String?
    public var withdrawnWhy: String?

    enum CodingKeys: String, CodingKey {
        case id, kind, area
        case beginsAt = "begins_at"
        case endsAt = "ends_at"
        case reason, text, prompt
        case announcedAt = "announced_at"
        case enteredAt = "entered_at"
        case by
        case withdrawnAt = "withdrawn_at"
        case withdrawnBy = "withdrawn_by"
        case withdrawnWhy = "withdrawn_why"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(area, forKey: .area)
        try fields.encode(beginsAt, forKey: .beginsAt)
        try fields.encode(endsAt, forKey: .endsAt)
        try fields.encode(reason, forKey: .reason)
        try fields.encode(text, forKey: .text)
        try fields.encode(prompt, forKey: .prompt)
        try fields.encode(announcedAt, forKey: .announcedAt)
        try fields.encode(enteredAt, forKey: .enteredAt)
        try fields.encode(by, forKey: .by)
        try fields.encode(withdrawnAt, forKey: .withdrawnAt)
        try fields.encode(withdrawnBy, forKey: .withdrawnBy)
        try fields.encode(withdrawnWhy, forKey: .withdrawnWhy)
    }
}

/// Which outages.
public struct OutageFilter: Sendable, Hashable {
    /// Those that are not over at this moment.
    public var notOverAt: UTCTime?
    /// Those that begin in a period.
    public var from: UTCTime?
    public var to: UTCTime?
    public var withWithdrawn: Bool
    /// 1 to 100,000.
    public var limit: Int

    public init(
        notOverAt: UTCTime? = nil, from: UTCTime? = nil, to: UTCTime? = nil, withWithdrawn: Bool = false,
        limit: Int = 1000
    ) {
        self.notOverAt = notOverAt
        self.from = from
        self.to = to
        self.withWithdrawn = withWithdrawn
        self.limit = limit
    }
}
