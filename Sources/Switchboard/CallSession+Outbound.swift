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
    /// What it is made for broke when it was a call-back itself: where this one breaks too, nothing follows.
    public var isLast: Bool

    public init(
        agent: WorkNumber, number: String, role: OutboundRole, order: OrderID?, asking: CallID? = nil,
        isLast: Bool = false
    ) {
        self.agent = agent
        self.number = number
        self.role = role
        self.order = order
        self.asking = asking
        self.isLast = isLast
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
    /// The agent hears why nobody is to be spoken with; the leg ends with it.
    var why: PlayID?
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
            return advance(.alerted(.nominal180), at: now) + [.playTone(outbound.agentLeg, id, .ringBack)]
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
            actions += callBackEnded(reached: true, at: now)
            // Heard by both, to its end, before anything else is said (PIPL).
            let said: [SpeechItem] =
                [.prompt(settings.recordingNotice)]
                + (outbound.call.role == .callBack ? [.prompt("call_back.greeting")] : [])
            let heard = play(said, on: leg)
            if case .play(_, let notice) = heard { self.outbound?.notice = notice.id }
            return actions + [heard, play(said, on: outbound.agentLeg)]
        case .held(let held): return tell(.callerHeld(held), at: now)
        case .released(let release):
            var actions: [Action] = []
            if !machine.isOver, machine.answeredAt == nil, hears(outbound.agentLeg) {
                actions = tellWhy(release, to: outbound.agentLeg, at: now)
            }
            return actions + advance(.legEnded(LegEnd(leg: leg, release: release)), at: now)
        case .transferAsked: return transferRefused(at: now)
        case .key, .sessionChanged, .offered, .alerted, .rang, .answered: return []
        }
    }

    /// The agent's phone is there and is not being released.
    private func hears(_ leg: LegID) -> Bool {
        parties[leg].map { $0.phase == .established && !$0.isReleasing } ?? false
    }

    /// Nobody is to be spoken with: the agent hears a tone in place of the ringing, and is released after it.
    private mutating func tellWhy(_ release: LineRelease, to leg: LegID, at now: Instant) -> [Action] {
        var actions: [Action] = []
        if let ringBack = outbound?.ringBack {
            outbound?.ringBack = nil
            actions.append(.stopPlay(leg, ringBack))
        }
        let outcome = OfferOutcome(release: release)
        actions.append(partyNote(leg, "not_reached", ["outcome": outcome.rawValue], at: now))
        nextPlay += 1
        let id = PlayID(nextPlay)
        outbound?.why = id
        switch outcome {
        case .busy: return actions + [.playTone(leg, id, .busy)]
        case .noAnswer:
            return actions + [
                .play(leg, Play(id: id, items: [.beep, .silence(milliseconds: 200), .beep]))
            ]
        case .answered, .rejected, .unreachable, .withdrawn, .failed:
            return actions + [.playTone(leg, id, .congestion)]
        }
    }

    /// The leg stays until the agent has heard why nobody is to be spoken with.
    func hearsWhy(_ leg: LegID) -> Bool { outbound?.why != nil && leg == outbound?.agentLeg }

    mutating func whyHeard(_ id: PlayID, at now: Instant) -> [Action] {
        guard let outbound, outbound.why == id else { return [] }
        self.outbound?.why = nil
        return release(party: outbound.agentLeg, at: now)
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

    /// Tells the desk, whose queue offered this call-back, how it went. Once the other party has answered it is done,
    /// whoever hangs up first; what is told later does not count.
    func callBackEnded(reached: Bool, at now: Instant) -> [Action] {
        guard let outbound, outbound.offer != nil, let asking = outbound.call.asking, servedBy != nil else { return [] }
        return [.desk(.callBackEnded(asking, reached: reached), at: now)]
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
