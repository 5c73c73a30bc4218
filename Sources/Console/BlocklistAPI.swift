import Calls
import Hummingbird
import Switchboard

/// Lists blocked numbers as `hotline blocklist list --json` does, puts numbers on the list and takes them off.
struct BlocklistAPI: Sendable {
    let blocklist: Blocklist
    let desk: AgentDesk?

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("blocklist") { request, _ in
            let query = try ListQuery(request, keys: ["at", "limit"])
            return try json(
                try await blocklist.numbers(at: try query.time("at"), limit: try query.limit(orElse: 1000)))
        }
        group.post("blocklist") { request, context in
            let body = try await request.read(BlockBody.self)
            // An absurd number of hours would overflow, and end the server.
            let hours = body.hours?.value
            if let hours, !(1...8784).contains(hours) {
                throw Problem(.badRequest, "`hours` must lie between 1 and 8784; without it the number stays blocked")
            }
            let reason = try Optional(body.reason).kept(as: "reason", most: 200) ?? ""
            try await blocklist.block(
                body.number, milliseconds: hours.map { Int64($0) * 3_600_000 },
                by: try context.doer(body.by, desk.known),
                reason: reason)
            return Response(status: .noContent)
        }
        group.post("blocklist/:number/removal") { request, context in
            let number = try context.part("number")
            let body = try await request.read(RemovalBody.self)
            try await blocklist.unblock(
                number, by: try context.doer(body.by, desk.known),
                reason: try body.reason.kept(as: "reason", most: 200))
            return Response(status: .noContent)
        }
    }
}

private struct BlockBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case number, hours, by, reason }

    var number: String
    /// For so many hours; null: until it is taken off.
    var hours: WholeNumber?
    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
    var reason: String
}

private struct RemovalBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case by, reason }

    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
    var reason: String?
}
