/// Brings waiting callers to agents (ACD, 自动呼叫分配): agents and queues as one value.
///
/// It decides whose phone rings for whom; it dials, bridges and writes down nothing. Time comes in with each event;
/// timers are asked for and fed back. The rules are listed in `docs/queue-rules.md`, each with the test that shows it.
///
/// What its owner may rely on:
/// - every caller who `entered` has exactly one `left`, every call-back kept exactly one `callBackEnded`;
/// - every `offer` has exactly one `offerEnded`;
/// - an agent has at most one offer, and none while in a call;
/// - every timer set is either cancelled or fires once; one that fires after it was cancelled is ignored;
/// - events that name something unknown, or something that is over, are ignored. An `enter` is always answered.
///
/// What it relies on: `released`, `disengaged` or `ended` is fed for every call that an agent was in.
public struct Distributor: Sendable {
    public enum Event: Sendable, Hashable {
        /// The roster as loaded anew. Agents and queues that stay keep their states.
        case roster(agents: [Agent], queues: [QueueRules])
        /// The agent's phone is registered, or no contact of it is left. Remembered for numbers not on the roster yet.
        case phone(WorkNumber, isReachable: Bool)
        /// Also calls back an agent who is away.
        case logIn(WorkNumber, AgentChangeSource)
        case logOut(WorkNumber, AgentChangeSource)
        /// Ends being away, and wrap-up.
        case ready(WorkNumber, AgentChangeSource)
        case away(WorkNumber, reason: String, AgentChangeSource)
        /// The agent is in a call that the queue did not offer: consulted, given a transfer, calling out. A transfer's
        /// target counts as serving the queue of whoever is in the same call. With `.callBack`, the call that the
        /// agent makes for a call-back: it takes the place of the asking call.
        case engaged(WorkNumber, CallID, AgentPurpose)
        /// That call is over for the agent.
        case disengaged(WorkNumber, CallID)
        /// The agent put the other party on hold, or took them back.
        case held(WorkNumber, Bool)
        /// Somebody asks for an agent: answered by `entered` or `refused`.
        case enter(Waiting)
        /// A waiting caller hung up, pressed the key, or the flow went on. Does not touch a call-back's kept place.
        case leave(CallID, QueueExit)
        /// The waiting caller is to be called back: the place is kept, the caller leaves with `.callBack`.
        case callBack(CallID, number: String)
        /// A call-back's place from before a restart, with the entry's own time; fed in the order of the entries, before
        /// anybody enters. Passed over where there is no such queue.
        case restored(Waiting, number: String, since: Instant)
        /// The caller was reached or not; also gives up a place that is still kept. Names the asking call.
        case callBackEnded(CallID, reached: Bool)
        /// The agent's phone alerts (180).
        case rang(OfferID)
        case answered(OfferID)
        /// The offer came to nothing at the phone. (`answered` as an outcome is taken for `failed`.)
        case failed(OfferID, OfferOutcome)
        /// The agent's leg is over: wrap-up.
        case released(WorkNumber, CallID)
        /// The whole call is over: whatever is bound to it is let go. For owners that may lose count of legs.
        case ended(CallID)
        /// The calendar's word; a new queue is open. Opening ends a drain.
        case opened(queue: String, Bool)
        /// Whether an emergency is declared: fault reports go first.
        case emergency(Bool)
        /// The queue (nil: every queue) takes nobody new until `opened(…, true)`; those waiting are served.
        case drain(queue: String?)
        case timer(Timer)
    }

    public enum Action: Sendable, Hashable {
        /// Dial the agent's phone.
        case offer(AgentOffer)
        /// Stop it ringing; if it was answered meanwhile, release that leg. May be repeated.
        case withdraw(OfferID)
        /// The agent answered: bridge. The wait is from the entry; the answered offer is the last one. With a
        /// call-back, dial the caller first, and feed `callBackEnded`.
        case connect(AgentOffer, waitMilliseconds: Int64, offers: [OfferRecord])
        /// Fact: now in the queue. Position 1 is the next to be served; the wait is nil where no agent is at work.
        case entered(Waiting, position: Int, expectedWaitMilliseconds: Int64?)
        /// Fact: no longer on the line in the queue.
        case left(
            CallID, queue: String, QueueExit, waitMilliseconds: Int64, offers: [OfferRecord])
        /// Fact: never entered. `.full`, `.closed`, `.noAgents`; `.failed` where there is no such queue.
        case refused(CallID, queue: String, QueueExit)
        /// To be spoken.
        case position(CallID, Int, expectedWaitMilliseconds: Int64?)
        /// Fact: the kept place is over. The wait is from the entry; the offers are those since it was kept.
        case callBackEnded(
            CallID, queue: String, reached: Bool, by: WorkNumber?, waitMilliseconds: Int64, offers: [OfferRecord])
        /// Fact: what became of an offer, and how long the phone rang; nil where it never did.
        case offerEnded(AgentOffer, OfferOutcome, ringMilliseconds: Int64?)
        /// Fact: the agent's state changed. The reason is that of being away.
        case agent(WorkNumber, AgentState, reason: String?, AgentChangeSource)
        /// Feed `.timer` after so many milliseconds.
        case setTimer(Timer, milliseconds: Int64)
        case cancelTimer(Timer)
    }

    /// A timer, told apart from earlier ones for the same thing: one that crosses its own cancelling does no harm.
    public struct Timer: Sendable, Hashable {
        public enum Purpose: Sendable, Hashable {
            /// The phone did not ring in time.
            case reach(OfferID)
            /// The phone rang long enough.
            case ring(OfferID)
            case wrapUp(WorkNumber)
            /// The phone may be tried again.
            case retry(WorkNumber)
            case maximumWait(CallID)
            case announcement(CallID)
        }
        public let purpose: Purpose
        public let serial: UInt64
    }

    /// An offer whose phone is dialled or rings.
    struct OpenOffer {
        let offer: AgentOffer
        var rangAt: Instant?
    }

    let ringCycleMilliseconds: Int64
    var desks: [WorkNumber: AgentDesk] = [:]
    var queues: [String: QueueBook] = [:]
    var callers: [CallID: Caller] = [:]
    var offers: [OfferID: OpenOffer] = [:]
    /// Phones with a registered contact, on the roster or not.
    var reachable: Set<WorkNumber> = []
    /// Agents who can be offered a call now.
    var free = FreeAgents()
    /// How many serve each skill, counted when it is asked for; emptied when presence, phones or the roster change.
    var servingBySkill: [String?: Int] = [:]
    /// Callers for whom no phone rings, by the skill they need, over all queues; no empty line is kept.
    var lines: [String?: WaitingLine] = [:]
    /// The same for those whom the duty phones serve, by queue.
    var dutyLines: [String: WaitingLine] = [:]
    var isEmergency = false
    private var timers: [Timer.Purpose: UInt64] = [:]
    private var lastSerial: UInt64 = 0
    private var lastOffer: UInt64 = 0
    private var lastSequence: UInt64 = 0
    private var lastIdle: UInt64 = 0
    /// The event's moment and the actions so far, while one is handled.
    var now = Instant(wall: 0, mono: 0)
    var out: [Action] = []

    /// - Parameters:
    ///   - agents: the roster; everybody is logged out, no phone is registered. Of two with one number the later counts.
    ///   - queues: all open.
    ///   - ringCycleMilliseconds: the length of one ring (`RingClock`), 5,000 by GB/T 3380.
    public init(agents: [Agent], queues: [QueueRules], ringCycleMilliseconds: Int64) {
        self.ringCycleMilliseconds = ringCycleMilliseconds
        for agent in agents { desks[agent.number] = AgentDesk(agent) }
        for rules in queues { self.queues[rules.name] = QueueBook(rules: rules) }
    }

    /// Takes one event.
    /// - Returns: what is to be done, in this order.
    public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        self.now = now
        switch event {
        case .roster(let agents, let queues): load(agents, queues)
        case .phone(let number, let isReachable): phone(number, isReachable)
        case .logIn(let number, let source): logIn(number, source)
        case .logOut(let number, let source): leaveWork(number, .loggedOut, source)
        case .ready(let number, let source): ready(number, source)
        case .away(let number, let reason, let source): leaveWork(number, .away(reason: reason), source)
        case .engaged(let number, let call, let purpose): engage(number, call, purpose)
        case .disengaged(let number, let call), .released(let number, let call): release(number, call)
        case .held(let number, let isHeld): hold(number, isHeld)
        case .enter(let waiting): enter(waiting)
        case .leave(let call, let exit): leave(call, exit)
        case .callBack(let call, let number): keepPlace(call, number)
        case .restored(let waiting, let number, let since): restore(waiting, number, since: since)
        case .callBackEnded(let call, let reached): endCallBack(call, reached: reached)
        case .rang(let id): rang(id)
        case .answered(let id): answered(id)
        case .failed(let id, let outcome): endOffer(id, outcome == .answered ? .failed : outcome)
        case .ended(let call): end(call)
        case .opened(let queue, let isOpen): open(queue, isOpen)
        case .emergency(let isDeclared): declare(isDeclared)
        case .drain(let queue): drain(queue)
        case .timer(let timer): fire(timer)
        }
        match()
        var actions: [Action] = []
        swap(&actions, &out)
        return actions
    }

    // MARK: Timers

    /// Asks for a timer; one that ran for the same thing is cancelled.
    mutating func set(_ purpose: Timer.Purpose, milliseconds: Int64) {
        cancel(purpose)
        lastSerial += 1
        timers[purpose] = lastSerial
        out.append(.setTimer(Timer(purpose: purpose, serial: lastSerial), milliseconds: max(0, milliseconds)))
    }

    mutating func cancel(_ purpose: Timer.Purpose) {
        guard let serial = timers.removeValue(forKey: purpose) else { return }
        out.append(.cancelTimer(Timer(purpose: purpose, serial: serial)))
    }

    private mutating func fire(_ timer: Timer) {
        guard timers[timer.purpose] == timer.serial else { return }
        timers[timer.purpose] = nil
        switch timer.purpose {
        case .reach(let id):
            out.append(.withdraw(id))
            endOffer(id, .unreachable)
        case .ring(let id):
            out.append(.withdraw(id))
            endOffer(id, .noAnswer)
        case .wrapUp(let number):
            endWrapUp(number)
            tell(number, .call)
        case .retry(let number):
            desks[number]?.isResting = false
            refresh(number)
        case .maximumWait(let call): waitedLong(call)
        case .announcement(let call): announce(call)
        }
    }

    // MARK: Numbers that rise

    mutating func nextOffer() -> OfferID {
        lastOffer += 1
        return OfferID(lastOffer)
    }

    func wasMade(_ id: OfferID) -> Bool { id.raw > 0 && id.raw <= lastOffer }

    mutating func nextSequence() -> UInt64 {
        lastSequence += 1
        return lastSequence
    }

    mutating func nextIdle() -> UInt64 {
        lastIdle += 1
        return lastIdle
    }
}
