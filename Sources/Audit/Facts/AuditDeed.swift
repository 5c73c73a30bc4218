/// A piece of recurring work that was done, as an audit looks at it. Instants are Unix time in microseconds, UTC.
public struct AuditDeed: Sendable, Hashable {
    /// The rule that asks for it.
    public var rule: String
    /// Which of several; empty where there is one alone.
    public var subject: String
    public var happenedAt: Int64
    public var by: String
    public var isProven: Bool

    public init(rule: String, subject: String, happenedAt: Int64, by: String, isProven: Bool) {
        self.rule = rule
        self.subject = subject
        self.happenedAt = happenedAt
        self.by = by
        self.isProven = isProven
    }
}

/// An outage that was announced, as an audit looks at it.
public struct AuditOutage: Sendable, Hashable {
    /// As text.
    public var id: String
    /// `planned`, `temporary`, `fault`.
    public var kind: String
    public var announcedAt: Int64
    public var beginsAt: Int64
    public var isWithdrawn: Bool

    public init(id: String, kind: String, announcedAt: Int64, beginsAt: Int64, isWithdrawn: Bool) {
        self.id = id
        self.kind = kind
        self.announcedAt = announcedAt
        self.beginsAt = beginsAt
        self.isWithdrawn = isWithdrawn
    }
}

/// A word of the server's own: it started, it stopped, a line went down or came back.
public struct AuditServerEvent: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// It begins to start: nothing can be reached before `started`.
        case opening
        case started(lines: [String])
        case stopped
        case lineDown(String)
        case lineUp(String)
        /// Anything else that was written down: the server ran then.
        case alive
    }

    public var at: Int64
    public var kind: Kind

    public init(at: Int64, kind: Kind) {
        self.at = at
        self.kind = kind
    }
}
