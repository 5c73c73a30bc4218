import Norms
import WorkOrders

// 回访.

extension OrderJudge {
    // MARK: - return_visit

    func returnVisit(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard isStartShown else { return unknowable(timeline, OrderReason.start, body) }
        guard let owed = visitOwed(timeline) else { return }
        visit(timeline, since: owed, body)
    }

    /// From when a visit is owed, by the rule's start where a complaint has it; nil while it is not.
    private func visitOwed(_ timeline: OrderTimeline) -> OrderTimeline.Mark? {
        guard timeline.kind == .complaint else { return timeline.supplied }
        switch rule.start {
        case .materialReceived?, .solved?: return timeline.standingReply
        default: return timeline.qualified
        }
    }

    private func visit(_ timeline: OrderTimeline, since owed: OrderTimeline.Mark, _ body: (AuditItem) -> Void) {
        var outcome = Outcome.open
        for mark in timeline.marks where mark.index > owed.index {
            if mark.step == .waiveVisit { outcome = .givenUp(mark, OrderReason.waived) }
            if mark.step == .revisit, OrderTimeline.isReached(timeline.event(mark)) { outcome = .done(mark) }
            guard case .open = outcome else { break }
        }
        timed(
            timeline, from: owed.at, outcome, due: due(from: owed.at), unit: timeline.unit(at: owed), isOwed: true, body
        )
    }

    // MARK: - return_visit_coverage

    /// Of all that ended with something to ask the customer about, those that were visited.
    func visited(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard timeline.kind == .complaint || timeline.supplied != nil else { return }
        let visit = timeline.first(.revisit, where: OrderTimeline.isReached)
        var item = item(timeline, at: timeline.order.createdAt, unit: timeline.unit(at: visit))
        if timeline.closedAt != nil {
            item.verdict = visit == nil ? .broken : .kept
            item.done = visit?.at
            item.agent = visit.map { timeline.event($0).by.name }
            if visit == nil, timeline.has(.waiveVisit) { item.note = "given up" }
        }
        body(item)
    }

    // MARK: - follow_up_visit

    /// From the solution the return visit is the first that follows; from anything else it is one more, after the order's
    /// end.
    func followUp(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard rule.start == .solved else {
            if timeline.closedAt != nil { unknowable(timeline, OrderReason.followUp, body) }
            return
        }
        // What is not found good is not solved.
        guard timeline.qualified != nil, let solved = timeline.standingReply else { return }
        visit(timeline, since: solved, body)
    }
}

extension OrderTimeline {
    /// What a fault's, or an application's, visit asks about: supply came back, or came.
    var supplied: Mark? {
        switch kind {
        case .fault:
            marks.first { $0.step == .restore || $0.step == .guide && field("solved", of: $0) == "yes" }
        case .application: first(.energise)
        default: nil
        }
    }
}
