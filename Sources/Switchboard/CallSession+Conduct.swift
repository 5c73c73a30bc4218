import CallFlow
import Calls
import Lines
import Media
import Storage

/// What agents said of the caller's conduct, and how the call stood at its end.
struct Conduct: Sendable {
    /// Who served the caller at the call's end.
    struct End: Sendable {
        let agent: WorkNumber
        let queue: String?
    }

    var marks: Set<CallMark> = []
    /// Who has reported the call.
    var reporters: Set<WorkNumber> = []
    /// The warning that a nuisance caller is hearing.
    var warning: PlayID?
    /// The agent has hung up on a nuisance caller: the call ends with the warning.
    var endsWithWarning = false
    /// Nil where nobody served the caller; the agent's own line may have broken earlier.
    var end: End?
}

/// Nuisance, angry and wrongly connected callers (002 服务规范 7, 8); broken lines; the form owed after a call.
extension CallSession {
    mutating func mark(
        _ mark: CallMark, by agent: WorkNumber, degree: Int?, note: String?, at now: Instant
    ) -> [Action] {
        conduct.marks.insert(mark)
        let marked = Fact.callMarked(
            CallMarked(call: call, at: now, by: agent, mark: mark.rawValue, degree: degree, note: note))
        guard mark == .nuisance else { return [.facts([marked])] }
        var actions: [Action] = [.facts([marked])]
        // Once for each agent, and again where there is more to say.
        if conduct.reporters.insert(agent).inserted || note != nil {
            actions.append(
                .report(
                    ReportRequest(
                        mark: mark, by: agent, queue: queue?.queue, caller: offer.caller, note: note,
                        recording: recording, from: .zero, to: position(at: now) ?? .zero)))
        }
        // Whoever harasses hears the warning before the agent hangs up.
        let warning = play([.prompt("agent.nuisance")], on: leg)
        if case .play(_, let play) = warning { conduct.warning = play.id }
        return actions + [warning]
    }

    /// The agent's leg is over and nobody else serves: a nuisance caller hears the warning to its end and is released,
    /// without goodbye and without being waited for.
    /// - Returns: nil where the flow goes on as for everybody.
    mutating func hungUpOnNuisance(_ end: LineRelease, at now: Instant) -> [Action]? {
        guard conduct.marks.contains(.nuisance), end.cause == .remoteBye || end.cause == .local else { return nil }
        guard conduct.warning == nil else {
            conduct.endsWithWarning = true
            return []
        }
        return advance(.releaseWanted(.flowCompleted), at: now)
    }

    mutating func warningEnded(_ id: PlayID, at now: Instant) -> [Action] {
        guard conduct.warning == id else { return [] }
        conduct.warning = nil
        return conduct.endsWithWarning ? advance(.releaseWanted(.flowCompleted), at: now) : []
    }

    /// The task to call back whoever an agent was talking to when the line broke: nobody known hung up (decision 0005), or
    /// the agent said so. A call-back that breaks is followed by one more at most.
    func droppedCallBack(_ termination: Termination, at endedAt: Instant) -> CallBackAsked? {
        guard let end = conduct.end, machine.answeredAt != nil, let number = offer.caller,
            outbound?.call.isLast != true, conduct.marks.isDisjoint(with: Self.needNothing)
        else { return nil }
        switch termination.releasedBy {
        case .network, .unknown: break
        case .caller, .agent, .flow, .supervisor: guard conduct.marks.contains(.dropped) else { return nil }
        }
        return CallBackAsked(
            call: call, at: endedAt, queue: end.queue ?? "", number: number,
            dropped: CallBackAsked.Dropped(agent: end.agent, follows: outbound?.call.asking))
    }

    /// Whoever served the caller last writes the call up. Calls about an order have theirs, and
    /// what an agent places for purposes of their own needs none; a call-back is the caller's own case.
    func formOwed(_ party: PartyLeg, at now: Instant) -> [Action] {
        guard let agent = party.agent, agent == servedBy, party.hasJoined,
            party.purpose != .outbound || outbound?.call.role == .callBack, outbound?.call.order == nil,
            conduct.marks.isDisjoint(with: Self.needNothing)
        else { return [] }
        return [.facts([.formOwed(FormOwed(call: call, at: now, agent: agent))])]
    }

    /// Callers with these marks get neither order nor call-back.
    private static let needNothing: Set<CallMark> = [.nuisance, .wrongNumber]
}
