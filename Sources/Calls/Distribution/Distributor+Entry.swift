// Callers come, wait and go.
extension Distributor {
    mutating func enter(_ asked: Waiting) {
        let call = asked.call
        guard callers[call] == nil else { return }
        guard let book = queues[asked.queue] else {
            out.append(.refused(call, queue: asked.queue, .failed))
            return
        }
        var waiting = asked
        waiting.skill = asked.skill ?? book.rules.skill
        let isDuty = !book.isOpen && hasDuty(book)
        if let exit = refusal(waiting, book, isDuty: isDuty) {
            out.append(.refused(call, queue: asked.queue, exit))
            return
        }
        let sequence = nextSequence()
        let key = Place.key(rank: waiting.priority.rank(inEmergency: isEmergency), sequence: sequence)
        callers[call] = Caller(
            waiting: waiting, hasQueueSkill: asked.skill == nil, since: now, sequence: sequence, key: key,
            isDuty: isDuty)
        queues[asked.queue]?.line.insert(Place(key: key, call: call))
        let told = standing(call)
        insertIntoLine(call)
        out.append(.entered(waiting, position: told.position, expectedWaitMilliseconds: told.expected))
        if let limit = book.rules.maximumWaitMilliseconds { set(.maximumWait(call), milliseconds: limit) }
        if let pause = book.rules.announceEveryMilliseconds { set(.announcement(call), milliseconds: pause) }
        match()
        if book.rules.announceEveryMilliseconds != nil, let caller = callers[call], caller.offer == nil {
            tellPosition(call)
        }
    }

    private func refusal(_ waiting: Waiting, _ book: QueueBook, isDuty: Bool) -> QueueExit? {
        if book.isRemoved { return .closed }
        // A drain is the day shift's end; the duty phones take over from there.
        if !isDuty, !book.isOpen || book.isDraining { return .closed }
        if !isDuty, !book.rules.waitsWithoutAgents, !isAnybodyLoggedIn(for: waiting.skill) { return .noAgents }
        if let limit = book.rules.maximumLength, book.line.count >= limit { return .full }
        return nil
    }

    mutating func leave(_ call: CallID, _ exit: QueueExit) {
        guard let caller = callers[call], caller.number == nil else { return }
        self.exit(call, exit)
    }

    /// The caller is no longer waiting, for the reason given.
    mutating func exit(_ call: CallID, _ exit: QueueExit) {
        if let id = callers[call]?.offer { takeFromAgent(id) }
        guard let caller = callers[call] else { return }
        giveUpPlace(call)
        callers[call] = nil
        out.append(
            .left(
                call, queue: caller.waiting.queue, exit, waitMilliseconds: now.milliseconds(since: caller.since),
                offers: caller.records))
    }

    // MARK: Call-backs

    mutating func keepPlace(_ call: CallID, _ number: String) {
        guard let caller = callers[call], caller.number == nil else { return }
        if let id = caller.offer { takeFromAgent(id) }
        removeFromLine(call)
        cancel(.maximumWait(call))
        cancel(.announcement(call))
        let records = callers[call]?.records ?? []
        callers[call]?.number = number
        callers[call]?.isDuty = false
        callers[call]?.isOverdue = false
        callers[call]?.records = []
        insertIntoLine(call)
        out.append(
            .left(
                call, queue: caller.waiting.queue, .callBack, waitMilliseconds: now.milliseconds(since: caller.since),
                offers: records))
    }

    mutating func restore(_ asked: Waiting, _ number: String, since: Instant) {
        guard callers[asked.call] == nil, let book = queues[asked.queue], !book.isRemoved else { return }
        var waiting = asked
        waiting.skill = asked.skill ?? book.rules.skill
        let sequence = nextSequence()
        let key = Place.key(rank: waiting.priority.rank(inEmergency: isEmergency), sequence: sequence)
        callers[asked.call] = Caller(
            waiting: waiting, hasQueueSkill: asked.skill == nil, since: since, sequence: sequence, key: key,
            isDuty: false, number: number)
        queues[asked.queue]?.line.insert(Place(key: key, call: asked.call))
        insertIntoLine(asked.call)
    }

    mutating func endCallBack(_ call: CallID, reached: Bool) {
        guard let caller = callers[call], caller.number != nil else { return }
        if let id = caller.offer { takeFromAgent(id) }
        let records = callers[call]?.records ?? []
        giveUpPlace(call)
        callers[call] = nil
        out.append(
            .callBackEnded(
                call, queue: caller.waiting.queue, reached: reached && caller.calledBy != nil, by: caller.calledBy,
                waitMilliseconds: now.milliseconds(since: caller.since), offers: records))
    }
}
