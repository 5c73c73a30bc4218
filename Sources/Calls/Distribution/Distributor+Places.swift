// Places in the queues, and what is told about them.
extension Distributor {
    mutating func insertIntoLine(_ call: CallID) {
        guard let caller = callers[call] else { return }
        let place = Place(key: caller.key, call: call)
        if caller.isDuty {
            dutyLines[caller.waiting.queue, default: WaitingLine()].insert(place)
        } else {
            lines[caller.waiting.skill, default: WaitingLine()].insert(place)
        }
    }

    mutating func removeFromLine(_ call: CallID) {
        guard let caller = callers[call] else { return }
        if caller.isDuty {
            dutyLines[caller.waiting.queue]?.remove(caller.key)
            if dutyLines[caller.waiting.queue]?.isEmpty == true { dutyLines[caller.waiting.queue] = nil }
        } else {
            lines[caller.waiting.skill]?.remove(caller.key)
            if lines[caller.waiting.skill]?.isEmpty == true { lines[caller.waiting.skill] = nil }
        }
    }

    /// Takes the caller out of the queue. A queue that is no longer configured goes with its last caller.
    mutating func giveUpPlace(_ call: CallID) {
        guard let caller = callers[call] else { return }
        removeFromLine(call)
        cancel(.maximumWait(call))
        cancel(.announcement(call))
        let queue = caller.waiting.queue
        queues[queue]?.line.remove(caller.key)
        if let book = queues[queue], book.isRemoved, book.line.isEmpty { queues[queue] = nil }
    }

    // MARK: Position and expected wait

    /// The place in the queue from 1, and how long it will take by the queue's own experience: so many calls have to
    /// end before, and so many agents end them. nil where no agent is at work, and for the duty phones.
    mutating func standing(_ call: CallID) -> (position: Int, expected: Int64?) {
        guard let caller = callers[call], let book = queues[caller.waiting.queue] else { return (1, nil) }
        let position = book.line.index(of: caller.key) + 1
        let skill = caller.waiting.skill
        let serving = caller.isDuty ? 0 : servingRemembered(skill)
        guard serving > 0 else { return (position, nil) }
        let idle = free.agents.count { one in skill.map(one.skills.contains) ?? true }
        let ahead = max(0, position - idle)
        return (position, Int64(Double(ahead) * max(0, book.meanMilliseconds) / Double(serving)))
    }

    /// How many agents are at work for a skill: present, with a phone that can be reached, in a call or not.
    func serving(_ skill: String?) -> Int {
        desks.count { $0.value.presence == .present && $0.value.has(skill) && reachable.contains($0.key) }
    }

    private mutating func servingRemembered(_ skill: String?) -> Int {
        if let known = servingBySkill[skill] { return known }
        let count = serving(skill)
        servingBySkill[skill] = count
        return count
    }

    mutating func tellPosition(_ call: CallID) {
        let told = standing(call)
        out.append(.position(call, told.position, expectedWaitMilliseconds: told.expected))
    }

    mutating func announce(_ call: CallID) {
        guard let caller = callers[call] else { return }
        tellPosition(call)
        guard let pause = queues[caller.waiting.queue]?.rules.announceEveryMilliseconds else { return }
        set(.announcement(call), milliseconds: pause)
    }

    mutating func waitedLong(_ call: CallID) {
        guard let caller = callers[call] else { return }
        // The phone that rings may be taken up in the next moment.
        guard caller.offer == nil else {
            callers[call]?.isOverdue = true
            return
        }
        exit(call, .timeout)
    }

    // MARK: Who serves

    /// Whether the queue has duty phones that can be dialled.
    func hasDuty(_ book: QueueBook) -> Bool {
        book.rules.duty.contains { desks[$0]?.isRemoved == false }
    }

    /// Looks anew at every waiting caller: whether agents or the duty phones serve, or nobody.
    mutating func settleAll() {
        for queue in queues.keys.sorted() {
            for place in queues[queue]?.line.places ?? [] { settle(place.call) }
        }
    }

    /// The same for one caller, unless a phone rings just now or the place is kept for a call-back.
    mutating func settle(_ call: CallID) {
        guard let caller = callers[call], caller.offer == nil, caller.number == nil,
            let book = queues[caller.waiting.queue]
        else { return }
        let hasDuty = hasDuty(book)
        let isServed = isAnybodyLoggedIn(for: caller.waiting.skill)
        if caller.isDuty {
            // In the morning a caller stays with the duty phones until an agent is there.
            guard !hasDuty || book.isOpen && isServed else { return }
            change(call, isDuty: false)
        }
        guard !isServed else { return }
        if !book.isOpen, hasDuty {
            change(call, isDuty: true)
        } else if !book.rules.waitsWithoutAgents {
            exit(call, .noAgents)
        }
    }

    private mutating func change(_ call: CallID, isDuty: Bool) {
        removeFromLine(call)
        callers[call]?.isDuty = isDuty
        insertIntoLine(call)
    }
}
