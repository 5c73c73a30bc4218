import Norms
import WorkOrders

// What is written down: fields, classes, the file of a closed order; and who must not see it.

extension OrderJudge {
    // MARK: - order_record_complete

    /// What the rule's items of the catalogue ask for; without such, what accepting asks for.
    func record(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        let items = Set(rule.items)
        if items.contains("A38") { return resultAndContact(timeline, body) }
        if items.contains("A36") { return intakeRecording(timeline, body) }
        if items.contains("A37"), rule.scope.kinds.contains("customer_owned") { return priceTold(timeline, body) }
        var item = item(timeline, at: timeline.acceptedAt ?? timeline.order.createdAt)
        guard let accept = timeline.first(.accept) else {
            if timeline.closedAt != nil {
                item.verdict = .broken
                item.note = "not accepted"
            }
            return body(item)
        }
        item.agent = timeline.event(accept).by.name
        var asked: [String] = []
        for entry in Self.asked where items.contains(entry.item) {
            asked += entry.fields.filter { !asked.contains($0) }
        }
        let missing = (asked.isEmpty ? Self.needs(timeline.kind) : asked).filter { !isGiven($0, timeline) }
        // Whose fault it is shows when somebody looks.
        let isWaiting = missing == ["responsibility"] && timeline.closedAt == nil
        if !isWaiting { item.verdict = missing.isEmpty ? .kept : .broken }
        if !missing.isEmpty { item.note = "without \(missing.joined(separator: ", "))" }
        body(item)
    }

    /// Fields by the catalogue's item, in the order in which they are named as missing.
    private static let asked: [(item: String, fields: [String])] = [
        ("A23", ["channel"]), ("A29", ["channel"]), ("B6", ["channel"]), ("A34", ["content", "place", "contact"]),
        ("A35", ["content", "named customer", "named contact"]), ("A37", ["content", "place", "responsibility"]),
        ("A40", ["content", "customer", "contact"]), ("A41", ["content", "customer", "contact"]),
        ("A42", ["content", "customer"]),
    ]

    /// What a life's `accept` needs.
    private static func needs(_ kind: OrderKind) -> [String] {
        switch kind {
        case .complaint:
            ["content", "channel", "identity", "topic", "named customer", "named contact", "external_body"]
        case .fault: ["content", "channel", "place"]
        case .application: ["content", "channel", "supply", "customer", "contact", "place"]
        case .consultation, .suggestion, .information: ["content", "channel"]
        case .callback, .unknown: ["channel"]
        }
    }

    private func isGiven(_ name: String, _ timeline: OrderTimeline) -> Bool {
        let known = timeline.known
        let isAnonymous = known["identity"] == "anonymous"
        switch name {
        // Of a consultation it is the question.
        case "content": return known["content"] != nil || known["question"] != nil
        // Whoever calls with a number can be reached by it.
        case "contact":
            return isAnonymous || known["contact"] != nil || known["call_back"] != nil || timeline.order.caller != nil
        case "customer": return isAnonymous || known["customer"] != nil
        case "named customer": return known["identity"] != "named" || known["customer"] != nil
        case "named contact": return known["identity"] != "named" || known["contact"] != nil
        case "external_body": return known["channel"] != "external_body" || known["external_body"] != nil
        case "responsibility": return timeline.responsibility != nil
        default: return known[name] != nil
        }
    }

    /// A recording goes with the order as is needed (000-G 第十四条): nothing is broken where none does.
    private func intakeRecording(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        let has =
            timeline.order.recordings.contains { $0.role == "call" || $0.role == "message" }
            || timeline.first(.accept) { $0.fields["recording"] != nil } != nil
        body(
            item(
                timeline, has ? .kept : .shown, at: timeline.order.createdAt,
                note: has ? nil : "no recording of the intake"))
    }

    /// Before anything is done for money the customer is told so.
    private func priceTold(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard
            let paid = timeline.marks.first(where: { $0.step == .offerPaid || $0.step == .findCustomerSide })
        else { return }
        var item = item(timeline, at: paid.at, unit: timeline.event(paid).by.unit)
        item.done = paid.at
        item.agent = timeline.event(paid).by.name
        item.verdict = timeline.field("price_told", of: paid) == "yes" ? .kept : .broken
        body(item)
    }

    private static let contacts: Set<OrderStep> = [
        .contact, .directorContact, .relay, .answer, .revisit, .guide, .answerPlan, .waiveContact, .waiveVisit, .leave,
        .withdraw,
    ]

    /// 工单处理结果和联系客户情况, of orders that are over.
    private func resultAndContact(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard ![.information, .callback, .unknown].contains(timeline.kind) else { return }
        var item = item(timeline, at: timeline.order.createdAt, unit: timeline.unit(at: nil))
        if timeline.closedAt != nil {
            var missing: [String] = []
            if !hasResult(timeline) { missing.append("result") }
            if !timeline.marks.contains(where: { Self.contacts.contains($0.step) }) { missing.append("contact") }
            item.verdict = missing.isEmpty ? .kept : .broken
            if !missing.isEmpty { item.note = "without \(missing.joined(separator: ", "))" }
        }
        body(item)
    }

    /// What came of it, in the words of its life.
    private func hasResult(_ timeline: OrderTimeline) -> Bool {
        switch timeline.kind {
        case .complaint, .suggestion: timeline.known["result"] != nil
        case .consultation: timeline.known["answer"] != nil
        case .fault: timeline.supplied != nil || timeline.has(.leave)
        case .application: timeline.supplied != nil || timeline.has(.withdraw)
        case .information, .callback, .unknown: true
        }
    }

    // MARK: - order_classified

    func classified(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        var item = item(timeline, at: timeline.acceptedAt ?? timeline.order.createdAt)
        let items = Set(rule.items)
        let isOver = timeline.closedAt != nil
        if items.contains("A30") {
            // Counted apart by who passed it on.
            item.verdict = timeline.known["external_body"] == nil ? .broken : .kept
        } else if items.contains("A44") || items.contains("A110") {
            // Whether it counts as a complaint shows when it was looked into (000-G 第九条).
            if timeline.known["finding"] != nil { item.verdict = .kept } else if isOver { item.verdict = .broken }
        } else if items.contains("A46") {
            // 越级 is what the document itself calls major; the rest stands in an annex that is missing.
            let isPassedOn = timeline.known["channel"] == "external_body"
            item.verdict = isPassedOn ? .kept : .notJudged(OrderReason.majorList)
        } else if !hasTaxonomy {
            item.verdict = .notJudged(OrderReason.taxonomy)
        } else if let text = timeline.known["item"] {
            let isOwn = text.hasPrefix(context.profile.id + "/")
            item.verdict = isOwn ? .kept : .broken
            if !isOwn { item.note = "of another list: \(text)" }
        } else if isOver || !timeline.stays.isEmpty {
            item.verdict = .broken
            item.note = "without item"
        }
        body(item)
    }

    // MARK: - order_archived

    /// Closed with everything on file.
    func archived(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        let archive = timeline.marks.last { $0.step == .archive }
        var item = item(timeline, at: timeline.order.createdAt, unit: timeline.unit(at: archive))
        if timeline.closedAt != nil {
            var missing: [String] = []
            if timeline.acceptedAt == nil { missing.append("intake") }
            if timeline.kind == .complaint, timeline.qualified == nil { missing.append("review") }
            if !hasResult(timeline) { missing.append("answer") }
            if rule.items.contains("A39") { missing += material(timeline) }
            if archive == nil { missing.append("archive") }
            item.verdict = missing.isEmpty ? .kept : .broken
            if !missing.isEmpty { item.note = "without \(missing.joined(separator: ", "))" }
            item.done = archive?.at
            item.agent = archive.map { timeline.event($0).by.name }
        }
        body(item)
    }

    /// What 000-L 第二十一条 asks for beyond form and answer.
    private func material(_ timeline: OrderTimeline) -> [String] {
        var missing: [String] = []
        let known = timeline.known
        if known["evidence"] == nil, known["document"] == nil { missing.append("evidence") }
        if known["finding"] == "substantiated" {
            if known["cause"] == nil { missing.append("analysis") }
            if known["corrective_action"] == nil { missing.append("corrective action") }
        }
        return missing
    }

    // MARK: - confidentiality_kept

    /// From when it was secret and about somebody, that department did nothing in it and got nothing of it.
    func confidential(_ timeline: OrderTimeline, _ body: (AuditItem) -> Void) {
        guard timeline.isConfidential else { return }
        guard timeline.known["reported_department"] != nil else {
            return unknowable(timeline, OrderReason.reported, body)
        }
        let order = timeline.order
        var isSecret = order.category == "report" || order.fields["confidential"] == "yes"
        var isProtected = false
        var reported = order.fields["reported_department"]
        var copies: [String] = []
        for step in order.steps {
            if step.step == "protect" { isProtected = true }
            if let text = step.fields["confidential"], order.category != "report" { isSecret = text == "yes" }
            isSecret = isSecret || isProtected
            reported = step.fields["reported_department"] ?? reported
            if let text = step.fields["copies"] { copies = OrderVocabulary.list(text) }
            guard isSecret, let reported else { continue }
            // A copy once named goes with every dispatch.
            let isSent = step.fields["copies"] != nil || step.step == "dispatch" || step.step == "notify_crew"
            guard
                step.by.unit == reported || step.fields["department"] == reported || step.fields["crew"] == reported
                    || isSent && copies.contains(reported)
            else { continue }
            var item = item(timeline, .broken, at: order.createdAt, unit: reported, note: "by the step \(step.step)")
            item.done = step.happenedAt
            return body(item)
        }
        body(item(timeline, .kept, at: order.createdAt))
    }
}
