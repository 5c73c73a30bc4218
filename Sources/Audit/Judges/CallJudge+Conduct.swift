import Calls
import Norms

// How agents meet and leave callers: the greeting, who hangs up, nuisance and angry callers.

extension CallJudge {
    /// What the machine says in an agent's stead is a fact; what the agent says is for the reviewer. The machine speaks
    /// before it is known what the caller wants: to a rule about certain matters it answers nothing.
    func greeting(_ call: AuditCall, _ body: (AuditItem) -> Void) {
        for talk in call.talks {
            body(
                AuditItem(
                    .call(call.id), talk.isAnnounced && basis.scope.orders.isEmpty ? .kept : .notJudged(Reason.words),
                    at: talk.answeredAt, agent: talk.agent))
        }
    }

    func hangUp(_ call: AuditCall, _ body: (AuditItem) -> Void) {
        // Whoever harasses may be hung up on: that is judged by `nuisance_reported`.
        guard !call.talks.isEmpty, !call.isNuisance else { return }
        for talk in call.talks {
            let verdict: AuditItem.Verdict
            switch talk.end(in: call) {
            case .talking: verdict = .pending
            case .caller: verdict = .kept
            case .agent: verdict = .broken
            case .exchange: verdict = .notJudged(Reason.exchange)
            case .unknown: verdict = .notJudged(Reason.whoEnded)
            case .nobody: continue
            }
            body(AuditItem(.call(call.id), verdict, at: talk.answeredAt, done: talk.leftAt, agent: talk.agent))
        }
    }

    /// One item a call: the talk in which the agent hung up, or of which that is not known.
    func nuisance(_ call: AuditCall, _ body: (AuditItem) -> Void) {
        guard let first = call.marks.first(where: \.isNuisance) else { return }
        func item(_ talk: AuditCall.Talk, _ verdict: AuditItem.Verdict, note: String? = nil) {
            body(AuditItem(.call(call.id), verdict, at: first.at, done: talk.leftAt, agent: talk.agent, note: note))
        }
        if let talk = call.talks.first(where: { $0.end(in: call) == .agent }) {
            // With the mark the caller hears the warning.
            let isWarned = call.marks.contains { $0.isNuisance && $0.at <= talk.leftAt ?? .min }
            switch (isWarned, call.reportedMarks.contains(AuditCall.Mark.nuisance)) {
            case (true, true): item(talk, .kept)
            case (true, false): item(talk, .broken, note: "not reported")
            case (false, true): item(talk, .broken, note: "not warned before")
            case (false, false): item(talk, .broken, note: "neither warned before nor reported")
            }
        } else if let talk = call.talks.first(where: { $0.end(in: call) == .talking }) {
            item(talk, .pending)
        } else if let talk = call.talks.first(where: { $0.end(in: call) == .unknown }) {
            item(talk, .notJudged(Reason.whoEnded))
        }
    }

    func angry(_ call: AuditCall, _ body: (AuditItem) -> Void) {
        guard let first = call.marks.first(where: \.isAngry) else { return }
        let isNoted =
            call.marks.contains { $0.isAngry && $0.degree != nil } || call.orders.contains { $0.attitude != nil }
        let isHandedOver = call.talks.contains { $0.isTransferred && $0.leftAt ?? .max >= first.at }
        let verdict: AuditItem.Verdict = isNoted || isHandedOver ? .kept : call.isRunning ? .pending : .broken
        body(
            AuditItem(
                .call(call.id), verdict, at: first.at, agent: first.agent,
                note: verdict == .broken ? "no degree noted, not handed over" : nil))
    }
}

extension AuditCall {
    var isNuisance: Bool { marks.contains { $0.isNuisance } }
}

extension AuditCall.Mark {
    static let nuisance = "nuisance"

    var isNuisance: Bool { mark == Self.nuisance }
    var isAngry: Bool { mark == "angry" }
}

extension AuditCall.Talk {
    /// Who ended a talk, as far as it is known.
    enum End {
        /// It goes on.
        case talking
        case caller
        case agent
        case exchange
        case unknown
        /// Handed over, or a supervisor's doing.
        case nobody
    }

    func end(in call: AuditCall) -> End {
        if isTransferred { return .nobody }
        guard let leftBy else { return call.isRunning ? .talking : .unknown }
        switch ReleasedBy(rawValue: leftBy) {
        // The agent's own line may have broken: only a BYE of or for the agent is a hang-up.
        case .agent: return leftMessage == "BYE received" || leftMessage == "BYE sent" ? .agent : .unknown
        // The call was over before the agent's leg: who ended the call, its own end says.
        case .caller: return callEnd(call)
        case .flow: return .exchange
        case .supervisor: return .nobody
        case .network, .unknown, nil: return .unknown
        }
    }

    private func callEnd(_ call: AuditCall) -> End {
        guard let releasedBy = call.releasedBy else { return call.isRunning ? .talking : .unknown }
        switch ReleasedBy(rawValue: releasedBy) {
        case .caller: return .caller
        case .flow: return .exchange
        case .supervisor: return .nobody
        case .agent, .network, .unknown, nil: return .unknown
        }
    }
}
