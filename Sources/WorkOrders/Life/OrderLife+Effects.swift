extension OrderLife {
    mutating func apply(
        _ effect: OrderLifeRules.Effect?, _ event: OrderEvent, _ step: OrderLifeRules.Step, _ deadline: OrderDeadline
    ) throws(OrderRefusal) -> [OrderAction] {
        switch effect {
        case nil: return []
        case .askExtension:
            present.askedUntil = try checkExtension(event, step, deadline)
            return []
        case .grantExtension: return try grant(event, step, deadline)
        case .merge:
            // Fields were checked: `into` is a number.
            guard let into = event.fields["into"] else { return [] }
            return [.tell(order: into, step: "absorb")]
        case .absorb:
            guard let duplicate = event.fields["duplicate"] else { return [] }
            guard !present.absorbed.contains(duplicate) else {
                throw OrderRefusal(.condition, "\(duplicate) goes on under this order already")
            }
            present.absorbed.append(duplicate)
            return []
        case .link:
            guard let other = event.fields["link"] else { return [] }
            guard !present.linked.contains(other) else {
                throw OrderRefusal(.condition, "\(other) is linked already")
            }
            present.linked.append(other)
            return [.tell(order: other, step: "link")]
        case .acknowledge:
            try acknowledge(event, step, deadline)
            return []
        case .prove:
            let waiting = unproven.map { "\($0.number) \($0.event.step)" }
            guard let number = event.fields["proves"], unproven.contains(where: { String($0.number) == number }) else {
                throw OrderRefusal(
                    .condition, "\(step.title): that step wants no recording",
                    advice: waiting.isEmpty ? "None does" : "Without one are: \(waiting.joined(separator: ", "))")
            }
            return []
        }
    }

    private mutating func acknowledge(
        _ event: OrderEvent, _ step: OrderLifeRules.Step, _ deadline: OrderDeadline
    ) throws(OrderRefusal) {
        guard let clock = event.fields["clock"], let alarm = event.fields["alarm"] else { return }
        let due = alarms(at: event.happenedAt, deadline: deadline)
        guard let found = due.first(where: { $0.key.clock == clock && $0.key.alarm == alarm }) else {
            throw OrderRefusal(
                .condition, "\(step.title): no alarm \(alarm) of clock \(clock) is open",
                advice: due.isEmpty
                    ? "" : "Open are: \(due.map { "\($0.key.clock) \($0.key.alarm)" }.joined(separator: ", "))")
        }
        present.acknowledged.insert(found.key)
    }

    // MARK: - Extensions

    /// The clocks that an extension moves, with their due times.
    private func extendable(_ deadline: OrderDeadline) -> [(index: Int, due: OrderDue)] {
        present.running.indices.compactMap { index in
            let clock = present.running[index]
            guard rules.clock(clock.id)?.isExtendable == true, let due = due(of: clock, deadline) else { return nil }
            return (index, due)
        }
    }

    private func checkExtension(
        _ event: OrderEvent, _ step: OrderLifeRules.Step, _ deadline: OrderDeadline
    ) throws(OrderRefusal) -> Int64 {
        guard let allowed = policy.extensions[category] else {
            throw OrderRefusal(.notExtendable, "\(policy.title) knows no extension for \(category)")
        }
        guard let until = event.fields["until"].flatMap({ Int64($0) }) else {
            throw OrderRefusal(.fieldMissing, "\(step.title) needs until")
        }
        if !allowed.grounds.isEmpty {
            guard let ground = event.fields["ground"], allowed.grounds.contains(ground) else {
                throw OrderRefusal(
                    .notExtendable, "\(policy.title) extends for particular reasons alone (\(allowed.clause))",
                    advice: "Give ground: \(allowed.grounds.joined(separator: ", "))")
            }
        }
        if allowed.isCustomerToldFirst, present.fields["customer_told"] != "yes" {
            throw OrderRefusal(
                .notExtendable, "the customer must have been told the reason first (\(allowed.clause))",
                advice: "Tell the customer, then give customer_told: yes")
        }
        try check(until: until, allowed, deadline)
        return until
    }

    private func check(
        until: Int64, _ allowed: OrderPolicy.Extension, _ deadline: OrderDeadline
    ) throws(OrderRefusal) {
        let clocks = extendable(deadline)
        guard clocks.contains(where: { until > $0.due.at }) else {
            throw OrderRefusal(
                .notExtendable,
                clocks.isEmpty
                    ? "no clock runs that could be extended" : "the date asked for is no later than what is due")
        }
        for (index, due) in clocks where until > due.at {
            let bounds = [(allowed.total, present.running[index].since), (allowed.addition, due.at)]
            for case (let bound?, let from) in bounds {
                guard let latest = deadline(bound, from) else {
                    throw OrderRefusal(.notExtendable, "the calendar cannot tell when \(bound) are over")
                }
                guard latest.isMet(at: until) else {
                    throw OrderRefusal(
                        .notExtendable, "the date asked for lies beyond \(bound) (\(bound.clause))",
                        advice: "It must be before \(latest.at) (Unix µs)")
                }
            }
        }
    }

    private mutating func grant(
        _ event: OrderEvent, _ step: OrderLifeRules.Step, _ deadline: OrderDeadline
    ) throws(OrderRefusal) -> [OrderAction] {
        guard let asked = present.askedUntil, let allowed = policy.extensions[category] else {
            throw OrderRefusal(.notExtendable, "no extension was asked for")
        }
        // The approver may grant less than was asked for, not more.
        let until = event.fields["until"].flatMap { Int64($0) } ?? asked
        guard until <= asked else {
            throw OrderRefusal(.notExtendable, "more cannot be granted than was asked for")
        }
        // What was due may have changed since it was asked for: the total binds whoever approves, too.
        try check(until: until, allowed, deadline)
        var actions: [OrderAction] = []
        for (index, due) in extendable(deadline) where until > due.at {
            present.running[index].setDue = until
            present.running[index].extendedBy = event.by.name
            present.running[index].extendedAt = event.happenedAt
            actions.append(.extended(clock: present.running[index].id, due: until))
        }
        present.askedUntil = nil
        return actions
    }
}
