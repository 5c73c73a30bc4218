import CallFlow
import Calls
import Lines
import Logging
import Media
import Storage
import WorkOrders

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
    let log: Logger
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

    /// A play that could not begin is told as over, so that the flow does not wait for its end.
    private func goOn(without action: CallSession.Action) {
        guard case .play(let id, _, _) = action else { return }
        mailbox.post(
            .media(
                MediaEvent(
                    leg: session.leg, call: session.call, at: workshop.time.now(), position: nil,
                    kind: .playStopped(id, key: nil, playedMilliseconds: 0))))
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
        case .release(let reason): line.release(leg: leg, reason: reason)
        case .startMedia: try workshop.media.start(leg: leg)
        case .playRingBack(let id):
            try workshop.media.play(leg: leg, PlayRequest(id: id, items: [.tone(.ringBack)]))
        case .play(let id, let items, let bargeIn):
            try workshop.media.play(leg: leg, PlayRequest(id: id, items: items.map(resolve), bargeIn: bargeIn))
        case .stopPlay(let id): try workshop.media.stopPlay(leg: leg, id: id)
        case .watchSilence(let milliseconds):
            try workshop.media.watchSilence(leg: leg, afterMilliseconds: milliseconds)
        case .planRecording(let planned): await plan(planned)
        case .startRecording(let channels):
            try workshop.media.startRecording(session.recording, call: session.call, channels: channels)
        case .closeMedia: workshop.media.close(leg: leg)
        case .setTimer(let timer, let generation, let due):
            timers.set(timer, generation: generation, due: due, into: mailbox)
        case .cancelTimer(let timer): timers.cancel(timer)
        case .createOrder(let request): create(request)
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
                let now = workshop.time.now()
                let number = try await workshop.store.reserveOrderNumber(
                    localDate: workshop.clock.civil(now).compactDate)
                let code = OrderCode.make(random: workshop.identifiers.random())
                let order: OrderID = workshop.identifiers.next()
                var facts: [Fact] = [
                    .orderCreated(
                        OrderCreated(
                            order: order, at: now, number: number, code: code, category: request.category, call: call,
                            caller: request.caller, fields: request.fields)),
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
                mailbox.post(.orderMade(number: number, code: code, at: workshop.time.now()))
            } catch {
                log.critical("an order could not be made", metadata: ["error": "\(error)"])
                mailbox.post(.orderFailed(at: workshop.time.now()))
            }
        }
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

    private func observe(_ facts: [Fact]) {
        for fact in facts {
            if case .callAnswered(let answered) = fact {
                workshop.counters.answered(ringMilliseconds: answered.ringMilliseconds, rings: answered.rings)
            }
        }
    }
}
