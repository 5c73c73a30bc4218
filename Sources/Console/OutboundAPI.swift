import Calls
import Hummingbird
import Storage
import Switchboard

/// Places calls: an agent's phone first, then the other party's.
struct OutboundAPI: Sendable {
    let exchange: Exchange
    let reader: StoreReader

    func add(to group: RouterGroup<BasicRequestContext>) {
        group.post("calls") { request, context in
            let body = try await request.decode(as: Body.self, context: context)
            var order: OrderSummary?
            if let number = body.order {
                order = try await reader.order(number)
                guard order != nil else { throw Problem(.notFound, "there is no order \(number.prefix(40))") }
            }
            guard let number = body.number ?? order?.caller else {
                throw Problem(.conflict, "whom to call is not known: give `number`, the order has none")
            }
            guard (3...20).contains(number.utf8.count), number.utf8.allSatisfy({ (48...57).contains($0) }) else {
                throw Problem(.badRequest, "`number` must be 3 to 20 digits")
            }
            let wish = OutboundCall(
                agent: body.agent, number: number, role: body.role, order: order?.orderID, asking: body.asking)
            do {
                return try json(Placed(call: try exchange.place(wish)))
            } catch let error as SwitchboardError {
                throw Problem(error.code == .notFound ? .notFound : .conflict, error.message)
            }
        }
    }

    private struct Body: Decodable {
        var agent: WorkNumber
        /// Digits; null: the order's caller.
        var number: String?
        /// The order's number.
        var order: String?
        var role: OutboundRole
        /// The call in which a call-back was asked for, or that broke.
        var asking: CallID?
    }

    private struct Placed: Encodable {
        var call: CallID
    }
}
