// Whose phone rings for whom.
extension Distributor {
    /// Offers callers to agents as long as some caller and some agent fit.
    mutating func match() {
        while let (call, number) = dutyPair() ?? pair() { offer(call, to: number) }
    }

    /// The first caller in order for whom an agent is free, and that agent.
    private func pair() -> (CallID, WorkNumber)? {
        guard !free.isEmpty, !lines.isEmpty else { return nil }
        let heads = lines.compactMap { skill, line in line.first.map { (place: $0, skill: skill) } }
        for head in heads.sorted(by: { $0.place < $1.place }) {
            guard let tries = callers[head.place.call]?.tries else { continue }
            if let number = longestIdle(skill: head.skill, tries: tries) { return (head.place.call, number) }
        }
        return nil
    }

    /// Of the free agents with the skill, those whom this hunt tried least often; of these the longest idle.
    private func longestIdle(skill: String?, tries: [WorkNumber: Int]) -> WorkNumber? {
        var best: (tries: Int, number: WorkNumber)?
        for one in free.agents where skill.map(one.skills.contains) ?? true {
            let tried = tries[one.number] ?? 0
            if tried == 0 { return one.number }
            if let found = best, found.tries <= tried { continue }
            best = (tried, one.number)
        }
        return best?.number
    }

    /// The same for the duty phones: in the list's order, again and again.
    private func dutyPair() -> (CallID, WorkNumber)? {
        guard !dutyLines.isEmpty else { return nil }
        for queue in dutyLines.keys.sorted() {
            guard let place = dutyLines[queue]?.first, let tries = callers[place.call]?.tries,
                let rules = queues[queue]?.rules
            else { continue }
            var best: (tries: Int, number: WorkNumber)?
            for number in rules.duty {
                guard let desk = desks[number], !desk.isRemoved, desk.isIdle, !desk.isResting, desk.wrapUp == nil
                else { continue }
                let tried = tries[number] ?? 0
                if let found = best, found.tries <= tried { continue }
                best = (tried, number)
            }
            if let best { return (place.call, best.number) }
        }
        return nil
    }

    private mutating func offer(_ call: CallID, to number: WorkNumber) {
        // A caller without a queue cannot stand in a line; taking the place out all the same keeps `match` finite.
        removeFromLine(call)
        guard let caller = callers[call], let rules = queues[caller.waiting.queue]?.rules else { return }
        let id = nextOffer()
        let offer = AgentOffer(
            id: id, call: call, agent: number, queue: caller.waiting.queue, isDuty: caller.isDuty,
            number: caller.number)
        offers[id] = OpenOffer(offer: offer)
        callers[call]?.offer = id
        callers[call]?.tries[number, default: 0] += 1
        desks[number]?.offer = id
        out.append(.offer(offer))
        set(.reach(id), milliseconds: rules.reachMilliseconds)
        tell(number, .call)
    }

    mutating func rang(_ id: OfferID) {
        guard let open = offers[id], open.rangAt == nil, let rules = queues[open.offer.queue]?.rules else { return }
        offers[id]?.rangAt = now
        cancel(.reach(id))
        set(.ring(id), milliseconds: Int64(max(1, rules.ringsPerAgent)) * ringCycleMilliseconds)
    }

    mutating func answered(_ id: OfferID) {
        guard let open = offers[id] else { return answeredLate(id) }
        let offer = open.offer
        close(open, .answered)
        guard let caller = callers[offer.call] else { return tell(offer.agent, .call) }
        desks[offer.agent]?.misses = 0
        desks[offer.agent]?.isHeld = false
        desks[offer.agent]?.engagements.append(
            AgentDesk.Engagement(
                call: offer.call, purpose: offer.purpose, offer: id, queue: offer.queue,
                wrapUpMilliseconds: queues[offer.queue]?.rules.wrapUpMilliseconds ?? 0, since: now,
                ticket: offer.isCallBack ? offer.call : nil))
        tell(offer.agent, .call)
        let wait = now.milliseconds(since: caller.since)
        out.append(.connect(offer, waitMilliseconds: wait, offers: caller.records))
        if offer.isCallBack {
            callers[offer.call]?.calledBy = offer.agent
            giveUpPlace(offer.call)
        } else {
            exit(offer.call, .answered)
        }
    }

    /// The answer crossed the offer's end: that leg talks to nobody.
    private mutating func answeredLate(_ id: OfferID) {
        let isConnected = desks.values.contains { $0.engagements.contains { $0.offer == id } }
        if wasMade(id), !isConnected { out.append(.withdraw(id)) }
    }

    /// Takes an offer back from the agent: nobody's fault. The caller goes to the next.
    mutating func withdraw(_ id: OfferID) {
        guard let call = offers[id]?.offer.call else { return }
        takeFromAgent(id)
        takeBack(call)
    }

    /// Takes an offer back of which the caller makes no use any more.
    mutating func takeFromAgent(_ id: OfferID) {
        out.append(.withdraw(id))
        finish(id, .withdrawn)
    }

    /// An offer came to nothing: the caller goes to the next.
    mutating func endOffer(_ id: OfferID, _ outcome: OfferOutcome) {
        guard let call = offers[id]?.offer.call else { return }
        finish(id, outcome)
        takeBack(call)
    }

    /// The agent's side of an offer that came to nothing: free for others, or set away.
    private mutating func finish(_ id: OfferID, _ outcome: OfferOutcome) {
        guard let open = offers[id] else { return }
        let number = open.offer.agent
        close(open, outcome)
        let rules = queues[open.offer.queue]?.rules
        switch outcome {
        case .noAnswer, .rejected, .unreachable:
            if !open.offer.isDuty { miss(number, limit: rules?.missesUntilAway ?? 0) }
        case .answered, .busy, .withdrawn, .failed: break
        }
        switch outcome {
        case .busy, .rejected, .unreachable, .failed:
            if let pause = rules?.retryMilliseconds, pause > 0 {
                desks[number]?.isResting = true
                set(.retry(number), milliseconds: pause)
            }
        case .answered, .noAnswer, .withdrawn: break
        }
        tell(number, .call)
        dropIfGone(number)
    }

    private mutating func miss(_ number: WorkNumber, limit: Int) {
        guard let desk = desks[number], desk.presence == .present else { return }
        desks[number]?.misses += 1
        guard limit > 0, desk.misses + 1 >= limit else { return }
        desks[number]?.misses = 0
        setPresence(number, .away(reason: "missed"), askedBy: .missed)
    }

    /// What every offer's end has in common.
    private mutating func close(_ open: OpenOffer, _ outcome: OfferOutcome) {
        let offer = open.offer
        offers[offer.id] = nil
        cancel(.reach(offer.id))
        cancel(.ring(offer.id))
        desks[offer.agent]?.offer = nil
        callers[offer.call]?.offer = nil
        let rang = open.rangAt.map { now.milliseconds(since: $0) }
        callers[offer.call]?.records.append(
            OfferRecord(agent: offer.agent, outcome: outcome, ringMilliseconds: rang))
        out.append(.offerEnded(offer, outcome, ringMilliseconds: rang))
    }

    /// Nobody's phone rings for the caller any more: back to the old place.
    private mutating func takeBack(_ call: CallID) {
        guard let caller = callers[call] else { return }
        if caller.isOverdue { return exit(call, .timeout) }
        insertIntoLine(call)
        settle(call)
    }
}
