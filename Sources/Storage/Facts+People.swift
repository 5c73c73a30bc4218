import Calls

// Who may use the console and the API, and what they looked at. By the rules of Facts.swift. Passwords and tokens are no facts:
// what is journalled stays.

/// A person was entered, or changed: what holds from now on.
public struct PersonSet: Sendable, Codable, Hashable {
    public var at: Instant
    /// The name to sign in with.
    public var person: String
    /// As shown to others.
    public var title: String
    /// What they may do in the console, sorted.
    public var roles: [String]
    /// The roles in which they do steps of orders (docs/orders.md), sorted.
    public var orderRoles: [String]
    /// Their department, by its id in the orders' vocabulary; nil: none.
    public var unit: String?
    /// Their own, where they are an agent.
    public var workNumber: String?
    public var isActive: Bool
    /// Who set it; nil: the program's operator, by the command line or at the first start.
    public var by: String?

    public init(
        at: Instant, person: String, title: String, roles: [String], orderRoles: [String], unit: String?,
        workNumber: String?, isActive: Bool, by: String?
    ) {
        self.at = at
        self.person = person
        self.title = title
        self.roles = roles
        self.orderRoles = orderRoles
        self.unit = unit
        self.workNumber = workNumber
        self.isActive = isActive
        self.by = by
    }
}

/// Somebody came in, was kept out, or saw something whose seeing is written down.
public struct AccessNoted: Sendable, Codable, Hashable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case signedIn = "signed_in"
        case signedOut = "signed_out"
        /// A wrong name or password.
        case refused
        /// So many wrong passwords that none is looked at for a while.
        case locked
        case passwordSet = "password_set"
        case invited
        case tokenMade = "token_made"
        case tokenRemoved = "token_removed"
        /// An order with its caller's contact data.
        case orderSeen = "order_seen"
        case exported
    }

    public var at: Instant
    public var kind: Kind
    /// The name to sign in with, as given: perhaps nobody's.
    public var person: String
    /// What was seen or done: an order's number, a token's name.
    public var subject: String?
    /// The address asked from.
    public var address: String?

    public init(at: Instant, kind: Kind, person: String, subject: String? = nil, address: String? = nil) {
        self.at = at
        self.kind = kind
        self.person = person
        self.subject = subject
        self.address = address
    }
}
