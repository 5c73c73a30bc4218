import Hummingbird
import Storage
import Switchboard

/// Other ticket stores (docs/tickets.md).
struct TicketsAPI: Sendable {
    let tickets: TicketDesk?

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("tickets") { _, _ in try json(try await tickets?.standings() ?? []) }
        group.get("tickets/:store/comparison") { request, context in
            let query = try ListQuery(request, keys: ["from", "to"])
            guard let from = try query.time("from"), let to = try query.time("to"), from < to else {
                throw Problem(.badRequest, "`from` and `to` are needed, and `from` lies before `to`")
            }
            return try json(try await here.reconcile(try context.part("store"), from: from, to: to))
        }
        group.post("orders/:number/tickets/:store") { request, context in
            let (number, store) = (try context.part("number"), try context.part("store"))
            let body = try await request.read(TicketBody.self)
            try await here.take(
                TicketState(reference: body.reference, status: body.status, changedAt: body.changedAt), of: number,
                in: store)
            return Response(status: .noContent)
        }
    }

    private var here: TicketDesk {
        get throws {
            guard let tickets else {
                throw Problem(.notFound, "`orders.stores` is not set: this server knows no other ticket store")
            }
            return tickets
        }
    }
}

private struct TicketBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case reference, status
        case changedAt = "changed_at"
    }

    var reference: String
    var status: String?
    var changedAt: UTCTime?
}
