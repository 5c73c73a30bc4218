import CallFlow
import Calls
import Lines
import Logging
import Media
import Storage

/// What a call's driver works with; one for the whole exchange.
struct Workshop: Sendable {
    /// By name.
    let lines: [String: any Line]
    let media: any MediaControl
    let prompts: PromptStore
    let store: Store
    let lookups: Lookups
    let clock: LocalClock
    let time: any TimeSource
    let identifiers: Identifiers
    let counters: ExchangeCounters
    /// The line that agents' phones are registered at; nil where there are no agents.
    let phones: (any Line)?
    let desk: AgentDesk?
    let blocklist: Blocklist
    /// Where calls to telephones outside go; nil: none are placed.
    let gateway: Gateway?
    /// Nil: what the configuration gives, and nothing else.
    let notices: Notices?
    let log: Logger

    /// What a call that begins at a moment knows beside its own: the local time, and the notices that hold. They go before
    /// what the configuration gives.
    func variables(at now: Instant) -> [String: String] {
        clock.variables(at: now).merging(notices?.variables(at: now) ?? [:]) { own, _ in own }
    }
}

/// The carrier's side of the trunk, for calls that we place.
public struct Gateway: Sendable, Hashable {
    /// The line's name.
    public var line: String
    /// `host:port`, host numeric.
    public var address: String
    /// The number shown to whom we call; nil: the line's own.
    public var caller: String?

    public init(line: String, address: String, caller: String?) {
        self.line = line
        self.address = address
        self.caller = caller
    }
}

/// Runs one call: drains its mailbox in one task, feeds the session and performs what it asks for.
struct CallDriver {
    private var session: CallSession
    private let line: any Line
    private let workshop: Workshop
    private let mailbox: CallMailbox
    private let timers: Timers
    private let log: Logger

    /// - Parameter line: the one that the call came by.
    init(session: CallSession, line: any Line, workshop: Workshop, mailbox: CallMailbox) {
        self.session = session
        self.line = line
        self.workshop = workshop
        self.mailbox = mailbox
        timers = Timers(time: workshop.time)
        var log = workshop.log
        log[metadataKey: "call.id"] = "\(session.call)"
        self.log = log
    }

    /// Returns when the call is over and everything about it was handed to the store.
    mutating func run(offeredAt: Instant) async {
        let begun = session.begin(at: offeredAt)
        await perform(begun)
        while !session.isFinished, let input = await mailbox.next() {
            await perform(session.handle(input))
        }
        timers.cancelAll()
        mailbox.close()
        workshop.counters.mailboxDropped(mailbox.dropped)
    }

    private func perform(_ actions: [CallSession.Action]) async {
        for action in actions {
            do {
                try await perform(action)
            } catch {
                log.error("an action of the call failed", metadata: ["error": "\(error)"])
                workshop.store.submit([failure("action_failed", "\(error)")])
                goOn(without: action)
            }
        }
    }

    /// A play that could not begin is told as over, so that the flow does not wait for its end; a pause is tried again.
    private func goOn(without action: CallSession.Action) {
        let over: (leg: LegID, id: PlayID)
        switch action {
        case .play(let leg, let play): over = (leg, play.id)
        case .playTone(let leg, let id, _): over = (leg, id)
        case .pauseRecordings:
            mailbox.post(.pauseRefused(at: workshop.time.now()))
            return
        default: return
        }
        mailbox.post(
            .media(
                MediaEvent(
                    leg: over.leg, call: session.call, at: workshop.time.now(), position: nil,
                    kind: .playStopped(over.id, key: nil, playedMilliseconds: 0))))
    }

    private static func tone(_ tone: CallSession.LineTone) -> Tone {
        switch tone {
        case .ringBack: .ringBack
        case .busy: .busy
        case .congestion: .congestion
        }
    }

    private func failure(_ kind: String, _ message: String) -> Fact {
        .callNoted(
            CallNoted(
                call: session.call, leg: session.leg, at: workshop.time.now(), kind: kind, data: ["message": message]))
    }

    private func perform(_ action: CallSession.Action) async throws {
        let leg = session.leg
        switch action {
        case .ring(let alerting): line.ring(leg: leg, alerting: alerting)
        case .answer: line.answer(leg: leg)
        case .release(let released, let reason): line(of: released).release(leg: released, reason: reason)
        case .startMedia(let leg): try workshop.media.start(leg: leg)
        case .playTone(let leg, let id, let tone):
            try workshop.media.play(leg: leg, PlayRequest(id: id, items: [.tone(Self.tone(tone))]))
        case .play(let leg, let play):
            try workshop.media.play(
                leg: leg,
                PlayRequest(
                    id: play.id, items: play.items.map(resolve), bargeIn: play.bargeIn, loops: play.loops))
        case .stopPlay(let leg, let id): try workshop.media.stopPlay(leg: leg, id: id)
        case .hear(let leg, let legs): try workshop.media.hear(leg: leg, legs: legs)
        case .watchSilence(let milliseconds):
            try workshop.media.watchSilence(leg: leg, afterMilliseconds: milliseconds)
        case .planRecording(let planned): await plan(planned)
        case .startRecording(let recording, let channels):
            try workshop.media.startRecording(recording, call: session.call, channels: channels)
        case .stopRecording(let recording): try workshop.media.stopRecording(recording)
        case .pauseRecordings(let isPaused):
            try workshop.media.pauseRecordings(of: session.call, isPaused)
        case .planApart(let number, let channels): await planApart(number: number, channels: channels)
        case .closeMedia(let leg): workshop.media.close(leg: leg)
        case .dial(let request): dial(request)
        case .desk(let event, let at): await tellDesk(event, at: at)
        case .resolveTransfer(let target, let kind): resolve(target, transfer: kind)
        case .resolveConsultation(let target): resolve(target, transfer: nil)
        case .transferEnded(let leg, let status): line(of: leg).transferEnded(leg: leg, status: status)
        case .setTimer(let timer, let generation, let due):
            timers.set(timer, generation: generation, due: due, into: mailbox)
        case .cancelTimer(let timer): timers.cancel(timer)
        case .createOrder(let request): create(request)
        case .keepMessage(let request): await keep(request)
        case .report(let request): report(request)
        case .keepCallBack(let asked): keep(asked)
        case .lookup(let source, let arguments, let timeout):
            look(up: source, arguments: arguments, timeoutMilliseconds: timeout)
        case .facts(let facts):
            workshop.store.submit(facts)
            observe(facts)
        case .finished(let termination):
            workshop.counters.ended(termination.outcome)
            log.info(
                "call ended",
                metadata: [
                    "call.outcome": "\(termination.outcome.rawValue)", "call.released_by": "\(termination.releasedBy)",
                ])
        }
    }

    /// A prompt that is not there is reported, and a tone stands in for it: the caller is never left in silence.
    private func resolve(_ item: SpeechItem) -> PlayItem {
        switch item {
        case .silence(let milliseconds): return .silence(milliseconds: milliseconds)
        case .beep: return .tone(.beep)
        case .prompt(let id):
            if let index = workshop.prompts.index(of: id) { return .prompt(index) }
            workshop.counters.promptMissing()
            log.error("prompt missing", metadata: ["prompt.id": "\(id)"])
            return .tone(.beep)
        }
    }

    /// The recording's row is durable before the call is answered, so before its first sample.
    private func plan(_ planned: RecordingPlanned) async {
        do {
            try await workshop.store.record([.recordingPlanned(planned)])
            mailbox.post(.recordingPlanned(at: workshop.time.now()))
        } catch {
            log.critical("a recording could not be planned", metadata: ["error": "\(error)"])
            mailbox.post(.recordingRefused(message: "\(error)", at: workshop.time.now()))
        }
    }

    /// Makes the order durable, then tells the session: its number is spoken only after that.
    private func create(_ request: CallSession.OrderRequest) {
        let workshop = workshop
        let mailbox = mailbox
        let call = session.call
        let log = log
        Task {
            do {
                let made = try await workshop.newOrder(
                    request.category, call: call, caller: request.caller, fields: request.fields)
                let (order, now) = (made.order, made.at)
                var facts: [Fact] = [
                    .orderCreated(made),
                    .orderLinked(OrderLinked(order: order, at: now, recording: request.recording, role: "call")),
                ]
                if let from = request.messageFrom, let to = request.messageTo {
                    facts.append(
                        .orderLinked(
                            OrderLinked(
                                order: order, at: now, recording: request.recording, role: "message", from: from, to: to
                            )))
                }
                try await workshop.store.record(facts)
                workshop.counters.orderCreated(category: request.category)
                mailbox.post(.orderMade(number: made.number, code: made.code, at: workshop.time.now()))
            } catch {
                log.critical("an order could not be made", metadata: ["error": "\(error)"])
                mailbox.post(.orderFailed(at: workshop.time.now()))
            }
        }
    }

    /// Makes the message durable in its inbox before the caller hears of it.
    private func keep(_ request: CallSession.MessageRequest) async {
        let now = workshop.time.now()
        do {
            try await workshop.store.record([
                .messageLeft(
                    MessageLeft(
                        message: workshop.identifiers.next(), call: session.call, at: now, queue: request.queue,
                        caller: request.caller, recording: request.recording, from: request.from, to: request.to,
                        dueAt: workshop.desk?.messageDue(queue: request.queue, at: now)))
            ])
            mailbox.post(.messageEnded(kept: true, at: workshop.time.now()))
        } catch {
            log.critical("a voice message could not be kept", metadata: ["error": "\(error)"])
            mailbox.post(.messageEnded(kept: false, at: workshop.time.now()))
        }
    }

    /// Into the shift leaders' inbox. Nobody waits for it; the journal keeps it whatever the agent does next.
    private func report(_ request: CallSession.ReportRequest) {
        workshop.store.submit([
            .callReported(
                CallReported(
                    message: workshop.identifiers.next(), call: session.call, at: workshop.time.now(),
                    role: .shiftLeader, by: request.by, mark: request.mark.rawValue, queue: request.queue,
                    caller: request.caller, note: request.note, recording: request.recording, from: request.from,
                    to: request.to))
        ])
    }

    private func keep(_ asked: CallBackAsked) {
        var asked = asked
        asked.dueAt = workshop.desk?.due(asked)
        workshop.store.submit([.callBackAsked(asked)])
        workshop.desk?.keepDropped(asked, at: workshop.time.now())
    }

    private func look(up source: String, arguments: [String: String], timeoutMilliseconds: Int) {
        let workshop = workshop
        let mailbox = mailbox
        let log = log
        Task {
            do {
                let values = try await workshop.lookups.ask(
                    source, arguments: arguments, timeoutMilliseconds: timeoutMilliseconds)
                mailbox.post(.lookupFinished(values, at: workshop.time.now()))
            } catch {
                workshop.counters.lookupFailed()
                log.warning("look-up failed", metadata: ["lookup.source": "\(source)", "error": "\(error)"])
                mailbox.post(.lookupFailed(reason: "\(error)", at: workshop.time.now()))
            }
        }
    }

    // MARK: - Agents

    private func line(of leg: LegID) -> any Line { leg == session.leg ? line : workshop.phones ?? line }

    /// A leg that cannot be dialled ends like one that was refused.
    private func dial(_ request: DialRequest) {
        do {
            if request.target.hasPrefix("number:") {
                try dialOut(request)
            } else if let phones = workshop.phones {
                try phones.dial(request)
            } else {
                throw LineError(.target, "there are no agents' phones: set `agents.file`")
            }
        } catch {
            log.notice("a leg could not be dialled", metadata: ["leg.id": "\(request.leg)", "error": "\(error)"])
            mailbox.post(
                .line(
                    request.leg, .released(by: LineRelease(cause: .failed, status: 404, message: "\(error)")),
                    at: workshop.time.now()))
        }
    }

    /// A telephone outside, by the trunk's gateway.
    private func dialOut(_ request: DialRequest) throws(LineError) {
        guard let gateway = workshop.gateway, let trunk = workshop.lines[gateway.line] else {
            throw LineError(.target, "nobody outside can be called: set `sip.gateway`")
        }
        var request = request
        let number = request.target.dropFirst("number:".count)
        request.target = "sip:\(number)@\(gateway.address)"
        request.caller = gateway.caller
        try trunk.dial(request)
    }

    private func tellDesk(_ event: Distributor.Event, at now: Instant) async {
        guard let desk = workshop.desk else {
            if case .enter = event { mailbox.post(.desk(.ended(.noAgents), at: now)) }
            return
        }
        guard case .enter(var waiting) = event else { return desk.handle(event, at: now) }
        if let caller = waiting.caller {
            waiting.priority.formUnion(await desk.priority(of: caller, call: waiting.call, at: now))
        }
        desk.handle(.enter(waiting), at: workshop.time.now())
    }

    /// Finds out who is meant, and feeds the command.
    /// - Parameter kind: nil for a consultation.
    private func resolve(_ text: String, transfer kind: TransferKind?) {
        let now = workshop.time.now()
        guard let target = workshop.desk?.target(text, leader: kind == .shiftLeader, by: session.call) else {
            workshop.store.submit([failure("target_unknown", "nobody to hand the call to")])
            if kind != nil { mailbox.post(.desk(.command(.transferRefused), at: now)) }
            return
        }
        let leg: LegID = workshop.identifiers.next()
        let command: TalkCommand =
            kind.map { .transfer(target, leg: leg, kind: $0) } ?? .consult(target, leg: leg)
        mailbox.post(.desk(.command(command), at: now))
    }

    private func planApart(number: Int, channels: [RecordingPlanned.Channel]) async {
        let recording: RecordingID = workshop.identifiers.next()
        do {
            try await workshop.store.record([
                .recordingPlanned(
                    RecordingPlanned(
                        recording: recording, call: session.call, at: workshop.time.now(), channels: channels,
                        purpose: "consultation"))
            ])
            mailbox.post(.apartPlanned(recording, number: number, at: workshop.time.now()))
        } catch {
            // The conversation goes on; that a recording is missing is an alarm of the store.
            log.critical("a recording apart could not be planned", metadata: ["error": "\(error)"])
            workshop.store.submit([failure("recording_apart_refused", "\(error)")])
        }
    }

    private func observe(_ facts: [Fact]) {
        for fact in facts {
            if case .callAnswered(let answered) = fact {
                workshop.counters.answered(ringMilliseconds: answered.ringMilliseconds, rings: answered.rings)
            }
        }
    }
}
