import Access
import Calls
import Hummingbird
import Storage
import Switchboard

/// Places calls: an agent's phone first, then the other party's.
struct OutboundAPI: Sendable {
    let exchange: Exchange
    let reader: StoreReader
    let desk: AgentDesk?
    let gate: Gatekeeper

    func add(to group: RouterGroup<ConsoleContext>) {
        group.post("calls") { request, context in
            let body = try await request.read(CallBody.self)
            let call = try await place(
                agent: body.agent, role: body.role.value, number: body.number, order: body.order, asking: body.asking,
                for: context.asker?.person)
            return try json(Placed(call: call))
        }
    }

    /// Places a call, of which the agent's phone rings first.
    /// - Parameters:
    ///   - number: nil: the call-back's, or the order's caller.
    ///   - order: its number.
    ///   - asking: the call in which a call-back was asked for, or that broke.
    ///   - person: who asks; nil: the machine.
    /// - Throws: `Problem`: 403 for another's phone, and for an order or call whose caller they may not know; 404 where that is
    ///   withheld from them.
    func place(
        agent: WorkNumber, role: OutboundRole, number given: String? = nil, order named: String? = nil,
        asking: CallID? = nil, for person: Person?
    ) async throws -> CallID {
        if let person {
            guard person.workNumber == agent.text || Rights.allows(person, .lead) else {
                throw Problem(.forbidden, "`agent` is your own work number: nobody has another's phone ring")
            }
            if let named { try await gate.check(person, .seeContacts, order: named) }
            if let asking {
                try await gate.checkIsNotWithheld(asking, from: person)
                guard try await gate.contacts(ofCalls: [asking], for: person)[asking] != .refused else {
                    throw Problem(.forbidden, "your roles do not open this call")
                }
            }
        }
        let agent = try desk.known(agent)
        let order = try await order(named)
        let callBack = try await callBack(asking)
        let wish = OutboundCall(
            agent: agent, number: try number(given ?? callBack?.number, of: order), role: role, order: order?.orderID,
            asking: asking, isLast: callBack?.follows != nil)
        let call = try exchange.place(wish)
        if let asking { desk?.taken(asking) }
        return call
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
