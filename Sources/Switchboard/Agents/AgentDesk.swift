import Calls
import Logging
import Norms
import Storage
import Synchronization

/// The agents' desk of the running exchange: owns the distributor, its timers, and the ways between it and the calls.
///
/// Every method may be called from any thread and returns at once. What the distributor wants is carried out under its
/// lock, so that calls and journal see one order.
public final class AgentDesk: Sendable {
    struct Placed {
        let offer: AgentOffer
        let leg: LegID
        /// Where the leg belongs: the waiting call, or the one placed for a call-back.
        let call: CallID
    }

    struct State {
        var roster: Roster
        var distributor: Distributor
        var offers: [OfferID: Placed] = [:]
        var timers: [Distributor.Timer: (generation: Int, task: Task<Void, Never>)] = [:]
        var lastGeneration = 0
        /// The last call placed for a call-back, by the asking call.
        var callBacks: [CallID: CallID] = [:]
        /// Call-backs of broken lines that are dialled by themselves, by the agent whose they are.
        var dropped: [WorkNumber: [OutboundCall]] = [:]
        var guesses: [WorkNumber: PINGuesses] = [:]
        var openQueues: [String: Bool] = [:]
        var isEmergency = false
    }

    /// What the desk works with.
    package struct Surroundings: Sendable {
        let ringClock: RingClock
        let store: Store
        let identifiers: Identifiers
        let time: any TimeSource
        let clock: LocalClock
        let log: Logger
        /// Puts a word into a call's mailbox; false where there is no such call.
        let post: @Sendable (CallID, CallSession.Input) -> Bool
        /// Places the call of a call-back, whose agent's phone is this leg, with the queue's offer where there is one; nil
        /// where it cannot be placed.
        let place: @Sendable (OutboundCall, AgentOffer?, LegID) -> CallID?

        package init(
            ringClock: RingClock, store: Store, identifiers: Identifiers, time: any TimeSource, clock: LocalClock,
            log: Logger, post: @escaping @Sendable (CallID, CallSession.Input) -> Bool,
            place: @escaping @Sendable (OutboundCall, AgentOffer?, LegID) -> CallID?
        ) {
            self.ringClock = ringClock
            self.store = store
            self.identifiers = identifiers
            self.time = time
            self.clock = clock
            self.log = log
            self.post = post
            self.place = place
        }
    }

    let state: Mutex<State>
    let around: Surroundings

    package init(roster: Roster, around: Surroundings) {
        self.around = around
        state = Mutex(
            State(
                roster: roster,
                distributor: Distributor(
                    agents: roster.agents.map(\.agent), queues: roster.queues.map(\.rules),
                    ringCycleMilliseconds: around.ringClock.cycleMilliseconds)))
    }

    /// Feeds the distributor and carries out what it wants.
    package func handle(_ event: Distributor.Event, at now: Instant) {
        state.withLock { state in handle(event, at: now, &state) }
    }

    /// A call is no more: whatever of it still stands here is let go. A call that ended in order left nothing.
    func forget(_ call: CallID, at now: Instant) { handle(.ended(call), at: now) }

    func handle(_ event: Distributor.Event, at now: Instant, _ state: inout State) {
        for action in state.distributor.handle(event, at: now) { perform(action, at: now, &state) }
    }

    // MARK: - What the distributor wants

    private func perform(_ action: Distributor.Action, at now: Instant, _ state: inout State) {
        switch action {
        case .offer(let offer): place(offer, at: now, &state)
        case .withdraw(let id):
            if let placed = state.offers[id] { tell(placed.call, .withdraw(id), at: now) }
        case .connect(let offer, let wait, let offers):
            guard let placed = state.offers.removeValue(forKey: offer.id) else { return }
            let queue = state.roster.queue(offer.queue)
            let word = DeskWord.connect(
                Connection(
                    offer: offer, leg: placed.leg, waitMilliseconds: wait, offers: offers,
                    announce: queue?.announce ?? Announcement.allCases,
                    apologyAfterRings: queue?.apologyAfterRings ?? 4))
            if !tell(placed.call, word, at: now) { handle(.released(offer.agent, offer.call), at: now, &state) }
        case .entered(let waiting, let position, let expected):
            around.store.submit([
                .queueEntered(
                    QueueEntered(
                        call: waiting.call, at: now, queue: waiting.queue, skill: waiting.skill, position: position,
                        priority: waiting.priority.names))
            ])
            tell(waiting.call, .entered, at: now)
            tell(waiting.call, .position(position, expectedWaitMilliseconds: expected), at: now)
        case .left(let call, let queue, let exit, let wait, let offers):
            around.store.submit([.queueLeft(left(call, queue, exit, wait, offers, at: now))])
            if exit.isToldToFlow { tell(call, .ended(exit), at: now) }
        case .refused(let call, let queue, let exit):
            around.store.submit([.queueLeft(left(call, queue, exit, 0, [], at: now))])
            tell(call, .ended(exit), at: now)
        case .position(let call, let position, let expected):
            tell(call, .position(position, expectedWaitMilliseconds: expected), at: now)
        case .callBackEnded(let call, _, let reached, let agent, _, _):
            around.store.submit([
                .callBackEnded(
                    CallBackEnded(
                        call: call, at: now, made: state.callBacks.removeValue(forKey: call), reached: reached,
                        by: agent))
            ])
        case .offerEnded(let offer, let outcome, let milliseconds):
            guard let placed = state.offers[offer.id] else { return }
            // An answered offer stays until its `connect` took the leg.
            if outcome != .answered { state.offers[offer.id] = nil }
            around.store.submit([
                .offerEnded(
                    OfferEnded(
                        call: placed.call, leg: placed.leg, at: now, agent: offer.agent, outcome: outcome,
                        ringMilliseconds: milliseconds, rings: milliseconds.map { rings($0, outcome) }))
            ])
        case .agent(let agent, let present, let reason, let source):
            around.store.submit([
                .agentChanged(AgentChanged(at: now, agent: agent, state: present, reason: reason, source: source))
            ])
            if present == .available { callDropped(agent, &state) }
        case .setTimer(let timer, let milliseconds): set(timer, milliseconds: milliseconds, &state)
        case .cancelTimer(let timer): state.timers.removeValue(forKey: timer)?.task.cancel()
        }
    }

    private func place(_ offer: AgentOffer, at now: Instant, _ state: inout State) {
        let leg: LegID = around.identifiers.next()
        guard let number = offer.number else {
            state.offers[offer.id] = Placed(offer: offer, leg: leg, call: offer.call)
            note(offer, call: offer.call, leg: leg, at: now)
            if !tell(offer.call, .offer(offer, leg: leg), at: now) {
                handle(.failed(offer.id, .failed), at: now, &state)
            }
            return
        }
        let wish = OutboundCall(
            agent: offer.agent, number: number, role: .callBack, order: nil, asking: offer.call)
        guard let call = around.place(wish, offer, leg) else {
            // Without a way out nobody can be called back: the wish stays in the list of open ones.
            state.offers[offer.id] = Placed(offer: offer, leg: leg, call: offer.call)
            handle(.failed(offer.id, .failed), at: now, &state)
            handle(.callBackEnded(offer.call, reached: false), at: now, &state)
            return
        }
        state.offers[offer.id] = Placed(offer: offer, leg: leg, call: call)
        state.callBacks[offer.call] = call
        note(offer, call: call, leg: leg, at: now)
    }

    /// Written here and not by the call, so that it stands before the offer's end whatever the call does.
    private func note(_ offer: AgentOffer, call: CallID, leg: LegID, at now: Instant) {
        around.store.submit([
            .agentOffered(
                AgentOffered(
                    call: call, leg: leg, at: now, agent: offer.agent, purpose: offer.purpose, queue: offer.queue))
        ])
    }

    private func left(
        _ call: CallID, _ queue: String, _ exit: QueueExit, _ wait: Int64, _ offers: [OfferRecord], at now: Instant
    ) -> QueueLeft {
        let rung = offers.compactMap(\.ringMilliseconds)
        let counts = offers.compactMap { offer in offer.ringMilliseconds.map { rings($0, offer.outcome) } }
        return QueueLeft(
            call: call, at: now, queue: queue, exit: exit, waitMilliseconds: wait, offers: offers.count,
            rings: counts.reduce(0, +), ringMilliseconds: rung.reduce(0, +))
    }

    private func rings(_ milliseconds: Int64, _ outcome: OfferOutcome) -> Int {
        around.ringClock.rings(of: outcome, milliseconds: milliseconds)
    }

    @discardableResult
    private func tell(_ call: CallID, _ word: DeskWord, at now: Instant) -> Bool {
        around.post(call, .desk(word, at: now))
    }

    private func set(_ timer: Distributor.Timer, milliseconds: Int64, _ state: inout State) {
        state.timers[timer]?.task.cancel()
        state.lastGeneration += 1
        let generation = state.lastGeneration
        let task = Task { [self] in
            do {
                try await Task.sleep(for: .milliseconds(max(0, milliseconds)), tolerance: .zero)
            } catch {
                return  // cancelled: nothing is due
            }
            fire(timer, generation: generation)
        }
        state.timers[timer] = (generation, task)
    }

    /// A timer that was set anew meanwhile is stale.
    private func fire(_ timer: Distributor.Timer, generation: Int) {
        let now = around.time.now()
        state.withLock { state in
            guard state.timers[timer]?.generation == generation else { return }
            state.timers[timer] = nil
            handle(.timer(timer), at: now, &state)
        }
    }

    /// Nothing fires any more.
    public func stop() {
        state.withLock { state in
            for timer in state.timers.values { timer.task.cancel() }
            state.timers = [:]
        }
    }
}

extension QueueExit {
    /// The flow goes on from here; the other exits it made itself, or nobody is there to hear.
    fileprivate var isToldToFlow: Bool {
        switch self {
        case .timeout, .full, .closed, .noAgents, .failed: true
        case .answered, .abandoned, .key, .callBack, .interrupted: false
        }
    }
}

extension RingClock {
    /// The rings of one offer.
    func rings(of outcome: OfferOutcome, milliseconds: Int64) -> Int {
        outcome == .answered ? ring(atMilliseconds: milliseconds) : rings(inVain: milliseconds)
    }
}
