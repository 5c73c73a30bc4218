import Audit
import Norms
import Testing
import WorkOrders

/// Every rule on orders, and random lives through all of them.
@Suite struct OrderJudgeTests {
    typealias Facts = OrderFacts

    private static let measures = NormMeasure.allCases.filter { $0.subject == .order }

    /// Rules of other subjects have no judge here, all others have one.
    @Test func everyRuleOnOrdersHasAJudge() throws {
        var judged: Set<NormMeasure> = []
        for profile in try Facts.profiles() {
            let context = try Facts.context(profile, asOf: Facts.at("2026-12-31"))
            for rule in profile.rules {
                let judge = OrderJudge(rule, context)
                #expect((judge != nil) == (rule.measure?.subject == .order), "\(rule.id)")
                if judge != nil, let measure = rule.measure { judged.insert(measure) }
            }
        }
        // A measure that no rule uses would be code that nothing tests.
        #expect(judged == Set(Self.measures))
    }

    /// Lives as chance makes them, of all kinds: each rule says something of some of them, and what it says hangs together.
    /// Merged, an order has the same items, and none of them is judged.
    @Test func everyRuleHasItemsFromOrdersAsLivesWriteThem() throws {
        let orders = try Self.orders()
        #expect(orders.filter { $0.closedAt != nil }.count * 4 > orders.count)
        let asOf = Facts.at("2026-05-01")
        var verdicts: [NormMeasure: Set<String>] = [:]
        for profile in try Facts.profiles() {
            let context = try Facts.context(profile, asOf: asOf)
            let knowledge = try Facts.knowledge(profile.id)
            let timelines = orders.map { OrderTimeline($0, knowledge) }
            let merged = orders.filter { $0.closedAt == nil }.map { OrderTimeline(Self.merged($0), knowledge) }
            for rule in profile.rules {
                guard let judge = OrderJudge(rule, context, knowledge), let measure = rule.measure else { continue }
                var figure = AuditFigure(rule: rule)
                var open = 0
                for timeline in timelines {
                    for item in judge.items(for: timeline) {
                        if let objection = objection(to: item, timeline.order, asOf, rule) {
                            Issue.record("\(rule.id), \(timeline.order.number): \(objection)")
                        }
                        figure.add(item)
                        verdicts[measure, default: []].insert(Self.word(item.verdict))
                        if timeline.order.closedAt == nil { open += 1 }
                    }
                }
                #expect(figure.all > 0, "\(rule.id) says nothing of any order")
                let away = merged.flatMap { judge.items(for: $0) }
                #expect(away.allSatisfy { $0.verdict == .notJudged("merged into another order") }, "\(rule.id)")
                #expect(away.count == open, "\(rule.id)")
            }
        }
        // What can be kept at all is kept by some and broken by others.
        let either: [NormMeasure] = [
            .orderRecordComplete, .orderClassified, .orderDispatch, .orderRouted, .orderReturn, .firstContact,
            .orderReply, .returnVisit, .returnVisitCoverage, .replyQualified, .writtenResult, .orderArchived,
            .majorReport, .faultArrival, .planAnswer, .energised, .meterConnected, .applicationTotal,
        ]
        for measure in either {
            #expect(verdicts[measure]?.isSuperset(of: ["kept", "broken"]) == true, "\(measure.rawValue)")
        }
    }

    /// An open order goes on under another number; it ends with that.
    private static func merged(_ order: AuditOrder) -> AuditOrder {
        var order = order
        let at = order.steps.last?.enteredAt ?? order.createdAt
        order.steps.append(
            OrderEvent(
                step: "merge", by: OrderActor(name: "1002", role: "shift_leader"), happenedAt: at, enteredAt: at,
                fields: ["into": "20260105-9999"]))
        order.closedAt = at
        return order
    }

    /// What does not hang together in an item; nil where all does. Thousands of items are looked at.
    private func objection(to item: AuditItem, _ order: AuditOrder, _ asOf: Int64, _ rule: NormRule) -> String? {
        if item.subject != .order(order.number) { return "of another order" }
        if item.milliseconds ?? 0 < 0 || item.done ?? 0 > asOf { return "in the future" }
        let isFirstTime = rule.measure == .firstTimeResolution
        switch item.verdict {
        case .pending:
            if item.due ?? .max < asOf || item.done != nil { return "late, or done, and pending" }
            return order.closedAt != nil && !isFirstTime ? "over, and pending" : nil
        case .kept:
            return item.done ?? .min > item.due ?? .max ? "late, and kept" : nil
        case .broken:
            // A return without a reason, and whoever comes again in time, break the rule before it is due.
            guard let due = item.due, let done = item.done, !isFirstTime, rule.measure != .orderReturn else {
                return nil
            }
            return done < due ? "in time, and broken" : nil
        case .shown:
            return rule.limit != nil && rule.limit != .atOnce ? "shown in spite of its figure" : nil
        case .notJudged(let reason):
            return reason.isEmpty || item.done != nil || item.milliseconds != nil ? "not judged, and measured" : nil
        }
    }

    private static func word(_ verdict: AuditItem.Verdict) -> String {
        switch verdict {
        case .kept: "kept"
        case .broken: "broken"
        case .pending: "pending"
        case .shown: "shown"
        case .notJudged: "not judged"
        }
    }

    // MARK: - Orders by chance

    private static func orders() throws -> [AuditOrder] {
        let lives = [
            ("complaint", "dazu", 14), ("complaint", "guangde", 10), ("complaint", "yongqiang", 14),
            ("report", "yongqiang", 10), ("report", "marketing", 6), ("fault", "zhejiang", 14),
            ("business", "zhejiang", 14), ("consultation", "yongqiang", 10), ("suggestion", "dazu", 4),
            ("information", "dazu", 2), ("callback", "dazu", 2),
        ]
        var orders: [AuditOrder] = []
        for (category, policy, count) in lives {
            for _ in 0..<count {
                var chance = OrderChance(seed: UInt64(orders.count * 2 + 1))
                orders.append(try chance.order(category, policy, number: orders.count))
            }
        }
        return orders
    }
}

/// Walks an order through its life by chance, the same way each time.
private struct OrderChance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    private mutating func one(in count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    mutating func order(_ category: String, _ policy: String, number: Int) throws -> AuditOrder {
        let created = OrderFacts.at("2026-01-05") + Int64.random(in: 0..<60 * OrderFacts.day, using: &self)
        var trail = try OrderTrail(category, policy)
        trail.order.number = "20260105-\(number)"
        trail.order.createdAt = created
        trail.order.caller = one(in: 8) ? nil : "13900000001"
        trail.order.earlierOfCaller = one(in: 3) ? 1 : 0
        trail.now = created
        let words = trail.life.rules.vocabulary
        for _ in 0..<120 where !trail.life.isFinal {
            guard let step = step(trail.life) else { break }
            let roles = trail.life.doers(of: step)
            let role = roles.randomElement(using: &self) ?? "agent"
            let unit = words.roles[role]?.unitField.flatMap { trail.life.fields[$0] }
            var fields: [String: String] = [:]
            for name in step.needs.flatMap(\.fields) { fields[name] = value(name, words, trail.now) }
            for name in step.takes where one(in: 2) { fields[name] = value(name, words, trail.now) }
            let pause = Int64.random(in: 0..<(one(in: 3) ? 12 : 1) * Self.pace(category), using: &self)
            guard trail.now + pause < OrderFacts.at("2026-05-01") else { break }
            // Chance asks for much that a life refuses.
            do {
                try trail.step(
                    step.id, by: OrderActor(name: "1001", role: role, unit: unit), fields, why: "原因",
                    when: trail.now + pause)
            } catch is OrderRefusal { continue }
        }
        return trail.order
    }

    /// How long a step takes, mostly at most.
    private static func pace(_ category: String) -> Int64 {
        switch category {
        case "fault": 12 * OrderFacts.minute
        case "business": 20 * OrderFacts.hour
        default: 5 * OrderFacts.hour
        }
    }

    /// What moves an order on is done most, what ends it early seldom, what stands beside it now and then.
    private mutating func step(_ life: OrderLife) -> OrderLifeRules.Step? {
        if life.state == OrderLifeRules.unborn { return life.rules.step("accept") }
        let never: Set = ["merge", "convert", "acknowledge", "absorb", "remind", "note", "supervise"]
        let seldom: Set = ["withdraw", "leave", "refer", "recall", "return", "waive_visit", "waive_contact"]
        let isSeldom = one(in: 5)
        let open = life.openSteps.filter { !never.contains($0.id) && (isSeldom || !seldom.contains($0.id)) }
        let moving = open.filter { step in step.cases.contains { $0.to != nil } }
        return (one(in: 3) || moving.isEmpty ? open : moving).randomElement(using: &self)
    }

    private mutating func value(_ name: String, _ words: OrderVocabulary, _ now: Int64) -> String {
        switch name {
        case "external_body": return ["12398 热线", "市 12345 热线", "消协"].randomElement(using: &self) ?? ""
        // Most of what is found should lead on.
        case "reached" where !one(in: 4): return "reached"
        case "verdict" where !one(in: 6): return "passed"
        case "assessment" where !one(in: 4): return "qualified"
        case "price_told": return "yes"
        default: break
        }
        switch words.fields[name]?.kind {
        case .choice(let values): return values.randomElement(using: &self) ?? ""
        case .department: return words.departments.keys.sorted().randomElement(using: &self) ?? ""
        case .departments: return "marketing, safety"
        case .instant: return "\(now + Int64.random(in: OrderFacts.day..<20 * OrderFacts.day, using: &self))"
        case .order: return "20260101-0001"
        case .item: return words.items.keys.sorted().randomElement(using: &self) ?? ""
        default: return "有"
        }
    }
}
