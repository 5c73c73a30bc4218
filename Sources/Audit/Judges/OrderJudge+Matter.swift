import Norms
import WorkOrders

// What an order says of the matter itself: truth and correction, repeats, discipline, major events.

extension OrderJudge {
    // MARK: - correction

    /// What was found true is put right, by whom and until when; with apology (A102) and cause (A140) where the document
    /// asks for them.
    func correction(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard let qualified = timeline.qualified, timeline.known["finding"] == "substantiated" else { return }
        let start = rule.start == nil ? qualified.at : start(timeline) ?? qualified.at
        var missing: [String] = []
        if rule.items.contains("A102"), timeline.known["apologised"] != "yes" { missing.append("apology") }
        if rule.items.contains("A140"), timeline.known["cause"] == nil { missing.append("cause") }
        let unit = timeline.unit(at: qualified)
        guard missing.isEmpty else {
            // Both stand in the reply, and that was found good without them.
            body(item(timeline, .broken, at: start, unit: unit, note: "without \(missing.joined(separator: ", "))"))
            return
        }
        let ordered = timeline.first(.orderCorrection) { event in
            ["corrective_action", "corrective_owner", "corrective_due"].allSatisfy { event.fields[$0] != nil }
        }
        if ordered != nil, rule.items.contains("A140") {
            return body(item(timeline, .notJudged(OrderReason.responsible), at: start, unit: unit))
        }
        timedYes(timeline, from: start, ordered.map { .done($0) } ?? .open, unit: unit, body)
    }

    // MARK: - first_time_resolution, repeat_warned

    /// Nobody came again of the same matter while it was open, nor in the window after its end.
    func firstTime(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        let order = timeline.order
        guard order.caller != nil else { return unknowable(timeline, OrderReason.caller, body) }
        let end = timeline.closedAt.map { $0 + knowledge.repeatWindow }
        var item = item(timeline, at: order.createdAt, unit: timeline.unit(at: nil))
        item.due = end
        if let next = order.nextSameAt, next <= end ?? .max, next <= context.asOf {
            item.verdict = .broken
            item.done = next
            item.milliseconds = max(0, next - order.createdAt) / 1000
        } else if let end, context.asOf > end {
            item.verdict = .kept
        }
        body(item)
    }

    /// Who had called before was recognised: the order was linked with another, or took one over.
    func repeatWarned(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        let order = timeline.order
        guard order.caller != nil else { return unknowable(timeline, OrderReason.caller, body) }
        guard order.earlierOfCaller + 1 >= knowledge.warnAt else { return }
        var item = item(timeline, at: order.createdAt)
        if let link = timeline.marks.first(where: { $0.step == .link || $0.step == .absorb }) {
            item.verdict = .kept
            item.done = link.at
            item.milliseconds = max(0, link.at - order.createdAt) / 1000
            item.agent = timeline.event(link).by.name
        } else if timeline.closedAt != nil {
            // The console warns whoever looks at an order, and nothing says who looked.
            item.verdict = .notJudged(OrderReason.warning)
        }
        body(item)
    }

    // MARK: - discipline_handover

    func discipline(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard timeline.known["discipline"] == "yes" else { return }
        guard let start = start(timeline) else { return unknowable(timeline, OrderReason.start, body) }
        timed(
            timeline, from: start, timeline.first(.refer).map { .done($0) } ?? .open, due: due(from: start),
            unit: nil, isOwed: true, body)
    }

    // MARK: - major_report, emergency_steps

    /// The brief (000-G 第十九条) where the rule is about serious events, too; otherwise the report to the superior
    /// (000-L 第二十八条).
    func majorReport(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard let began = start(timeline) else { return unknowable(timeline, OrderReason.start, body) }
        let severities = rule.scope.severities
        let step = severities.contains(.serious) ? OrderStep.brief : .reportMajor
        // Nobody reports what is not known to be grave yet.
        let start = max(began, gradedAt(timeline, severities) ?? began)
        timed(
            timeline, from: start, timeline.first(step).map { .done($0) } ?? .open, due: due(from: start),
            unit: timeline.unit(at: nil), isOwed: true, body)
    }

    /// When the order was first known to be of one of these; nil where the form said so.
    private func gradedAt(_ timeline: OrderTimeline, _ severities: [NormSeverity]) -> Int64? {
        func fits(_ text: String?) -> Bool { text.flatMap(NormSeverity.init).map(severities.contains) ?? false }
        if fits(timeline.order.fields["severity"]) { return nil }
        return timeline.order.steps.first { fits($0.fields["severity"]) }?.happenedAt
    }

    /// Which steps of an order show which step of the plan (000-N).
    private static let planSteps: [String: [OrderStep]] = [
        "000-N 一 3": [.brief, .reportMajor], "000-N 一 7": [.supervise],
    ]

    func emergency(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard let steps = Self.planSteps["\(rule.source) \(rule.clause)"] else {
            return unknowable(timeline, OrderReason.planStep, body)
        }
        let start = timeline.acceptedAt ?? timeline.order.createdAt
        let found = timeline.marks.first { steps.contains($0.step) }
        timedYes(timeline, from: start, found.map { .done($0) } ?? .open, unit: timeline.unit(at: found), body)
    }

    // MARK: - acceptance_decision

    /// From the order's making to its acceptance.
    func acceptance(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        let start = timeline.order.createdAt
        timed(
            timeline, from: start, timeline.first(.accept).map { .done($0) } ?? .open, due: due(from: start), unit: nil,
            body)
    }
}
