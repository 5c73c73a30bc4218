import CallFlow
import Calls
import Lines
import Media
import Norms
import Storage

/// One incoming call as a value: the signalling machine, the flow's interpreter, the recording and the voice message,
/// tied together. Inputs go in with their instant, actions come out; the call's driver performs them.
///
///     line ─┐                       ┌─> line, media
///     media ┼─> handle(input, at) ──┼─> facts (journal)
///     timer ┘                       └─> timers, orders, look-ups
package struct CallSession: Sendable {
    package enum Timer: Hashable, Sendable {
        case answer
        case flow(Int)
        case messageLimit
        /// A leg's media did not say its last word.
        case close(LegID)
        /// The recording was paused for long enough.
        case pauseLimit
        /// The last key's tone is over: the recording goes on.
        case pauseTone
        /// The media thread is told again.
        case pauseRetry
    }

    package enum Input: Sendable {
        case line(LegID, LineEvent.Kind, at: Instant)
        case media(MediaEvent)
        case timer(Timer, generation: Int, at: Instant)
        /// The recording's row is durable.
        case recordingPlanned(at: Instant)
        /// It could not be made durable: the call is not answered unrecorded.
        case recordingRefused(message: String, at: Instant)
        case orderMade(number: String, code: String, at: Instant)
        case orderFailed(at: Instant)
        case messageEnded(kept: Bool, at: Instant)
        case lookupFinished([String: String], at: Instant)
        case lookupFailed(reason: String, at: Instant)
        /// The row of a recording apart is durable.
        case apartPlanned(RecordingID, number: Int, at: Instant)
        /// From the agents' desk.
        case desk(DeskWord, at: Instant)
        /// The media thread could not be told that the recording pauses, or goes on.
        case pauseRefused(at: Instant)
        case stop(at: Instant)

        /// The end of a call, and what must not be lost of it, has reserved room.
        var isEnding: Bool {
            switch self {
            case .line(_, .released, _), .stop, .recordingPlanned, .recordingRefused, .orderMade, .orderFailed,
                .messageEnded, .timer(.close, _, _), .apartPlanned, .desk, .pauseRefused:
                true
            case .media(let event):
                switch event.kind {
                case .closed, .recordingStopped, .recordingStarted, .recordingPaused, .recordingResumed: true
                default: false
                }
            default: false
            }
        }
    }

    package enum Action: Sendable {
        case ring(Alerting)
        case answer
        case release(LegID, ReleaseReason)
        case startMedia(LegID)
        case playTone(LegID, PlayID, LineTone)
        case play(LegID, Play)
        case stopPlay(LegID, PlayID)
        /// Whom a leg hears besides its own plays.
        case hear(LegID, [LegID])
        case watchSilence(milliseconds: Int?)
        /// Make the row durable, then feed `.recordingPlanned`.
        case planRecording(RecordingPlanned)
        case startRecording(RecordingID, [RecordingChannel])
        case stopRecording(RecordingID)
        /// All recordings of the call: silence from now on, or what is heard. Where it cannot be told, feed
        /// `.pauseRefused`.
        case pauseRecordings(Bool)
        case closeMedia(LegID)
        /// Call an agent's phone as a leg of this call; where that cannot be, feed its `.released`.
        case dial(DialRequest)
        /// A recording of what is said while the caller waits: make its row durable, then feed `.apartPlanned`.
        case planApart(number: Int, channels: [RecordingPlanned.Channel])
        /// Ask the desk who is meant, and feed the command that follows from it.
        case resolveTransfer(String, kind: TransferKind)
        case resolveConsultation(String)
        /// What became of a transfer that a phone asked for: a SIP status.
        case transferEnded(LegID, status: Int)
        /// Tell the agents' desk.
        case desk(Distributor.Event, at: Instant)
        /// Feed `.timer` at `due`.
        case setTimer(Timer, generation: Int, due: Instant)
        case cancelTimer(Timer)
        case createOrder(OrderRequest)
        /// Make it durable, then feed `.messageEnded`.
        case keepMessage(MessageRequest)
        case report(ReportRequest)
        /// Set its due time, and keep it; where the line broke, it is the agent's task.
        case keepCallBack(CallBackAsked)
        case lookup(source: String, arguments: [String: String], timeoutMilliseconds: Int)
        case facts([Fact])
        /// Nothing more will come of this call.
        case finished(Termination)
    }

    struct Message: Sendable {
        var from: AudioPosition
        var finishKeys: KeySet
    }

    package let call: CallID
    package let leg: LegID
    package let recording: RecordingID
    package let line: String
    let settings: SessionSettings
    let offer: Offer
    let priority: QueuePriority
    var machine: CallMachine
    var flow: FlowMachine
    var generations: [Timer: Int] = [:]
    var recordingStartedAt: Instant?
    var recordingPlannedAt: Instant?
    var message: Message?
    var lastMessage: (from: AudioPosition, to: AudioPosition)?
    var keySource: KeySource?
    var ringBack: PlayID?
    /// How often the modem said RING.
    var rawRings: Int?
    var mediaOpen = false
    var mediaClosed = false
    var statistics: LegStatistics?
    var pendingOrders = 0
    /// The legs of agents and whom they ask, by leg; those that are over included.
    var parties: [LegID: PartyLeg] = [:]
    var talk: TalkMachine
    /// By channel: who took part before the recording's first sample.
    var earlyOwners: [Int: (role: SegmentRole, agent: WorkNumber?)] = [:]
    /// Nil for a call that came in.
    var outbound: OutboundState?
    /// The agent who hung up first, while nobody has served the caller since.
    var agentLeft: AgentHangUp?
    var queue: QueuePassage?
    /// What was said of the caller's conduct, and what came of it.
    var conduct = Conduct()
    /// The agent who served the caller last.
    var servedBy: WorkNumber?
    /// Plays of the session's own, beside the flow's: counted from the upper half.
    var nextPlay: UInt32 = 1 << 31
    var music: [LegID: PlayID] = [:]
    var agentKeys = AgentKeys()
    var apart: Apart?
    var apartNumber = 0
    /// Recordings apart whose first sample was taken and whose last was not.
    var apartStarted: Set<RecordingID> = []
    /// The phone that asked for the transfer under way.
    var referredBy: LegID?
    var pauses = PauseMachine()
    /// The pause ends with the last key's tone, and for this reason.
    var pauseEnding: PauseMachine.End?
    /// The last key that was masked because of a pause.
    var lastMaskedKeyAt: Instant?
    /// Recordings whose pause was told, and its end not yet.
    var silenced: Set<RecordingID> = []
    /// The last key was secret (part of a PIN, or pressed in a pause): nothing more of it is noted.
    var lastKeyIsSecret = false
    var finished = false
    var nextGeneration = 0

    /// - Parameters:
    ///   - variables: `time.minutes`, `time.weekday` and the like, read by the caller of this.
    ///   - priority: the caller's standing in a queue.
    package init(
        call: CallID, leg: LegID, recording: RecordingID, line: String, offer: Offer, settings: SessionSettings,
        variables: [String: String], priority: QueuePriority = []
    ) {
        self.priority = priority
        self.call = call
        self.leg = leg
        self.recording = recording
        self.line = line
        self.offer = offer
        self.settings = settings
        talk = TalkMachine(caller: leg)
        machine = CallMachine(
            answerDelayMilliseconds: settings.ringClock.answerDelay(
                onRing: settings.answerOnRing, afterMilliseconds: settings.answerAfterMilliseconds))
        var all = settings.variables.merging(variables) { _, call in call }
        all["call.caller"] = offer.caller ?? ""
        all["call.caller_known"] = offer.caller == nil ? "false" : "true"
        all["call.called"] = offer.called
        if let agent = offer.agent { all["agent.number"] = agent.text }
        flow = FlowMachine(flow: settings.flow, variables: all)
    }

    /// A call that we place.
    /// - Parameters:
    ///   - queueOffer: the queue's offer that makes the agent's phone ring, with a call-back.
    ///   - leg: of the other party.
    ///   - line: the trunk that it is dialled by.
    package init(
        outbound: OutboundCall, offer queueOffer: AgentOffer? = nil, call: CallID, leg: LegID, agentLeg: LegID,
        recording: RecordingID, line: String,
        settings: SessionSettings, variables: [String: String]
    ) {
        let offer = Offer(
            caller: outbound.number, callerRaw: nil, callerSource: "dialled", called: outbound.number, diversion: nil,
            peer: "", protocolCallID: "")
        self.init(
            call: call, leg: leg, recording: recording, line: line, offer: offer, settings: settings,
            variables: variables)
        self.outbound = OutboundState(call: outbound, offer: queueOffer, agentLeg: agentLeg)
    }

    package var isFinished: Bool { finished }

    /// The first input of every call.
    package mutating func begin(at now: Instant) -> [Action] {
        if let outbound { return beginOutbound(outbound, at: now) }
        var actions: [Action] = [
            .facts([
                .callOffered(
                    CallOffered(
                        call: call, leg: leg, at: now, line: line, direction: offer.agent == nil ? .inbound : .internal,
                        caller: offer.caller,
                        callerRaw: offer.callerRaw, callerSource: offer.callerSource, called: offer.called,
                        diversion: offer.diversion, peer: offer.peer, protocolCallID: offer.protocolCallID))
            ])
        ]
        actions += advance(.offered, at: now)
        actions += perform(flow.start(), at: now)
        return actions
    }

    package mutating func handle(_ input: Input) -> [Action] {
        guard !finished else { return [] }
        var actions: [Action]
        let now: Instant
        switch input {
        case .line(let leg, let kind, let at):
            now = at
            actions = leg == self.leg ? handle(line: kind, at: at) : handle(party: leg, line: kind, at: at)
        case .media(let event):
            now = event.at
            actions = event.leg == leg ? handle(media: event) : handle(partyMedia: event)
        case .timer(let timer, let generation, let at):
            now = at
            actions = generations[timer] == generation ? handle(timer: timer, at: at) : []
        case .recordingPlanned(let at):
            now = at
            recordingPlannedAt = at
            actions = machine.isOver ? [] : outbound == nil ? [.answer] : dialCustomer(at: at)
        case .recordingRefused(let text, let at):
            now = at
            actions =
                [note("recording_refused", ["message": text], at: at)] + advance(.releaseWanted(.unrecordable), at: at)
        case .orderMade(let number, let code, let at):
            now = at
            pendingOrders -= 1
            actions = [note("order", ["number": number], at: at)]
            actions += perform(flow.handle(.orderCreated(number: number, code: code)), at: at)
        case .orderFailed(let at):
            now = at
            pendingOrders -= 1
            actions = [note("order_failed", [:], at: at)] + perform(flow.handle(.orderFailed), at: at)
        case .messageEnded(let kept, let at):
            now = at
            actions = messageEnded(kept: kept, at: at)
        case .lookupFinished(let values, let at):
            now = at
            actions = perform(flow.handle(.lookupFinished(values)), at: at)
        case .lookupFailed(let reason, let at):
            now = at
            actions = [note("lookup_failed", ["reason": reason], at: at)]
            actions += perform(flow.handle(.lookupFailed(reason: reason)), at: at)
        case .apartPlanned(let id, let number, let at):
            now = at
            actions = apartPlanned(id, number: number, at: at)
        case .desk(let word, let at):
            now = at
            actions = handle(desk: word, at: at)
        case .pauseRefused(let at):
            now = at
            actions = pauseRefused(at: at)
        case .stop(let at):
            now = at
            actions = [note("stop", [:], at: at)] + advance(.releaseWanted(.stopped), at: at)
        }
        return actions + conclude(at: now)
    }

    // MARK: - The line

    mutating func handle(line kind: LineEvent.Kind, at now: Instant) -> [Action] {
        guard outbound == nil else { return handle(customer: kind, at: now) }
        switch kind {
        case .offered, .progress:
            return []
        case .transferAsked:
            // Only an agent's phone hands a caller on (RFC 3515 2.4.4: the refusal is told).
            return transferRefused(at: now)
        case .rang(let count):
            rawRings = count
            return []
        case .alerted(let basis):
            var actions = advance(.alerted(basis), at: now)
            if basis == .emitted183 {
                mediaOpen = true
                let id = PlayID(UInt32.max)
                ringBack = id
                actions += [.startMedia(leg), .playTone(leg, id, .ringBack)]
            }
            return actions
        case .answered:
            mediaOpen = true
            return advance(.answered, at: now)
        case .established(let session):
            let established = Fact.legEstablished(
                LegEstablished(
                    call: call, leg: leg, at: now, role: offer.agent == nil ? .caller : .agent, line: line,
                    codec: session.codec.name,
                    rate: session.codec.rate))
            var actions: [Action] = [.facts([established])]
            if let ringBack {
                actions.append(.stopPlay(leg, ringBack))
                self.ringBack = nil
            } else {
                actions.append(.startMedia(leg))
            }
            if settings.isRecorded { actions.append(.startRecording(recording, channels)) }
            return actions + advance(.established, at: now)
        case .held(let held):
            return [note(held ? "held" : "resumed", [:], at: now)] + tell(.callerHeld(held), at: now)
        case .sessionChanged(let session):
            return [
                note(
                    "session_changed", ["codec": session.codec.name, "direction": session.direction.rawValue], at: now)
            ]
        case .key(let key, let source, let milliseconds):
            return handle(key: key, source: source, milliseconds: milliseconds, position: nil, at: now)
        case .released(let release):
            return advance(.legEnded(LegEnd(leg: leg, release: release)), at: now)
        }
    }

    var channels: [RecordingChannel] {
        [
            RecordingChannel(index: 0, leg: leg, tap: .received),
            RecordingChannel(index: 1, leg: leg, tap: .sent),
        ]
    }

    mutating func advance(_ event: CallMachine.Event, at now: Instant) -> [Action] {
        var actions: [Action] = []
        for action in machine.handle(event, at: now) {
            switch action {
            case .ring: actions.append(.ring(settings.alerting))
            case .answerAfter(let milliseconds): actions.append(set(.answer, milliseconds: milliseconds, at: now))
            case .answer: actions.append(settings.isRecorded ? .planRecording(plan(at: now)) : .answer)
            case .noteAlerted(let basis):
                actions.append(.facts([.callAlerted(CallAlerted(call: call, at: now, basis: basis))]))
            case .noteAnswered(let milliseconds, let basis):
                let answered = CallAnswered(
                    call: call, at: now, rings: settings.ringClock.ring(atMilliseconds: milliseconds),
                    ringMilliseconds: milliseconds, basis: basis, flowVersion: settings.flowVersion,
                    rawRings: rawRings)
                actions.append(.facts([.callAnswered(answered)]))
            case .begin:
                // A flow guides who called; whom we call is guided by the agent.
                guard outbound == nil else { continue }
                actions += perform(flow.handle(.answered(variables: answerVariables)), at: now)
            case .release:
                actions.append(.release(leg, releaseReason))
            case .over:
                actions += over(at: now)
            }
        }
        return actions
    }

    func plan(at now: Instant) -> RecordingPlanned {
        RecordingPlanned(
            recording: recording, call: call, at: now,
            channels: channels.map {
                RecordingPlanned.Channel(
                    index: $0.index, leg: $0.leg,
                    role: $0.tap == .received
                        ? (outbound == nil ? LegRole.caller : .customer).rawValue : "system",
                    tap: $0.tap.rawValue)
            })
    }

    /// What the flow is told of the answer: how many rings, and whether an apology is due.
    var answerVariables: [String: String] {
        guard let alerted = machine.alertedAt, let answered = machine.answeredAt else { return [:] }
        let milliseconds = answered.milliseconds(since: alerted)
        let kept = settings.ringClock.isWithin(
            rings: settings.apologiseAfterRings, milliseconds: milliseconds, reading: settings.apologiseReading)
        return [
            "call.rings": String(settings.ringClock.ring(atMilliseconds: milliseconds)),
            "call.late": kept ? "false" : "true",
        ]
    }

    var releaseReason: ReleaseReason {
        switch machine.intent {
        case .failed, .stopped: ReleaseReason(cause: 41, text: "Temporary failure")
        case .unrecordable: ReleaseReason(cause: 41, text: "Recording unavailable")
        case .draining: ReleaseReason(cause: 41, text: "Draining")
        case .overCapacity: ReleaseReason(cause: 17, text: "User busy")
        default: ReleaseReason()
        }
    }

    /// The leg ended: what the caller left behind is kept, the media is closed.
    mutating func over(at now: Instant) -> [Action] {
        var actions: [Action] = []
        if let agent = talk.state.agent { conduct.end = Conduct.End(agent: agent, queue: queue?.queue) }
        if message != nil { actions += endMessage(at: now, position: nil, trim: 0) }
        actions += perform(flow.handle(.released), at: now)
        for timer in generations.keys {
            if case .close = timer { continue }
            actions.append(cancel(timer))
        }
        actions.append(.closeMedia(leg))
        if mediaOpen {
            actions.append(set(.close(leg), milliseconds: 2000, at: now))
        } else {
            mediaClosed = true
        }
        return actions + releaseParties(at: now)
    }

    // MARK: - Timers, positions, the end

    mutating func handle(timer: Timer, at now: Instant) -> [Action] {
        generations[timer] = nil
        switch timer {
        case .answer: return advance(.answerDue, at: now)
        case .flow(let id): return perform(flow.handle(.timer(id: id)), at: now)
        case .messageLimit: return message == nil ? [] : finishMessage(.limit, at: now, position: nil, trim: 0)
        case .pauseLimit: return resumeRecording(PauseMachine.End(by: .limit), at: now)
        case .pauseTone: return pauseToneOver(at: now)
        case .pauseRetry: return pauseAgain()
        case .close(let closing):
            if closing == leg { mediaClosed = true } else { parties[closing]?.mediaClosed = true }
            return [note("media_close_timeout", [:], at: now)]
        }
    }

    mutating func set(_ timer: Timer, milliseconds: Int64, at now: Instant) -> Action {
        nextGeneration += 1
        generations[timer] = nextGeneration
        return .setTimer(timer, generation: nextGeneration, due: now.advanced(milliseconds: milliseconds))
    }

    mutating func cancel(_ timer: Timer) -> Action {
        generations[timer] = nil
        return .cancelTimer(timer)
    }

    func note(
        _ kind: String, _ data: [String: String], at now: Instant, position: AudioPosition? = nil
    ) -> Action {
        .facts([.callNoted(CallNoted(call: call, leg: leg, at: now, position: position, kind: kind, data: data))])
    }

    /// Where in the recording `now` falls, to the tick; nil where nothing is being recorded.
    func position(at now: Instant) -> AudioPosition? {
        guard let started = recordingStartedAt else { return nil }
        return AudioPosition(units: max(0, (now.mono - started.mono) / 20_000_000) * AudioPosition.tick.units)
    }

    /// Ends the session once the leg is over, the media has said its last word and every order is durable.
    mutating func conclude(at now: Instant) -> [Action] {
        guard machine.isOver, mediaClosed, pendingOrders == 0, !finished, parties.values.allSatisfy(\.isClosed),
            var termination = machine.termination(lastRTP: statistics?.lastPacketAt), let endedAt = machine.endedAt
        else { return [] }
        if let agentLeft { termination = agentLeft.applied(to: termination) }
        finished = true
        var facts: [Fact] = []
        if recordingPlannedAt != nil, recordingStartedAt == nil {
            facts.append(
                .recordingFailed(
                    RecordingFailed(
                        recording: recording, call: call, at: now, message: "the call ended before its first sample")))
        }
        var texts: [String: String] = [:]
        facts += outboundFacts
        if let statistics { texts[leg.description] = statistics.json }
        for party in parties.values { if let own = party.statistics { texts[party.leg.description] = own.json } }
        facts.append(
            .callReleased(
                CallReleased(
                    call: call, at: endedAt, releasedBy: termination.releasedBy, evidence: termination.evidence,
                    outcome: termination.outcome, statistics: texts,
                    rawRings: machine.answeredAt == nil ? rawRings : nil)))
        var actions: [Action] = [.cancelTimer(.close(leg)), .facts(facts)]
        actions += callBackEnded(reached: machine.answeredAt != nil, at: now)
        if let task = droppedCallBack(termination, at: endedAt) { actions.append(.keepCallBack(task)) }
        return actions + [.finished(termination)]
    }
}
