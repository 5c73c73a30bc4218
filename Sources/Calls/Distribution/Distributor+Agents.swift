// What agents do and what happens to them.
extension Distributor {
    mutating func phone(_ number: WorkNumber, _ isReachable: Bool) {
        if isReachable { reachable.insert(number) } else { reachable.remove(number) }
        servingBySkill = [:]
        refresh(number)
    }

    mutating func logIn(_ number: WorkNumber, _ source: AgentChangeSource) {
        guard let desk = desks[number], !desk.isRemoved else { return }
        guard desk.presence == .loggedOut else { return ready(number, source) }
        setPresence(number, .present, askedBy: nil)
        desks[number]?.misses = 0
        becomeIdle(number)
        tell(number, source)
        settleAll()
    }

    mutating func ready(_ number: WorkNumber, _ source: AgentChangeSource) {
        guard let desk = desks[number], desk.presence != .loggedOut else { return }
        setPresence(number, .present, askedBy: nil)
        desks[number]?.misses = 0
        endWrapUp(number)
        tell(number, source)
    }

    /// Logging out, or going away. A call in progress is finished first; what rings is withdrawn; wrap-up is given up.
    mutating func leaveWork(_ number: WorkNumber, _ presence: AgentDesk.Presence, _ source: AgentChangeSource) {
        guard let desk = desks[number], desk.presence != .loggedOut, desk.presence != presence else { return }
        setPresence(number, presence, askedBy: source)
        endWrapUp(number)
        // A duty phone rings for whoever is near it, logged in or not.
        if let id = desk.offer, offers[id]?.offer.isDuty == false { withdraw(id) }
        tell(number, source)
        if presence == .loggedOut { settleAll() }
    }

    /// What the agent said, or had said for them; the state follows.
    mutating func setPresence(
        _ number: WorkNumber, _ presence: AgentDesk.Presence, askedBy source: AgentChangeSource?
    ) {
        desks[number]?.presence = presence
        desks[number]?.askedBy = source
        servingBySkill = [:]
    }

    // MARK: Calls

    mutating func engage(_ number: WorkNumber, _ call: CallID, _ purpose: AgentPurpose) {
        guard let desk = desks[number] else { return }
        // Whoever is given a caller from a queue goes on serving that queue: wrap-up and figures are as for the first.
        var served: AgentDesk.Engagement?
        if purpose == .transfer {
            served = desks.values.lazy.flatMap(\.engagements).first { $0.call == call && $0.queue != nil }
        }
        if let index = desk.engagements.firstIndex(where: { $0.call == call }) {
            guard desk.engagements[index].queue == nil else { return }
            desks[number]?.engagements[index].purpose = purpose
            desks[number]?.engagements[index].queue = served?.queue
            desks[number]?.engagements[index].wrapUpMilliseconds = served?.wrapUpMilliseconds ?? 0
        } else if purpose == .callBack, let index = desk.engagements.firstIndex(where: { $0.ticket == $0.call }) {
            desks[number]?.engagements[index].call = call
        } else {
            desks[number]?.engagements.append(
                AgentDesk.Engagement(
                    call: call, purpose: purpose, queue: served?.queue,
                    wrapUpMilliseconds: served?.wrapUpMilliseconds ?? 0, since: now))
        }
        if let id = desk.offer { withdraw(id) }
        tell(number, .call)
    }

    mutating func hold(_ number: WorkNumber, _ isHeld: Bool) {
        guard let desk = desks[number], !desk.engagements.isEmpty else { return }
        desks[number]?.isHeld = isHeld
        tell(number, .call)
    }

    /// A call is over for the agent.
    mutating func release(_ number: WorkNumber, _ call: CallID) {
        guard let desk = desks[number], let index = desk.engagements.firstIndex(where: { $0.call == call }) else {
            return
        }
        let engagement = desk.engagements[index]
        desks[number]?.engagements.remove(at: index)
        if desk.engagements.count == 1 {
            desks[number]?.isHeld = false
            becomeIdle(number)
        }
        if desk.presence == .present, engagement.wrapUpMilliseconds > 0 {
            beginWrapUp(number, after: engagement)
        } else if let queue = engagement.queue {
            queues[queue]?.learn(now.milliseconds(since: engagement.since))
        }
        tell(number, .call)
        if let ticket = engagement.ticket, callers[ticket]?.calledBy == number { endCallBack(ticket, reached: false) }
        dropIfGone(number)
    }

    /// The whole call is over.
    mutating func end(_ call: CallID) {
        leave(call, .abandoned)
        for number in desks.filter({ $0.value.engagements.contains { $0.call == call } }).keys.sorted() {
            release(number, call)
        }
    }

    // MARK: Wrap-up

    private mutating func beginWrapUp(_ number: WorkNumber, after engagement: AgentDesk.Engagement) {
        let until = now.advanced(milliseconds: engagement.wrapUpMilliseconds)
        if let running = desks[number]?.wrapUp {
            // The agent took a transferred call while writing up another: the later end counts.
            guard running.until < until else { return }
            endWrapUp(number)
        }
        desks[number]?.wrapUp = AgentDesk.WrapUp(until: until, queue: engagement.queue, from: engagement.since)
        set(.wrapUp(number), milliseconds: engagement.wrapUpMilliseconds)
    }

    mutating func endWrapUp(_ number: WorkNumber) {
        guard let wrapUp = desks[number]?.wrapUp else { return }
        desks[number]?.wrapUp = nil
        cancel(.wrapUp(number))
        if let queue = wrapUp.queue { queues[queue]?.learn(now.milliseconds(since: wrapUp.from)) }
    }

    // MARK: Telling

    mutating func becomeIdle(_ number: WorkNumber) {
        let order = nextIdle()
        desks[number]?.idleOrder = order
        desks[number]?.idleSince = now
    }

    /// Tells the agent's state if it is another than was told, and keeps `free` true.
    mutating func tell(_ number: WorkNumber, _ source: AgentChangeSource) {
        guard let desk = desks[number] else { return }
        let state = desk.state
        let reason = desk.reason
        if state != desk.told || reason != desk.toldReason {
            if state != desk.told { desks[number]?.since = now }
            desks[number]?.told = state
            desks[number]?.toldReason = reason
            // What was asked for during a call comes true after it, and is still their doing who asked.
            var source = source
            if state == .loggedOut || state == .away {
                source = desk.askedBy ?? source
                desks[number]?.askedBy = nil
            }
            out.append(.agent(number, state, reason: reason, source))
        }
        refresh(number)
    }

    mutating func refresh(_ number: WorkNumber) {
        guard let desk = desks[number] else { return }
        if desk.state == .available, !desk.isResting, reachable.contains(number) {
            free.insert(FreeAgent(order: desk.idleOrder, number: number, skills: desk.agent.skills))
        } else {
            free.remove(desk.idleOrder)
        }
    }

    /// Forgets an agent who is off the roster and in no call any more.
    mutating func dropIfGone(_ number: WorkNumber) {
        guard let desk = desks[number], desk.isRemoved, desk.isIdle else { return }
        cancel(.retry(number))
        free.remove(desk.idleOrder)
        desks[number] = nil
    }

    /// Whether anybody is logged in who could serve the skill.
    func isAnybodyLoggedIn(for skill: String?) -> Bool {
        desks.values.contains { $0.presence != .loggedOut && $0.has(skill) }
    }
}
