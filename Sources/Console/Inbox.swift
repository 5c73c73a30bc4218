import Access
import Calls
import Storage
import Switchboard

/// What callers left: voice messages and agents' reports, looked through and marked as heard; the same for pages and API.
struct Inbox: Sendable {
    let exchange: Exchange
    let reader: StoreReader
    let desk: AgentDesk?
    let gate: Gatekeeper

    /// Messages without those of calls whose caller the asker may not know: whoever an order of the call is about, and of a
    /// confidential one all but those who handle it.
    func list(_ filter: MessageFilter, for asker: Asker?) async throws -> [MessageSummary] {
        let messages = try await reader.messages(filter: filter)
        guard let person = asker?.person else { return messages }
        let known = try await gate.contacts(ofCalls: messages.map(\.callID), for: person)
        return messages.filter { known[$0.callID, default: .allowed] == .allowed }
    }

    /// Wishes to be called back, as `list`.
    func callBacks(_ filter: CallBackFilter, for asker: Asker?) async throws -> [CallBackSummary] {
        let callBacks = try await reader.callBacks(filter: filter)
        guard let person = asker?.person else { return callBacks }
        let known = try await gate.contacts(ofCalls: callBacks.map(\.callID), for: person)
        return callBacks.filter { known[$0.callID, default: .allowed] == .allowed }
    }

    /// Writes down that somebody listened to a message, or acknowledges a report. Heard again, the first hearing stands.
    /// - Throws: `Problem` 409 where the asker may not acknowledge it.
    func hear(_ id: MessageID, by number: WorkNumber) async throws {
        if try await reader.message(id)?.kind == .report { try checkMayAcknowledge(number) }
        try await exchange.heard(id, by: number)
    }

    /// A report is done with once one of those whom it is for, or above, has seen it (002 规范 7).
    private func checkMayAcknowledge(_ number: WorkNumber) throws {
        switch desk?.role(of: number) {
        case .shiftLeader, .supervisor: break
        case .agent, nil: throw Problem(.conflict, "\(number) is neither shift leader nor supervisor")
        }
    }
}
