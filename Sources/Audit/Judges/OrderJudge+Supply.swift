import Norms
import WorkOrders

// Faults and applications.

extension OrderJudge {
    // MARK: - crew_notified

    func crewNotified(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard let start = start(timeline) else { return unknowable(timeline, OrderReason.start, body) }
        let outcome: Outcome
        let notice = timeline.first(.notifyCrew)
        if let ended = timeline.endedWithoutCrew, ended.index < notice?.index ?? .max {
            outcome = .handedOn(ended.at)
        } else if let notice {
            outcome = .done(notice)
        } else {
            // Nobody has to go for what is the customer's own, unless the customer asks for it.
            guard timeline.responsibility != "customer" || timeline.has(.offerPaid) else { return }
            outcome = .open
        }
        timed(timeline, from: start, outcome, due: due(from: start), unit: timeline.stays.first?.unit, body)
    }

    // MARK: - fault_arrival, fault_restored

    /// One time that a crew had to go: after the report, and again where the visit showed that it was not mended.
    private struct CallOut {
        var since: Int64
        /// Between which steps of the order: after the first, before the second.
        var after: Int
        var before = Int.max
        var arrival: OrderTimeline.Mark?
        /// It came to nothing before anybody was there.
        var end: OrderTimeline.Mark?
        var restored: OrderTimeline.Mark?
        var isLeft = false
        var isCustomers = false
    }

    private func callOuts(_ timeline: OrderTimeline, from start: Int64) -> [CallOut] {
        var outs = [CallOut(since: start, after: -1)]
        for mark in timeline.marks {
            let last = outs.count - 1
            switch mark.step {
            case .triage: outs[last].isCustomers = timeline.field("responsibility", of: mark) == "customer"
            case .arrive: outs[last].arrival = outs[last].arrival ?? mark
            case .findCustomerSide: outs[last].isCustomers = true
            case .restore: outs[last].restored = outs[last].restored ?? mark
            case .leave:
                outs[last].isLeft = true
                outs[last].end = outs[last].end ?? mark
            case .guide where timeline.field("solved", of: mark) == "yes": outs[last].end = outs[last].end ?? mark
            case .revisit where timeline.field("handling", of: mark) == "bad":
                outs[last].before = mark.index
                outs.append(CallOut(since: mark.at, after: mark.index, isCustomers: outs[last].isCustomers))
            default: break
            }
        }
        return outs
    }

    func arrival(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard let start = start(timeline) else { return unknowable(timeline, OrderReason.start, body) }
        for out in callOuts(timeline, from: start) {
            let before = min(out.before, out.arrival?.index ?? .max)
            let stay = timeline.stays.last { $0.dispatch.index > out.after && $0.dispatch.index < before }
            let due = due(from: out.since)
            if let arrival = out.arrival {
                timed(timeline, from: out.since, .done(arrival), due: due, unit: stay?.unit, body)
            } else if let end = out.end {
                // Nobody had to come, unless somebody was sent.
                guard stay != nil else { continue }
                timed(timeline, from: out.since, .handedOn(end.at), due: due, unit: stay?.unit, body)
            } else if stay != nil || out.after >= 0 || ["utility", "unknown"].contains(timeline.responsibility) {
                timed(timeline, from: out.since, .open, due: due, unit: stay?.unit, body)
            } else if timeline.responsibility == nil, timeline.closedAt == nil {
                // Whether anybody has to come is not known yet.
                body(item(timeline, at: out.since))
            }
        }
    }

    func restored(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        for out in callOuts(timeline, from: timeline.cameInAt) {
            guard let arrival = out.arrival else { continue }
            let unit = timeline.unit(at: arrival)
            if out.isCustomers {
                body(item(timeline, .notJudged(OrderReason.customerSide), at: arrival.at, unit: unit))
            } else if out.isLeft, out.restored == nil, let end = out.end {
                timed(timeline, from: arrival.at, .handedOn(end.at), due: due(from: arrival.at), unit: unit, body)
            } else {
                let outcome: Outcome = out.restored.map { .done($0) } ?? .open
                timed(timeline, from: arrival.at, outcome, due: due(from: arrival.at), unit: unit, body)
            }
        }
    }

    // MARK: - plan_answer, energised, meter_connected

    func planAnswer(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        until(.answerPlan, timeline, from: start(timeline), body)
    }

    /// Of key customers from the inspection passed (001 3.7.5), of others when the formalities were done as well.
    func energised(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        let isKey = rule.scope.customers == [.key]
        let begin =
            rule.start == .inspected && !isKey ? timeline.first(.completeFormalities)?.at : start(timeline)
        until(.energise, timeline, from: begin, body)
    }

    func meterConnected(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        until(.energise, timeline, from: start(timeline), body)
    }

    private func until(
        _ step: OrderStep, _ timeline: OrderTimeline, from start: Int64?, _ body: (AuditItem) -> Void
    ) {
        guard isStartShown else { return unknowable(timeline, OrderReason.start, body) }
        guard let start else { return }
        let unit = timeline.unit(at: timeline.first(step))
        timed(timeline, from: start, timeline.outcome(step), due: due(from: start), unit: unit, body)
    }

    // MARK: - application_total

    /// From the application to energising; where the document leaves the customer's own steps out, the days of the
    /// utility's together.
    func applicationTotal(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard rule.excludes.contains("the customer's own steps"), case .within(let limit)? = rule.limit,
            limit.unit == .workingDays || limit.unit == .days
        else { return until(.energise, timeline, from: start(timeline), body) }
        guard let start = start(timeline) else { return unknowable(timeline, OrderReason.start, body) }
        let outcome = timeline.outcome(.energise)
        var end = context.asOf
        switch outcome {
        case .done(let mark): end = mark.at
        case .handedOn(let at): end = at
        default: break
        }
        let spans = timeline.utilitySpans(from: start, to: end)
        var days: Set<Int> = []
        for span in spans { days.formUnion(self.days(span, limit.unit)) }
        let isKept = days.count <= limit.count
        var item = item(timeline, at: start, unit: timeline.unit(at: timeline.first(.energise)))
        switch outcome {
        case .done(let mark):
            item.verdict = isKept ? .kept : .broken
            item.done = mark.at
            item.milliseconds = spans.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } / 1000
            item.agent = timeline.event(mark).by.name
        case .handedOn:
            guard !isKept else { return }
            item.verdict = .broken
        default: if !isKept || timeline.closedAt != nil { item.verdict = .broken }
        }
        body(item)
    }

    /// The days that count in a span of time, by number: those after its first, or with it where the document counts so.
    private func days(_ span: Range<Int64>, _ unit: NormAmount.Unit) -> [Int] {
        let zone = context.clock.zone
        let first = CivilDate(zone.civil(span.lowerBound)).dayNumber
        let last = CivilDate(zone.civil(span.upperBound)).dayNumber
        let from = context.clock.rules.startDay == .included ? first : first + 1
        guard from <= last else { return [] }
        return (from...last).filter {
            unit == .days || context.clock.calendar.isWorkingDay(CivilDate(dayNumber: $0))
        }
    }
}

extension OrderTimeline {
    /// The customer was guided to the cause, or sees to it: nobody was sent.
    fileprivate var endedWithoutCrew: Mark? {
        marks.first { $0.step == .leave || $0.step == .guide && field("solved", of: $0) == "yes" }
    }

    /// How an application's step came out, where the customer may have withdrawn.
    fileprivate func outcome(_ step: OrderStep) -> OrderJudge.Outcome {
        if let mark = first(step) { return .done(mark) }
        return first(.withdraw).map { .handedOn($0.at) } ?? .open
    }

    /// The times in which an application waits for the utility. It waits for the customer while that builds (from the plan,
    /// or an inspection failed, to the next report for inspection) and sees to the formalities (after an inspection passed).
    fileprivate func utilitySpans(from start: Int64, to end: Int64) -> [Range<Int64>] {
        var spans: [Range<Int64>] = []
        var since: Int64? = start
        for mark in marks where mark.at <= end {
            switch mark.step {
            case .answerPlan, .inspect:
                guard let from = since else { break }
                spans.append(from..<max(from, mark.at))
                since = nil
            case .askInspection, .completeFormalities: since = since ?? mark.at
            default: break
            }
        }
        if let from = since { spans.append(from..<max(from, end)) }
        return spans
    }
}
