import Norms
import WorkOrders

// The answer: until when, in which quality, by whom, in writing.

extension OrderJudge {
    // MARK: - order_reply

    func reply(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard isStartShown else { return unknowable(timeline, OrderReason.start, body) }
        if rule.limit == nil, rule.items.contains("A50") { return explained(timeline, body) }
        if scope.wantsWriting, timeline.kind != .complaint { return unknowable(timeline, OrderReason.writing, body) }
        if rule.start == .orderReceived { return departmentReply(timeline, body) }
        guard let start = start(timeline) else {
            if timeline.closedAt == nil { body(item(timeline, at: timeline.order.createdAt)) }
            return
        }
        let outcome = answer(timeline)
        var done = Int64.max
        if case .done(let mark) = outcome { done = mark.at }
        timed(
            timeline, from: start, outcome, due: extendedDue(timeline, from: start, before: done),
            unit: timeline.unit(at: answered(outcome)), body)
    }

    private func answered(_ outcome: Outcome) -> OrderTimeline.Mark? {
        if case .done(let mark) = outcome { return mark }
        return nil
    }

    /// When the customer has the answer.
    private func answer(_ timeline: OrderTimeline) -> Outcome {
        if timeline.kind == .complaint {
            let mark = scope.wantsWriting ? timeline.first(.writeResult) : timeline.qualified
            return mark.map { .done($0) } ?? .open
        }
        for mark in timeline.marks {
            switch mark.step {
            case .answer: return .done(mark)
            // Of a consultation it is relayed, of a suggestion the customer is told.
            case .relay, .contact:
                if OrderTimeline.isReached(timeline.event(mark)) { return .done(mark) }
                if timeline.field("reached", of: mark) == "no_contact" {
                    return .impossible(mark, OrderReason.noContact)
                }
            case .waiveContact: return .givenUp(mark, OrderReason.waived)
            default: break
            }
        }
        return .open
    }

    /// From the department's receipt to its reply, where that was not found bad.
    private func departmentReply(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        let reply = timeline.standingReply
        let bound = reply?.index ?? timeline.qualified?.index ?? .max
        guard let stay = timeline.stays.last(where: { $0.dispatch.index < bound }) else {
            // Nobody had it: it went past departments, waits to be sent, or never was.
            if timeline.has(.refer) {
                unknowable(timeline, OrderReason.discipline, body)
            } else if timeline.closedAt == nil {
                body(item(timeline, at: timeline.order.createdAt))
            }
            return
        }
        if reply?.step == .disciplineResult || reply == nil && timeline.isAtDiscipline {
            body(item(timeline, .notJudged(OrderReason.discipline), at: stay.dispatch.at, unit: stay.unit))
            return
        }
        guard let received = receipt(stay, timeline), reply != nil || stay.end == nil else {
            // Not signed for yet, or on its way to another department.
            if timeline.closedAt == nil { body(item(timeline, at: stay.dispatch.at, unit: stay.unit)) }
            return
        }
        timed(
            timeline, from: received, reply.map { .done($0) } ?? .open,
            due: extendedDue(timeline, from: received, before: reply?.at ?? .max), unit: stay.unit, body)
    }

    /// What was not true is explained to the customer.
    private func explained(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard let reply = timeline.standingReply, timeline.known["finding"] == "unsubstantiated" else { return }
        var item = item(timeline, at: reply.at, unit: timeline.unit(at: reply))
        item.done = reply.at
        item.agent = timeline.event(reply).by.name
        item.verdict = timeline.field("explained", of: reply) == "yes" ? .kept : .broken
        body(item)
    }

    // MARK: - Extensions

    /// What is due with the extensions granted before it was done.
    private func extendedDue(_ timeline: OrderTimeline, from start: Int64, before done: Int64) -> OrderDue? {
        guard var due = due(from: start) else { return nil }
        guard let prolongation = rule.prolongation, timeline.isExtended else { return due }
        let latest = rule.latest(from: start, by: context.clock).map { OrderDue($0) }
        var asked: Int64?
        var isTold = false
        for mark in timeline.marks {
            switch mark.step {
            case .askExtension, .contact:
                if let told = timeline.field("customer_told", of: mark) { isTold = told == "yes" }
                if mark.step == .askExtension { asked = timeline.field("until", of: mark).flatMap { Int64($0) } }
            case .grantExtension:
                let until = timeline.field("until", of: mark).flatMap { Int64($0) } ?? asked
                guard let until, mark.at >= start, mark.at <= done, isTold || !prolongation.isCustomerToldFirst,
                    // What is over cannot be made longer.
                    due.isMet(at: mark.at), until > due.at
                else { break }
                due = OrderDue(at: until)
                if let latest, !latest.isMet(at: until) { due = latest }
            default: break
            }
        }
        return due
    }

    // MARK: - hotline_contact

    /// The reply that stands is followed by the hotline's own word with the customer.
    func hotlineContact(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard let reply = timeline.standingReply else { return }
        var outcome = Outcome.open
        for mark in timeline.marks where mark.index > reply.index && mark.index < timeline.qualified?.index ?? .max {
            if mark.step == .waiveContact { outcome = .givenUp(mark, OrderReason.waived) }
            guard mark.step == .directorContact else { continue }
            if OrderTimeline.isReached(timeline.event(mark)) {
                outcome = .done(mark)
                break
            }
            if timeline.field("reached", of: mark) == "no_contact" {
                outcome = .impossible(mark, OrderReason.noContact)
            }
        }
        let unit = timeline.unit(at: reply)
        if case .open = outcome, let qualified = timeline.qualified {
            var item = item(timeline, .broken, at: reply.at, unit: unit, note: "found good without it")
            item.agent = timeline.event(qualified).by.name
            body(item)
            return
        }
        timed(timeline, from: reply.at, outcome, due: due(from: reply.at), unit: unit, isOwed: true, body)
    }

    // MARK: - reply_qualified

    func replyQualified(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard let reply = timeline.marks.first(where: { $0.step == .reply || $0.step == .disciplineResult }) else {
            return
        }
        let bad = timeline.first(.review, after: reply.index) {
            // A consultation's review is always one that sends the reply back.
            ($0.fields["assessment"] == "unqualified" || timeline.kind == .consultation)
                && (!isAboutTruth || $0.fields["fault_of_reply"] == "untrue")
        }
        var item = item(timeline, at: reply.at, unit: timeline.unit(at: bad ?? reply))
        let good = timeline.kind == .complaint ? timeline.qualified : passedOn(timeline, after: reply)
        if let mark = bad ?? good {
            item.verdict = bad == nil ? .kept : .broken
            item.done = mark.at
            item.agent = timeline.event(mark).by.name
            item.note = bad.flatMap { timeline.field("fault_of_reply", of: $0) }
        }
        body(item)
    }

    /// A consultation's reply that was passed on to the customer was found good.
    private func passedOn(_ timeline: OrderTimeline, after reply: OrderTimeline.Mark) -> OrderTimeline.Mark? {
        timeline.first(.relay, after: reply.index) { ["reached", "no_contact"].contains($0.fields["reached"]) }
            ?? timeline.first(.waiveContact, after: reply.index)
    }

    /// The rule is about false replies alone: so are all penalties that it names.
    private var isAboutTruth: Bool {
        !rule.penalties.isEmpty && rule.penalties.allSatisfy { context.profile.penalty($0)?.trigger == .falseReply }
    }

    // MARK: - written_result

    func writtenResult(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        let unit = timeline.unit(at: timeline.qualified)
        guard let start = rule.start == nil ? timeline.qualified?.at : start(timeline) else {
            if timeline.closedAt == nil { body(item(timeline, at: timeline.order.createdAt, unit: unit)) }
            return
        }
        timedYes(timeline, from: start, timeline.first(.writeResult).map { .done($0) } ?? .open, unit: unit, body)
    }

    /// What a rule without any limit asks for: done it is kept, and an order that ended without it broke it.
    func timedYes(
        _ timeline: OrderTimeline, from start: Int64, _ outcome: Outcome, unit: String?, _ body: (AuditItem) -> Void
    ) {
        timed(timeline, from: start, outcome, due: due(from: start), unit: unit, isOwed: true) {
            var item = $0
            if item.verdict == .shown, rule.limit == nil { item.verdict = .kept }
            body(item)
        }
    }
}

extension OrderTimeline {
    /// The discipline inspection has it: it was handed over, or its finding sent back, and nothing came of that yet.
    var isAtDiscipline: Bool {
        for mark in marks.reversed() {
            switch mark.step {
            case .refer: return true
            case .review: return field("assessment", of: mark) == "unqualified" && known["discipline"] == "yes"
            case .dispatch, .receive, .reply, .disciplineResult: return false
            default: break
            }
        }
        return false
    }
}
