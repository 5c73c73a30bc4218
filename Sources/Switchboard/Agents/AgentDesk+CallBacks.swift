import Calls
import Storage

/// Call-backs: when they are due, those of broken lines, and those that a restart finds.
extension AgentDesk {
    /// By when the call-back is to be made; nil where no time is set.
    package func due(_ asked: CallBackAsked) -> Instant? {
        let within: Int64? = state.withLock { state in
            asked.dropped == nil
                ? state.roster.queue(asked.queue)?.callBackDueMilliseconds
                : state.roster.conduct.callBackDroppedDueMilliseconds
        }
        return within.map { asked.at.advanced(milliseconds: $0) }
    }

    /// The line broke: where the agents' file wants it, the agent's phone rings for the call-back once the agent is free.
    package func keepDropped(_ asked: CallBackAsked, at now: Instant) {
        guard let dropped = asked.dropped else { return }
        state.withLock { state in
            guard state.roster.conduct.callBackDropped == .auto else { return }
            state.dropped[dropped.agent, default: []].append(
                OutboundCall(
                    agent: dropped.agent, number: asked.number, role: .callBack, order: nil, asking: asked.call,
                    isLast: dropped.follows != nil))
            let stands = state.distributor.status.agents.first { $0.agent.number == dropped.agent }
            if stands?.state == .available { callDropped(dropped.agent, &state) }
        }
    }

    /// The agent is free: the oldest of the agent's broken calls is made up for, before a caller who waits. Once only: what
    /// comes to nothing stays in the list for people.
    func callDropped(_ agent: WorkNumber, _ state: inout State) {
        guard var waiting = state.dropped[agent], !waiting.isEmpty else { return }
        let wish = waiting.removeFirst()
        state.dropped[agent] = waiting.isEmpty ? nil : waiting
        _ = around.place(wish, nil, around.identifiers.next())
    }

    /// Somebody makes the call-back by hand: it is not dialled by itself any more.
    public func taken(_ call: CallID) {
        state.withLock { state in
            for (agent, waiting) in state.dropped {
                let left = waiting.filter { $0.asking != call }
                state.dropped[agent] = left.isEmpty ? nil : left
            }
        }
    }

    /// Whether the queue itself calls back whoever asked in this call.
    public func keepsPlace(of call: CallID) -> Bool {
        status.queues.contains { $0.waiting.contains { $0.call == call && $0.isCallBack } }
    }

    /// What the program's end cut off is a broken line like any other: the caller is to be called back, and the form is owed.
    /// A call that we placed stays to be made, where it was asked for.
    func brokenTalks(_ legs: [OpenAgents.Leg], at now: Instant) async throws -> [Fact] {
        var facts: [Fact] = []
        for leg in legs where leg.answeredAt != nil {
            switch leg.purpose {
            case .queue, .duty, .transfer: break
            case .consultation, .supervision, .callBack, .outbound: continue
            }
            facts.append(.formOwed(FormOwed(call: leg.call, at: now, agent: leg.agent)))
            guard let detail = try await around.store.reader.call(leg.call), let number = detail.summary.caller
            else { continue }
            var asked = CallBackAsked(
                call: leg.call, at: now, queue: detail.queue.last?.queue ?? "", number: number,
                dropped: CallBackAsked.Dropped(agent: leg.agent))
            asked.dueAt = due(asked)
            facts.append(.callBackAsked(asked))
        }
        return facts
    }

    /// Takes up the places that were kept when the program ended, each with its entry's own time.
    func restore(_ places: [OpenAgents.Place], at now: Instant, _ state: inout State) {
        for place in places {
            // The monotonic clock of another boot says nothing: the age is the wall clock's.
            let age = max(0, (now.wall - place.enteredAt.wall) / 1000)
            let waiting = Waiting(
                call: place.call, queue: place.queue, skill: place.skill, caller: place.caller,
                priority: QueuePriority(names: place.priority))
            handle(
                .restored(waiting, number: place.number, since: now.advanced(milliseconds: -age)), at: now, &state)
            if state.roster.queue(place.queue) == nil {
                around.log.warning(
                    "a call-back's queue is no longer configured: it is left to people",
                    metadata: ["queue": "\(place.queue)", "call.id": "\(place.call)"])
            }
        }
    }
}
