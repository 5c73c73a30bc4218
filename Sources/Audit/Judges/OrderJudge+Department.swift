import Norms
import WorkOrders

// The way to the department and back: dispatch, routing, return, first contact, dispatch again.

extension OrderJudge {
    // MARK: - order_dispatch

    /// Each time that the order had to go out: once it was made or audited, and after each return, recall or bad visit.
    func dispatch(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard isStartShown else { return unknowable(timeline, OrderReason.start, body) }
        // Of what has to go out, since when; of the first time the rule says from when.
        var owed: Owed? = timeline.kind == .consultation ? nil : .first
        for mark in timeline.marks {
            switch mark.step {
            case .audit where rule.start == .orderAudited && timeline.field("verdict", of: mark) == "passed":
                if owed?.isFirst == true { owed = Owed(since: mark.at, isFirst: true) }
            case .dispatch, .notifyCrew:
                guard let open = owed else { break }
                owed = nil
                dispatched(timeline, open, mark, body)
            case .sendOn, .giveBack, .recall: owed = owed ?? Owed(since: mark.at)
            case .revisit where timeline.kind != .application && timeline.field("handling", of: mark) == "bad":
                owed = owed ?? Owed(since: mark.at)
            case .refer, .withdraw, .leave: endDispatch(timeline, &owed, at: mark.at, body)
            case .guide where timeline.field("solved", of: mark) == "yes":
                endDispatch(timeline, &owed, at: mark.at, body)
            // Whoever has to know of an information may be nobody.
            case .archive where timeline.kind == .information: endDispatch(timeline, &owed, at: mark.at, body)
            default: break
            }
        }
        guard let open = owed else { return }
        guard let since = open.since ?? firstDispatch(timeline) else {
            // It waits for its audit.
            if timeline.closedAt == nil { body(item(timeline, at: timeline.order.createdAt)) }
            return
        }
        timed(timeline, from: since, .open, due: due(from: since), unit: nil, body)
    }

    /// That the order has to go out.
    private struct Owed {
        /// Nil: the rule's own start counts.
        var since: Int64?
        var isFirst = false

        static let first = Owed(since: nil, isFirst: true)
    }

    private func firstDispatch(_ timeline: OrderTimeline) -> Int64? {
        rule.start == .orderAudited ? nil : start(timeline)
    }

    private func dispatched(
        _ timeline: OrderTimeline, _ owed: Owed, _ mark: OrderTimeline.Mark, _ body: (AuditItem) -> Void
    ) {
        let unit = timeline.field(mark.step == .notifyCrew ? "crew" : "department", of: mark)
        guard let since = owed.since ?? firstDispatch(timeline) else {
            body(item(timeline, .notJudged(OrderReason.noAudit), at: mark.at, unit: unit))
            return
        }
        timed(timeline, from: since, .done(mark), due: due(from: since), unit: unit, body)
    }

    /// It goes nowhere any more.
    private func endDispatch(
        _ timeline: OrderTimeline, _ owed: inout Owed?, at: Int64, _ body: (AuditItem) -> Void
    ) {
        guard let open = owed else { return }
        owed = nil
        guard let since = open.since ?? firstDispatch(timeline) else { return }
        timed(timeline, from: since, .handedOn(at), due: due(from: since), unit: nil, body)
    }

    // MARK: - order_routed

    /// Each dispatch, by the routing rule that the order fell under then, where that is this rule's clause.
    func routed(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard !timeline.stays.isEmpty else { return }
        let clause = "\(rule.source) \(rule.clause)"
        guard knowledge.vocabulary != nil, let routing = knowledge.routing,
            routing.rules.contains(where: { $0.clause == clause })
        else {
            body(item(timeline, .notJudged(OrderReason.routing), at: timeline.stays[0].dispatch.at))
            return
        }
        for stay in timeline.stays {
            guard let route = stay.route, route.clause == clause else { continue }
            guard stay.isTopicKnown else {
                body(item(timeline, .notJudged(OrderReason.topic), at: stay.dispatch.at, unit: stay.unit))
                continue
            }
            var item = item(timeline, .kept, at: stay.dispatch.at, unit: stay.unit)
            item.done = stay.dispatch.at
            item.agent = timeline.event(stay.dispatch).by.name
            if stay.unit.map(route.departments.contains) != true {
                item.verdict = .broken
                item.note = "to \(stay.unit ?? "nobody") instead of \(route.departments.joined(separator: " or "))"
            } else {
                let missing = route.copies.filter { !stay.copies.contains($0) }
                if !missing.isEmpty {
                    item.verdict = .broken
                    item.note = "no copy to \(missing.joined(separator: ", "))"
                }
            }
            body(item)
        }
    }

    // MARK: - order_return

    /// Each return. Not to return an order breaks nothing.
    func giveBack(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        for stay in timeline.stays {
            guard let end = stay.end, end.step == .giveBack else { continue }
            // What was sent back unsigned was with the department since it was sent.
            let start = receipt(stay, timeline) ?? stay.dispatch.at
            timed(timeline, from: start, .done(end), due: due(from: start), unit: stay.unit) {
                var item = $0
                if timeline.event(end).why?.isEmpty ?? true {
                    item.verdict = .broken
                    item.note = "no reason"
                }
                body(item)
            }
        }
    }

    // MARK: - first_contact

    func firstContact(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard isStartShown else { return unknowable(timeline, OrderReason.start, body) }
        guard rule.start == .orderReceived else {
            guard let start = start(timeline) else {
                if timeline.closedAt == nil { body(item(timeline, at: timeline.order.createdAt)) }
                return
            }
            let outcome = contact(timeline, anyone: true, after: -1, before: .max) ?? .open
            timed(timeline, from: start, outcome, due: due(from: start), unit: timeline.unit(at: nil), body)
            return
        }
        for stay in timeline.stays {
            guard let received = stay.receivedAt else {
                if stay.end == nil, timeline.closedAt == nil {
                    body(item(timeline, at: stay.dispatch.at, unit: stay.unit))
                }
                continue
            }
            let outcome =
                contact(timeline, anyone: false, after: stay.dispatch.index, before: stay.end?.index ?? .max)
                ?? stay.end.map { .handedOn($0.at) } ?? .open
            timed(timeline, from: received, outcome, due: due(from: received), unit: stay.unit, body)
        }
    }

    /// The first word with the customer between two steps; nil where there was none.
    /// - Parameter anyone: not the department alone.
    private func contact(_ timeline: OrderTimeline, anyone: Bool, after: Int, before: Int) -> Outcome? {
        for mark in timeline.marks where mark.index > after && mark.index < before {
            switch mark.step {
            case .contact, .directorContact, .revisit:
                guard anyone || mark.step == .contact else { break }
                if OrderTimeline.isReached(timeline.event(mark)) { return .done(mark) }
                if timeline.field("reached", of: mark) == "no_contact", mark.step != .revisit {
                    return .impossible(mark, OrderReason.noContact)
                }
            case .waiveContact: return .givenUp(mark, OrderReason.waived)
            default: break
            }
        }
        return nil
    }

    // MARK: - redispatch

    /// Each finding that it was handled badly: at the visit, and, where the rule is about that, at the review (item A105).
    func redispatch(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        let sendsBack = rule.items.contains("A105")
        for mark in timeline.marks {
            switch mark.step {
            case .revisit where timeline.field("handling", of: mark) == "bad":
                let again = timeline.marks.first {
                    $0.index > mark.index && [.dispatch, .notifyCrew, .refer].contains($0.step)
                }
                if again?.step == .refer { continue }
                sentBack(timeline, mark, again, body)
            case .review where sendsBack && timeline.field("assessment", of: mark) == "unqualified":
                let again = timeline.marks.first {
                    $0.index > mark.index && [.reply, .disciplineResult, .review].contains($0.step)
                }
                sentBack(timeline, mark, again?.step == .review ? nil : again, body)
            default: break
            }
        }
    }

    private func sentBack(
        _ timeline: OrderTimeline, _ mark: OrderTimeline.Mark, _ again: OrderTimeline.Mark?,
        _ body: (AuditItem) -> Void
    ) {
        var item = item(timeline, at: mark.at, unit: timeline.unit(at: again) ?? timeline.unit(at: mark))
        if let again {
            item.verdict = .kept
            item.done = again.at
            item.milliseconds = max(0, again.at - mark.at) / 1000
            item.agent = timeline.event(again).by.name
            if again.step == .dispatch || again.step == .notifyCrew {
                item.unit = timeline.stays.first { $0.dispatch.index == again.index }?.unit
            }
        } else if timeline.closedAt != nil {
            item.verdict = .broken
            item.note = "the order ended without it"
        }
        body(item)
    }
}
