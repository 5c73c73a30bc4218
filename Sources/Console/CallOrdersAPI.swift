import Access
import Calls
import Hummingbird
import Storage
import Switchboard

/// Work orders made of calls: by the API here, by the desk's form through the same `CallOrders`.
struct CallOrdersAPI: Sendable {
    let book: CallOrders
    let desk: AgentDesk?

    func add(to group: RouterGroup<ConsoleContext>) {
        group.post("calls/:call/orders") { request, context in
            let call = try context.callID()
            let body = try await request.read(OrderBody.self)
            let wish = OrderWish(
                category: body.category, call: call, by: try context.doer(body.by, desk.known),
                role: try context.role(body.role), happenedAt: body.happenedAt, fields: body.fields)
            return try json(try await book.make(wish, for: context.asker))
        }
    }
}

/// Makes orders of calls, whoever asks.
struct CallOrders: Sendable {
    let exchange: Exchange
    /// Nil: `orders.policy` is not set.
    let orders: OrderBook?

    /// - Throws: `Problem` 403 for an order about the asker; what `Exchange.makeOrder` throws.
    func make(_ wish: OrderWish, for asker: Asker?) async throws -> OrderMade {
        guard let orders else {
            throw Problem(.notFound, "`orders.policy` is not set: this server knows no rules for work orders")
        }
        if let person = asker?.person, Self.names(person, wish) {
            throw Problem(
                .forbidden, "an order about yourself is for another to take: hand the caller to a shift leader")
        }
        return try await exchange.makeOrder(wish, in: orders)
    }

    /// Whether the order is about this very person.
    static func names(_ person: Person, _ wish: OrderWish) -> Bool {
        Rights.isWithheld(
            OrderSubject(
                number: "", category: wish.category, ownerUnit: nil, units: [], isConfidential: false,
                reportedDepartment: nil, reportedPerson: wish.fields["reported_person"]), from: person)
    }
}

private struct OrderBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case category, by, role
        case happenedAt = "happened_at"
        case fields
    }

    var category: String
    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
    var role: String
    /// When it was taken; null: now.
    var happenedAt: UTCTime?
    var fields: [String: String]
}
