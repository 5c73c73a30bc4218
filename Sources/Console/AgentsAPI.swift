import Calls
import Hummingbird
import Switchboard

/// The live side of agents and queues: `/api/v1`, for the command line and for other programs of the utility.
///
/// Every request carries `Authorization: Bearer` with the token of the data folder. Errors are problem documents
/// (RFC 9457).
struct AgentsAPI: Sendable {
    let desk: AgentDesk

    func add(to group: RouterGroup<BasicRequestContext>) {
        group.get("agents") { _, _ in try json(desk.status.agents.map(AgentView.init)) }
        group.get("queues") { _, _ in try json(desk.status.queues.map(QueueView.init)) }
        group.post("agents/:number/state") { request, context in
            let agent = try number(context)
            let body = try await request.decode(as: StateBody.self, context: context)
            try answered { () throws(SwitchboardError) in try desk.change(agent, try body.wish(), source: body.source) }
            return try json(desk.status.agents.filter { $0.agent.number == agent }.map(AgentView.init))
        }
        group.post("agents/:number/call") { request, context in
            let agent = try number(context)
            let body = try await request.decode(as: CallBody.self, context: context)
            try answered { () throws(SwitchboardError) in try desk.talk(agent, try body.wish()) }
            return Response(status: .accepted)
        }
        group.post("agents/:number/supervision") { request, context in
            let agent = try number(context)
            let body = try await request.decode(as: SupervisionBody.self, context: context)
            try answered { () throws(SwitchboardError) in try desk.supervise(agent, by: body.by, mode: body.mode) }
            return Response(status: .accepted)
        }
        group.post("emergency") { request, context in
            let body = try await request.decode(as: EmergencyBody.self, context: context)
            desk.declareEmergency(body.declared)
            return Response(status: .noContent)
        }
        group.post("queues/:name/drain") { _, context in
            let name = try context.parameters.require("name")
            try answered { () throws(SwitchboardError) in try desk.drain(queue: name) }
            return Response(status: .noContent)
        }
    }

    private func number(_ context: BasicRequestContext) throws -> WorkNumber {
        let text = try context.parameters.require("number")
        guard let number = WorkNumber(text) else {
            throw Problem(.badRequest, "`\(text.prefix(20))` is no work number: 1 to 12 letters and digits")
        }
        return number
    }

    private func answered(_ body: () throws(SwitchboardError) -> Void) throws {
        do {
            try body()
        } catch {
            throw Problem(error.code == .notFound ? .notFound : .conflict, error.message)
        }
    }
}

private struct StateBody: Decodable {
    /// `available`, `ready`, `away`, `logged_out`.
    var state: String
    var reason: String?
    /// Who says so; `command` for the command line.
    var by: String?

    var source: AgentChangeSource { by == AgentChangeSource.command.rawValue ? .command : .api }

    func wish() throws(SwitchboardError) -> AgentDesk.Wish {
        switch state {
        case "available": return .logIn
        case "ready": return .ready
        case "away": return .away(reason: reason ?? "")
        case "logged_out": return .logOut
        default:
            throw SwitchboardError(
                .refused, "`state` must be available, ready, away or logged_out, not `\(state.prefix(20))`")
        }
    }
}

private struct CallBody: Decodable {
    var action: String
    /// Whom to consult or transfer to.
    var to: String?
    var mark: CallMark?
    /// 1…5, of an angry caller.
    var degree: Int?
    var note: String?

    static let actions = [
        "hold", "resume", "mute", "unmute", "consult", "complete", "cancel", "conference", "transfer", "shift_leader",
        "mark", "hang_up",
    ]

    func wish() throws(SwitchboardError) -> AgentDesk.TalkWish {
        switch action {
        case "hold": return .hold(true)
        case "resume": return .hold(false)
        case "mute": return .mute(true)
        case "unmute": return .mute(false)
        case "consult": return .consult(try target())
        case "complete": return .consultEnded(.completed)
        case "cancel": return .consultEnded(.cancelled)
        case "conference": return .consultEnded(.conference)
        case "transfer": return .transfer(try target())
        case "shift_leader": return .shiftLeader
        case "hang_up": return .hangUp
        case "mark":
            guard let mark else { throw SwitchboardError(.refused, "`mark` needs `mark`: \(CallMark.names)") }
            if let degree, !(1...5).contains(degree) { throw SwitchboardError(.refused, "`degree` must be 1 to 5") }
            return .mark(mark, degree: degree, note: note)
        default:
            throw SwitchboardError(
                .refused,
                "`action` must be one of \(Self.actions.joined(separator: ", ")), not `\(action.prefix(20))`")
        }
    }

    private func target() throws(SwitchboardError) -> String {
        guard let to, !to.isEmpty else { throw SwitchboardError(.refused, "`\(action)` needs `to`: a work number") }
        return to
    }
}

extension CallMark {
    fileprivate static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

private struct SupervisionBody: Decodable {
    var by: WorkNumber
    /// Null: stop.
    var mode: SuperviseMode?
}

private struct EmergencyBody: Decodable {
    var declared: Bool
}
