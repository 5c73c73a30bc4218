import CallFlow
import Calls
import Lines
import Media
import Storage

/// The caller's way to a person: into a queue, through offers, to an agent.
extension CallSession {
    mutating func enterQueue(_ name: String, skill: String?, at now: Instant) -> [Action] {
        queue = QueuePassage(queue: name)
        return [
            .desk(
                .enter(
                    Waiting(
                        call: call, queue: name, skill: skill, caller: offer.caller, priority: priority)),
                at: now)
        ]
    }

    mutating func leaveQueue(_ exit: QueueExit, at now: Instant) -> [Action] {
        guard queue != nil else { return [] }
        queue = nil
        return [.desk(.leave(call, exit), at: now)]
    }

    /// The place is kept, and the caller may hang up.
    mutating func askCallBack(_ number: String, at now: Instant) -> [Action] {
        guard let asked = queue else { return [] }
        queue = nil
        return [
            .desk(.callBack(call, number: number), at: now),
            .keepCallBack(CallBackAsked(call: call, at: now, queue: asked.queue, number: number)),
        ]
    }

    /// The caller's last voice message goes into the queue's inbox.
    mutating func leaveMessage(queue name: String, at now: Instant) -> [Action] {
        guard let left = lastMessage else { return perform(flow.handle(.messageFailed), at: now) }
        lastMessage = nil
        pendingOrders += 1
        return [
            .keepMessage(
                MessageRequest(
                    queue: name, caller: offer.caller, recording: recording, from: left.from, to: left.to))
        ]
    }

    mutating func messageEnded(kept: Bool, at now: Instant) -> [Action] {
        pendingOrders -= 1
        return perform(flow.handle(kept ? .messageKept : .messageFailed), at: now)
    }

    mutating func handle(desk word: DeskWord, at now: Instant) -> [Action] {
        switch word {
        case .offer(let offer, let leg):
            guard !machine.isOver else { return [.desk(.failed(offer.id, .withdrawn), at: now)] }
            return ring(
                PartyLeg(
                    leg: leg, agent: offer.agent, purpose: offer.isDuty ? .duty : .queue, offer: offer,
                    name: offer.agent.text), target: .agent(offer.agent), at: now)
        case .withdraw(let id):
            guard let party = parties.values.first(where: { $0.offer?.id == id }) else { return [] }
            return release(party: party.leg, at: now)
        case .connect(let connection): return connect(connection, at: now)
        case .entered:
            return perform(flow.handle(.queueEntered), at: now)
        case .position(let position, let expected):
            return perform(
                flow.handle(.queuePosition(position: position, expectedWaitSeconds: expected.map { Int($0 / 1000) })),
                at: now)
        case .ended(let exit):
            guard queue != nil else { return [] }
            queue = nil
            return perform(flow.handle(.queueEnded(exit: exit.rawValue)), at: now)
        case .command(let command):
            return handle(command: command, at: now)
        }
    }

    /// The agent answered and the caller is there.
    private mutating func connect(_ connection: Connection, at now: Instant) -> [Action] {
        let answered = connection.offer
        let leg = connection.leg
        let offers = connection.offers
        guard let party = parties[leg], party.phase == .established, !party.isReleasing, !machine.isOver else {
            return [.desk(.released(answered.agent, call), at: now)]
        }
        // A call-back: the agent is there, now whoever asked is called.
        if outbound != nil {
            servedBy = answered.agent
            return [.desk(.engaged(answered.agent, call, .callBack), at: now)] + agentIsReady(at: now)
        }
        queue?.isServed = true
        servedBy = answered.agent
        agentLeft = nil
        conduct.end = nil
        let clock = settings.ringClock
        let summed = offers.compactMap(\.ringMilliseconds).reduce(0, +)
        let own = offers.last?.ringMilliseconds ?? 0
        let apology = !clock.isWithin(
            rings: connection.apologyAfterRings, milliseconds: summed, reading: settings.apologiseReading)
        var actions: [Action] = [
            .facts([
                .agentAnswered(
                    AgentAnswered(
                        call: call, leg: leg, at: party.establishedAt ?? now, agent: answered.agent,
                        purpose: party.purpose, queue: answered.queue, rings: clock.ring(atMilliseconds: own),
                        ringMilliseconds: own,
                        summedRings: offers.compactMap { offer in
                            offer.ringMilliseconds.map { clock.rings(of: offer.outcome, milliseconds: $0) }
                        }.reduce(0, +),
                        summedRingMilliseconds: summed, waitMilliseconds: connection.waitMilliseconds,
                        basis: .nominal180))
            ])
        ]
        actions += perform(flow.handle(.agentConnected(number: answered.agent.text)), at: now)
        actions += join(leg, at: now)
        return actions + announce(connection, apology: apology, at: now)
    }

    /// What both hear when they are connected: an apology where it is owed, then greeting, unit and work number in the
    /// configured order (002 规范 1: 首先问候,然后报出单位名称和工号). Said by the machine, and kept as such.
    private mutating func announce(_ connection: Connection, apology: Bool, at now: Instant) -> [Action] {
        let agent = connection.offer.agent
        var items: [SpeechItem] = []
        for part in connection.announce {
            switch part {
            case .greeting: items.append(.prompt("greeting.hello"))
            case .unit: items.append(.prompt("unit.name"))
            case .workNumber:
                items.append(.prompt("agent.number_is"))
                items += MandarinSpeech.items(agent.text, as: .digits) ?? []
                items.append(.prompt("agent.serves_you"))
            }
        }
        let position = position(at: now)
        var facts: [Fact] = []
        if apology {
            items.insert(.prompt("greeting.late"), at: 0)
            facts.append(.apologyPlayed(ApologyPlayed(call: call, at: now, position: position, owed: true)))
        }
        guard !items.isEmpty else { return [] }
        facts.append(
            .announced(
                Announced(
                    call: call, at: now, agent: agent, items: items.map(\.text), by: "system", position: position)))
        return [.facts(facts), play(items, on: leg), play(items, on: connection.leg)]
    }

    /// A play of the session's own.
    mutating func play(_ items: [SpeechItem], on leg: LegID, loops: Bool = false) -> Action {
        nextPlay += 1
        return .play(leg, Play(id: PlayID(nextPlay), items: items, loops: loops))
    }
}
