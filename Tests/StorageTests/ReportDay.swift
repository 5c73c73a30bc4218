import Calls
import Foundation
import Storage

/// A day's calls and states in plain numbers, from which both the facts and, by another way, the expected figures are
/// made. Times are milliseconds since the day's begin.
struct ReportDay {
    struct Offer {
        var agent: WorkNumber
        /// Nil: the phone never rang.
        var ring: Int64?
        var outcome: OfferOutcome
    }

    struct Call {
        var start: Int64
        var queue: String
        /// From entering the queue to the first offer, or to leaving where nobody was tried.
        var lead: Int64
        var offers: [Offer]
        var exit: QueueExit?
        var isRefused = false
        var talk: Int64 = 0
        var by = ReleasedBy.caller
        var isTransferred = false
        var isNuisance = false
        var isApologised = false
        var score: Int?

        var answeredBy: WorkNumber? { exit == .answered ? offers.last?.agent : nil }
        var wait: Int64 { lead + offers.reduce(0) { $0 + ($1.ring ?? 0) } }
        var ring: Int64 { offers.reduce(0) { $0 + ($1.ring ?? 0) } }
        var rings: Int { offers.reduce(0) { $0 + ($1.ring.map { Int($0 / 5000) + 1 } ?? 0) } }
    }

    struct Change {
        var agent: WorkNumber
        var at: Int64
        var state: AgentState
        var reason: String?
    }

    var calls: [Call] = []
    var changes: [Change] = []

    static let begin = SteppingTime.start
    static func time(_ milliseconds: Int64) -> UTCTime { UTCTime(begin.advanced(milliseconds: milliseconds)) }

    var facts: [Fact] {
        changes.map { change in
            .agentChanged(
                AgentChanged(
                    at: Self.begin.advanced(milliseconds: change.at), agent: change.agent, state: change.state,
                    reason: change.reason, source: .command))
        } + calls.enumerated().flatMap { facts(of: $1, index: $0) }
    }

    private func facts(of one: Call, index: Int) -> [Fact] {
        let random = SteppingRandom(seed: UInt64(index) &+ 555)
        var identifiers = IdentifierGenerator(node: 1)
        let wall = Self.begin.advanced(milliseconds: one.start).wall
        func identifier<Kind>(_: Kind.Type = Kind.self) -> Identifier<Kind> {
            identifiers.next(wallMicroseconds: wall, random: random.next())
        }
        let call: CallID = identifier()
        func at(_ milliseconds: Int64) -> Instant { Self.begin.advanced(milliseconds: one.start + milliseconds) }
        var facts: [Fact] = [
            .callOffered(
                CallOffered(
                    call: call, leg: identifier(), at: at(-5000), line: "trunk1", direction: .inbound,
                    caller: "13900000001", callerRaw: nil, callerSource: "from", called: "95598", diversion: nil,
                    peer: "192.0.2.10:5060", protocolCallID: "\(index)@example.invalid"))
        ]
        if !one.isRefused {
            facts.append(
                .queueEntered(QueueEntered(call: call, at: at(0), queue: one.queue, position: 1, priority: [])))
        }
        var clock = one.lead
        var ring: Int64 = 0
        var rings = 0
        var answered: (LegID, WorkNumber)?
        for offer in one.offers {
            let leg: LegID = identifier()
            facts.append(
                .agentOffered(
                    AgentOffered(
                        call: call, leg: leg, at: at(clock), agent: offer.agent, purpose: .queue, queue: one.queue)))
            if let duration = offer.ring {
                facts.append(.agentAlerted(AgentAlerted(call: call, leg: leg, at: at(clock), agent: offer.agent)))
                clock += duration
                ring += duration
                rings += Int(duration / 5000) + 1
            }
            facts.append(
                .offerEnded(
                    OfferEnded(
                        call: call, leg: leg, at: at(clock), agent: offer.agent, outcome: offer.outcome,
                        ringMilliseconds: offer.ring, rings: offer.ring.map { Int($0 / 5000) + 1 })))
            guard offer.outcome == .answered, let duration = offer.ring else { continue }
            answered = (leg, offer.agent)
            facts.append(
                .agentAnswered(
                    AgentAnswered(
                        call: call, leg: leg, at: at(clock), agent: offer.agent, purpose: .queue, queue: one.queue,
                        rings: Int(duration / 5000) + 1, ringMilliseconds: duration, summedRings: rings,
                        summedRingMilliseconds: ring, waitMilliseconds: clock, basis: .nominal180)))
        }
        if let exit = one.exit {
            facts.append(
                .queueLeft(
                    QueueLeft(
                        call: call, at: at(clock), queue: one.queue, exit: exit, waitMilliseconds: clock,
                        offers: one.offers.count, rings: rings, ringMilliseconds: ring)))
        }
        if one.isApologised { facts.append(.apologyPlayed(ApologyPlayed(call: call, at: at(clock + 10), owed: true))) }
        guard let (leg, agent) = answered else { return facts }
        if one.isNuisance {
            facts.append(.callMarked(CallMarked(call: call, at: at(clock + 100), by: agent, mark: "nuisance")))
        }
        if one.isTransferred {
            facts.append(
                .transferred(
                    Transferred(
                        call: call, at: at(clock + one.talk), from: agent, to: "1009", kind: "blind", completed: true)))
        }
        facts.append(
            .agentLeft(
                AgentLeft(call: call, leg: leg, at: at(clock + one.talk), agent: agent, by: one.by, message: "BYE")))
        if let score = one.score {
            facts.append(.rated(Rated(call: call, at: at(clock + one.talk), agent: agent, score: score)))
        }
        return facts
    }
}

extension ReportDay {
    /// A day of many calls, drawn from a seed; all state changes fall on whole seconds.
    static func drawn(seed: UInt64, calls count: Int) -> ReportDay {
        let random = SteppingRandom(seed: seed)
        func number(_ below: UInt64) -> Int64 { Int64(random.next() % below) }
        let agents = ["1001", "1002", "1003", "A7"].map { workNumber($0) }
        let misses: [OfferOutcome] = [.noAnswer, .busy, .rejected, .unreachable, .withdrawn, .failed]
        let exits: [QueueExit] = [
            .answered, .answered, .answered, .answered, .abandoned, .abandoned, .timeout, .key, .callBack, .interrupted,
        ]
        let enders: [ReleasedBy] = [.caller, .caller, .caller, .agent, .network, .unknown, .flow]
        var day = ReportDay()
        for index in 0..<count {
            var one = Call(
                start: Int64(index) * 20_000 + 10_000 + number(9000), queue: number(3) == 0 ? "bills" : "faults",
                lead: number(4) == 0 ? number(4000) : number(30_000), offers: [], exit: nil)
            if number(20) == 0 {
                one.isRefused = true
                one.lead = 0
                one.exit = [.full, .closed, .noAgents][Int(number(3))]
                day.calls.append(one)
                continue
            }
            one.exit = number(30) == 0 ? nil : exits[Int(number(10))]
            for _ in 0..<number(3) {
                let outcome = misses[Int(number(6))]
                let rings = outcome == .noAnswer || outcome == .withdrawn
                one.offers.append(
                    Offer(agent: agents[Int(number(4))], ring: rings ? number(20_000) : nil, outcome: outcome))
            }
            if one.exit == .answered {
                one.offers.append(
                    Offer(agent: agents[Int(number(4))], ring: number(25_000), outcome: .answered))
                one.talk = number(600_000)
                one.by = enders[Int(number(7))]
                one.isNuisance = number(10) == 0
                one.isTransferred = number(8) == 0
                one.isApologised = number(3) == 0
                if number(2) == 0 { one.score = Int(number(5)) + 1 }
            }
            day.calls.append(one)
        }
        let reasons = ["meal", "training"]
        for agent in agents {
            var second: Int64 = -3600
            while second < Int64(count) * 20 + 3600 {
                let state = AgentState.allCases[Int(number(7))]
                day.changes.append(
                    Change(
                        agent: agent, at: second * 1000, state: state,
                        reason: state == .away ? reasons[Int(number(2))] : nil))
                second += 1 + number(900)
            }
        }
        return day
    }
}
