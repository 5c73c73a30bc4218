import Calls

/// A random world around a distributor: it keeps its own books of what it was told, and complains when they do not fit.
struct World {
    private(set) var fault: String?
    private(set) var counts: [String: Int] = [:]
    private var distributor: Distributor
    private var random: SplitMix
    private var clock: Int64 = 0
    private var status: DistributorStatus

    private let numbers = (1001...1008).map { agent(String($0)) }
    private let stranger = agent("9999")
    private var roster: Set<WorkNumber>
    private var registered: Set<WorkNumber> = []
    private var nextCall: UInt64 = 0
    /// On the line in a queue.
    private var inQueue: [CallID] = []
    /// Places kept, and those of them whose agent has answered.
    private var tickets: [CallID] = []
    private var calledBy: [CallID: WorkNumber] = [:]
    private var open: [AgentOffer] = []
    private var over: [OfferID] = []
    private var engaged: [WorkNumber: [CallID]] = [:]
    /// The call that the agent makes for a call-back, where it has an id of its own.
    private var made: [CallID: CallID] = [:]
    private var ticketCall: [WorkNumber: CallID] = [:]
    private var told: [WorkNumber: AgentState] = [:]
    private var running: [Distributor.Timer: Int64] = [:]
    private var stale: [Distributor.Timer] = []

    init(seed: UInt64) {
        random = SplitMix(seed: seed)
        distributor = Distributor(
            agents: numbers.map(Self.person), queues: Self.rules, ringCycleMilliseconds: 5000)
        roster = Set(numbers)
        status = distributor.status
    }

    private static func person(_ number: WorkNumber) -> Agent {
        switch number.text.last {
        case "1", "2", "3": Agent(number: number, name: "", skills: ["power"])
        case "4", "5", "6": Agent(number: number, name: "", skills: ["power", "gas"])
        default: Agent(number: number, name: "", skills: [])
        }
    }

    private static var rules: [QueueRules] {
        [
            QueueRules(
                name: "a", skill: "power", ringsPerAgent: 2, missesUntilAway: 2, wrapUpMilliseconds: 5000,
                maximumWaitMilliseconds: 60_000, announceEveryMilliseconds: 10_000,
                duty: [agent("1002"), agent("1008")]),
            QueueRules(name: "b", ringsPerAgent: 1, missesUntilAway: 0, maximumLength: 6, waitsWithoutAgents: false),
            QueueRules(
                name: "c", skill: "gas", missesUntilAway: 1, wrapUpMilliseconds: 3000, waitsWithoutAgents: false,
                retryMilliseconds: 0, duty: [agent("1007")]),
        ]
    }

    // MARK: What happens

    /// One event: a timer that is due, or something that somebody does.
    mutating func step() {
        if let due = running.min(by: { ($0.value, $0.key.serial) < ($1.value, $1.key.serial) }), due.value <= clock {
            running[due.key] = nil
            stale.append(due.key)
            return feed(.timer(due.key), isDue: true)
        }
        clock += Int64(random.below(600))
        feed(somebodysEvent())
    }

    private mutating func somebodysEvent() -> Distributor.Event {
        let number = random.below(40) == 0 ? stranger : pick(numbers) ?? stranger
        let source = AgentChangeSource.code
        switch random.below(100) {
        case 0..<20: return .enter(newcomer())
        case 20..<26: return .leave(pick(inQueue) ?? call(nextCall), random.below(2) == 0 ? .abandoned : .key)
        case 26..<28: return .callBack(pick(inQueue) ?? call(nextCall), number: "13900000001")
        case 28..<31: return .callBackEnded(pick(tickets) ?? call(nextCall), reached: random.below(2) == 0)
        case 31..<43: return .rang(pick(open)?.id ?? OfferID(0))
        case 43..<53: return .answered(pick(open)?.id ?? OfferID(0))
        case 53..<58: return .failed(pick(open)?.id ?? OfferID(0), pick(OfferOutcome.allCases) ?? .busy)
        case 58..<66: return parting(released: true)
        case 66..<70: return parting(released: false)
        case 70..<73:
            return .engaged(number, pick(inQueue + engaged.values.joined()) ?? call(nextCall), purpose())
        case 73..<74: return .held(number, random.below(2) == 0)
        case 74..<79: return .logIn(number, source)
        case 79..<81: return .logOut(number, source)
        case 81..<86: return .ready(number, source)
        case 86..<88: return .away(number, reason: "tea", source)
        case 88..<92: return .phone(number, isReachable: random.below(4) > 0)
        case 92..<93: return .opened(queue: pick(["a", "b", "c", "d"]) ?? "a", random.below(3) > 0)
        case 93..<94:
            return random.below(4) == 0 ? .drain(queue: pick(["a", nil]) ?? nil) : .emergency(random.below(2) == 0)
        case 94..<95: return reload()
        case 95..<96: return .ended(pick(inQueue + engaged.values.joined()) ?? call(nextCall))
        case 96..<97: return restored()
        case 97..<98: return .answered(pick(over) ?? OfferID(0))
        case 98..<99: return .failed(pick(over) ?? OfferID(0), .rejected)
        default: return pick(stale).map { .timer($0) } ?? .rang(OfferID(0))
        }
    }

    private mutating func newcomer() -> Waiting {
        if random.below(50) > 0 { nextCall += 1 }
        return Waiting(
            call: call(nextCall), queue: pick(["a", "a", "b", "c"]) ?? "a",
            skill: random.below(8) == 0 ? "gas" : nil, priority: QueuePriority(rawValue: UInt8(random.below(8))))
    }

    private mutating func restored() -> Distributor.Event {
        nextCall += 1
        let waiting = Waiting(
            call: call(nextCall), queue: pick(["a", "b", "c", "d"]) ?? "a",
            priority: QueuePriority(rawValue: UInt8(random.below(8))))
        let since = max(0, clock - Int64(random.below(100_000)))
        return .restored(waiting, number: "13900000002", since: Instant(wall: since * 1000, mono: since * 1_000_000))
    }

    private mutating func purpose() -> AgentPurpose {
        pick([AgentPurpose.transfer, .consultation, .outbound, .callBack]) ?? .outbound
    }

    private mutating func parting(released: Bool) -> Distributor.Event {
        let busy = numbers.filter { engaged[$0]?.isEmpty == false }
        guard let number = pick(busy), let call = pick(engaged[number] ?? []) else { return .rang(OfferID(0)) }
        return released ? .released(number, call) : .disengaged(number, call)
    }

    private mutating func reload() -> Distributor.Event {
        var present = numbers
        while random.below(2) == 0, present.count > 2 { present.remove(at: random.below(present.count)) }
        var rules = Self.rules
        if random.below(3) == 0 { rules.remove(at: random.below(rules.count)) }
        roster = Set(present)
        var agents = present.map(Self.person)
        if random.below(2) == 0 { agents[0].skills = random.below(2) == 0 ? ["gas"] : [] }
        return .roster(agents: agents, queues: rules)
    }

    private mutating func pick<Item>(_ items: [Item]) -> Item? {
        items.isEmpty ? nil : items[random.below(items.count)]
    }

    // MARK: The books

    private mutating func feed(_ event: Distributor.Event, isDue: Bool = false) {
        note(event)
        let isStale = if case .timer = event { !isDue } else { false }
        let actions = distributor.handle(event, at: Instant(wall: clock * 1000, mono: clock * 1_000_000))
        demand(!isStale || actions.isEmpty, "a timer that is over does something")
        for action in actions { note(action) }
        status = distributor.status
        check()
        if fault != nil { complain("after \(event) with \(actions)") }
    }

    private mutating func complain(_ text: String) { fault = fault.map { $0 + "; " + text } ?? text }

    private mutating func demand(_ isTrue: Bool, _ text: @autoclosure () -> String) {
        if !isTrue { complain(text()) }
    }

    private mutating func note(_ event: Distributor.Event) {
        switch event {
        case .restored(let waiting, _, _):
            guard status.queues.contains(where: { $0.name == waiting.queue && !$0.isRemoved }) else { return }
            tickets.append(waiting.call)
        case .phone(let number, true): registered.insert(number)
        case .phone(let number, false): registered.remove(number)
        case .released(let number, let call), .disengaged(let number, let call):
            engaged[number]?.removeAll { $0 == call }
        case .ended(let call):
            for number in engaged.keys { engaged[number]?.removeAll { $0 == call } }
        case .engaged(let number, let call, let purpose):
            guard status.agents.contains(where: { $0.agent.number == number }), engaged[number]?.contains(call) != true
            else { return }
            if purpose == .callBack, let ticket = ticketCall[number], engaged[number]?.contains(ticket) == true {
                engaged[number]?.removeAll { $0 == ticket }
                made[ticket] = call
                ticketCall[number] = nil
            }
            engaged[number, default: []].append(call)
        default: break
        }
    }

    private mutating func note(_ action: Distributor.Action) {
        switch action {
        case .offer(let offer):
            counts["offer", default: 0] += 1
            demand(!open.contains { $0.agent == offer.agent }, "two offers to one agent")
            demand(!open.contains { $0.call == offer.call }, "one caller offered twice")
            demand(engaged[offer.agent, default: []].isEmpty, "offered while in a call")
            demand(roster.contains(offer.agent), "offered to somebody off the roster")
            demand(offer.isDuty || registered.contains(offer.agent), "offered to a phone that is not registered")
            demand(!running.keys.contains { $0.purpose == .retry(offer.agent) }, "offered to a phone that rests")
            demand((offer.isCallBack ? tickets : inQueue).contains(offer.call), "offered without waiting")
            open.append(offer)
        case .offerEnded(let offer, let outcome, _):
            counts["\(outcome)", default: 0] += 1
            demand(open.contains(offer), "an offer ended that was not open")
            open.removeAll { $0.id == offer.id }
            over.append(offer.id)
            if over.count > 20 { over.removeFirst() }
        case .connect(let offer, _, let records):
            demand(records.last?.outcome == .answered && records.last?.agent == offer.agent, "the answer is not last")
            engaged[offer.agent, default: []].append(offer.call)
            if offer.isCallBack {
                ticketCall[offer.agent] = offer.call
                calledBy[offer.call] = offer.agent
            }
        case .entered(let waiting, _, _):
            counts["entered", default: 0] += 1
            demand(!inQueue.contains(waiting.call), "entered twice")
            inQueue.append(waiting.call)
        case .left(let call, _, let exit, let wait, _):
            counts["left \(exit)", default: 0] += 1
            demand(inQueue.contains(call) && wait >= 0, "left twice or without entering")
            inQueue.removeAll { $0 == call }
            if exit == .callBack { tickets.append(call) }
        case .refused(let call, _, let exit):
            counts["refused \(exit)", default: 0] += 1
            demand(!inQueue.contains(call), "refused while waiting")
        case .callBackEnded(let call, _, let reached, let by, _, _):
            counts["call-back \(reached)", default: 0] += 1
            demand(tickets.contains(call), "a call-back ended twice")
            demand(calledBy[call] == by, "a call-back by somebody else")
            tickets.removeAll { $0 == call }
            calledBy[call] = nil
            made[call] = nil
        case .agent(let number, let state, _, _):
            demand(told[number, default: .loggedOut] != state || state == .away, "told a state that is no change")
            told[number] = state
        case .setTimer(let timer, let milliseconds):
            demand(!running.keys.contains { $0.purpose == timer.purpose }, "a timer is set twice")
            running[timer] = clock + milliseconds
        case .cancelTimer(let timer):
            demand(running.removeValue(forKey: timer) != nil, "a timer is cancelled that does not run")
            stale.append(timer)
        case .withdraw, .position: break
        }
        if stale.count > 20 { stale.removeFirst() }
    }

    // MARK: What must always hold

    private mutating func check() {
        let purposes = Set(running.keys.map(\.purpose))
        for one in status.agents {
            let number = one.agent.number
            let isRinging = open.contains { $0.agent == number }
            let isTalking = engaged[number]?.isEmpty == false
            demand(told[number, default: .loggedOut] == one.state, "\(number) is not in the state told")
            demand(isRinging == (one.state == .ringing), "\(number): ringing does not fit the offers")
            demand(
                isTalking == (one.state == .talking || one.state == .hold), "\(number): talking does not fit the calls")
            demand(one.state != .wrapUp || purposes.contains(.wrapUp(number)), "\(number): wrap-up without end")
            demand(
                !purposes.contains(.wrapUp(number)) || [.wrapUp, .talking, .hold].contains(one.state),
                "\(number): an end of no wrap-up")
            demand(one.isResting == purposes.contains(.retry(number)), "\(number): rests without end")
        }
        for (ticket, number) in calledBy {
            demand(engaged[number]?.contains(made[ticket] ?? ticket) == true, "a call-back that nobody carries out")
        }
        for offer in open {
            demand(
                purposes.contains(.reach(offer.id)) != purposes.contains(.ring(offer.id)), "an offer without its timer")
        }
        let waiting = status.queues.flatMap(\.waiting)
        let known = inQueue + tickets.filter { calledBy[$0] == nil }
        demand(
            waiting.count == known.count && Set(waiting.map(\.call)) == Set(known), "the queues do not fit the entries")
        for queue in status.queues { check(queue) }
        for purpose in purposes {
            switch purpose {
            case .reach(let id), .ring(let id):
                demand(open.contains { $0.id == id }, "a timer for an offer that is over")
            case .maximumWait(let call), .announcement(let call):
                demand(inQueue.contains(call), "a timer for a caller who has left")
            case .wrapUp(let number), .retry(let number):
                demand(status.agents.contains { $0.agent.number == number }, "a timer for nobody")
            }
        }
    }

    private mutating func check(_ queue: DistributorStatus.Queue) {
        for waiter in queue.waiting {
            let offered = open.first { $0.call == waiter.call }
            demand(offered?.agent == waiter.offeredTo, "offered to another than the status says")
            guard offered == nil else { continue }
            if waiter.isDuty {
                let duty = Self.rules.first { $0.name == queue.name }?.duty ?? []
                let idle = status.agents.first { one in
                    duty.contains(one.agent.number) && roster.contains(one.agent.number) && !one.isResting
                        && [.loggedOut, .away, .available].contains(one.state)
                }
                demand(idle == nil, "a duty phone is idle while a caller waits")
            } else {
                let idle = status.agents.first { one in
                    one.state == .available && one.isReachable && !one.isResting
                        && waiter.skill.map { one.agent.skills.contains($0) } ?? true
                }
                demand(idle == nil, "an agent is idle while a caller waits")
            }
        }
    }

    /// Everybody hangs up and the timers run out: nothing may be left.
    mutating func end() {
        for call in inQueue { feed(.leave(call, .abandoned)) }
        for call in tickets { feed(.callBackEnded(call, reached: false)) }
        for call in Set(engaged.values.joined()) { feed(.ended(call)) }
        while let due = running.min(by: { $0.value < $1.value }) {
            running[due.key] = nil
            clock = max(clock, due.value)
            feed(.timer(due.key), isDue: true)
        }
        demand(inQueue.isEmpty && tickets.isEmpty && open.isEmpty && calledBy.isEmpty, "something is left over")
        demand(
            status.agents.allSatisfy { [.loggedOut, .away, .available].contains($0.state) }, "somebody is stuck")
    }
}
