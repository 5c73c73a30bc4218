import Norms
import WorkOrders

/// Judges work orders by one rule. What each measure is about, and when it is kept: docs/audit.md, Orders.
///
/// It is asked of every order of a period, hence no value: rule and calendar would be much to copy each time. Nothing in it
/// changes. The facts are as the audit's moment knows them.
public final class OrderJudge: Sendable {
    public let rule: NormRule
    let context: AuditContext
    let knowledge: OrderKnowledge
    let scope: OrderScope
    /// The document has a list of its own by which orders are sorted.
    let hasTaxonomy: Bool
    private let measure: NormMeasure
    private let kinds: [OrderKind]
    /// Of the same measure, with figures of their own for some of the orders that this rule is about.
    private let narrower: [OrderScope]

    /// - Parameter knowledge: what `OrderTimeline` was given, too.
    /// - Returns: nil where the rule has no measure of orders.
    public init?(_ rule: NormRule, _ context: AuditContext, _ knowledge: OrderKnowledge = OrderKnowledge()) {
        guard let measure = rule.measure, measure.subject == .order else { return nil }
        self.rule = rule
        self.context = context
        self.knowledge = knowledge
        self.measure = measure
        kinds = Self.kinds(measure)
        hasTaxonomy = knowledge.hasTaxonomy(context.profile.id)
        let scope = OrderScope(rule, in: context.profile)
        self.scope = scope
        guard case .within? = rule.limit else {
            narrower = []
            return
        }
        narrower = context.profile.rules.compactMap { other in
            guard other.id != rule.id, other.measure == measure, case .within? = other.limit else { return nil }
            let narrow = OrderScope(other, in: context.profile)
            return narrow.isNarrower(than: scope) ? narrow : nil
        }
    }

    /// What the rule says of an order, in the order in which it happened.
    public func items(for timeline: OrderTimeline) -> [AuditItem] {
        var items: [AuditItem] = []
        forEach(in: timeline) { items.append($0) }
        return items
    }

    /// The same one by one, without a list.
    public func forEach(in timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        let created = timeline.order.createdAt
        guard kinds.contains(timeline.kind), context.from <= created, created < context.to else { return }
        let reason: String?
        switch scope.admits(timeline) {
        case .no: return
        case .yes: reason = timeline.isMerged ? OrderReason.merged : nil
        case .unknown(let why): reason = timeline.isMerged ? OrderReason.merged : why
        }
        guard !narrower.contains(where: { $0.admits(timeline) == .yes }) else { return }
        guard let reason else { return judge(timeline, body) }
        judge(timeline) { body(AuditItem($0.subject, .notJudged(reason), at: $0.at, agent: $0.agent, unit: $0.unit)) }
    }

    /// The lives that know what a measure is about.
    private static func kinds(_ measure: NormMeasure) -> [OrderKind] {
        switch measure {
        case .orderDispatch: [.complaint, .consultation, .fault, .application, .suggestion, .information]
        case .orderReply: [.complaint, .consultation, .suggestion]
        case .replyQualified: [.complaint, .consultation]
        case .redispatch: [.complaint, .fault]
        case .returnVisit, .returnVisitCoverage: [.complaint, .fault, .application]
        case .firstContact, .hotlineContact, .followUpVisit, .writtenResult, .correction, .disciplineHandover,
            .majorReport, .emergencySteps:
            [.complaint]
        case .crewNotified, .faultArrival, .faultRestored: [.fault]
        // What no order shows is said of the orders that come nearest.
        case .planAnswer, .energised, .meterConnected, .applicationTotal, .disconnectionNotice, .reconnection,
            .meterTest:
            [.application]
        default: OrderKind.allCases
        }
    }

    private func judge(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        switch measure {
        case .orderRecordComplete: record(timeline, body)
        case .orderClassified: classified(timeline, body)
        case .orderDispatch: dispatch(timeline, body)
        case .orderRouted: routed(timeline, body)
        case .orderReturn: giveBack(timeline, body)
        case .firstContact: firstContact(timeline, body)
        case .orderReply: reply(timeline, body)
        case .hotlineContact: hotlineContact(timeline, body)
        case .returnVisit: returnVisit(timeline, body)
        case .returnVisitCoverage: visited(timeline, body)
        case .followUpVisit: followUp(timeline, body)
        case .redispatch: redispatch(timeline, body)
        case .replyQualified: replyQualified(timeline, body)
        case .writtenResult: writtenResult(timeline, body)
        case .correction: correction(timeline, body)
        case .firstTimeResolution: firstTime(timeline, body)
        case .repeatWarned: repeatWarned(timeline, body)
        case .orderArchived: archived(timeline, body)
        case .confidentialityKept: confidential(timeline, body)
        case .disciplineHandover: discipline(timeline, body)
        case .majorReport: majorReport(timeline, body)
        case .emergencySteps: emergency(timeline, body)
        case .acceptanceDecision: acceptance(timeline, body)
        case .leaderSignature: unknowable(timeline, OrderReason.signature, body)
        case .crewNotified: crewNotified(timeline, body)
        case .faultArrival: arrival(timeline, body)
        case .faultRestored: restored(timeline, body)
        case .planAnswer: planAnswer(timeline, body)
        case .energised: energised(timeline, body)
        case .meterConnected: meterConnected(timeline, body)
        case .applicationTotal: applicationTotal(timeline, body)
        case .disconnectionNotice: unknowable(timeline, OrderReason.disconnection, body)
        case .reconnection: unknowable(timeline, OrderReason.payment, body)
        case .meterTest: unknowable(timeline, OrderReason.meterTest, body)
        // Of other subjects than orders: `init` refuses them.
        default: break
        }
    }

    // MARK: - What the measures share

    /// An item of an order, without a verdict yet.
    func item(
        _ timeline: OrderTimeline, _ verdict: AuditItem.Verdict = .pending, at: Int64, unit: String? = nil,
        note: String? = nil
    ) -> AuditItem {
        AuditItem(.order(timeline.order.number), verdict, at: at, unit: unit, note: note)
    }

    func unknowable(_ timeline: OrderTimeline, _ reason: String, _ body: (AuditItem) -> Void) {
        body(item(timeline, .notJudged(reason), at: timeline.order.createdAt))
    }

    /// Until when; nil where the rule has no figure.
    func due(from start: Int64) -> OrderDue? {
        if case .within(let amount)? = rule.limit, amount.unit == .seconds {
            return OrderDue(at: start + Int64(amount.count) * 1_000_000)
        }
        return rule.due(from: start, by: context.clock).map { OrderDue($0) }
    }

    /// How what was owed came out.
    enum Outcome {
        case done(OrderTimeline.Mark)
        /// Given up, for a reason: not judged where that was in time.
        case givenUp(OrderTimeline.Mark, String)
        /// It could not be done.
        case impossible(OrderTimeline.Mark, String)
        /// Somebody else's from then on, or nobody's.
        case handedOn(Int64)
        case open
    }

    /// What has a limit in time.
    /// - Parameters:
    ///   - due: nil: no figure.
    ///   - isOwed: an order that ended without it broke the rule, figure or not.
    func timed(
        _ timeline: OrderTimeline, from start: Int64, _ outcome: Outcome, due: OrderDue?, unit: String?,
        isOwed: Bool = false, _ body: (AuditItem) -> Void
    ) {
        var item = item(timeline, at: start, unit: unit)
        item.due = due?.at
        switch outcome {
        case .done(let mark):
            item.done = mark.at
            item.milliseconds = max(0, mark.at - start) / 1000
            item.agent = timeline.event(mark).by.name
            item.verdict = due.map { $0.isMet(at: mark.at) ? .kept : .broken } ?? .shown
        case .givenUp(let mark, let reason):
            item.verdict = due?.isMet(at: mark.at) == false ? .broken : .notJudged(reason)
        case .impossible(_, let reason): item.verdict = .notJudged(reason)
        case .handedOn(let at):
            guard let due, !due.isMet(at: at) else { return }
            item.verdict = .broken
        case .open:
            if timeline.closedAt != nil {
                guard due != nil || isOwed else { return }
                item.verdict = .broken
                item.note = "the order ended without it"
            } else if due?.isMet(at: context.asOf) == false {
                item.verdict = .broken
            }
        }
        body(item)
    }

    /// When the rule's time begins, of those events that an order has one of.
    /// - Returns: nil where it has not happened, or where orders do not show it (`isShown`).
    func start(_ timeline: OrderTimeline) -> Int64? {
        switch rule.start {
        case .orderCreated?: timeline.order.createdAt
        case .accepted?, .occurred?, nil: timeline.acceptedAt ?? timeline.order.createdAt
        case .faultReported?, .applied?: timeline.cameInAt
        case .orderAudited?: timeline.first(.audit) { $0.fields["verdict"] == "passed" }?.at
        case .orderReceived?: timeline.stays.first.flatMap { receipt($0, timeline) }
        case .replyArchived?: timeline.qualified?.at
        case .materialReceived?, .solved?: timeline.standingReply?.at
        case .crewArrived?: timeline.first(.arrive)?.at
        case .inspected?: timeline.first(.inspect) { $0.fields["inspection"] == "passed" }?.at
        case .formalitiesComplete?: timeline.first(.completeFormalities)?.at
        case .ringing?, .askedForPerson?, .callEnded?, .paid?, .outage?, .period?: nil
        }
    }

    /// Whether an order can show the start at all.
    var isStartShown: Bool {
        switch rule.start {
        case .ringing?, .askedForPerson?, .callEnded?, .paid?, .outage?, .period?: false
        default: true
        }
    }

    /// When a department had the order: it signed, or, where its life knows no signing, it was sent there.
    func receipt(_ stay: OrderTimeline.Stay, _ timeline: OrderTimeline) -> Int64? {
        timeline.kind.hasReceipt ? stay.receivedAt : stay.dispatch.at
    }
}
