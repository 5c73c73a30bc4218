import CallFlow
import Calls
import Lines
import Media
import Storage

/// A call that we place: the agent's phone first, then the other party's, so that nobody who is called waits for us.
public struct OutboundCall: Sendable, Hashable {
    public var agent: WorkNumber
    /// The telephone to call, in digits.
    public var number: String
    /// `call_back`, `contact`, `return_visit`: how the recording is linked to the order.
    public var role: OutboundRole
    /// The order that it is about.
    public var order: OrderID?
    /// The call in which a call-back was asked for.
    public var asking: CallID?

    public init(agent: WorkNumber, number: String, role: OutboundRole, order: OrderID?, asking: CallID? = nil) {
        self.agent = agent
        self.number = number
        self.role = role
        self.order = order
        self.asking = asking
    }
}

/// Why somebody is called.
public enum OutboundRole: String, Sendable, Codable, CaseIterable {
    /// The caller asked for it, or the line broke (回拨).
    case callBack = "call_back"
    /// The handler speaks with the customer (联系客户).
    case contact
    /// After the order was dealt with (回访).
    case returnVisit = "return_visit"
}

/// How an outbound call stands.
struct OutboundState: Sendable {
    let call: OutboundCall
    let offer: AgentOffer?
    let agentLeg: LegID
    /// The customer's phone was dialled.
    var isDialled = false
    /// The agent hears it ring there.
    var ringBack: PlayID?
    /// The recording notice under way.
    var notice: PlayID?
}

extension CallSession {
    /// The first input of a call that we place: the agent's phone rings.
    mutating func beginOutbound(_ outbound: OutboundState, at now: Instant) -> [Action] {
        let call = outbound.call
        var actions: [Action] = [
            .facts([
                .callOffered(
                    CallOffered(
                        call: self.call, leg: leg, at: now, line: line, direction: .outbound, caller: call.number,
                        callerRaw: nil, callerSource: "dialled", called: call.number, diversion: nil, peer: "",
                        protocolCallID: ""))
            ]),
            note("outbound", ["agent": call.agent.text, "role": call.role.rawValue], at: now),
        ]
        let purpose: AgentPurpose = call.role == .callBack ? .callBack : .outbound
        if outbound.offer == nil { actions.append(.desk(.engaged(call.agent, self.call, purpose), at: now)) }
        actions += advance(.placed, at: now)
        return actions
            + ring(
                PartyLeg(
                    leg: outbound.agentLeg, agent: call.agent, purpose: purpose, offer: outbound.offer,
                    name: call.agent.text), target: .agent(call.agent), at: now)
    }

    /// The agent is there: the recording's row is made durable, then the other party is dialled.
    mutating func agentIsReady(at now: Instant) -> [Action] {
        guard let outbound, !outbound.isDialled else { return [] }
        return [.planRecording(plan(at: now))]
    }

    mutating func dialCustomer(at now: Instant) -> [Action] {
        guard var outbound, !outbound.isDialled else { return [] }
        guard parties[outbound.agentLeg]?.phase == .established else { return giveUpOutbound(at: now) }
        outbound.isDialled = true
        self.outbound = outbound
        return [
            .dial(
                DialRequest(
                    leg: leg, call: call, target: "number:\(outbound.call.number)",
                    timeoutMilliseconds: settings.outboundMilliseconds))
        ]
    }

    /// The agent did not answer, or left before the other party was called.
    mutating func giveUpOutbound(at now: Instant) -> [Action] {
        guard let outbound, !outbound.isDialled, !machine.isOver else { return [] }
        let end = LegEnd(leg: outbound.agentLeg, cause: .local, message: "the agent's phone was not answered")
        return advance(.releaseWanted(.agentMissing), at: now).filter { if case .release = $0 { false } else { true } }
            + advance(.legEnded(end), at: now)
    }

    /// The agent hung up before the other party answered: nobody is to be called for nothing.
    mutating func agentGone(at now: Instant) -> [Action] {
        guard let outbound else { return [] }
        return outbound.isDialled ? advance(.releaseWanted(.agentMissing), at: now) : giveUpOutbound(at: now)
    }

    /// What the other party's line says.
    mutating func handle(customer kind: LineEvent.Kind, at now: Instant) -> [Action] {
        guard var outbound else { return [] }
        switch kind {
        case .progress(let status, _):
            guard status >= 180, machine.alertedAt == nil else { return [] }
            nextPlay += 1
            let id = PlayID(nextPlay)
            outbound.ringBack = id
            self.outbound = outbound
            return advance(.alerted(.nominal180), at: now) + [.playRingBack(outbound.agentLeg, id)]
        case .established(let session):
            mediaOpen = true
            var actions: [Action] = [
                .facts([
                    .legEstablished(
                        LegEstablished(
                            call: call, leg: leg, at: now, role: .customer, line: line, codec: session.codec.name,
                            rate: session.codec.rate))
                ]), .startMedia(leg), .startRecording(recording, channels),
            ]
            if let ringBack = outbound.ringBack { actions.append(.stopPlay(outbound.agentLeg, ringBack)) }
            actions += advance(.established, at: now)
            actions += join(outbound.agentLeg, at: now)
            // Heard by both, to its end, before anything else is said (PIPL).
            let said: [SpeechItem] =
                [.prompt(settings.recordingNotice)]
                + (outbound.call.role == .callBack ? [.prompt("call_back.greeting")] : [])
            let heard = play(said, on: leg)
            if case .play(_, let notice) = heard { self.outbound?.notice = notice.id }
            return actions + [heard, play(said, on: outbound.agentLeg)]
        case .held(let held): return tell(.callerHeld(held), at: now)
        case .released(let release):
            let reached = machine.isEstablished
            var actions = advance(.legEnded(LegEnd(leg: leg, release: release)), at: now)
            if !reached, parties[outbound.agentLeg]?.phase == .established {
                actions.insert(play([.beep, .silence(milliseconds: 200), .beep], on: outbound.agentLeg), at: 0)
            }
            return actions
        case .transferAsked: return [.transferEnded(leg, status: 403), note("transfer_refused", [:], at: now)]
        case .key, .sessionChanged, .offered, .alerted, .rang, .answered: return []
        }
    }

    /// The notice was heard to its end.
    mutating func noticeHeard(_ id: PlayID, at now: Instant, position: AudioPosition?) -> [Action] {
        guard let outbound, outbound.notice == id else { return [] }
        self.outbound?.notice = nil
        return [
            note(
                "recording_notice", ["prompt": settings.recordingNotice, "direction": "outbound"], at: now,
                position: position)
        ]
    }

    /// What is told when an outbound call is over.
    var outboundFacts: [Fact] {
        guard let outbound, let endedAt = machine.endedAt else { return [] }
        var facts: [Fact] = []
        if let order = outbound.call.order, recordingStartedAt != nil {
            facts.append(
                .orderLinked(
                    OrderLinked(
                        order: order, at: endedAt, recording: recording, role: outbound.call.role.rawValue)))
        }
        // With a queue's offer the desk knows, and tells it.
        if let asking = outbound.call.asking, outbound.offer == nil {
            facts.append(
                .callBackEnded(
                    CallBackEnded(
                        call: asking, at: endedAt, made: call, reached: machine.answeredAt != nil,
                        by: outbound.call.agent)))
        }
        return facts
    }
}
