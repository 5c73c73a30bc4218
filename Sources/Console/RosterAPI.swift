import Calls
import Hummingbird
import Switchboard

/// The agents' file: read anew, and its agents, queues and key customers changed, as the pages do it (docs/agents.md).
struct RosterAPI: Sendable {
    let roster: RosterKeeper?
    let desk: AgentDesk?

    func add(to group: RouterGroup<ConsoleContext>) {
        group.post("roster") { request, context in
            let body = try await request.read(ByBody.self)
            let warnings = try await here.reload(by: try context.doerIfSaid(body.by) { $0 })
            return try json(RosterView(warnings: warnings))
        }
        group.put("roster/agents/:number") { request, context in
            let number = try context.workNumber()
            let body = try await request.read(AgentBody.self)
            let secrets = try await here.set(
                try body.wish(number, isNew: desk?.rosterAgent(number) == nil),
                by: try context.doer(body.by, desk.known))
            return try json(SecretsView(password: secrets.password?.text, pin: secrets.pin?.text))
        }
        group.delete("roster/agents/:number") { request, context in
            let number = try context.workNumber()
            try await here.remove(
                agent: number, by: try context.doer(try ListQuery(request, keys: ["by"]).workNumber("by"), desk.known))
            return Response(status: .noContent)
        }
        group.get("key_customers") { request, _ in
            _ = try ListQuery(request, keys: [])
            return try json((desk?.keyCustomers ?? []).map { CustomerView(number: $0.number, remark: $0.remark) })
        }
        group.put("key_customers/:number") { request, context in
            let number = try context.part("number")
            let body = try await request.read(CustomerBody.self)
            try await here.set(
                customer: number, remark: try body.remark.kept(as: "remark", most: 200) ?? "",
                by: try context.doer(body.by, desk.known))
            return Response(status: .noContent)
        }
        group.delete("key_customers/:number") { request, context in
            let number = try context.part("number")
            try await here.remove(
                customer: number,
                by: try context.doer(try ListQuery(request, keys: ["by"]).workNumber("by"), desk.known))
            return Response(status: .noContent)
        }
    }

    private var here: RosterKeeper { get throws { try Self.present(roster) } }

    static func present(_ roster: RosterKeeper?) throws -> RosterKeeper {
        guard let roster else {
            throw Problem(.notFound, "the server has no agents: set `agents.file` (docs/agents.md)")
        }
        return roster
    }
}

private struct ByBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case by }

    /// Nil where a person asks, who is who they are, and for the command line, which need not say it.
    var by: WorkNumber?
}

private struct AgentBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case by, name, role, department, skills, pin
        case newPassword = "new_password"
    }

    var by: WorkNumber?
    var name: String
    /// Nil: `agent`.
    var role: Word<AgentRole>?
    var department: String?
    var skills: [String]?
    /// Nil: `keep`.
    var pin: Word<AgentWish.PIN>?
    var newPassword: Bool?

    func wish(_ number: WorkNumber, isNew: Bool) throws -> AgentWish {
        guard let name = try Optional(name).kept(as: "name", most: 40) else {
            throw Problem(.badRequest, "`name` is missing")
        }
        return AgentWish(
            number: number, isNew: isNew, name: name, role: role?.value ?? .agent,
            department: try department.kept(as: "department", most: 40) ?? "",
            skills: try (skills ?? []).compactMap { try Optional($0).kept(as: "skills", most: 32) },
            newPassword: newPassword ?? false, pin: pin?.value ?? .keep)
    }
}

private struct CustomerBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case by, remark }

    var by: WorkNumber?
    /// Whose the number is.
    var remark: String?
}

/// The answer to reading the agents' file anew (docs/json.md).
public struct RosterView: Sendable, Codable, Hashable {
    /// What should be mended in it, one each, with its place.
    public var warnings: [String]
}

/// What was made for an agent and is told this once; null where it stays as it was.
struct SecretsView: Sendable, Encodable {
    var password: String?
    var pin: String?

    enum CodingKeys: String, CodingKey { case password, pin }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(password, forKey: .password)
        try fields.encode(pin, forKey: .pin)
    }
}

private struct CustomerView: Encodable {
    var number: String
    var remark: String
}
