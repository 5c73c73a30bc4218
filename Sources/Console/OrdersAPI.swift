import Calls
import Hummingbird
import Storage
import Switchboard

/// The lives of work orders (docs/orders.md).
struct OrdersAPI: Sendable {
    /// Nil: `orders.policy` is not set.
    let orders: OrderBook?
    let desk: AgentDesk?

    func add(to group: RouterGroup<BasicRequestContext>) {
        group.get("orders/:number/life") { _, context in
            try json(try await here.life(of: try context.part("number")))
        }
        group.post("orders/:number/steps") { request, context in
            let number = try context.part("number")
            let body = try await request.read(StepBody.self)
            let by = try desk.known(body.by)
            return try json(
                try await here.step(
                    number,
                    OrderStepRequest(
                        step: body.step, by: by, role: body.role, unit: body.unit, happenedAt: body.happenedAt,
                        why: body.why, fields: body.fields ?? [:])))
        }
    }

    private var here: OrderBook {
        get throws {
            guard let orders else {
                throw Problem(.notFound, "`orders.policy` is not set: this server knows no rules for work orders")
            }
            return orders
        }
    }
}

private struct StepBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case step, by, role, unit
        case happenedAt = "happened_at"
        case why, fields
    }

    var step: String
    var by: WorkNumber
    var role: String
    var unit: String?
    var happenedAt: UTCTime?
    var why: String?
    var fields: [String: String]?
}
