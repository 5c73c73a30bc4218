import CallFlow
import Calls
import Lines
import Media
import Storage

/// The conversation: who hears whom, holds, transfers, consultations, and who listens in.
extension CallSession {
    /// A party's leg takes part from now on.
    mutating func join(_ leg: LegID, at now: Instant) -> [Action] {
        guard let party = parties[leg], !party.hasJoined else { return [] }
        parties[leg]?.hasJoined = true
        return tell(.joined(leg, TalkParty(role: party.role, agent: party.agent)), at: now)
    }

    /// Tells the conversation's machine, and carries out what follows.
    mutating func tell(_ event: TalkMachine.Event, at now: Instant) -> [Action] {
        var actions: [Action] = []
        let wanted = talk.handle(event)
        if let agent = talk.state.agent { servedBy = agent }
        for action in wanted {
            switch action {
            case .hear(let leg, let legs):
                guard leg == self.leg ? !machine.isOver : parties[leg]?.phase == .established else { continue }
                actions.append(.hear(leg, legs))
            case .music(let leg, true):
                let play = play([.prompt(settings.holdMusic)], on: leg, loops: true)
                if case .play(_, let request) = play { music[leg] = request.id }
                actions.append(play)
            case .music(let leg, false):
                if let id = music.removeValue(forKey: leg) { actions.append(.stopPlay(leg, id)) }
            case .segment(let channel, let role, let agent):
                let owner = (role, agent)
                // Who answers in the moment in which the recording begins owns it from its start.
                guard let position = position(at: now) else {
                    earlyOwners[channel] = owner
                    continue
                }
                actions.append(.facts([segmentBegan(channel, owner, at: now, position: position)]))
            case .apart(.begin(let legs)): actions += beginApart(legs, at: now)
            case .apart(.end): actions += endApart(at: now)
            case .release(let leg): actions += release(party: leg, at: now)
            }
        }
        return actions
    }

    private func segmentBegan(
        _ channel: Int, _ owner: (role: SegmentRole, agent: WorkNumber?), at now: Instant, position: AudioPosition
    ) -> Fact {
        .segmentBegan(
            SegmentBegan(
                recording: recording, call: call, at: now, position: position, channel: channel,
                role: owner.role.rawValue, agent: owner.agent))
    }

    /// The recording begins: it belongs to whoever was there before it.
    mutating func recordingBegan(at now: Instant) -> [Action] {
        recordingStartedAt = now
        let started = Fact.recordingStarted(RecordingStarted(recording: recording, call: call, at: now))
        let owners = earlyOwners.sorted { $0.key < $1.key }.map {
            segmentBegan($0.key, $0.value, at: now, position: AudioPosition(units: 0))
        }
        earlyOwners = [:]
        return [.facts([started] + owners)]
    }

    /// The serving agent puts the caller on hold, or takes the caller back.
    mutating func hold(_ held: Bool, by leg: LegID, at now: Instant) -> [Action] {
        guard let agent = parties[leg]?.agent, (talk.state.phase == .held) != held else { return [] }
        return [
            .facts([
                .agentHeld(
                    AgentHeld(call: call, leg: leg, at: now, agent: agent, isHeld: held, position: position(at: now)))
            ]), .desk(.held(agent, held), at: now),
        ] + tell(.hold(held), at: now)
    }

    // MARK: - Commands

    mutating func handle(command: TalkCommand, at now: Instant) -> [Action] {
        guard !machine.isOver else { return [] }
        switch command {
        case .hold(let held):
            guard let serving = talk.state.serving else { return refused(command, at: now) }
            return hold(held, by: serving, at: now)
        case .mute(let agent, let muted):
            guard let leg = leg(of: agent) else { return refused(command, at: now) }
            return [partyNote(leg, muted ? "muted" : "unmuted", ["agent": agent.text], at: now)]
                + tell(.mute(leg, muted), at: now)
        case .consult(let target, let leg):
            guard talk.state.serving != nil, talk.state.consultant == nil, !isRinging(.consultation) else {
                return refused(command, at: now)
            }
            return call(target, as: .consultation, leg: leg, at: now)
        case .consultEnded(let end): return endConsultation(end, at: now)
        case .transfer(let target, let leg, let kind):
            guard talk.state.serving != nil, !isRinging(.transfer) else { return refused(command, at: now) }
            return call(target, as: .transfer, leg: leg, kind: kind, at: now) + tell(.replaced(by: leg), at: now)
        case .transferRefused:
            guard let asked = referredBy else { return [] }
            referredBy = nil
            return [.transferEnded(asked, status: 404)]
        case .supervise(let supervisor, let mode, let leg):
            if let present = supervision(of: supervisor) {
                parties[present.leg]?.mode = mode
                // A phone that still rings takes part in this way once it is answered.
                return [partyNote(present.leg, "supervision", ["mode": mode.rawValue], at: now)]
                    + (present.phase == .established ? tell(.supervise(present.leg, mode), at: now) : [])
            }
            guard talk.state.serving != nil else { return refused(command, at: now) }
            return call(.agent(supervisor), as: .supervision, leg: leg, mode: mode, at: now)
                + [partyNote(leg, "supervision", ["agent": supervisor.text, "mode": mode.rawValue], at: now)]
        case .unsupervise(let supervisor):
            return supervision(of: supervisor).map { release(party: $0.leg, at: now) } ?? []
        case .mark(let mark, let agent, let degree, let note):
            guard machine.isEstablished else { return refused(command, at: now) }
            return self.mark(mark, by: agent, degree: degree, note: note, at: now)
        case .pauseRecording(let agent, let reason):
            return pause(by: agent, reason: reason, at: now) ?? refused(command, at: now)
        case .resumeRecording(let agent):
            guard isPauseWanted else { return refused(command, at: now) }
            return resumeRecording(PauseMachine.End(by: .agent, agent: agent), at: now)
        case .hangUp:
            guard let serving = talk.state.serving else { return refused(command, at: now) }
            parties[serving]?.hangsUp = true
            return release(party: serving, at: now)
        }
    }

    private func refused(_ command: TalkCommand, at now: Instant) -> [Action] {
        let name = String("\(command)".prefix { $0 != "(" })
        return [note("command_refused", ["command": name, "phase": talk.state.phase.rawValue], at: now)]
    }

    private mutating func call(
        _ target: TalkTarget, as purpose: AgentPurpose, leg: LegID, kind: TransferKind? = nil,
        mode: SuperviseMode? = nil, at now: Instant
    ) -> [Action] {
        var agent: WorkNumber?
        if case .agent(let number) = target { agent = number }
        let party = PartyLeg(leg: leg, agent: agent, purpose: purpose, name: target.text, mode: mode, transfer: kind)
        let engaged: [Action] = agent.map { [.desk(.engaged($0, call, purpose), at: now)] } ?? []
        return engaged + ring(party, target: target, at: now)
    }

    private mutating func endConsultation(_ end: ConsultEnd, at now: Instant) -> [Action] {
        // One that still rings can only be given up.
        if let ringing = parties.values.first(where: { $0.purpose == .consultation && $0.isRinging }) {
            return end == .cancelled ? release(party: ringing.leg, at: now) : []
        }
        guard let consultant = talk.state.consultant, let party = parties[consultant] else { return [] }
        var facts: [Fact] = []
        if end == .completed, let from = talk.state.agent {
            facts.append(
                .transferred(
                    Transferred(
                        call: call, at: now, from: from, to: party.name, kind: TransferKind.attended.rawValue,
                        completed: true, position: position(at: now))))
        }
        return [.facts(facts), partyNote(consultant, "consultation_ended", ["end": end.rawValue], at: now)]
            + tell(.consultEnded(end), at: now)
    }

    /// The phone of the caller, or of whom we called, says REFER: only agents transfer.
    func transferRefused(at now: Instant) -> [Action] {
        [.transferEnded(leg, status: 403), note("transfer_refused", [:], at: now)]
    }

    /// The agent's phone says REFER (RFC 3515): a blind transfer. It hears of the outcome by NOTIFY.
    mutating func transferAsked(by leg: LegID, target: String, at now: Instant) -> [Action] {
        guard talk.state.serving == leg, !isRinging(.transfer) else {
            return [.transferEnded(leg, status: 403), partyNote(leg, "transfer_refused", [:], at: now)]
        }
        referredBy = leg
        return [.resolveTransfer(target, kind: .blind)]
    }

    private func isRinging(_ purpose: AgentPurpose) -> Bool {
        parties.values.contains { $0.purpose == purpose && $0.isRinging }
    }

    private func leg(of agent: WorkNumber) -> LegID? {
        parties.values.first {
            $0.agent == agent && $0.phase == .established
        }?.leg
    }

    /// The supervisor's leg, also while it is being called: nobody's phone rings twice.
    private func supervision(of supervisor: WorkNumber) -> PartyLeg? {
        parties.values.first {
            $0.agent == supervisor && $0.purpose == .supervision && $0.phase != .over && !$0.isReleasing
        }
    }

    // MARK: - Keys of agents

    /// Keys on the serving agent's phone while in a call (docs/agents.md).
    mutating func handle(agentKey key: Key, from leg: LegID, at now: Instant) -> [Action] {
        guard talk.state.serving == leg, let wish = agentKeys.press(key.character, at: now) else { return [] }
        switch wish {
        case .hold: return hold(talk.state.phase != .held, by: leg, at: now)
        case .complete: return endConsultation(.completed, at: now)
        case .conference: return endConsultation(.conference, at: now)
        case .cancel: return endConsultation(.cancelled, at: now)
        case .consult(let number): return [.resolveConsultation(number)]
        case .transfer(let number): return [.resolveTransfer(number, kind: .blind)]
        case .shiftLeader: return [.resolveTransfer("", kind: .shiftLeader)]
        case .pause:
            guard let agent = talk.state.agent else { return [] }
            return togglePause(by: agent, at: now)
        case .mark(let mark, let degree):
            guard let agent = talk.state.agent else { return [] }
            return handle(command: .mark(mark, by: agent, degree: degree, note: nil), at: now)
        }
    }

    // MARK: - The recording apart

    /// What is said while the caller waits is a recording of its own, with a right of its own.
    private mutating func beginApart(_ legs: [LegID], at now: Instant) -> [Action] {
        apartNumber += 1
        apart = Apart(number: apartNumber, legs: legs)
        return [
            .planApart(
                number: apartNumber,
                channels: legs.enumerated().map { index, leg in
                    RecordingPlanned.Channel(
                        index: index, leg: leg, role: (parties[leg]?.role ?? .agent).rawValue,
                        tap: RecordingChannel.Tap.received.rawValue)
                })
        ]
    }

    mutating func apartPlanned(_ id: RecordingID, number: Int, at now: Instant) -> [Action] {
        guard var apart, apart.number == number, apart.legs.allSatisfy({ parties[$0]?.phase == .established }) else {
            return [
                .facts([
                    .recordingFailed(
                        RecordingFailed(
                            recording: id, call: call, at: now, message: "over before its first sample"))
                ])
            ]
        }
        apart.recording = id
        self.apart = apart
        return [
            .startRecording(
                id,
                apart.legs.enumerated().map { index, leg in
                    RecordingChannel(index: index, leg: leg, tap: .received)
                })
        ]
    }

    private mutating func endApart(at now: Instant) -> [Action] {
        guard let ended = apart else { return [] }
        apart = nil
        return ended.recording.map { [.stopRecording($0)] } ?? []
    }

    mutating func handle(apartMedia event: MediaEvent) -> [Action] {
        switch event.kind {
        case .recordingStarted(let id):
            apartStarted.insert(id)
            return [.facts([.recordingStarted(RecordingStarted(recording: id, call: call, at: event.at))])]
        case .recordingStopped(let id):
            guard apartStarted.remove(id) != nil, let length = event.position else {
                return [
                    .facts([
                        .recordingFailed(
                            RecordingFailed(
                                recording: id, call: call, at: event.at, message: "over before its first sample"))
                    ])
                ]
            }
            return [
                .facts(
                    endOfPause(id, at: event.at, length: length)
                        + [.recordingStopped(RecordingStopped(recording: id, call: call, at: event.at, length: length))]
                )
            ]
        default: return []
        }
    }
}

/// A recording of what is said while the caller waits.
struct Apart: Sendable {
    let number: Int
    let legs: [LegID]
    var recording: RecordingID?
}

extension PartyLeg {
    /// Dialled, and neither answered nor over.
    var isRinging: Bool { phase == .dialling || phase == .ringing }
}
