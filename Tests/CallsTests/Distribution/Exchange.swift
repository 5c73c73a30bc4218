import Calls
import Testing

private let zero = Instant(wall: 1_795_000_000_000_000, mono: 50_000_000_000)

func call(_ number: UInt64) -> CallID { CallID(high: 0x7000, low: number) }

/// A work number of the tests; they are all well formed.
func agent(_ text: String) -> WorkNumber {
    guard let number = WorkNumber(text) else { preconditionFailure("not a work number: \(text)") }
    return number
}

let a1 = agent("1001")
let a2 = agent("1002")
let a3 = agent("1003")

func person(_ number: WorkNumber, _ skills: Set<String> = []) -> Agent {
    Agent(number: number, name: "agent \(number)", skills: skills)
}

/// A distributor with a virtual clock that feeds its timers back when they are due.
struct Exchange {
    var distributor: Distributor
    /// Milliseconds since `zero`.
    private(set) var clock: Int64 = 0
    private var running: [Distributor.Timer: Int64] = [:]
    /// Timers that were set twice without an end, or cancelled without running: there must be none.
    private(set) var timerFaults: [Distributor.Timer] = []
    /// Timers that were cancelled, to be fed all the same where a test wants them to cross.
    private(set) var cancelled: [Distributor.Timer] = []

    /// Agents with registered phones, logged in one after the other, a second each, in the order given.
    init(
        _ agents: [Agent] = [person(a1), person(a2), person(a3)], queues: [QueueRules] = [QueueRules(name: "q")],
        loggedIn: Bool = true
    ) {
        distributor = Distributor(agents: agents, queues: queues, ringCycleMilliseconds: 5000)
        for agent in agents {
            _ = feed(.phone(agent.number, isReachable: true))
            if loggedIn { _ = feed(.logIn(agent.number, .code)) }
            if loggedIn { clock += 1000 }
        }
        clock = 10_000
    }

    var now: Instant { zero.advanced(milliseconds: clock) }
    var timers: [Distributor.Timer.Purpose] { running.keys.map(\.purpose) }

    /// What the event leads to, timers aside.
    @discardableResult mutating func feed(_ event: Distributor.Event) -> [Distributor.Action] {
        distributor.handle(event, at: now).filter { take($0) }
    }

    /// Lets time pass.
    /// - Returns: what the timers led to.
    @discardableResult mutating func pass(_ milliseconds: Int64) -> [Distributor.Action] {
        let end = clock + milliseconds
        var told: [Distributor.Action] = []
        while let due = running.min(by: { ($0.value, $0.key.serial) < ($1.value, $1.key.serial) }), due.value <= end {
            running[due.key] = nil
            clock = max(clock, due.value)
            told += feed(.timer(due.key))
        }
        clock = end
        return told
    }

    private mutating func take(_ action: Distributor.Action) -> Bool {
        switch action {
        case .setTimer(let timer, let milliseconds):
            if running.keys.contains(where: { $0.purpose == timer.purpose }) { timerFaults.append(timer) }
            running[timer] = clock + milliseconds
            return false
        case .cancelTimer(let timer):
            if running.removeValue(forKey: timer) == nil { timerFaults.append(timer) }
            cancelled.append(timer)
            return false
        default: return true
        }
    }

    // MARK: Short words

    @discardableResult mutating func enter(
        _ number: UInt64, queue: String = "q", skill: String? = nil, _ priority: QueuePriority = []
    ) -> [Distributor.Action] {
        feed(.enter(Waiting(call: call(number), queue: queue, skill: skill, priority: priority)))
    }

    /// Rings and is answered.
    @discardableResult mutating func answer(_ offer: UInt64) -> [Distributor.Action] {
        feed(.rang(OfferID(offer)))
        return feed(.answered(OfferID(offer)))
    }

    func state(_ number: WorkNumber) -> AgentState? {
        distributor.status.agents.first { $0.agent.number == number }?.state
    }

    /// The calls waiting in a queue, in order.
    func waiting(_ queue: String = "q") -> [CallID] {
        distributor.status.queues.first { $0.name == queue }?.waiting.map(\.call) ?? []
    }
}

extension [Distributor.Action] {
    /// Who is offered whom.
    var offered: [String] {
        compactMap { action in
            guard case .offer(let offer) = action else { return nil }
            return "\(offer.call.low)>\(offer.agent)"
        }
    }

    var ended: [OfferOutcome] {
        compactMap { action in
            guard case .offerEnded(_, let outcome, _) = action else { return nil }
            return outcome
        }
    }

    var exits: [QueueExit] {
        compactMap { action in
            switch action {
            case .left(_, _, let exit, _, _), .refused(_, _, let exit): exit
            default: nil
            }
        }
    }

    /// Position and expected wait as told: at entry, and to be spoken.
    var positions: [String] {
        compactMap { action in
            switch action {
            case .entered(_, let position, let wait): "entered \(position) \(wait.map(String.init) ?? "-")"
            case .position(let call, let position, let wait):
                "\(call.low): \(position) \(wait.map(String.init) ?? "-")"
            default: nil
            }
        }
    }

    var states: [String] {
        compactMap { action in
            guard case .agent(let number, let state, let reason, let source) = action else { return nil }
            return "\(number) \(state.rawValue)\(reason.map { "(\($0))" } ?? "") by \(source.rawValue)"
        }
    }
}
