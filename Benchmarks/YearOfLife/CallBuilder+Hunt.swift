import Calls
import Norms
import Storage

/// A caller's way to a person: the queue, the phones that ring, who answers.
extension CallBuilder {
    enum HuntEnd {
        case answered(Served)
        case abandoned(at: Int64)
        /// Nobody came, or nobody was let in: the flow goes on with the caller.
        case left(at: Int64, exit: QueueExit)
        /// The place is kept, and the caller hangs up.
        case callBack(Kept)
    }

    /// An agent who answered.
    struct Served {
        var agent: Int
        var leg: LegID
        var at: Int64
        /// Of all phones tried.
        var ringMilliseconds: Int64
    }

    /// A kept place in the queue.
    struct Kept {
        var queue: String
        var enteredAt: Int64
        var askedAt: Int64
    }

    private enum Course { case answered, abandonedEarly, abandonedLate, timeout, key, callBack }

    /// Sums of people's rings, and waits, on which documents draw their lines: the fourth tone's end, the fifth ring, 15
    /// and 20 seconds; a millisecond before, and after.
    private static let edges: [Int64] = [
        14_999, 15_000, 15_001, 15_999, 16_000, 16_001, 19_999, 20_000, 20_001, 24_999, 25_000,
    ]

    /// - Parameters:
    ///   - isBusy: a storm: the queue is long.
    ///   - isSure: somebody answers.
    mutating func hunt(
        _ queue: String, at entered: Int64, isBusy: Bool, isSure: Bool, _ shifts: inout Shifts
    ) -> HuntEnd {
        let refusal = draw.weighted(
            [(nil, 1000), (QueueExit.full, isBusy ? 90 : 5), (.noAgents, 1)] as [(QueueExit?, Int)])
        if let refusal, !isSure {
            leaveQueue(queue, entered, at: entered, refusal, offers: 0, rings: 0, milliseconds: 0)
            return .left(at: entered, exit: refusal)
        }
        let priority: [String] = draw.weighted(
            [([], 930), (["key_customer"], 22), (["repeat_caller"], 43), (["key_customer", "repeat_caller"], 5)])
        let position = isBusy ? 1 + draw.below(20) : 1 + Int(draw.skewed(0...3))
        add(entered) { [call] in
            .queueEntered(
                QueueEntered(
                    call: call, at: $0, queue: queue, skill: queue == "faults" ? "fault" : nil, position: position,
                    priority: priority))
        }
        let course = draw.weighted(
            [
                (Course.answered, isBusy ? 700 : 905), (.abandonedEarly, isBusy ? 60 : 32),
                (.abandonedLate, isBusy ? 140 : 28), (.timeout, isBusy ? 40 : 12), (.key, 8),
                (.callBack, isBusy ? 60 : 15),
            ])
        switch isSure ? .answered : course {
        case .answered: return answerHunt(queue, entered, isBusy, &shifts)
        case .abandonedEarly:
            let end = entered + draw.within(Micro.second...15 * Micro.second)
            return .abandoned(at: ringInVain(queue, entered, until: end, .abandoned, phones: 1, &shifts))
        case .abandonedLate:
            let end = entered + draw.within(25 * Micro.second...400 * Micro.second)
            return .abandoned(at: ringInVain(queue, entered, until: end, .abandoned, phones: draw.below(4), &shifts))
        case .timeout:
            let end = entered + 300 * Micro.second
            return .left(
                at: ringInVain(queue, entered, until: end, .timeout, phones: draw.below(3), &shifts), exit: .timeout)
        case .key:
            let end = entered + draw.within(20 * Micro.second...90 * Micro.second)
            return .left(at: ringInVain(queue, entered, until: end, .key, phones: 0, &shifts), exit: .key)
        case .callBack:
            return .callBack(
                Kept(
                    queue: queue, enteredAt: entered,
                    askedAt: entered + draw.within(40 * Micro.second...150 * Micro.second)))
        }
    }

    /// The caller is out of the queue.
    mutating func leaveQueue(
        _ queue: String, _ entered: Int64, at: Int64, _ exit: QueueExit, offers: Int, rings: Int, milliseconds: Int64
    ) {
        add(at) { [call] in
            .queueLeft(
                QueueLeft(
                    call: call, at: $0, queue: queue, exit: exit, waitMilliseconds: (at - entered) / 1000,
                    offers: offers, rings: rings, ringMilliseconds: milliseconds))
        }
    }

    // MARK: - Phones

    /// A phone that rings; how long, in milliseconds, nil where it does not ring at all.
    private struct Phone {
        var latency: Int64
        var ring: Int64?
        var outcome: OfferOutcome
    }

    private mutating func missed() -> Phone {
        let outcome = draw.weighted(
            [(OfferOutcome.noAnswer, 700), (.rejected, 120), (.busy, 60), (.unreachable, 60), (.withdrawn, 60)])
        let ring: Int64?
        switch outcome {
        case .noAnswer: ring = draw.pick([10_000, 15_000, 15_000, 20_000]) + draw.within(0...60)
        case .rejected, .withdrawn: ring = draw.within(400...9000)
        default: ring = nil
        }
        return Phone(latency: draw.within(80...400), ring: ring, outcome: outcome)
    }

    private mutating func answerHunt(
        _ queue: String, _ entered: Int64, _ isBusy: Bool, _ shifts: inout Shifts
    ) -> HuntEnd {
        let count = draw.weighted([(0, 830), (1, 120), (2, 50)])
        var missed: [Phone] = []
        for _ in 0..<count { missed.append(self.missed()) }
        var last = Phone(
            latency: draw.within(80...400),
            ring: draw.chance(900) ? draw.skewed(1000...14_000) : draw.within(1000...30_000),
            outcome: .answered)
        func sum(_ phones: [Phone]) -> Int64 { phones.reduce(0) { $0 + ($1.ring ?? 0) } }
        if draw.chance(40) {
            let edge = draw.pick(Self.edges)
            if edge - sum(missed) < 1000 { missed = [] }
            last.ring = edge - sum(missed)
        }
        let gap: Int64 = 60
        var delay =
            isBusy ? draw.skewed(200...280_000) : draw.chance(850) ? draw.within(150...900) : draw.skewed(900...120_000)
        var extra = draw.within(0...999)
        if draw.chance(15) {
            // The whole wait: 20 s exactly, just below and just above.
            let spent = (missed + [last]).reduce(0) { $0 + $1.latency + ($1.ring ?? 0) } + gap * Int64(missed.count)
            if spent < 19_800 {
                delay = 20_000 - spent
                extra = draw.pick([-1000, -1, 0, 999, 1000])
            }
        }
        var at = entered + delay * 1000 + extra
        var tried: [Int] = []
        var rings = 0
        for phone in missed {
            guard let (agent, free) = shifts.idle(at: at, except: tried, &draw) else { break }
            tried.append(agent)
            at = max(at, free) + ring(phone, queue, agent, at: max(at, free)).milliseconds * 1000 + gap * 1000
            rings += phone.ring.map { self.rings.rings(inVain: $0) } ?? 0
        }
        guard let (agent, free) = shifts.idle(at: at, except: tried, &draw) else {
            let left = max(at, entered + 60 * Micro.second)
            leaveQueue(
                queue, entered, at: left, .timeout, offers: tried.count, rings: rings, milliseconds: sum(missed))
            return .left(at: left, exit: .timeout)
        }
        let (leg, milliseconds) = ring(last, queue, agent, at: max(at, free))
        at = max(at, free) + milliseconds * 1000
        let own = last.ring ?? 0
        let summed = sum(Array(missed.prefix(tried.count))) + own
        let ownRings = self.rings.ring(atMilliseconds: own)
        establish(at - 1, leg: leg, role: .agent)
        add(at) { [call, rings] in
            .agentAnswered(
                AgentAnswered(
                    call: call, leg: leg, at: $0, agent: Shifts.number(agent), purpose: .queue, queue: queue,
                    rings: ownRings, ringMilliseconds: own, summedRings: rings + ownRings,
                    summedRingMilliseconds: summed, waitMilliseconds: (at - entered) / 1000, basis: .nominal180))
        }
        leaveQueue(
            queue, entered, at: at + 300, .answered, offers: tried.count + 1, rings: rings + ownRings,
            milliseconds: summed)
        return .answered(Served(agent: agent, leg: leg, at: at, ringMilliseconds: summed))
    }

    /// One offer, from dialling to its end.
    /// - Returns: its leg, and how long it took, in milliseconds.
    private mutating func ring(
        _ phone: Phone, _ queue: String, _ agent: Int, at: Int64
    ) -> (leg: LegID, milliseconds: Int64) {
        let leg: LegID = id(at)
        let number = Shifts.number(agent)
        add(at) { [call] in
            .agentOffered(
                AgentOffered(call: call, leg: leg, at: $0, agent: number, purpose: .queue, queue: queue))
        }
        if phone.ring != nil {
            add(at + phone.latency * 1000) { [call] in
                .agentAlerted(AgentAlerted(call: call, leg: leg, at: $0, agent: number))
            }
        }
        let length = phone.latency + (phone.ring ?? 200)
        let heard = phone.ring.map {
            phone.outcome == .answered ? rings.ring(atMilliseconds: $0) : rings.rings(inVain: $0)
        }
        add(at + length * 1000) { [call] in
            .offerEnded(
                OfferEnded(
                    call: call, leg: leg, at: $0, agent: number, outcome: phone.outcome,
                    ringMilliseconds: phone.ring, rings: heard))
        }
        return (leg, length)
    }

    /// Phones that ring while the caller waits for nothing.
    /// - Returns: when the caller left.
    private mutating func ringInVain(
        _ queue: String, _ entered: Int64, until end: Int64, _ exit: QueueExit, phones: Int, _ shifts: inout Shifts
    ) -> Int64 {
        var at = entered + draw.within(200...1500) * 1000
        var tried: [Int] = []
        var (rings, milliseconds) = (0, Int64(0))
        for _ in 0..<phones {
            var phone = missed()
            guard at + phone.latency * 1000 < end, let (agent, free) = shifts.idle(at: at, except: tried, &draw),
                free + phone.latency * 1000 < end
            else { break }
            at = max(at, free)
            tried.append(agent)
            let rest = (end - at) / 1000 - phone.latency
            if phone.ring ?? 200 >= rest {
                // It is taken back with the caller.
                phone.ring = max(0, rest - 1)
                phone.outcome = .withdrawn
            }
            at += ring(phone, queue, agent, at: at).milliseconds * 1000 + 60_000
            rings += phone.ring.map { self.rings.rings(inVain: $0) } ?? 0
            milliseconds += phone.ring ?? 0
        }
        leaveQueue(queue, entered, at: end, exit, offers: tried.count, rings: rings, milliseconds: milliseconds)
        return end
    }
}
