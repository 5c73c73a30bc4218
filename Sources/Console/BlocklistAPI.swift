import Calls
import Hummingbird
import Switchboard

/// Puts numbers on the blocklist and takes them off.
struct BlocklistAPI: Sendable {
    let blocklist: Blocklist

    func add(to group: RouterGroup<BasicRequestContext>) {
        group.post("blocklist") { request, context in
            let body = try await request.decode(as: BlockBody.self, context: context)
            if let hours = body.hours, !(1...8784).contains(hours) {
                throw Problem(.badRequest, "`hours` must lie between 1 and 8784")
            }
            try await answered {
                try await blocklist.block(
                    body.number, milliseconds: body.hours.map { Int64($0) * 3_600_000 }, by: body.by,
                    reason: body.reason)
            }
            return Response(status: .noContent)
        }
        group.post("blocklist/:number/removal") { request, context in
            let number = try context.parameters.require("number")
            let body = try await request.decode(as: RemovalBody.self, context: context)
            try await answered { try await blocklist.unblock(number, by: body.by) }
            return Response(status: .noContent)
        }
    }

    private func answered(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as SwitchboardError {
            throw Problem(error.code == .notFound ? .notFound : .conflict, error.message)
        }
    }
}

private struct BlockBody: Decodable {
    var number: String
    /// For so many hours; null: until it is taken off.
    var hours: Int?
    var by: WorkNumber
    var reason: String
}

private struct RemovalBody: Decodable {
    var by: WorkNumber
}
