import Calls
import Storage

/// An agent's conversation with the caller, to the end of the call.
extension CallBuilder {
    /// What came of a conversation.
    struct Talked {
        /// When the agent and the caller were connected, and parted.
        var from: Int64
        var to: Int64
        var agent: Int
        /// An agent marked the caller as angry.
        var isAngry: Bool
        /// The line broke, and the agent owes a call back.
        var isBroken: Bool
    }

    private enum Parting {
        case caller, agent, network, unknown, agentLine, flow, supervisor, handover, nuisance
    }

    /// What the machine says in the agent's stead: whole, out of order, without the unit, in the fact's own words.
    private static let announcements: [([String], Int)] = [
        (["greeting.hello", "unit.name", "agent.number_is", "agent.serves_you"], 880),
        (["greeting", "unit", "work_number"], 40), (["unit.name", "greeting.hello", "agent.number_is"], 20),
        (["greeting.hello", "agent.number_is", "agent.serves_you"], 20), ([], 40),
    ]

    /// - Parameter wantsOrder: it lasts long enough for an order to be written, and is no nuisance.
    mutating func talk(_ served: Served, wantsOrder: Bool, _ shifts: inout Shifts) -> Talked {
        let number = Shifts.number(served.agent)
        join(served.leg, number, at: served.at + 400)
        let items = draw.weighted(Self.announcements)
        let position = position(served.at + 500)
        let owed = served.ringMilliseconds >= 20_000
        if owed ? draw.chance(850) : draw.chance(8) {
            add(served.at + 500) { [call] in
                .apologyPlayed(ApologyPlayed(call: call, at: $0, position: position, owed: owed))
            }
        }
        if !items.isEmpty {
            add(served.at + 600) { [call] in
                .announced(
                    Announced(call: call, at: $0, agent: number, items: items, by: "system", position: position))
            }
        }
        let parting = draw.weighted(
            [
                (Parting.caller, 826), (.agent, 60), (.network, 22), (.unknown, 22), (.agentLine, 9), (.flow, 7),
                (.supervisor, 3), (.handover, 45), (.nuisance, wantsOrder ? 0 : 11),
            ])
        let length = wantsOrder ? draw.skewed(70...900) : draw.skewed(15...600)
        let end = served.at + (length + 8) * Micro.second + draw.within(0...999_999)
        if draw.chance(50) { hold(served.leg, number, from: served.at, to: end) }
        let isAngry = parting != .nuisance && draw.chance(wantsOrder ? 40 : 12)
        if isAngry {
            mark(
                "angry", number, at: served.at + (end - served.at) / 3,
                degree: draw.chance(650) ? 1 + draw.below(3) : nil)
        }
        if parting != .nuisance, !wantsOrder, draw.chance(6) {
            mark("wrong_number", number, at: end - Micro.second)
            owesForm = false
        }
        var talked = Talked(from: served.at, to: end, agent: served.agent, isAngry: isAngry, isBroken: false)
        part(parting, served, number, at: end, &talked, &shifts)
        shifts.engage(served.agent, until: talked.to + 15 * Micro.second)
        return talked
    }

    private mutating func join(_ leg: LegID, _ agent: WorkNumber, at: Int64) {
        guard let recording, let position = position(at) else { return }
        add(at) { [call] in
            .segmentBegan(
                SegmentBegan(
                    recording: recording, call: call, at: $0, position: position, channel: 1, role: "agent",
                    agent: agent))
        }
    }

    private mutating func hold(_ leg: LegID, _ agent: WorkNumber, from: Int64, to: Int64) {
        let third = (to - from) / 3
        for (isHeld, at) in [(true, from + third), (false, from + third + third / 2)] {
            let position = position(at)
            add(at) { [call] in
                .agentHeld(AgentHeld(call: call, leg: leg, at: $0, agent: agent, isHeld: isHeld, position: position))
            }
        }
    }

    private mutating func mark(_ mark: String, _ agent: WorkNumber, at: Int64, degree: Int? = nil) {
        add(at) { [call] in
            .callMarked(CallMarked(call: call, at: $0, by: agent, mark: mark, degree: degree))
        }
    }

    private mutating func agentLeaves(_ leg: LegID, _ agent: WorkNumber, at: Int64, _ by: ReleasedBy, _ message: String)
    {
        add(at) { [call] in
            .agentLeft(AgentLeft(call: call, leg: leg, at: $0, agent: agent, by: by, message: message))
        }
    }

    /// The agent writes the call up: the form is owed until an order is made, or none is needed.
    private mutating func oweForm(_ agent: WorkNumber, at: Int64) {
        guard owesForm else { return }
        add(at) { [call] in .formOwed(FormOwed(call: call, at: $0, agent: agent)) }
    }

    mutating func waiveForm(_ agent: Int, at: Int64) {
        let reason = draw.pick(["咨询已当场答复", "打错电话", "重复来电"])
        add(at) { [call] in
            .formWaived(FormWaived(call: call, at: $0, by: Shifts.number(agent), reason: reason))
        }
    }

    // MARK: - The end

    private mutating func part(
        _ parting: Parting, _ served: Served, _ number: WorkNumber, at end: Int64, _ talked: inout Talked,
        _ shifts: inout Shifts
    ) {
        let leg = served.leg
        switch parting {
        case .caller:
            release(end, by: .caller, .completed, message: "BYE received", q850: draw.chance(900) ? 16 : nil)
            agentLeaves(leg, number, at: end + 30_000, .caller, "BYE sent")
            oweForm(number, at: end + 30_000)
        case .agent:
            agentLeaves(leg, number, at: end, .agent, "BYE received")
            oweForm(number, at: end)
            rate(number, at: end + 7 * Micro.second)
            if draw.chance(500) {
                release(end + draw.within(3...20) * Micro.second, by: .caller, .completed, message: "BYE received")
            } else {
                release(end + 12 * Micro.second, by: .flow, .completed, message: "BYE sent")
            }
        case .network:
            release(end, by: .network, .networkLost, message: "session timer expired", q850: draw.pick([nil, 27, 102]))
            agentLeaves(leg, number, at: end + 30_000, .caller, "BYE sent")
            oweForm(number, at: end + 30_000)
            talked.isBroken = true
        case .unknown:
            release(end, by: .unknown, .completed, message: draw.pick(["BYE received", "NO CARRIER"]))
            agentLeaves(leg, number, at: end + 30_000, .caller, "BYE sent")
            oweForm(number, at: end + 30_000)
            talked.isBroken = true
        case .agentLine:
            agentLeaves(leg, number, at: end, .agent, "session timer expired")
            oweForm(number, at: end)
            release(end + 20 * Micro.second, by: .flow, .releasedAfterWait, message: "BYE sent")
        case .flow:
            agentLeaves(leg, number, at: end, .flow, "BYE sent")
            oweForm(number, at: end)
            release(end + 15 * Micro.second, by: .flow, .completed, message: "BYE sent")
        case .supervisor:
            release(end, by: .supervisor, .stopped, message: "BYE sent", q850: 41)
            agentLeaves(leg, number, at: end + 30_000, .caller, "BYE sent")
            oweForm(number, at: end + 30_000)
        case .handover: handOver(served, number, at: end, &talked, &shifts)
        case .nuisance: endNuisance(leg, number, at: end)
        }
    }

    /// Whoever stays on the line after the agent is asked how it was.
    private mutating func rate(_ agent: WorkNumber, at: Int64) {
        guard draw.chance(350) else { return }
        let score = draw.weighted([(5, 700), (4, 180), (3, 70), (2, 25), (1, 25)])
        add(at - 4 * Micro.second) { [call] in
            .rated(Rated(call: call, at: $0, agent: agent, score: score))
        }
    }

    /// To the shift leader, or to a colleague; nobody hangs up, or the colleague does not answer.
    private mutating func handOver(
        _ served: Served, _ number: WorkNumber, at end: Int64, _ talked: inout Talked, _ shifts: inout Shifts
    ) {
        let toLeader = draw.chance(600)
        let colleague = shifts.idle(at: end, except: [served.agent], &draw)
        let target =
            toLeader ? Staff.workNumber(draw.pick(Staff.shiftLeaders)) : colleague.map { Shifts.number($0.agent) }
        let kind = toLeader ? "shift_leader" : draw.pick(["blind", "attended"])
        guard let target else { return part(.caller, served, number, at: end, &talked, &shifts) }
        let leg: LegID = id(end)
        add(end) { [call] in
            .agentOffered(AgentOffered(call: call, leg: leg, at: $0, agent: target, purpose: .transfer))
        }
        add(end + 150_000) { [call] in .agentAlerted(AgentAlerted(call: call, leg: leg, at: $0, agent: target)) }
        let milliseconds = draw.skewed(800...18_000)
        let at = end + 150_000 + milliseconds * 1000
        let isAnswered = draw.chance(880)
        let rang = isAnswered ? rings.ring(atMilliseconds: milliseconds) : rings.rings(inVain: milliseconds)
        add(at) { [call] in
            .offerEnded(
                OfferEnded(
                    call: call, leg: leg, at: $0, agent: target, outcome: isAnswered ? .answered : .noAnswer,
                    ringMilliseconds: milliseconds, rings: rang))
        }
        let position = position(at)
        func transferred(_ completed: Bool) -> (Instant) -> Fact {
            { [call] in
                .transferred(
                    Transferred(
                        call: call, at: $0, from: number, to: target.text, kind: kind, completed: completed,
                        position: position))
            }
        }
        guard isAnswered else {
            add(at + 100, transferred(false))
            talked.to = at + draw.within(5...60) * Micro.second
            return part(.caller, served, number, at: talked.to, &talked, &shifts)
        }
        add(at) { [call] in
            .agentAnswered(
                AgentAnswered(
                    call: call, leg: leg, at: $0, agent: target, purpose: .transfer, rings: rang,
                    ringMilliseconds: milliseconds, summedRings: rang, summedRingMilliseconds: milliseconds,
                    basis: .nominal180))
        }
        add(at + 100, transferred(true))
        agentLeaves(served.leg, number, at: at + 200_000, .flow, "BYE sent")
        let last = at + draw.skewed(20...400) * Micro.second
        if !toLeader, let colleague { shifts.engage(colleague.agent, until: last + 15 * Micro.second) }
        talked.to = last
        // The leader parts from the caller as anybody does.
        let next = Served(agent: served.agent, leg: leg, at: at, ringMilliseconds: milliseconds)
        part(draw.chance(930) ? .caller : .agent, next, target, at: last, &talked, &shifts)
    }

    /// Warned, hung up on and reported; or one of it forgotten.
    private mutating func endNuisance(_ leg: LegID, _ number: WorkNumber, at end: Int64) {
        owesForm = false
        let course = draw.weighted([(0, 620), (1, 130), (2, 90), (3, 160)])
        let marked = course == 2 ? end + 2 * Micro.second : end - 12 * Micro.second
        if course != 2 { mark("nuisance", number, at: marked) }
        if course == 0, let recording {
            let message: MessageID = id(marked)
            let position = position(marked) ?? .zero
            add(marked + 1000) { [call, caller] in
                .callReported(
                    CallReported(
                        message: message, call: call, at: $0, role: .shiftLeader, by: number, mark: "nuisance",
                        queue: "service", caller: caller, note: "辱骂", recording: recording, from: .zero, to: position))
            }
        }
        if course == 3 {
            // The caller gives up first.
            release(end, by: .caller, .completed, message: "BYE received", q850: 16)
            agentLeaves(leg, number, at: end + 30_000, .caller, "BYE sent")
            return
        }
        agentLeaves(leg, number, at: end, .agent, "BYE received")
        if course == 2 { mark("nuisance", number, at: marked) }
        release(end + 5 * Micro.second, by: .flow, .completed, message: "BYE sent")
    }
}
