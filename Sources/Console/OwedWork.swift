import Calls
import Foundation
import Hummingbird
import Storage
import Switchboard

/// What agents still have to do after calls, and shift leaders with reports: read from the store, so that it outlives the
/// program.
struct OwedWork: Sendable {
    let exchange: Exchange
    let reader: StoreReader

    func views(_ agents: [DistributorStatus.AgentStatus]) async throws -> [AgentView] {
        let forms = Dictionary(grouping: try await reader.pendingForms(), by: \.agent)
        let reports = try await reader.unheardReports()
        return agents.map { status in
            AgentView(status, forms: forms[status.agent.number]?.map(\.call) ?? [], unheardReports: reports)
        }
    }

    func add(to group: RouterGroup<ConsoleContext>) {
        group.post("agents/:number/no_order") { request, context in
            let agent = try context.workNumber()
            let body = try await request.read(NoOrderBody.self)
            let reason = (try Optional(body.reason).kept(as: "reason", most: 500) ?? "")
                .trimmingCharacters(in: .whitespacesAndNewlines)
            guard !reason.isEmpty else { throw Problem(.badRequest, "`reason` must say why no order is needed") }
            guard try await reader.pendingForms().contains(where: { $0.call == body.call && $0.agent == agent }) else {
                throw Problem(.notFound, "agent \(agent) owes no form for call \(body.call)")
            }
            try await waive(body.call, by: agent, reason: reason)
            return Response(status: .noContent)
        }
    }

    /// Writes down that a call whose form is owed needs no order.
    /// - Throws: `Problem` 409 where none is owed any more.
    func waive(_ call: CallID, by agent: WorkNumber, reason: String) async throws {
        do {
            try await exchange.waiveForm(of: call, by: agent, reason: reason)
        } catch let error as SwitchboardError {
            throw Problem(.conflict, error.message)
        } catch let error as StorageError where error.code == .conflict {
            throw Problem(.conflict, "the form of call \(call) was closed meanwhile")
        }
    }

    /// Calls whose form an agent owes, the oldest first.
    func forms(of agent: WorkNumber) async throws -> [PendingForm] {
        try await reader.pendingForms().filter { $0.agent == agent }
    }
}

private struct NoOrderBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case call, reason }

    var call: CallID
    var reason: String
}
