import Calls
import Norms
import Storage
import WorkOrders

// A step is done: what is told of it, as the order book of the running server does.

extension LifeWorld {
    /// - Throws: `YearError` where the order's life refuses what was planned.
    mutating func perform(_ planned: PlannedStep, _ one: inout OrderCase, _ index: Int, at: Int64) throws {
        do throws(OrderRefusal) {
            try attempt(planned, &one, index, at: at)
        } catch {
            // Since it was planned something came to be owed, which the end waits for; it was kept from the department; or it
            // was graded, and is due at another time.
            if [.owed, .confidential, .notExtendable].contains(error.code) { return }
            throw YearError(
                "\(planned.step) of \(one.number) (\(one.plan.category), \(one.life.state)) was refused: \(error)")
        }
    }

    /// The same, where a refusal is an answer.
    mutating func attempt(
        _ planned: PlannedStep, _ one: inout OrderCase, _ index: Int, at: Int64
    ) throws(OrderRefusal) {
        var event = OrderEvent(
            step: planned.step, by: planned.by, happenedAt: planned.happenedAt, enteredAt: at, why: planned.why,
            fields: planned.fields)
        let call = planned.call.flatMap { open.isLost($0) ? nil : $0 }
        if let recording = planned.recording, open.isKnown(recording), takesRecording(planned.step, one.life) {
            event.fields["recording"] = recording.description
        }
        let actions = try one.life.apply(event, deadline: context.deadline)
        one.done[planned.step, default: 0] += 1
        var facts = links(event, call: call ?? planned.call, planned.recording, &one, at: at)
        facts.append(stepped(one, event, at: at))
        facts += proposals(&one, at: at)
        tell(facts, at: at)
        for action in actions {
            switch action {
            case .entered: one.since = event.happenedAt
            case .started(let clock, let since, let due, _):
                setOwed(clock, since: since, due: due, &one, index, at: at)
            default: break
            }
        }
        if one.life.isFinal { setDecisions(one, at: at) } else { setAlarm(&one, index, after: at) }
    }

    private func takesRecording(_ step: String, _ life: OrderLife) -> Bool {
        guard let rule = life.rules.step(step) else { return false }
        return (rule.takes + rule.needs.flatMap(\.fields)).contains("recording")
    }

    private func stepped(_ one: OrderCase, _ event: OrderEvent, at: Int64) -> Fact {
        let life = one.life
        return .orderStepped(
            OrderStepped(
                order: one.id, at: clock.instant(at), number: life.record.count, step: event.step, by: event.by.name,
                role: event.by.role, unit: event.by.unit, happened: event.happenedAt, why: event.why,
                fields: event.fields, life: "\(life.rules.id)@\(life.rules.version)",
                policy: "\(life.policy.id)@\(life.policy.version)", state: life.state, status: life.status.rawValue,
                owner: life.owner?.role, ownerUnit: life.owner?.unit))
    }

    /// What a step's call or recording is to the order.
    private func role(of event: OrderEvent, in life: OrderLife) -> String {
        var step = event.step
        if life.rules.step(step)?.effect == .prove, let number = event.fields["proves"].flatMap({ Int($0) }),
            life.record.indices.contains(number - 1)
        {
            step = life.record[number - 1].step
        }
        switch step {
        case "accept": return "call"
        case "revisit": return "return_visit"
        case "contact", "director_contact", "relay": return "contact"
        default: return step
        }
    }

    private func links(
        _ event: OrderEvent, call: CallID?, _ recording: RecordingID?, _ one: inout OrderCase, at: Int64
    ) -> [Fact] {
        let role = role(of: event, in: one.life)
        var facts: [Fact] = []
        if let recording, event.fields["recording"] != nil, one.links.insert("\(recording) \(role)").inserted {
            facts.append(
                .orderLinked(OrderLinked(order: one.id, at: clock.instant(at), recording: recording, role: role)))
        }
        guard let call, open.isTold(call) else { return facts }
        if role == "call", one.links.contains("\(call) created") { return facts }
        if one.links.insert("\(call) \(role)").inserted {
            facts.append(
                .orderCallLinked(
                    OrderCallLinked(order: one.id, at: clock.instant(at), call: call, role: role, by: event.by.name)))
        }
        return facts
    }

    // MARK: - Alarms

    private mutating func setAlarm(_ one: inout OrderCase, _ index: Int, after at: Int64) {
        guard let next = one.life.nextAlarm(after: at, deadline: context.deadline), one.alarmAt != next else { return }
        one.alarmAt = next
        agenda.put(.alarm(index), at: next)
    }

    mutating func tellAlarms(_ index: Int, at: Int64) {
        guard var one = cases[index], !one.life.isFinal, let set = one.alarmAt, set <= at else { return }
        one.alarmAt = nil
        let due = one.life.alarms(at: at, deadline: context.deadline).filter { one.told.insert($0.key).inserted }
        if !due.isEmpty {
            tell(
                due.map { alarm in
                    .orderAlarmed(
                        OrderAlarmed(
                            order: one.id, at: clock.instant(at), clock: alarm.key.clock, since: alarm.key.since,
                            alarm: alarm.key.alarm, moment: alarm.at, due: alarm.due.at, isWarning: alarm.isWarning,
                            role: alarm.to.role, unit: alarm.to.unit, channel: alarm.channel))
                }, at: at)
        }
        setAlarm(&one, index, after: at)
        cases[index] = one
    }

    // MARK: - Penalties

    /// What the order comes to now and was not told yet.
    private func proposals(_ one: inout OrderCase, at: Int64) -> [Fact] {
        let found = PenaltyRules(year.profile).proposals(
            for: one.life, number: one.number, now: at, deadline: context.deadline)
        let new = found.filter { !one.proposals.contains($0) }
        guard !new.isEmpty else { return [] }
        one.proposals.removeAll { known in new.contains { $0.penalty == known.penalty } }
        one.proposals += new
        return new.map { .penaltyProposed(PenaltyProposed($0, order: one.id, at: clock.instant(at))) }
    }

    /// After the end somebody looks at each proposal, or nobody does.
    private mutating func setDecisions(_ one: OrderCase, at: Int64) {
        var draw = Draw(seed: year.seed, .penalty, one.plan.index)
        for proposal in one.proposals where draw.chance(780) {
            let when = context.office.next(after: at + draw.skewed(4 * Micro.hour...25 * Micro.day), &draw)
            agenda.put(.penalty(one.id, proposal), at: when)
        }
    }

    /// Confirmed with a sum that the document allows, or dropped.
    mutating func decide(_ order: OrderID, _ proposal: PenaltyProposal, at: Int64) {
        var draw = Draw(seed: year.seed ^ order.low, .penalty)
        let role = draw.pick(
            year.rules.vocabulary.roles.values.filter { $0.decidesPenalties && $0.unitField == nil }.map(\.id).sorted())
        let actor = OrderActor(name: Staff.number(role: role, unit: nil, &draw), role: role)
        var decided = PenaltyCase(proposal)
        let persons = proposal.isPerPerson ? 1 + draw.below(3) : 1
        var yuan: Int?
        if draw.chance(680) {
            let bounds = proposal.bounds(persons: persons)
            let least = bounds?.least ?? 0
            yuan = draw.chance(600) ? least : min(bounds?.most ?? least + 200, least + 100)
        }
        let why = yuan == nil ? "情节轻微，免予考核" : "属实，按规定考核"
        do throws(PenaltyCase.Refusal) {
            if let yuan {
                try decided.confirm(yuan: yuan, persons: persons, by: actor, at: at, why: why)
            } else {
                try decided.drop(by: actor, at: at, why: why)
            }
        } catch {
            // Whoever may not decide leaves it to others, and nobody else looks.
            return
        }
        tell(
            [
                .penaltyDecided(
                    PenaltyDecided(
                        order: order, at: clock.instant(at), penalty: proposal.penalty, by: actor.name, role: role,
                        unit: nil, yuan: yuan, persons: yuan == nil ? nil : persons, why: why))
            ], at: at)
    }
}

extension PenaltyProposed {
    fileprivate init(_ proposal: PenaltyProposal, order: OrderID, at: Instant) {
        let ends: (least: Int?, most: Int?)
        switch proposal.amount {
        case .exactly(let yuan): ends = (yuan, yuan)
        case .atLeast(let yuan): ends = (yuan, nil)
        case .range(let least, let most): ends = (least, most)
        case .times, .unstated: ends = (nil, nil)
        }
        self.init(
            order: order, at: at, penalty: proposal.penalty, profile: proposal.profile, clause: proposal.clause,
            trigger: proposal.trigger.rawValue, who: proposal.who, unit: proposal.unit, least: ends.least,
            most: ends.most, count: proposal.count, isPerPerson: proposal.isPerPerson, factor: proposal.factor,
            factorPenalty: proposal.factorPenalty, sanction: proposal.sanction, anomaly: proposal.anomaly,
            because: proposal.because)
    }
}
