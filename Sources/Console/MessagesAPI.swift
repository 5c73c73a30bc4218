import Calls
import Hummingbird
import Storage
import Switchboard

/// The inbox: lists it as `hotline messages list --json` does, marks voice messages as heard and reports as acknowledged.
struct MessagesAPI: Sendable {
    let inbox: Inbox

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("messages") { request, context in
            let query = try ListQuery(request, keys: ["from", "to", "queue", "kind", "unheard", "limit"])
            var filter = MessageFilter(
                from: try query.time("from"), to: try query.time("to"), queue: try query.text("queue"),
                unheardOnly: try query.flag("unheard"), limit: try query.limit(orElse: 50))
            if let text = try query.text("kind") {
                guard let kind = InboxKind(rawValue: text) else {
                    throw Problem(.badRequest, "`kind` must be voice or report, not \(quoted(text))")
                }
                filter.kind = kind
            }
            return try json(try await inbox.list(filter, for: context.asker))
        }
        group.post("messages/:message/heard") { request, context in
            let body = try await request.read(HeardBody.self)
            let number = try context.doer(body.by, inbox.desk.known)
            try await inbox.hear(try await message(try context.part("message"), context.asker), by: number)
            return Response(status: .noContent)
        }
    }

    /// The message that is meant by an id or its beginning.
    private func message(_ text: String, _ asker: Asker?) async throws -> MessageID {
        guard text.utf8.count >= Self.shortest, let range = MessageID.range(beginning: text) else {
            throw Problem(
                .badRequest, "\(quoted(text)) is neither a message's id nor its beginning (\(Self.shortest) or more)")
        }
        let found = try await inbox.list(MessageFilter(ids: range, limit: 4), for: asker).map(\.id)
        guard let first = found.first else { throw Problem(.notFound, "there is no message \(quoted(text))") }
        guard found.count == 1 else {
            let some = found.sorted().prefix(3).map(\.description).joined(separator: ", ")
            throw Problem(
                .conflict,
                "\(quoted(text)) begins the ids of several messages (\(some)\(found.count > 3 ? ", …" : "")): give more of it"
            )
        }
        return first
    }

    /// Characters of an id, so that a slip of the hand names no message.
    private static let shortest = 4
}

private struct HeardBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case by }

    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
}
