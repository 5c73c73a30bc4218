import CallFlow
import Calls
import Lines
import Media
import Storage

/// The legs beside the caller's: agents' phones, people asked, people who listen in.
extension CallSession {
    /// Dials a party's telephone.
    mutating func ring(_ party: PartyLeg, target: TalkTarget, at now: Instant) -> [Action] {
        parties[party.leg] = party
        let address: String
        switch target {
        case .agent(let number): address = "agent:\(number)"
        case .number(let number): address = "number:\(number)"
        }
        var facts: [Fact] = []
        // A queue's offer is told by the desk.
        if let agent = party.agent, party.offer == nil {
            facts.append(
                .agentOffered(
                    AgentOffered(call: call, leg: party.leg, at: now, agent: agent, purpose: party.purpose)))
        }
        return [
            .facts(facts),
            .dial(
                DialRequest(
                    leg: party.leg, call: call, target: address, caller: offer.caller,
                    timeoutMilliseconds: settings.dialMilliseconds)),
        ]
    }

    mutating func handle(party leg: LegID, line kind: LineEvent.Kind, at now: Instant) -> [Action] {
        guard var party = parties[leg], party.phase != .over else { return [] }
        switch kind {
        case .progress(let status, _):
            guard status >= 180, party.phase == .dialling else { return [] }
            party.phase = .ringing
            party.alertedAt = now
            parties[leg] = party
            var actions: [Action] = []
            if let agent = party.agent {
                actions.append(.facts([.agentAlerted(AgentAlerted(call: call, leg: leg, at: now, agent: agent))]))
            }
            if let offer = party.offer { actions.append(.desk(.rang(offer.id), at: now)) }
            return actions
        case .established(let session):
            // A phone that answers at once was never heard to ring: ring 1, no time.
            if party.alertedAt == nil { party.alertedAt = now }
            let neverRang = party.phase == .dialling
            party.phase = .established
            party.establishedAt = now
            party.mediaOpen = true
            parties[leg] = party
            let established = Fact.legEstablished(
                LegEstablished(
                    call: call, leg: leg, at: now, role: party.role, line: line, codec: session.codec.name,
                    rate: session.codec.rate))
            var actions: [Action] = [.facts([established]), .startMedia(leg)]
            if let offer = party.offer, neverRang { actions.append(.desk(.rang(offer.id), at: now)) }
            if party.isReleasing || machine.isOver { return actions + release(party: leg, at: now) }
            return actions + answered(party, at: now)
        case .held(let held):
            guard party.hasJoined, talk.state.serving == leg else { return [] }
            return hold(held, by: leg, at: now)
        case .key(let key, _, _):
            return handle(agentKey: key, from: leg, at: now)
        case .transferAsked(let target, _):
            return transferAsked(by: leg, target: target, at: now)
        case .released(let end):
            return ended(party, end, at: now)
        case .offered, .alerted, .rang, .answered, .sessionChanged:
            return []
        }
    }

    /// A party's phone was answered.
    private mutating func answered(_ party: PartyLeg, at now: Instant) -> [Action] {
        if let offer = party.offer { return [.desk(.answered(offer.id), at: now)] }
        var actions = measures(of: party, at: now)
        switch party.purpose {
        case .consultation:
            actions += join(party.leg, at: now) + tell(.consult(party.leg), at: now)
        case .supervision:
            actions += join(party.leg, at: now)
            if let mode = party.mode { actions += tell(.supervise(party.leg, mode), at: now) }
        case .transfer:
            let from = talk.state.agent
            servedBy = party.agent ?? servedBy
            actions += join(party.leg, at: now)
            if let from {
                actions.append(
                    .facts([
                        .transferred(
                            Transferred(
                                call: call, at: now, from: from, to: party.name,
                                kind: party.transfer?.rawValue ?? TransferKind.blind.rawValue, completed: true,
                                position: position(at: now)))
                    ]))
            }
            actions += perform(flow.handle(.agentConnected(number: party.name)), at: now)
            if let asked = referredBy {
                referredBy = nil
                actions.append(.transferEnded(asked, status: 200))
            }
        case .callBack, .outbound:
            servedBy = party.agent
            actions += agentIsReady(at: now)
        case .queue, .duty:
            actions += join(party.leg, at: now)
        }
        return actions
    }

    /// The answer of a leg that no queue offered.
    private func measures(of party: PartyLeg, at now: Instant) -> [Action] {
        guard let agent = party.agent else { return [] }
        let milliseconds = party.ringMilliseconds(at: now) ?? 0
        let rings = settings.ringClock.ring(atMilliseconds: milliseconds)
        return [
            .facts([
                .offerEnded(
                    OfferEnded(
                        call: call, leg: party.leg, at: now, agent: agent, outcome: .answered,
                        ringMilliseconds: milliseconds, rings: rings)),
                .agentAnswered(
                    AgentAnswered(
                        call: call, leg: party.leg, at: now, agent: agent, purpose: party.purpose, queue: nil,
                        rings: rings, ringMilliseconds: milliseconds, summedRings: rings,
                        summedRingMilliseconds: milliseconds, waitMilliseconds: nil, basis: .nominal180)),
            ])
        ]
    }

    // MARK: - The end of a party's leg

    private mutating func ended(_ party: PartyLeg, _ end: LineRelease, at now: Instant) -> [Action] {
        let leg = party.leg
        let wasEstablished = party.phase == .established
        parties[leg]?.phase = .over
        var actions: [Action] = [.closeMedia(leg)]
        if party.mediaOpen { actions.append(set(.close(leg), milliseconds: 2000, at: now)) }
        guard wasEstablished else {
            actions += notAnswered(party, end, at: now)
            return actions
        }
        if let agent = party.agent {
            actions.append(
                .facts([
                    .agentLeft(
                        AgentLeft(
                            call: call, leg: leg, at: now, agent: agent,
                            by: party.isReleasing && !party.hangsUp ? (machine.isOver ? .caller : .flow) : .agent,
                            message: end.message))
                ]))
        }
        actions += ends(party, at: now)
        if leg == outbound?.agentLeg, machine.answeredAt == nil { return actions + agentGone(at: now) }
        guard party.hasJoined else { return actions }
        let wasServing = talk.state.serving == leg
        actions += tell(.left(leg), at: now) + formOwed(party, at: now)
        guard !machine.isOver, wasServing, talk.state.phase == .alone else { return actions }
        agentLeft = AgentHangUp(
            end: LegEnd(leg: leg, release: end), agent: party.agent, statistics: party.statistics)
        if end.cause != .remoteBye, end.cause != .local, let agent = party.agent {
            conduct.end = Conduct.End(agent: agent, queue: queue?.queue)
        }
        queue = nil
        if let end = hungUpOnNuisance(end, at: now) { return actions + end }
        // Whom we called hears a goodbye and is released, once the agent has gone.
        if outbound != nil {
            return actions + perform(flow.start(), at: now) + perform(flow.handle(.answered(variables: [:])), at: now)
        }
        return actions
            + perform(
                flow.handle(.agentLeft(agent: party.agent?.text ?? party.name, by: ReleasedBy.agent.rawValue)),
                at: now)
    }

    /// Tells the desk that the agent is free of this call.
    private func ends(_ party: PartyLeg, at now: Instant) -> [Action] {
        guard let agent = party.agent else { return [] }
        switch party.purpose {
        case .queue, .duty: return [.desk(.released(agent, call), at: now)]
        case .transfer, .consultation, .supervision, .callBack, .outbound:
            return [.desk(.disengaged(agent, call), at: now)]
        }
    }

    private mutating func notAnswered(_ party: PartyLeg, _ end: LineRelease, at now: Instant) -> [Action] {
        if let offer = party.offer {
            // Where we took it back ourselves the desk knows why, and passes this over.
            return [.desk(.failed(offer.id, OfferOutcome(release: end)), at: now)]
                + (party.leg == outbound?.agentLeg ? giveUpOutbound(at: now) : [])
        }
        var actions = ends(party, at: now)
        if let agent = party.agent {
            let milliseconds = party.ringMilliseconds(at: now)
            actions.append(
                .facts([
                    .offerEnded(
                        OfferEnded(
                            call: call, leg: party.leg, at: now, agent: agent, outcome: OfferOutcome(release: end),
                            ringMilliseconds: milliseconds,
                            rings: milliseconds.map { settings.ringClock.rings(inVain: $0) }))
                ]))
        }
        if party.leg == outbound?.agentLeg { actions += giveUpOutbound(at: now) }
        if party.purpose == .transfer {
            if let from = talk.state.agent {
                actions.append(
                    .facts([
                        .transferred(
                            Transferred(
                                call: call, at: now, from: from, to: party.name,
                                kind: party.transfer?.rawValue ?? TransferKind.blind.rawValue, completed: false,
                                position: position(at: now)))
                    ]))
            }
            actions += tell(.left(party.leg), at: now)
            if let serving = talk.state.serving { actions.append(play([.beep], on: serving)) }
            if let asked = referredBy {
                referredBy = nil
                actions.append(.transferEnded(asked, status: end.status ?? 480))
            }
        }
        return actions
    }

    /// Ends a party's leg from here.
    mutating func release(party leg: LegID, at now: Instant) -> [Action] {
        guard let party = parties[leg], party.phase != .over, !party.isReleasing else { return [] }
        parties[leg]?.isReleasing = true
        return [.release(leg, ReleaseReason())]
    }

    /// The caller is gone: nobody has anything to do here any more.
    mutating func releaseParties(at now: Instant) -> [Action] {
        var actions: [Action] = []
        if queue?.isServed == false { actions.append(.desk(.leave(call, .abandoned), at: now)) }
        actions += tell(.left(leg), at: now)
        for leg in parties.keys.sorted() where !hearsWhy(leg) { actions += release(party: leg, at: now) }
        return actions
    }

    // MARK: - Media

    mutating func handle(partyMedia event: MediaEvent) -> [Action] {
        switch event.kind {
        case .closed(let statistics):
            parties[event.leg]?.statistics = statistics
            parties[event.leg]?.mediaClosed = true
            return [cancel(.close(event.leg))]
        case .recordingStarted, .recordingStopped:
            return handle(apartMedia: event)
        case .recordingPaused(let id): return handle(pause: event, of: id, isPaused: true)
        case .recordingResumed(let id): return handle(pause: event, of: id, isPaused: false)
        case .keyDown(let key, _):
            return handle(agentKey: key, from: event.leg, at: event.at)
        case .playFinished(let id), .playStopped(let id, _, _):
            return whyHeard(id, at: event.at)
        case .inactive(let milliseconds):
            return [partyNote(event.leg, "rtp_inactive", ["ms": String(milliseconds)], at: event.at)]
        case .active:
            return [partyNote(event.leg, "rtp_active", [:], at: event.at)]
        case .firstPacket, .latched, .keyUp, .playStarted, .talkStarted, .silent, .skipped, .keysSent:
            return []
        }
    }

    func partyNote(_ leg: LegID, _ kind: String, _ data: [String: String], at now: Instant) -> Action {
        .facts([
            .callNoted(
                CallNoted(call: call, leg: leg, at: now, position: position(at: now), kind: kind, data: data))
        ])
    }
}
