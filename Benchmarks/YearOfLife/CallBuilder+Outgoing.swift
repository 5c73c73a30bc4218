import Calls
import Storage

/// A call that the hotline places: to tell a customer something, to visit, or because one asked for it.
extension CallBuilder {
    /// What came of a call that was placed.
    struct Placed {
        /// When the agent and the other party were connected, and parted; where nobody answered, when that was known.
        var from: Int64
        var to: Int64
        var isReached: Bool
    }

    /// - Parameters:
    ///   - role: `call_back`, `contact`, `return_visit`.
    ///   - seconds: of conversation.
    mutating func place(
        by agent: WorkNumber, role: String, isReached: Bool, seconds: Int64, recording way: RecordingEnd?
    ) -> Placed {
        offer(source: "dialled", called: caller ?? "", peer: "")
        note(begin + 1000, "outbound", ["agent": agent.text, "role": role])
        let purpose: AgentPurpose = role == "call_back" ? .callBack : .outbound
        let agentLeg: LegID = id(begin)
        add(begin + 2000) { [call] in
            .agentOffered(AgentOffered(call: call, leg: agentLeg, at: $0, agent: agent, purpose: purpose))
        }
        add(begin + 200_000) { [call] in .agentAlerted(AgentAlerted(call: call, leg: agentLeg, at: $0, agent: agent)) }
        let own = draw.skewed(700...6000)
        let ready = begin + 200_000 + own * 1000
        let rang = rings.ring(atMilliseconds: own)
        establish(ready - 1, leg: agentLeg, role: .agent)
        add(ready) { [call] in
            .offerEnded(
                OfferEnded(
                    call: call, leg: agentLeg, at: $0, agent: agent, outcome: .answered, ringMilliseconds: own,
                    rings: rang))
        }
        add(ready) { [call] in
            .agentAnswered(
                AgentAnswered(
                    call: call, leg: agentLeg, at: $0, agent: agent, purpose: purpose, rings: rang,
                    ringMilliseconds: own, summedRings: rang, summedRingMilliseconds: own, basis: .nominal180))
        }
        let alerted = ready + 1_800_000
        guard isReached else { return giveUp(agent, agentLeg, at: ready) }
        if way != nil { planRecording(ready + 2000) }
        alert(alerted)
        let ring = draw.skewed(2000...25_000)
        let from = alerted + ring * 1000
        answer(from, milliseconds: ring, flow: LifeFlow.outbound)
        establish(from, leg: leg, role: .customer)
        startRecording(from + 20_000)
        note(from + 4 * Micro.second, "recording_notice", ["prompt": "notice.recording", "direction": "outbound"])
        let to = from + (seconds + 5) * Micro.second + draw.within(0...999_999)
        if draw.chance(800) {
            release(to, by: .caller, .completed, message: "BYE received", q850: 16)
            leave(agent, agentLeg, at: to + 30_000, .caller, "BYE sent")
        } else {
            leave(agent, agentLeg, at: to, .agent, "BYE received")
            release(to + 2 * Micro.second, by: .flow, .completed, message: "BYE sent")
        }
        let talk = draw.within(300...650)
        stopRecording(
            (end ?? to) + 1000, way ?? .measured,
            talk: (seconds * talk, seconds * max(0, 900 - talk)))
        return Placed(from: from, to: to, isReached: true)
    }

    private mutating func leave(_ agent: WorkNumber, _ leg: LegID, at: Int64, _ by: ReleasedBy, _ message: String) {
        add(at) { [call] in
            .agentLeft(AgentLeft(call: call, leg: leg, at: $0, agent: agent, by: by, message: message))
        }
    }

    /// Busy, not answered, switched off.
    private mutating func giveUp(_ agent: WorkNumber, _ leg: LegID, at ready: Int64) -> Placed {
        let outcome = draw.weighted([(Outcome.noAnswer, 600), (.busy, 250), (.unreachable, 150)])
        var at = ready + draw.within(1...4) * Micro.second
        if outcome == .noAnswer {
            alert(ready + 1_800_000)
            at = ready + draw.within(30...50) * Micro.second
        }
        release(at, by: .unknown, outcome, message: outcome == .busy ? "486 received" : "480 received")
        leave(agent, leg, at: at + 3 * Micro.second, .flow, "BYE sent")
        return Placed(from: at, to: at, isReached: false)
    }
}

/// The flows' versions, as calls name them.
enum LifeFlow {
    static let inbound = "power-hotline@1-5f0c2a9b"
    static let outbound = "outbound@1-77d1e2c4"
}
