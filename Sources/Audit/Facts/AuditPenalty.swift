/// A penalty of an order, as an audit looks at it.
public struct AuditPenalty: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable {
        case proposed, confirmed, dropped
    }

    /// Unique among all profiles.
    public var id: String
    public var clause: String
    public var state: State
    /// What was confirmed.
    public var yuan: Int?

    public init(id: String, clause: String, state: State, yuan: Int?) {
        self.id = id
        self.clause = clause
        self.state = state
        self.yuan = yuan
    }
}
