import Calls
import Storage

/// Somebody who signs in.
public struct Person: Sendable, Hashable {
    /// What they sign in with: 2 to 12 of `a-z 0-9`, a letter first, so that it can stand where a work number does.
    public var name: String
    /// As shown to others.
    public var title: String
    public var roles: Set<Role>
    /// In which roles they do steps of orders (docs/orders.md), beside those that follow from `roles`.
    public var orderRoles: Set<String>
    /// A department of the orders' vocabulary.
    public var unit: String?
    /// Where they are an agent.
    public var workNumber: String?
    public var isActive: Bool

    public init(
        name: String, title: String, roles: Set<Role>, orderRoles: Set<String> = [], unit: String? = nil,
        workNumber: String? = nil, isActive: Bool = true
    ) {
        self.name = name
        self.title = title
        self.roles = roles
        self.orderRoles = orderRoles
        self.unit = unit
        self.workNumber = workNumber
        self.isActive = isActive
    }

    /// - Returns: nil where the row names a role of another version.
    init?(_ row: PersonSummary) {
        let roles = row.roles.compactMap(Role.init)
        guard roles.count == row.roles.count else { return nil }
        self.init(
            name: row.person, title: row.title, roles: Set(roles), orderRoles: Set(row.orderRoles), unit: row.unit,
            workNumber: row.workNumber, isActive: row.active)
    }

    /// The roles in which they may do steps of orders.
    public var stepRoles: Set<String> {
        var all = orderRoles
        if roles.contains(.agent) { all.insert("agent") }
        if roles.contains(.shiftLeader) { all.formUnion(["agent", "shift_leader"]) }
        if roles.contains(.handler) { all.insert("department") }
        return all
    }

    /// Who is written down as the doer of a step or a note: the work number, or the name. Nil for a name of another version.
    public var actor: WorkNumber? { WorkNumber(workNumber ?? name) }

    /// Their departments: what is set here, and the one of their work number.
    public func units(_ units: (_ agent: String) -> Set<String>) -> Set<String> {
        var all = workNumber.map(units) ?? []
        if let unit { all.insert(unit) }
        return all
    }

    /// What is wrong with a name to sign in with; nil where it may be given.
    public static func complaint(aboutName name: String) -> String? {
        let isRight = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
        guard isRight, (2...12).contains(name.utf8.count), (97...122).contains(name.utf8.first ?? 0) else {
            return "a name to sign in with has 2 to 12 of a-z and 0-9, and begins with a letter"
        }
        return nil
    }
}
