extension OrderLife {
    /// Whether a person may do a step now, whatever fields they give.
    func admit(_ step: OrderLifeRules.Step, _ actor: OrderActor) throws(OrderRefusal) {
        guard !isFinal else {
            let number = present.fields["into"].map { " under \($0)" } ?? ""
            throw OrderRefusal(
                .ended, "the order is over (\(stateTitle)\(number)) and takes nothing more",
                advice: number.isEmpty ? "Make a new order and link it" : "Go on\(number)")
        }
        guard step.from.contains(present.state) else {
            let titles = step.from.compactMap { rules.state($0)?.title }
            throw OrderRefusal(
                .state, "\(step.title) is not possible in state \(stateTitle)",
                advice: titles.isEmpty
                    ? "The order was accepted already" : "It is in: \(titles.joined(separator: ", "))")
        }
        try checkRole(step, actor)
        guard !isWithheld(from: actor.unit) else {
            throw OrderRefusal(.confidential, "the order is confidential, and about the department that asks")
        }
        try checkStanding(step)
        guard present.record.count < Self.mostSteps else {
            throw OrderRefusal(.limit, "the order has had \(Self.mostSteps) steps and takes no more")
        }
    }

    /// The guards that do not rest on what the step brings.
    func checkStanding(_ step: OrderLifeRules.Step) throws(OrderRefusal) {
        let given = Set(step.takes + step.needs.flatMap(\.fields))
        try checkGuards(step) { guarding in !guarding.condition.terms.contains { given.contains($0.key) } }
    }

    /// - Parameter isAsked: which of the guards are looked at: those that rest on what the step brings wait for it.
    private func checkGuards(
        _ step: OrderLifeRules.Step, _ isAsked: (OrderLifeRules.Guard) -> Bool
    ) throws(OrderRefusal) {
        for guarding in step.only where isAsked(guarding) && !guarding.condition.holds(value) {
            throw OrderRefusal(.condition, "\(step.title): \(guarding.because)")
        }
        for guarding in step.never where isAsked(guarding) && guarding.condition.holds(value) {
            throw OrderRefusal(.condition, "\(step.title): \(guarding.because)")
        }
    }

    private var stateTitle: String { rules.state(present.state)?.title ?? "not accepted yet" }

    private func checkRole(_ step: OrderLifeRules.Step, _ actor: OrderActor) throws(OrderRefusal) {
        guard let known = rules.vocabulary.roles[actor.role] else {
            throw OrderRefusal(.role, "there is no role \"\(actor.role.prefix(60))\"")
        }
        if step.by.isEmpty { return }
        let doers = doers(of: step)
        guard doers.contains(actor.role) else {
            let titles = doers.compactMap { rules.vocabulary.roles[$0]?.title }
            throw OrderRefusal(
                .role, "\(step.title) is not for \(known.title)", advice: "It is for: \(titles.joined(separator: ", "))"
            )
        }
        guard let field = known.unitField else { return }
        guard let unit = present.fields[field] else {
            throw OrderRefusal(.unit, "the order is with no \(known.title) yet")
        }
        guard actor.unit == unit else {
            // Its name is for those who have the order; to others it says no more than that it is not theirs.
            throw OrderRefusal(.unit, "the order is with another \(known.title) than \(actor.unit ?? "one not named")")
        }
    }

    func checkTimes(_ event: OrderEvent, _ step: OrderLifeRules.Step) throws(OrderRefusal) {
        guard (0...253_402_300_799_000_000).contains(event.happenedAt), event.happenedAt <= event.enteredAt,
            event.enteredAt <= 253_402_300_799_000_000
        else { throw OrderRefusal(.time, "\(step.title) cannot have been done after it was written down") }
        guard let first = present.record.first, let last = present.record.last else { return }
        guard event.enteredAt >= last.enteredAt else {
            throw OrderRefusal(.time, "\(step.title) was written down before the step that came last")
        }
        guard event.happenedAt >= first.happenedAt else {
            throw OrderRefusal(.time, "\(step.title) cannot have been done before the order was accepted")
        }
        // A note may be late among others; what moves the order may not lie before what brought it here.
        guard event.happenedAt >= present.stateSince || step.cases.allSatisfy({ $0.to == nil }) else {
            throw OrderRefusal(
                .time, "\(step.title) cannot have been done before the order came to state \(stateTitle)")
        }
    }

    func checkFields(_ event: OrderEvent, _ step: OrderLifeRules.Step) throws(OrderRefusal) {
        let words = rules.vocabulary
        if let why = event.why {
            let field = OrderVocabulary.Field(id: "why", title: "why", kind: .text, namesReported: false)
            if let objection = words.objection(to: why, for: field) {
                throw OrderRefusal(.fieldBad, "\(step.title): the reason \(objection)")
            }
        } else if step.whyIsNeeded {
            throw OrderRefusal(.whyMissing, "\(step.title) needs a reason")
        }
        let allowed = Set(step.takes + step.needs.flatMap(\.fields))
        for (key, text) in event.fields.sorted(by: { $0.key < $1.key }) {
            guard allowed.contains(key), let field = words.fields[key] else {
                throw OrderRefusal(
                    .fieldBad, "\(step.title) takes no \"\(key.prefix(60))\"",
                    advice: allowed.isEmpty ? "" : "It takes: \(allowed.sorted().joined(separator: ", "))")
            }
            if let objection = words.objection(to: text, for: field) {
                throw OrderRefusal(.fieldBad, "\(step.title): \(key) \(objection)")
            }
        }
        if let missing = self.missing(for: step, in: event.fields).first {
            throw OrderRefusal(
                .fieldMissing, "\(step.title) needs \(missing) (\(words.fields[missing]?.title ?? missing))")
        }
        var after = self
        after.present.fields.merge(event.fields) { _, new in new }
        try after.checkGuards(step) { _ in true }
    }

    /// The fields that a step needs beside those that are given, in the file's order.
    public func missing(for step: OrderLifeRules.Step, in given: [String: String]) -> [String] {
        var after = self
        after.present.fields.merge(given) { _, new in new }
        var missing: [String] = []
        for need in step.needs where need.condition.holds(after.value) {
            missing += need.fields.filter { given[$0] == nil && !missing.contains($0) }
        }
        return missing
    }

    /// What must be true after every step, whatever the rules file says.
    func checkWhole(before: OrderLife) throws(OrderRefusal) {
        guard let state = rules.state(present.state) else {
            throw OrderRefusal(.state, "there is no state \"\(present.state)\"")
        }
        if present.fields["confidential"] == "yes", let reported = present.fields["reported_department"] {
            let copies = OrderVocabulary.list(present.fields["copies"] ?? "")
            if copies.contains(reported) || (!state.isFinal && owner?.unit == reported) {
                throw OrderRefusal(
                    .confidential,
                    "a confidential order is not given to the department that it is about, nor copied there",
                    advice: "Take it back first, or choose another department")
            }
        }
        guard state.isFinal else {
            guard let owner,
                rules.vocabulary.roles[owner.role].map({ $0.unitField == nil || owner.unit != nil }) == true
            else {
                throw OrderRefusal(
                    .state, "in state \(state.title) nobody would have the order", advice: "Name a department")
            }
            return
        }
        let owed = present.running.filter { rules.clock($0.id)?.isRequired == true }
        if let first = owed.first {
            throw OrderRefusal(
                .owed,
                "the order cannot end: owed is \(owed.compactMap { rules.clock($0.id)?.title }.joined(separator: ", "))",
                advice: responsible(rules.clock(first.id)?.owner ?? "", in: before).map { "\($0) must act" } ?? "")
        }
    }

    private func responsible(_ word: String, in life: OrderLife) -> OrderResponsible? { life.responsible(word) }
}
