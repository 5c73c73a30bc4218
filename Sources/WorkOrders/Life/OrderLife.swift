/// One work order's life: a value that events go into and actions come out of. Whatever is refused changes nothing, and
/// the same events make the same life.
///
/// The rules say which steps there are, the policy what the profile sets; neither changes while the order lives.
public struct OrderLife: Sendable, Equatable {
    /// Everything that events have made.
    struct Present: Sendable, Hashable {
        var state = OrderLifeRules.unborn
        /// When the step that led to the state was done, Unix µs.
        var stateSince = Int64.min
        var fields: [String: String] = [:]
        var running: [OrderClock] = []
        var stopped: [OrderClock] = []
        var record: [OrderEvent] = []
        var acknowledged: Set<OrderAlarm.Key> = []
        /// Numbers of orders that go on under this one's.
        var absorbed: [String] = []
        var linked: [String] = []
        /// The date that an extension is asked for.
        var askedUntil: Int64?
    }

    /// More steps than an order ever has are not taken: a machine in a loop shall not fill the journal.
    public static let mostSteps = 5000

    public let rules: OrderLifeRules
    public let policy: OrderPolicy
    public let category: String
    var present = Present()

    /// Nil where the life is not one of this category.
    public init?(rules: OrderLifeRules, policy: OrderPolicy, category: String) {
        guard rules.categories.contains(category) else { return nil }
        self.rules = rules
        self.policy = policy
        self.category = category
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.present == right.present && left.category == right.category && left.rules.id == right.rules.id
            && left.rules.version == right.rules.version && left.policy == right.policy
    }

    // MARK: - What is

    /// `new` before it is accepted.
    public var state: String { present.state }
    public var isFinal: Bool { rules.state(present.state)?.isFinal ?? false }
    /// What `orders list` shows.
    public var status: OrderStatus { rules.state(present.state)?.status ?? .created }
    public var fields: [String: String] { present.fields }
    /// Every step done, in the order in which it was written down.
    public var record: [OrderEvent] { present.record }
    public var absorbed: [String] { present.absorbed }
    public var linked: [String] { present.linked }
    /// Clocks that stand, in the order in which they stopped.
    public var stoppedClocks: [OrderClock] { present.stopped }

    /// Who must act now; nil before it is accepted and after its end.
    public var owner: OrderResponsible? {
        rules.state(present.state)?.owner.flatMap { responsible($0) }
    }

    /// Steps done that want a recording and have none, by their place in the record (from 1).
    public var unproven: [(number: Int, event: OrderEvent)] {
        let proven = present.record.filter { rules.step($0.step)?.effect == .prove }.compactMap { $0.fields["proves"] }
        return present.record.enumerated().compactMap { index, event in
            guard rules.step(event.step)?.wantsRecording == true, event.fields["recording"] == nil,
                !proven.contains(String(index + 1))
            else { return nil }
            return (index + 1, event)
        }
    }

    /// The steps that a person may do now, in the file's order, whatever fields they give.
    public func possible(for actor: OrderActor) -> [OrderLifeRules.Step] {
        // A refusal is an answer here, and what it would say is not asked for.
        isFinal ? [] : rules.steps.filter { $0.from.contains(present.state) && (try? admit($0, actor)) != nil }
    }

    /// The steps that are possible now to whoever may do them, in the file's order; what a step brings may still refuse it.
    public var openSteps: [OrderLifeRules.Step] {
        guard !isFinal else { return [] }
        return rules.steps.filter { step in
            // A refusal is the answer here.
            step.from.contains(present.state) && (try? checkStanding(step)) != nil
        }
    }

    /// The roles that may do a step now; empty: everybody.
    public func doers(of step: OrderLifeRules.Step) -> [String] {
        step.by.compactMap { $0 == OrderLifeRules.ownerWord ? owner?.role : role($0) }
    }

    // MARK: - Steps

    /// Does a step, or refuses it and changes nothing.
    /// - Parameter deadline: the calendar.
    /// - Returns: what is to be done, in order.
    @discardableResult
    public mutating func apply(
        _ event: OrderEvent, deadline: OrderDeadline
    ) throws(OrderRefusal) -> [OrderAction] {
        guard let step = rules.step(event.step) else {
            throw OrderRefusal(.unknownStep, "\(rules.title) knows no step \"\(event.step.prefix(60))\"")
        }
        try admit(step, event.by)
        try checkTimes(event, step)
        try checkFields(event, step)
        var next = self
        let actions = try next.perform(event, step, deadline)
        try next.checkWhole(before: self)
        self = next
        return actions
    }

    /// The life that events make.
    /// - Throws: the first refusal: the journal holds a step that this life's rules do not allow.
    public static func replay(
        _ events: some Sequence<OrderEvent>, rules: OrderLifeRules, policy: OrderPolicy, category: String,
        deadline: OrderDeadline
    ) throws(OrderRefusal) -> OrderLife {
        guard var life = OrderLife(rules: rules, policy: policy, category: category) else {
            throw OrderRefusal(.condition, "\(rules.title) is no life of category \(category)")
        }
        for event in events { try life.apply(event, deadline: deadline) }
        return life
    }

    private mutating func perform(
        _ event: OrderEvent, _ step: OrderLifeRules.Step, _ deadline: OrderDeadline
    ) throws(OrderRefusal) -> [OrderAction] {
        let ownerBefore = owner
        present.fields.merge(event.fields) { _, new in new }
        guard let chosen = step.cases.first(where: { $0.condition.holds(value) }) else {
            throw OrderRefusal(.condition, "\(step.title): what was given leads nowhere in state \(present.state)")
        }
        for term in chosen.sets { present.fields[term.key] = term.values.first }
        var actions = try apply(step.effect, event, step, deadline)
        present.record.append(event)

        for id in chosen.stops {
            if let action = stop(id, at: event.happenedAt, by: step.id, deadline) { actions.append(action) }
        }
        if let to = chosen.to {
            present.state = to
            present.stateSince = event.happenedAt
        }
        for start in chosen.starts where start.condition.holds(value) {
            if let action = self.start(start.clock, at: event.happenedAt, deadline) { actions.append(action) }
        }
        if isFinal { actions += endClocks(event, step, deadline) }
        if chosen.to != nil || owner != ownerBefore { actions.append(.entered(state: present.state, owner: owner)) }
        actions += recipients(chosen, step)
        actions += follows(step, at: event.happenedAt, deadline)
        if step.wantsRecording, event.fields["recording"] == nil { actions.append(.unproven(step: step.id)) }
        return actions
    }

    /// A final state ends what still runs. What must not be left open is left for `checkWhole` to find, but where the order
    /// goes on under another number.
    private mutating func endClocks(
        _ event: OrderEvent, _ step: OrderLifeRules.Step, _ deadline: OrderDeadline
    ) -> [OrderAction] {
        present.running.filter { step.effect == .merge || rules.clock($0.id)?.isRequired != true }
            .compactMap { stop($0.id, at: event.happenedAt, by: step.id, deadline) }
    }

    private func recipients(_ chosen: OrderLifeRules.Case, _ step: OrderLifeRules.Step) -> [OrderAction] {
        var actions: [OrderAction] = []
        for word in chosen.notify {
            let to = word == OrderLifeRules.ownerWord ? owner : responsible(word)
            if let to, !isWithheld(from: to.unit) { actions.append(.notify(to, step: step.id)) }
        }
        guard step.needs.contains(where: { $0.fields.contains("department") }) else { return actions }
        for department in OrderVocabulary.list(present.fields["copies"] ?? "") where !isWithheld(from: department) {
            actions.append(.copy(department: department))
        }
        return actions
    }

    private func follows(_ step: OrderLifeRules.Step, at: Int64, _ deadline: OrderDeadline) -> [OrderAction] {
        guard isFinal else { return [] }
        return step.follows.compactMap { duty in
            guard let limit = policy.limits["\(category).\(duty)"], let due = deadline(limit, at) else { return nil }
            return .follow(duty: duty, due: due)
        }
    }

    // MARK: - Words

    /// The value of a condition's key.
    func value(_ key: String) -> String? {
        if key == "state" { return present.state }
        if key == "category" { return category }
        if key.hasPrefix("profile.") { return option(String(key.dropFirst("profile.".count))) }
        if key.hasPrefix("clock.") {
            let id = key.dropFirst("clock.".count)
            return present.running.contains { $0.id == id } ? "yes" : "no"
        }
        return present.fields[key]
    }

    private func option(_ id: String) -> String? { policy.options[id] ?? rules.vocabulary.options[id]?.preset }

    /// The role that a word of the rules stands for.
    func role(_ word: String) -> String? { word.first == "$" ? option(String(word.dropFirst())) : word }

    func responsible(_ word: String) -> OrderResponsible? {
        if word == OrderLifeRules.ownerWord { return owner }
        guard let role = role(word) else { return nil }
        let unit = rules.vocabulary.roles[role]?.unitField.flatMap { present.fields[$0] }
        return OrderResponsible(role: role, unit: unit)
    }

    /// Whether an order is secret from this department: it is confidential, and about them (000-J 9, 000-L 第二十七条).
    func isWithheld(from unit: String?) -> Bool {
        guard let unit, present.fields["confidential"] == "yes" else { return false }
        return present.fields["reported_department"] == unit
    }
}
