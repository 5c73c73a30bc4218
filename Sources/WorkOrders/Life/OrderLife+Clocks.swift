/// A clock as people see it.
public struct OrderClockView: Sendable, Hashable {
    public var id: String
    public var title: String
    /// Unix µs, UTC.
    public var since: Int64
    /// Nil: the profile sets no limit, or the calendar cannot tell.
    public var due: OrderDue?
    /// Microseconds to the due time; negative where it is over.
    public var left: Int64?
    public var owner: OrderResponsible?
    public var isExtended: Bool
    /// Of the limit, for people; nil where a person set the time.
    public var clause: String?
    /// The norm profile's rule.
    public var rule: String?
}

/// A word of warning about a clock. It is due from a moment on, until it is acknowledged or the clock stops.
public struct OrderAlarm: Sendable, Hashable {
    public struct Key: Sendable, Hashable {
        public var clock: String
        /// Which run of the clock.
        public var since: Int64
        public var alarm: String
    }

    public var key: Key
    /// From when on, Unix µs, UTC.
    public var at: Int64
    /// Before the due time it warns, afterwards it escalates.
    public var isWarning: Bool
    public var to: OrderResponsible
    public var channel: String
    public var due: OrderDue
}

extension OrderLife {
    /// The clocks that run, the next due first, those without a limit last.
    /// - Parameter now: Unix µs, UTC.
    public func clocks(at now: Int64, deadline: OrderDeadline) -> [OrderClockView] {
        present.running.compactMap { clock -> OrderClockView? in
            guard let rule = rules.clock(clock.id) else { return nil }
            let limit = limit(of: rule)
            let due = due(of: clock, deadline)
            return OrderClockView(
                id: clock.id, title: rule.title, since: clock.since, due: due, left: due.map { $0.at - now },
                owner: responsible(rule.owner), isExtended: clock.extendedAt != nil,
                clause: clock.setDue == nil ? limit?.clause ?? rule.clause : nil,
                rule: clock.setDue == nil ? limit?.rule : nil)
        }.sorted { ($0.due?.at ?? .max, $0.since, $0.id) < ($1.due?.at ?? .max, $1.since, $1.id) }
    }

    /// The alarms whose moment has come and that nobody has acknowledged, the oldest first. The same answer after a restart
    /// or a change of the clock: it is derived from the order alone.
    public func alarms(at now: Int64, deadline: OrderDeadline) -> [OrderAlarm] {
        allAlarms(deadline).filter { $0.at <= now }
    }

    /// When the next alarm comes: a job need not look before.
    /// - Returns: Unix µs, UTC; nil where none comes.
    public func nextAlarm(after now: Int64, deadline: OrderDeadline) -> Int64? {
        allAlarms(deadline).first { $0.at > now }?.at
    }

    private func allAlarms(_ deadline: OrderDeadline) -> [OrderAlarm] {
        guard !isFinal else { return [] }
        var alarms: [OrderAlarm] = []
        for clock in present.running {
            guard let rule = rules.clock(clock.id), let set = rule.alarms, let due = due(of: clock, deadline) else {
                continue
            }
            for alarm in rules.vocabulary.alarms[set] ?? [] {
                let at: Int64
                switch alarm.moment {
                case .share(let share): at = clock.since + max(0, due.at - clock.since) / 100 * Int64(share)
                case .after(let milliseconds): at = due.at + Int64(milliseconds) * 1000
                }
                let key = OrderAlarm.Key(clock: clock.id, since: clock.since, alarm: alarm.id)
                let to = alarm.to == OrderLifeRules.ownerWord ? responsible(rule.owner) : responsible(alarm.to)
                guard let to, !isWithheld(from: to.unit), !present.acknowledged.contains(key) else { continue }
                alarms.append(
                    OrderAlarm(key: key, at: at, isWarning: at < due.at, to: to, channel: alarm.channel, due: due))
            }
        }
        return alarms.sorted { ($0.at, $0.key.clock, $0.key.alarm) < ($1.at, $1.key.clock, $1.key.alarm) }
    }

    /// When a clock of this order is, or was, due.
    public func due(of clock: OrderClock, _ deadline: OrderDeadline) -> OrderDue? {
        if clock.stoppedAt != nil { return clock.stoppedDue }
        if let set = clock.setDue { return OrderDue(at: set) }
        guard let rule = rules.clock(clock.id), let limit = limit(of: rule) else { return nil }
        return deadline(limit, clock.since)
    }

    /// Whether a stopped clock kept its limit; nil where there was none, or where its stopping is not judged: so it is where
    /// the order went on under another number.
    public func kept(_ clock: OrderClock) -> Bool? {
        guard let stopped = clock.stoppedAt, let rule = rules.clock(clock.id), let due = clock.stoppedDue,
            let step = clock.stoppedBy, rule.judgedBy.isEmpty || rule.judgedBy.contains(step),
            rules.step(step)?.effect != .merge
        else { return nil }
        return due.isMet(at: stopped)
    }

    /// The policy's limit for a clock, by the order's fields as they are now.
    func limit(of clock: OrderLifeRules.Clock) -> OrderLimit? {
        let name = "\(category).\(clock.limit)"
        if let varies = clock.varies, let value = present.fields[varies], let limit = policy.limits["\(name).\(value)"]
        {
            return limit
        }
        return policy.limits[name]
    }

    /// Nil where it runs already, or is not for this order.
    mutating func start(_ id: String, at: Int64, _ deadline: OrderDeadline) -> OrderAction? {
        guard let rule = rules.clock(id), rule.condition.holds(value),
            !present.running.contains(where: { $0.id == id }),
            !rule.isOnce || !present.stopped.contains(where: { $0.id == id })
        else { return nil }
        let clock = OrderClock(
            id: id, since: at, setDue: rule.dueField.flatMap { present.fields[$0].flatMap { Int64($0) } })
        present.running.append(clock)
        return .started(clock: id, since: at, due: due(of: clock, deadline), owner: responsible(rule.owner))
    }

    /// Nil where it does not run.
    mutating func stop(_ id: String, at: Int64, by step: String, _ deadline: OrderDeadline) -> OrderAction? {
        guard let index = present.running.firstIndex(where: { $0.id == id }) else { return nil }
        var clock = present.running.remove(at: index)
        clock.stoppedDue = due(of: clock, deadline)
        // What was done before the clock began, and written down later, stops it where it began.
        clock.stoppedAt = max(at, clock.since)
        clock.stoppedBy = step
        present.stopped.append(clock)
        return .stopped(
            clock: id, since: clock.since, at: max(at, clock.since), due: clock.stoppedDue, kept: kept(clock))
    }
}
