import Calls
import Hummingbird
import Switchboard

/// The live side of agents and queues.
struct AgentsAPI: Sendable {
    /// Nil where there are no agents: every route says so.
    let desk: AgentDesk?
    let owed: OwedWork

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("agents") { request, _ in
            _ = try ListQuery(request, keys: [])
            return try json(try await owed.views(try present().status.agents))
        }
        group.get("queues") { request, _ in
            _ = try ListQuery(request, keys: [])
            return try json(try present().status.queues.map(QueueView.init))
        }
        group.post("agents/:number/state") { request, context in
            let desk = try present()
            let agent = try context.workNumber()
            let body = try await request.read(StateBody.self)
            try desk.change(agent, try body.wish(), source: body.by?.value == .command ? .command : .api)
            return try json(try await owed.views(desk.status.agents.filter { $0.agent.number == agent }))
        }
        group.post("agents/:number/call") { request, context in
            let desk = try present()
            let agent = try context.workNumber()
            let body = try await request.read(TalkBody.self)
            try desk.talk(agent, try body.wish())
            return Response(status: .accepted)
        }
        group.post("agents/:number/supervision") { request, context in
            let desk = try present()
            let agent = try context.workNumber()
            let body = try await request.read(SupervisionBody.self)
            try desk.supervise(agent, by: try context.doer(body.by) { $0 }, mode: body.mode?.value)
            return Response(status: .accepted)
        }
        group.post("emergency") { request, _ in
            let desk = try present()
            let body = try await request.read(EmergencyBody.self)
            desk.declareEmergency(body.declared)
            return Response(status: .noContent)
        }
        group.post("queues/:name/drain") { request, context in
            let desk = try present()
            let name = try context.part("name")
            try await request.readNothing()
            try desk.drain(queue: name)
            return Response(status: .noContent)
        }
    }

    private func present() throws -> AgentDesk {
        guard let desk else {
            throw Problem(.notFound, "the server has no agents: set `agents.file` (docs/agents.md)")
        }
        return desk
    }
}

private struct StateBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case state, reason, by }

    enum Wanted: String, CaseIterable {
        case available, ready, away
        case loggedOut = "logged_out"
    }

    /// Who may be said to ask.
    enum Asker: String, CaseIterable { case command, api }

    var state: Word<Wanted>
    var reason: String?
    var by: Word<Asker>?

    func wish() throws -> AgentDesk.Wish {
        let reason = try reason.kept(as: "reason", most: 100)
        switch state.value {
        case .available: return .logIn
        case .ready: return .ready
        case .away: return .away(reason: reason ?? "")
        case .loggedOut: return .logOut
        }
    }
}

private struct TalkBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case action, to, mark, degree, note, reason
        case handOver = "hand_over"
    }

    enum Action: String, CaseIterable {
        case hold, resume, mute, unmute, consult, complete, cancel, conference, transfer
        case shiftLeader = "shift_leader"
        case mark
        case pauseRecording = "pause_recording"
        case resumeRecording = "resume_recording"
        case hangUp = "hang_up"
    }

    var action: Word<Action>
    /// Whom to consult or transfer to.
    var to: String?
    var mark: Word<CallMark>?
    /// 1…3, of an angry caller.
    var degree: WholeNumber?
    var note: String?
    /// With `angry`: to a shift leader in the same step.
    var handOver: Bool?
    /// Why the recording pauses.
    var reason: String?

    func wish() throws -> AgentDesk.TalkWish {
        switch action.value {
        case .hold: return .hold(true)
        case .resume: return .hold(false)
        case .mute: return .mute(true)
        case .unmute: return .mute(false)
        case .consult: return .consult(try target())
        case .complete: return .consultEnded(.completed)
        case .cancel: return .consultEnded(.cancelled)
        case .conference: return .consultEnded(.conference)
        case .transfer: return .transfer(try target())
        case .shiftLeader: return .shiftLeader
        case .hangUp: return .hangUp
        case .pauseRecording: return .pauseRecording(reason: try reason.kept(as: "reason", most: 100))
        case .resumeRecording: return .resumeRecording
        case .mark:
            guard let mark else {
                let words = CallMark.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(.badRequest, "the action `mark` needs `mark`: \(words)")
            }
            let degree = degree?.value
            if let degree, !CallMark.degrees.contains(degree) { throw Problem(.badRequest, "`degree` must be 1 to 3") }
            if mark.value == .angry, degree == nil {
                throw Problem(.badRequest, "`angry` needs `degree`, 1 to 3 (000-G 第十四条)")
            }
            return .mark(
                mark.value, degree: degree, note: try note.kept(as: "note", most: 500), handOver: handOver ?? false)
        }
    }

    private func target() throws -> String {
        guard let to, !to.isEmpty else {
            throw Problem(.badRequest, "the action `\(action.value.rawValue)` needs `to`: a work number")
        }
        return to
    }
}

private struct SupervisionBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case by, mode }

    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
    /// Null: stop.
    var mode: Word<SuperviseMode>?
}

private struct EmergencyBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case declared }

    var declared: Bool
}
