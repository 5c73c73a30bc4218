import Calls
import Hummingbird
import Storage
import Switchboard

/// The lives of work orders (docs/orders.md).
struct OrdersAPI: Sendable {
    /// Nil: `orders.policy` is not set.
    let orders: OrderBook?
    /// Nil as above.
    let penalties: PenaltyBook?
    let desk: AgentDesk?

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("orders/:number/life") { _, context in
            try json(try await here.life(of: try context.part("number")))
        }
        group.post("orders/:number/steps") { request, context in
            let number = try context.part("number")
            let body = try await request.read(StepBody.self)
            let by = try context.doer(body.by, desk.known)
            return try json(
                try await here.step(
                    number,
                    OrderStepRequest(
                        step: body.step, by: by, role: try context.role(body.role), unit: context.unit(body.unit),
                        happenedAt: body.happenedAt,
                        why: body.why, fields: body.fields ?? [:], call: body.call)))
        }
        group.post("orders/:number/penalties/:penalty") { request, context in
            let (number, penalty) = (try context.part("number"), try context.part("penalty"))
            let body = try await request.read(DecisionBody.self)
            guard (body.decision == "confirm") == (body.yuan != nil), ["confirm", "drop"].contains(body.decision) else {
                throw Problem(.badRequest, "`decision` is `confirm` with `yuan`, or `drop` without")
            }
            guard (1...10_000).contains(body.persons ?? 1) else {
                throw Problem(.badRequest, "`persons` must lie between 1 and 10000")
            }
            let decided = try await decider.decide(
                PenaltyDecisionRequest(
                    order: number, penalty: penalty, yuan: body.yuan, persons: body.persons ?? 1,
                    by: try context.doer(body.by, desk.known), role: try context.role(body.role),
                    unit: context.unit(body.unit), why: body.why))
            return try json(decided)
        }
    }

    private var decider: PenaltyBook {
        get throws {
            guard let penalties else {
                throw Problem(.notFound, "`orders.policy` is not set: this server knows no penalties")
            }
            return penalties
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
        case why, fields, call
    }

    var step: String
    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
    var role: String
    var unit: String?
    var happenedAt: UTCTime?
    var why: String?
    var fields: [String: String]?
    var call: CallID?
}

private struct DecisionBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case decision, yuan, persons, by, role, unit, why
    }

    var decision: String
    var yuan: Int?
    var persons: Int?
    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
    var role: String
    var unit: String?
    var why: String
}
