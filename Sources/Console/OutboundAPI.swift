import Calls
import Hummingbird
import Storage
import Switchboard

/// Places calls: an agent's phone first, then the other party's.
struct OutboundAPI: Sendable {
    let exchange: Exchange
    let reader: StoreReader
    let desk: AgentDesk?

    func add(to group: RouterGroup<ConsoleContext>) {
        group.post("calls") { request, _ in
            let body = try await request.read(CallBody.self)
            let agent = try desk.known(body.agent)
            let order = try await order(body.order)
            let callBack = try await callBack(body.asking)
            let wish = OutboundCall(
                agent: agent, number: try number(body.number ?? callBack?.number, of: order), role: body.role.value,
                order: order?.orderID, asking: body.asking, isLast: callBack?.follows != nil)
            let call = try exchange.place(wish)
            if let asking = body.asking { desk?.taken(asking) }
            return try json(Placed(call: call))
        }
    }

    private func order(_ number: String?) async throws -> OrderSummary? {
        guard let number else { return nil }
        guard let order = try await reader.order(number) else {
            throw Problem(.notFound, "there is no order \(quoted(number))")
        }
        return order
    }

    private func number(_ given: String?, of order: OrderSummary?) throws -> String {
        guard let number = given ?? order?.caller else {
            throw Problem(.conflict, "whom to call is not known: give `number`, the order has none")
        }
        guard PlainNumber.fits(number) else {
            throw given == nil
                ? Problem(.conflict, "the order's caller has no number that can be called: give `number`")
                : Problem(.badRequest, "`number` must be 3 to 20 digits")
        }
        return number
    }

    /// The call-back that is to be made; one that the queue makes itself, or that was made, is refused.
    private func callBack(_ asking: CallID?) async throws -> CallBackSummary? {
        guard let asking else { return nil }
        guard let found = try await reader.callBack(of: asking) else {
            throw Problem(.notFound, "`asking`: nobody is to be called back for call \(asking)")
        }
        guard found.state != .reached else {
            throw Problem(.conflict, "`asking`: the caller of call \(asking) was called back already")
        }
        if desk?.keepsPlace(of: asking) == true {
            throw Problem(.conflict, "it keeps its place in the queue \(found.queue), which calls back in its turn")
        }
        return found
    }

    private struct Placed: Encodable {
        var call: CallID
    }
}

private struct CallBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case agent, number, order, role, asking }

    var agent: WorkNumber
    /// Digits; null: the order's caller.
    var number: String?
    /// The order's number.
    var order: String?
    var role: Word<OutboundRole>
    /// The call in which a call-back was asked for, or that broke.
    var asking: CallID?
}
