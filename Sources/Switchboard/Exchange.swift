import CallFlow
import Calls
import Lines
import Logging
import Media
import Storage
import Synchronization

/// Why a call could not be recorded.
public enum Unrecordable: Sendable, Hashable {
    /// Too little room on the disk.
    case disk
    /// The audio log cannot be written.
    case audioLog
}

/// The running exchange: takes offers, gives each call a mailbox and one task, and hands every event of the lines and
/// the media to its call, in order.
///
/// `handle` is called synchronously on the line's thread and the media's event thread; it looks up a mailbox and puts
/// the event in, nothing more.
public final class Exchange: Sendable {
    private struct State {
        var calls: [CallID: (mailbox: CallMailbox, line: String, isFromPhone: Bool)] = [:]
        var workshop: Workshop?
        var agents: Agents?
        var draining = false
        /// Why calls cannot be recorded; while there is a reason, none is answered.
        var unrecordable: Set<Unrecordable> = []
        var gate: LoadGate
        var load: @Sendable () -> MediaLoad = { MediaLoad() }
        var idle: [CheckedContinuation<Void, Never>] = []
    }

    /// What is there where agents are.
    public struct Agents: Sendable {
        public var desk: AgentDesk
        /// The line that their phones are registered at.
        public var phones: any Line
        /// What holds for calls from their phones (feature codes).
        public var settings: SessionSettings
        /// What holds for calls that they place; the flow is what whom they called hears when they have gone.
        public var outbound: SessionSettings

        public init(
            desk: AgentDesk, phones: any Line, settings: SessionSettings, outbound: SessionSettings
        ) {
            self.desk = desk
            self.phones = phones
            self.settings = settings
            self.outbound = outbound
        }
    }

    private let state: Mutex<State>
    private let settings: SessionSettings
    private let capacity: [String: Int]
    public let counters = ExchangeCounters()
    private let identifiers: Identifiers
    private let log: Logger

    /// - Parameters:
    ///   - capacity: calls at once by line; further ones are refused with 486 and journalled as unanswered offers.
    ///   - loadLimit: the share of its time, 0…1, that the media threads may work: where one call more would take it beyond,
    ///     the call is refused in the same way, or not placed.
    public init(
        settings: SessionSettings, capacity: [String: Int], loadLimit: Double = 1, identifiers: Identifiers, log: Logger
    ) {
        state = Mutex(State(gate: LoadGate(limit: loadLimit)))
        self.settings = settings
        self.capacity = capacity
        self.identifiers = identifiers
        self.log = log
    }

    /// Binds the exchange to what it works with; events that come before are refused as draining.
    /// - Parameters:
    ///   - lines: each with a name of its own.
    ///   - notices: what callers hear beside what the configuration gives; nil: nothing.
    ///   - load: how much the media threads have to do; asked at every offer and call placed, with a lock held.
    public func open(
        lines: [any Line], media: any MediaControl, prompts: PromptStore, store: Store, lookups: [LookupSource],
        clock: LocalClock, time: any TimeSource, blocklist: Blocklist, gateway: Gateway? = nil,
        agents: Agents? = nil, notices: Notices? = nil, load: @escaping @Sendable () -> MediaLoad = { MediaLoad() }
    ) {
        let workshop = Workshop(
            lines: Dictionary(lines.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }), media: media,
            prompts: prompts, store: store,
            lookups: Lookups(reader: store.reader, sources: lookups, desk: agents?.desk, clock: clock, time: time),
            clock: clock, time: time,
            identifiers: identifiers, counters: counters, phones: agents?.phones, desk: agents?.desk,
            blocklist: blocklist, gateway: gateway, notices: notices, log: log)
        state.withLock { state in
            state.workshop = workshop
            state.agents = agents
            state.load = load
        }
    }

    /// Makes the agents' desk, whose words go to this exchange's calls.
    /// - Parameter roster: as read from the agents' file.
    public func makeDesk(roster: Roster, store: Store, clock: LocalClock, time: any TimeSource) -> AgentDesk {
        AgentDesk(
            roster: roster,
            around: AgentDesk.Surroundings(
                ringClock: settings.ringClock, store: store, identifiers: identifiers, time: time, clock: clock,
                log: log,
                // The exchange outlives its desk; its lock is never held while the desk is told something.
                post: { [weak self] call, input in self?.mailbox(of: call)?.post(input) ?? false },
                place: { [weak self, log] outbound, offer, leg in
                    do {
                        return try self?.place(outbound, offer: offer, agentLeg: leg, isOwed: true)
                    } catch {
                        log.error("a call-back could not be placed", metadata: ["error": "\(error)"])
                        return nil
                    }
                }))
    }

    /// An event of a line. On the line's thread; returns at once.
    public func handle(_ event: LineEvent) {
        if case .offered(let offer) = event.kind {
            take(offer, event)
            return
        }
        mailbox(of: event.call)?.post(.line(event.leg, event.kind, at: event.at))
    }

    /// An event of the media. On the media's event thread; returns at once.
    public func handle(_ event: MediaEvent) {
        mailbox(of: event.call)?.post(.media(event))
    }

    private func mailbox(of call: CallID) -> CallMailbox? { state.withLock { $0.calls[call]?.mailbox } }

    private enum Decision {
        case take(Workshop, any Line, CallMailbox, SessionSettings)
        case refuse(Workshop, any Line, Refusal, Outcome)
        case notOpen
    }

    private func take(_ offer: Offer, _ event: LineEvent) {
        counters.offered()
        let decision: Decision = state.withLock { state in
            guard let workshop = state.workshop, let line = workshop.lines[event.line] else { return .notOpen }
            if state.draining { return .refuse(workshop, line, .draining, .draining) }
            if offer.agent == nil, workshop.blocklist.isBlocked(offer.caller, at: event.at) {
                return .refuse(workshop, line, Refusal(status: 603, cause: 21), .blocked)
            }
            if !state.unrecordable.isEmpty {
                return .refuse(workshop, line, Refusal(status: 480, cause: 41), .unrecordable)
            }
            if offer.agent != nil { return takeFromPhone(event, line, workshop, &state) }
            let taken = state.calls.values.count { $0.line == event.line && !$0.isFromPhone }
            if offer.isWaiting || taken >= capacity[event.line] ?? 0 {
                return .refuse(workshop, line, .overCapacity, .overCapacity)
            }
            if !state.gate.admits(state.load(), at: event.at.mono) {
                counters.overloaded()
                return .refuse(workshop, line, .overCapacity, .overCapacity)
            }
            let mailbox = CallMailbox()
            state.calls[event.call] = (mailbox, event.line, false)
            return .take(workshop, line, mailbox, settings)
        }
        switch decision {
        case .notOpen:
            log.error("an offer came before the exchange was open", metadata: ["line": "\(event.line)"])
        case .refuse(let workshop, let line, let refusal, let outcome):
            refuse(offer, event, line: line, workshop: workshop, refusal: refusal, outcome: outcome)
        case .take(let workshop, let line, let mailbox, let settings):
            counters.began()
            let session = CallSession(
                call: event.call, leg: event.leg, recording: identifiers.next(), line: event.line, offer: offer,
                settings: settings, variables: workshop.variables(at: event.at))
            Task {
                var driver = CallDriver(session: session, line: line, workshop: workshop, mailbox: mailbox)
                await driver.run(offeredAt: event.at)
                leave(event.call, workshop)
            }
        }
    }

    /// A call from an agent's own phone: a feature code.
    private func takeFromPhone(
        _ event: LineEvent, _ line: any Line, _ workshop: Workshop, _ state: inout State
    ) -> Decision {
        guard let agents = state.agents else {
            return .refuse(workshop, line, Refusal(status: 403, cause: 21), .rejected)
        }
        guard state.calls.values.count(where: \.isFromPhone) < Self.mostPhoneCalls else {
            return .refuse(workshop, line, .overCapacity, .overCapacity)
        }
        let mailbox = CallMailbox()
        state.calls[event.call] = (mailbox, event.line, true)
        return .take(workshop, line, mailbox, agents.settings)
    }

    /// Writes down that somebody heard a voice message.
    /// - Throws: `SwitchboardError` before the exchange is open, or what the store says.
    public func heard(_ message: MessageID, by agent: WorkNumber) async throws {
        guard let workshop = state.withLock({ $0.workshop }) else {
            throw SwitchboardError(.refused, "the server is not ready yet")
        }
        try await workshop.store.record([
            .messageHeard(MessageHeard(message: message, at: workshop.time.now(), by: agent))
        ])
    }

    /// Writes down that an agent's call needs no order.
    /// - Throws: `SwitchboardError` before the exchange is open, or what the store says; `.conflict` where no form of the
    ///   call is pending.
    public func waiveForm(of call: CallID, by agent: WorkNumber, reason: String) async throws {
        guard let workshop = state.withLock({ $0.workshop }) else {
            throw SwitchboardError(.refused, "the server is not ready yet")
        }
        try await workshop.store.record([
            .formWaived(
                FormWaived(call: call, at: workshop.time.now(), by: agent, reason: String(reason.prefix(500))))
        ])
    }

    /// Makes a work order of a call that an agent serves or served, with the first step of its life, durable when this
    /// returns: number and code may be told to the caller.
    /// - Throws: `SwitchboardError` `.notFound`, `.argument`; `.refused` before the exchange is open, or with the life's
    ///   reason, nothing made; what the store says.
    public func makeOrder(_ wish: OrderWish, in book: OrderBook) async throws -> OrderMade {
        guard let workshop = state.withLock({ $0.workshop }) else {
            throw SwitchboardError(.refused, "the server is not ready yet")
        }
        return try await book.make(wish, in: workshop)
    }

    /// What the utility's own system knows of a calling number (the look-up `account`); nil where there is none.
    /// - Throws: where the system is away, or does not answer in a moment.
    public func customer(calling number: String) async throws -> [String: String]? {
        try await state.withLock { $0.workshop }?.lookups.customer(number)
    }

    /// Writes down a note to a recording.
    /// - Parameter position: what in the recording it is about; nil: the whole.
    /// - Throws: `SwitchboardError` before the exchange is open, or what the store says: `.conflict` where the call has no
    ///   such recording.
    public func note(
        _ recording: RecordingID, of call: CallID, by agent: WorkNumber, position: AudioPosition?, text: String
    ) async throws {
        guard let workshop = state.withLock({ $0.workshop }) else {
            throw SwitchboardError(.refused, "the server is not ready yet")
        }
        try await workshop.store.record([
            .recordingNoted(
                RecordingNoted(
                    recording: recording, call: call, at: workshop.time.now(), by: agent, position: position, text: text
                ))
        ])
    }

    /// Places a call: the agent's phone rings, then the other party's.
    /// - Returns: its id.
    /// - Throws: `SwitchboardError` `.refused` where none can be placed.
    @discardableResult
    public func place(_ outbound: OutboundCall) throws(SwitchboardError) -> CallID {
        try place(outbound, offer: nil, agentLeg: identifiers.next(), isOwed: false)
    }

    /// - Parameters:
    ///   - offer: the queue's, where the agent's phone rings for a call-back.
    ///   - isOwed: the desk's own call-back of somebody who was let in once: it is not held back by the load.
    private func place(
        _ outbound: OutboundCall, offer: AgentOffer?, agentLeg: LegID, isOwed: Bool
    ) throws(SwitchboardError) -> CallID {
        let call: CallID = identifiers.next()
        let mailbox = CallMailbox()
        let made: (Workshop, any Line, SessionSettings) = try state.withLock { state throws(SwitchboardError) in
            guard let workshop = state.workshop, let agents = state.agents else {
                throw SwitchboardError(.refused, "there are no agents: set `agents.file`")
            }
            guard let gateway = workshop.gateway, let line = workshop.lines[gateway.line] else {
                throw SwitchboardError(.refused, "nobody outside can be called: set `sip.gateway`")
            }
            guard !state.draining else { throw SwitchboardError(.refused, "the server takes no new calls") }
            guard state.unrecordable.isEmpty else {
                throw SwitchboardError(.refused, "calls cannot be recorded at the moment")
            }
            let hours = agents.outbound.outboundHours
            guard hours.contains(workshop.clock.civil(workshop.time.now()).minuteOfDay) else {
                throw SwitchboardError(.outsideHours, "nobody is called outside \(hours) (`calls_out.hours`)")
            }
            let now = workshop.time.now().mono
            if isOwed {
                state.gate.took(at: now)
            } else if !state.gate.admits(state.load(), at: now) {
                counters.overloaded()
                throw SwitchboardError(
                    .refused, "there are as many calls as are served well (`rtp.load_limit`): try again in a while")
            }
            state.calls[call] = (mailbox, gateway.line, true)
            return (workshop, line, agents.outbound)
        }
        let (workshop, line, settings) = made
        let now = workshop.time.now()
        counters.began()
        let session = CallSession(
            outbound: outbound, offer: offer, call: call, leg: identifiers.next(), agentLeg: agentLeg,
            recording: identifiers.next(), line: line.name, settings: settings,
            variables: workshop.variables(at: now))
        Task {
            var driver = CallDriver(session: session, line: line, workshop: workshop, mailbox: mailbox)
            await driver.run(offeredAt: now)
            leave(call, workshop)
        }
        return call
    }

    /// Feature codes dialled at once; they take no place on the trunk.
    private static let mostPhoneCalls = 100

    private func leave(_ call: CallID, _ workshop: Workshop) {
        counters.left()
        workshop.desk?.forget(call, at: workshop.time.now())
        let waiters: [CheckedContinuation<Void, Never>] = state.withLock { state in
            state.calls[call] = nil
            guard state.calls.isEmpty else { return [] }
            defer { state.idle.removeAll() }
            return state.idle
        }
        for waiter in waiters { waiter.resume() }
    }

    /// A refusal is journalled as an unanswered offer.
    private func refuse(
        _ offer: Offer, _ event: LineEvent, line: any Line, workshop: Workshop, refusal: Refusal, outcome: Outcome
    ) {
        line.refuse(leg: event.leg, refusal)
        // The line opened it to answer with; no session is there that would close it.
        workshop.media.close(leg: event.leg)
        counters.ended(outcome)
        workshop.store.submit([
            .callOffered(
                CallOffered(
                    call: event.call, leg: event.leg, at: event.at, line: event.line, direction: .inbound,
                    caller: offer.caller, callerRaw: offer.callerRaw, callerSource: offer.callerSource,
                    called: offer.called, diversion: offer.diversion, peer: offer.peer,
                    protocolCallID: offer.protocolCallID)),
            .callReleased(
                CallReleased(
                    call: event.call, at: workshop.time.now(), releasedBy: .flow,
                    evidence: ReleaseEvidence(
                        firstLeg: event.leg, message: "refused with \(refusal.status)", q850: refusal.cause,
                        sipStatus: refusal.status),
                    outcome: outcome, statistics: [:])),
        ])
    }

    // MARK: - Stopping

    /// Calls that go on at the moment.
    public var activeCalls: Int { state.withLock { $0.calls.count } }

    /// Whether a stop was asked for.
    public var isDraining: Bool { state.withLock { $0.draining } }

    /// Says that calls cannot be recorded for this reason, or can again. New calls are refused meanwhile.
    public func set(_ reason: Unrecordable, _ holds: Bool) {
        state.withLock { state in
            if holds { state.unrecordable.insert(reason) } else { state.unrecordable.remove(reason) }
        }
    }

    /// Takes no new calls; running ones go on.
    public func drain() {
        let workshop = state.withLock { state in
            state.draining = true
            return state.workshop
        }
        for line in workshop?.lines.values.map(\.self) ?? [] { line.drain() }
    }

    /// Waits until no call is left.
    public func waitUntilIdle() async {
        await withCheckedContinuation { continuation in
            let idle = state.withLock { state in
                if state.calls.isEmpty { return true }
                state.idle.append(continuation)
                return false
            }
            if idle { continuation.resume() }
        }
    }

    /// Lets `waitUntilIdle` return though calls go on.
    public func giveUpWaiting() {
        let waiters = state.withLock { state in
            defer { state.idle.removeAll() }
            return state.idle
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Ends every call that still goes on.
    public func stopCalls(at now: Instant) {
        for call in state.withLock({ Array($0.calls.values) }) { call.mailbox.post(.stop(at: now)) }
    }
}
