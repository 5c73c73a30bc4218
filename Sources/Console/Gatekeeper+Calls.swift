import Access
import Calls
import Storage
import Switchboard

extension Gatekeeper {
    /// A call's form is there for whoever serves or served the caller, and for shift leaders.
    /// - Parameter toWrite: false: the agent whose phone rings for the call may look already.
    /// - Throws: `Problem` 403 for another's call; 404 where there is no such call, or it is to seem so.
    @discardableResult
    func check(_ person: Person, call id: CallID, toWrite: Bool) async throws -> CallDetail {
        guard let detail = try await reader.call(id) else { throw Problem(.notFound, "there is no call \(id)") }
        let isServing = serves(person, detail, toWrite: toWrite) || Rights.allows(person, .lead)
        let isTheirs = if isServing { true } else { try await heard(person, id) }
        guard Rights.allows(person, .agentSelf), isTheirs else {
            throw Problem(.forbidden, "the call is another agent's: its form is theirs, and shift leaders'")
        }
        // Whoever an order of the call is about does not see what was said of them.
        for order in try await reader.orders(filter: OrderFilter(call: id)) {
            if let subject = try await reader.orderSubject(order.number), Rights.isWithheld(subject, from: person) {
                throw Problem(.notFound, "there is no call \(id)")
            }
        }
        return detail
    }

    /// Whoever listened to a call's voice message deals with it, unless somebody spoke with the caller.
    private func heard(_ person: Person, _ id: CallID) async throws -> Bool {
        guard let actor = person.actor, Rights.allows(person, .inbox) else { return false }
        return try await reader.messages(filter: MessageFilter(call: id, kind: .voice, limit: 20)).contains {
            $0.heardBy == actor
        }
    }

    private func serves(_ person: Person, _ detail: CallDetail, toWrite: Bool) -> Bool {
        guard let number = person.workNumber.flatMap({ WorkNumber($0) }) else { return false }
        // Whoever was asked, or listened in, did not serve the caller.
        if detail.agents.contains(where: { $0.agent == number && $0.answeredAt != nil && $0.purpose.isServing }) {
            return true
        }
        if detail.transfers.contains(where: { $0.completed && $0.to == number.text }) { return true }
        guard let now = desk?.status.agents.first(where: { $0.agent.number == number }),
            now.call == detail.summary.callID, now.purpose?.isServing == true
        else { return false }
        return now.state == .talking || now.state == .hold || (now.state == .ringing && !toWrite)
    }
}

extension AgentPurpose {
    /// The agent speaks with the caller in their own right.
    fileprivate var isServing: Bool { self != .consultation && self != .supervision }
}
