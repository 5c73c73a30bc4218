// What comes from outside the calls: the roster, the calendar, an emergency.
extension Distributor {
    mutating func load(_ agents: [Agent], _ rules: [QueueRules]) {
        for agent in agents {
            if desks[agent.number] == nil { desks[agent.number] = AgentDesk(agent) }
            desks[agent.number]?.agent = agent
            desks[agent.number]?.isRemoved = false
            refresh(agent.number)
        }
        servingBySkill = [:]
        let names = Set(rules.map(\.name))
        for name in queues.keys.filter({ !names.contains($0) }) {
            if queues[name]?.line.isEmpty == true { queues[name] = nil } else { queues[name]?.isRemoved = true }
        }
        for rules in rules {
            if queues[rules.name] == nil { queues[rules.name] = QueueBook(rules: rules) }
            queues[rules.name]?.adopt(rules)
        }
        adoptSkills()
        // Last, so that a caller who loses an agent finds the new ones.
        let kept = Set(agents.map(\.number))
        for number in desks.keys.filter({ !kept.contains($0) }).sorted() { remove(number) }
        settleAll()
    }

    /// Whoever waits for what a queue asked for waits for what it asks for now.
    private mutating func adoptSkills() {
        for (call, caller) in callers where caller.hasQueueSkill {
            guard let rules = queues[caller.waiting.queue]?.rules, rules.skill != caller.waiting.skill else { continue }
            let isInLine = caller.offer == nil && caller.calledBy == nil
            if isInLine { removeFromLine(call) }
            callers[call]?.waiting.skill = rules.skill
            if isInLine { insertIntoLine(call) }
        }
    }

    private mutating func remove(_ number: WorkNumber) {
        guard let desk = desks[number], !desk.isRemoved else { return }
        desks[number]?.isRemoved = true
        if desk.presence != .loggedOut {
            setPresence(number, .loggedOut, askedBy: .roster)
        }
        endWrapUp(number)
        if let id = desk.offer { withdraw(id) }
        tell(number, .roster)
        dropIfGone(number)
    }

    mutating func open(_ queue: String, _ isOpen: Bool) {
        guard queues[queue] != nil else { return }
        queues[queue]?.isOpen = isOpen
        if isOpen { queues[queue]?.isDraining = false }
        settleAll()
    }

    mutating func drain(_ queue: String?) {
        for name in queues.keys where queue == nil || queue == name { queues[name]?.isDraining = true }
    }

    /// Fault reports go to the front, or back to where they would stand without the emergency.
    mutating func declare(_ isDeclared: Bool) {
        guard isDeclared != isEmergency else { return }
        isEmergency = isDeclared
        for (call, caller) in callers where caller.calledBy == nil && caller.waiting.priority.contains(.fault) {
            let isInLine = caller.offer == nil
            if isInLine { removeFromLine(call) }
            queues[caller.waiting.queue]?.line.remove(caller.key)
            let key = Place.key(
                rank: caller.waiting.priority.rank(inEmergency: isDeclared), sequence: caller.sequence)
            callers[call]?.key = key
            queues[caller.waiting.queue]?.line.insert(Place(key: key, call: call))
            if isInLine { insertIntoLine(call) }
        }
    }
}
