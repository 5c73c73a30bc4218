import Access
import Calls
import Hummingbird
import Storage

/// Who may use the console and the API.
struct PeopleAPI: Sendable {
    let people: People

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("people") { _, _ in try json(people.all.map(PersonView.init)) }
        group.post("people/:name") { request, context in
            let name = try context.part("name")
            let body = try await request.read(PersonBody.self)
            let person = Person(
                name: name, title: try Optional(body.title).kept(as: "title", most: 40) ?? "",
                roles: try Self.roles(body.roles),
                orderRoles: Set(body.orderRoles ?? []), unit: try body.unit.kept(as: "unit", most: 60),
                workNumber: body.workNumber?.text, isActive: body.active ?? true)
            try await people.set(person, by: context.asker?.person?.name)
            return try json(PersonView(person))
        }
        group.post("people/:name/invitation") { request, context in
            let name = try context.part("name")
            try await request.readNothing()
            return try json(LinkView(link: "/welcome/" + (try await people.invite(name))))
        }
        group.post("people/:name/tokens") { request, context in
            let name = try context.part("name")
            let body = try await request.read(TokenBody.self)
            let title = try Optional(body.title).kept(as: "title", most: 60) ?? ""
            guard !title.isEmpty else { throw Problem(.badRequest, "`title` must say what the token is for") }
            return try json(
                TokenView(token: try await people.makeToken(name, title: title, days: body.days?.value ?? 90)))
        }
        group.post("people/:name/tokens/removal") { request, context in
            let name = try context.part("name")
            let body = try await request.read(RemovalBody.self)
            try await people.removeToken(name, title: body.title)
            return Response(status: .noContent)
        }
    }

    /// - Throws: `Problem` 400 for a word that is no role.
    static func roles(_ words: [String]) throws -> Set<Role> {
        try Set(
            words.map { word in
                guard let role = Role(rawValue: word) else {
                    let all = Role.allCases.map(\.rawValue).joined(separator: ", ")
                    throw Problem(.badRequest, "`roles`: \(quoted(word)) is none of \(all)")
                }
                return role
            })
    }
}

/// A person as the API shows them.
struct PersonView: Encodable {
    let person: Person

    init(_ person: Person) { self.person = person }

    enum CodingKeys: String, CodingKey {
        case name, title, roles
        case orderRoles = "order_roles"
        case unit
        case workNumber = "work_number"
        case active
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(person.name, forKey: .name)
        try fields.encode(person.title, forKey: .title)
        try fields.encode(person.roles.map(\.rawValue).sorted(), forKey: .roles)
        try fields.encode(person.orderRoles.sorted(), forKey: .orderRoles)
        try fields.encode(person.unit, forKey: .unit)
        try fields.encode(person.workNumber, forKey: .workNumber)
        try fields.encode(person.isActive, forKey: .active)
    }
}

private struct PersonBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case title, roles
        case orderRoles = "order_roles"
        case unit
        case workNumber = "work_number"
        case active
    }

    var title: String
    var roles: [String]
    var orderRoles: [String]?
    var unit: String?
    var workNumber: WorkNumber?
    var active: Bool?
}

private struct TokenBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case title, days }

    var title: String
    var days: WholeNumber?
}

private struct RemovalBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case title }

    var title: String
}

private struct LinkView: Encodable { var link: String }

private struct TokenView: Encodable { var token: String }
