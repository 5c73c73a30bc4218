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
        let isTheirs = if isServing { true } else { try await heard(person, detail) }
        guard Rights.allows(person, .agentSelf), isTheirs else {
            throw Problem(.forbidden, "the call is another agent's: its form is theirs, and shift leaders'")
        }
        try await checkIsNotWithheld(id, from: person)
        return detail
    }

    /// Whoever an order of the call is about does not see what was said of them.
    /// - Throws: `Problem` 404, as for a call that is not there.
    func checkIsNotWithheld(_ call: CallID, from person: Person) async throws {
        guard try await contacts(ofCalls: [call], for: person)[call] != .hidden else {
            throw Problem(.notFound, "there is no call \(call)")
        }
    }

    /// How far somebody may know who called, by the orders that were made of the calls; the strictest of several. Calls without
    /// an order are left out: whoever may see the list of them may see whose they are.
    func contacts(ofCalls ids: [CallID], for person: Person) async throws -> [CallID: Verdict] {
        try await reader.orderSubjects(ofCalls: ids).mapValues { orders in
            let verdicts = orders.map { Rights.verdict(person, .seeContacts, on: $0) }
            return verdicts.contains(.hidden) ? .hidden : verdicts.contains(.refused) ? .refused : .allowed
        }
    }

    /// Whoever listened to a call's voice message deals with it, unless somebody spoke with the caller.
    private func heard(_ person: Person, _ detail: CallDetail) async throws -> Bool {
        guard let actor = person.actor, Rights.allows(person, .inbox),
            !detail.agents.contains(where: { $0.answeredAt != nil && $0.purpose.isServing })
        else { return false }
        let filter = MessageFilter(call: detail.summary.callID, kind: .voice, limit: 20)
        return try await reader.messages(filter: filter).contains { $0.heardBy == actor }
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
