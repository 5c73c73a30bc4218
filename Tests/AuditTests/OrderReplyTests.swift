import Audit
import Norms
import Testing
import WorkOrders

/// The answer and its time: edges, holidays, extensions, returns, rework, merging.
@Suite struct OrderReplyTests {
    typealias Facts = OrderFacts

    /// 10 working days from Friday 13 February 2026 are over with 5 March: Spring Festival lies between, two Saturdays are
    /// worked. The last microsecond is in time.
    @Test func lastMicrosecondOverSpringFestival() throws {
        let over = Facts.at("2026-03-06")
        var trail = try OrderTrail.received("yongqiang")
        try trail.reply(at: over - Facts.hour)
        try trail.step("director_contact", "director", ["reached": "reached", "recording": "r"])
        for (when, verdict) in [(over - 1, AuditItem.Verdict.kept), (over, .broken)] {
            var one = trail
            try one.step("review", "director", ["assessment": "qualified"], when: when)
            let items = try Facts.items("yongqiang", "yq-complaint", one.order)
            #expect(items.map(\.verdict) == [verdict])
            #expect(items.first?.due == over && items.first?.done == when)
            #expect(items.first?.at == one.order.createdAt && items.first?.unit == "power_station")
            #expect(items.first?.milliseconds == (when - one.order.createdAt) / 1000)
            #expect(items.first?.agent == "1004")
        }
        // A clock of Monday to Friday would have said 27 February.
        let judge = try Facts.judge("yongqiang", "yq-complaint", asOf: "2026-03-05 23:59")
        #expect(judge.items(for: OrderTimeline(trail.order)).map(\.verdict) == [.pending])
        #expect(try Facts.verdicts("yongqiang", "yq-complaint", trail.order, asOf: "2026-03-06") == [.broken])
    }

    /// 4 working days of the department, from its receipt to its reply: the review is not its affair.
    @Test func departmentsOwnTime() throws {
        var trail = try OrderTrail.received("dazu")
        #expect(try Facts.verdicts("dazu", "dz-reply", trail.order, asOf: "2026-02-26 23:59") == [.pending])
        #expect(try Facts.verdicts("dazu", "dz-reply", trail.order, asOf: "2026-02-27") == [.broken])
        let received = trail.now
        try trail.reply(at: Facts.at("2026-02-26 23:59"))
        let replied = trail.now
        #expect(try Facts.verdicts("dazu", "dz-reply", trail.order, asOf: "2026-03-30") == [.kept])
        // Found bad, it does not stand; the next one comes too late.
        try trail.review("unqualified", fault: "incomplete")
        #expect(try Facts.verdicts("dazu", "dz-reply", trail.order, asOf: "2026-02-27") == [.broken])
        var late = trail
        try late.reply(at: Facts.at("2026-03-02 09:00"))
        try late.review(when: Facts.at("2026-03-09 09:00"))
        var item = try #require(Facts.items("dazu", "dz-reply", late.order).first)
        #expect(item.verdict == .broken && item.at == received && item.done == Facts.at("2026-03-02 09:00"))
        // A bad visit much later changes nothing of it.
        try late.visit("bad")
        item = try #require(Facts.items("dazu", "dz-reply", late.order).first)
        #expect(item.done == Facts.at("2026-03-02 09:00"))
        #expect(replied < item.done ?? 0)
    }

    /// Sent back, an order is the next department's from its own receipt on.
    @Test func returnedOrdersCountFromTheLastReceipt() throws {
        var trail = try OrderTrail.received("dazu")
        try trail.step("return", "station", why: "不属本所", at: "2026-02-14 09:00")
        #expect(try Facts.verdicts("dazu", "dz-reply", trail.order, asOf: "2026-03-30") == [.pending])
        try trail.step("dispatch", "leader", ["department": "customer_centre"], at: "2026-02-25 09:00")
        #expect(try Facts.verdicts("dazu", "dz-reply", trail.order, asOf: "2026-03-30") == [.pending])
        try trail.step("receive", "centre", at: "2026-02-25 10:00")
        try trail.reply("centre", at: Facts.at("2026-03-02 18:00"))
        let items = try Facts.items("dazu", "dz-reply", trail.order)
        #expect(items.map(\.verdict) == [.kept] && items.first?.unit == "customer_centre")
        #expect(items.first?.at == Facts.at("2026-02-25 10:00"))
    }

    // MARK: - Extensions

    private func extended(
        _ policy: String, until: String, asked: String, granted: String, told: Bool = false
    ) throws -> OrderTrail {
        var trail = try OrderTrail.received(policy)
        var fields = ["until": "\(Facts.at(until))", "ground": "complex"]
        fields["customer_told"] = told ? "yes" : nil
        try trail.step("ask_extension", "station", fields, why: "外单位取证", at: asked)
        let approver = trail.life.policy.options["extension_approver"] == "company" ? "company" : "boss"
        try trail.step("grant_extension", approver, why: "同意", at: granted)
        return trail
    }

    /// 002 五: the leader may grant more, 30 working days in all.
    @Test func extensionMovesTheDue() throws {
        let trail = try extended(
            "yongqiang", until: "2026-03-20 12:00", asked: "2026-03-02 09:00", granted: "2026-03-03 09:00")
        var item = try #require(
            Facts.items("yongqiang", "yq-complaint", trail.order, asOf: "2026-03-20 12:00").first)
        #expect(item.verdict == .pending && item.due == Facts.at("2026-03-20 12:00"))
        #expect(try Facts.verdicts("yongqiang", "yq-complaint", trail.order, asOf: "2026-03-20 12:01") == [.broken])
        // Less is granted than was asked for.
        var less = try OrderTrail.received("yongqiang")
        let until = Facts.at("2026-03-20 12:00")
        try less.step("ask_extension", "station", ["until": "\(until)", "ground": "complex"], why: "取证")
        try less.step("grant_extension", "boss", ["until": "\(until - Facts.day)"], why: "同意")
        item = try #require(Facts.items("yongqiang", "yq-complaint", less.order).first)
        #expect(item.due == until - Facts.day)
        // Refused, nothing moves; nor does it by a rule that knows no extension.
        var refused = try OrderTrail.received("yongqiang")
        try refused.step("ask_extension", "station", ["until": "\(until)", "ground": "complex"], why: "取证")
        try refused.step("refuse_extension", "boss", why: "不必")
        #expect(
            try Facts.items("yongqiang", "yq-complaint", refused.order).first?.due == Facts.at("2026-03-06"))
        #expect(
            try Facts.items("regulation-2010", "rg-complaint", trail.order).first?.due == Facts.at("2026-03-06"))
    }

    /// What lies beyond the total counts up to it, and what was over cannot be made longer.
    @Test func extensionHasItsBounds() throws {
        var order = try extended(
            "yongqiang", until: "2026-03-20 12:00", asked: "2026-03-02 09:00", granted: "2026-03-03 09:00"
        ).order
        let grant = try #require(order.steps.indices.last)
        order.steps[grant].fields["until"] = "\(Facts.at("2026-06-01"))"
        let total = try #require(Facts.items("yongqiang", "yq-complaint", order).first?.due)
        // 30 working days from 13 February: 2 April.
        #expect(total == Facts.at("2026-04-03"))
        order.steps[grant].happenedAt = Facts.at("2026-03-06")
        #expect(try Facts.items("yongqiang", "yq-complaint", order).first?.due == Facts.at("2026-03-06"))
        order.steps[grant].happenedAt -= 1
        #expect(try Facts.items("yongqiang", "yq-complaint", order).first?.due == Facts.at("2026-04-03"))
    }

    /// 000-G 第十五条: no total, but the customer is told the reason first. 12398: 30 days on top.
    @Test func extensionConditions() throws {
        let told = try extended(
            "dazu", until: "2026-03-20 12:00", asked: "2026-02-24 09:00", granted: "2026-02-25 09:00", told: true)
        #expect(try Facts.items("dazu", "dz-reply", told.order).first?.due == Facts.at("2026-03-20 12:00"))
        var untold = told.order
        let ask = try #require(untold.steps.lastIndex { $0.step == "ask_extension" })
        untold.steps[ask].fields["customer_told"] = nil
        #expect(try Facts.items("dazu", "dz-reply", untold).first?.due == Facts.at("2026-02-27"))
        var outside = told.order
        outside.steps[0].fields["channel"] = "external_body"
        outside.steps[0].fields["external_body"] = "12398 热线"
        let grant = try #require(outside.steps.indices.last)
        outside.steps[grant].fields["until"] = "\(Facts.at("2026-12-01"))"
        // 60 days and 30 from 13 February, and no more.
        #expect(try Facts.items("energy-12398", "en-finish", outside).first?.due == Facts.at("2026-05-15"))
    }

    // MARK: - Which rule

    /// 000-P 5: 5 days; special or major ones have a rule of their own with 10.
    @Test func specialCasesHaveTheirOwnRule() throws {
        let ordinary = try OrderTrail.received("marketing").order
        #expect(try Facts.items("marketing", "mk-solve", ordinary).first?.due == Facts.at("2026-02-19"))
        #expect(try Facts.items("marketing", "mk-special", ordinary).isEmpty)
        let major = try OrderTrail.received("marketing", "complaint", ["severity": "major"]).order
        #expect(try Facts.items("marketing", "mk-solve", major).isEmpty)
        #expect(try Facts.items("marketing", "mk-special", major).first?.due == Facts.at("2026-02-24"))
        let special = try extended(
            "marketing", until: "2026-02-20 12:00", asked: "2026-02-14 09:00", granted: "2026-02-14 10:00"
        ).order
        #expect(try Facts.items("marketing", "mk-solve", special).isEmpty)
        #expect(try Facts.items("marketing", "mk-special", special).first?.due == Facts.at("2026-02-24"))
    }

    /// The channel says which rule holds: 4 working days, 7 days, 10 working days, 10 days.
    @Test func channelsHaveTheirOwnRules() throws {
        let rules = ["ha-complaint", "ha-report", "ha-12345", "ha-12398", "ha-other"]
        func asked(_ fields: [String: String]) throws -> [String] {
            let order = try OrderTrail.received("supply-station", "complaint", fields).order
            return try rules.filter { try !Facts.items("sgcc-huaian-2021", $0, order).isEmpty }
        }
        #expect(try asked([:]) == ["ha-complaint"])
        #expect(try asked(["channel": "voice_mailbox"]) == ["ha-complaint"])
        #expect(try asked(["channel": "external_body", "external_body": "市 12345 热线"]) == ["ha-12345"])
        #expect(try asked(["channel": "external_body", "external_body": "国家能源局监管办"]) == ["ha-12398"])
        #expect(try asked(["channel": "external_body", "external_body": "消协"]) == ["ha-other"])
        #expect(try asked(["channel": "box"]) == ["ha-other"])
        // A body that nobody named could be any of them.
        var order = try OrderTrail.received("supply-station").order
        order.steps[0].fields["channel"] = "external_body"
        for rule in ["ha-12345", "ha-12398", "ha-other"] {
            #expect(
                try Facts.verdicts("sgcc-huaian-2021", rule, order)
                    == [.notJudged("which body outside passed it on is not known")])
        }
        #expect(try Facts.verdicts("sgcc-huaian-2021", "ha-complaint", order).isEmpty)
        order.steps[0].fields["channel"] = "pigeon"
        #expect(try Facts.verdicts("sgcc-huaian-2021", "ha-other", order) == [.notJudged("the channel is not known")])
    }

    @Test func lettersAndVisits() throws {
        let letter = try OrderTrail.received("supply-station", "complaint", ["channel": "letter"]).order
        let call = try OrderTrail.received("supply-station").order
        // 15 days by letter; no figure: the time is shown, here there is none yet.
        #expect(try Facts.items("letters-farmers", "lf-handle", letter).first?.due == Facts.at("2026-03-01"))
        #expect(try Facts.items("letters-farmers", "lf-handle", call).isEmpty)
        #expect(try Facts.verdicts("letters-labour", "ll-every-letter", letter) == [.pending])
        // 一般 30 days, 重要 90.
        #expect(try Facts.items("letters-tax", "lt-ordinary", letter).first?.due == Facts.at("2026-03-16"))
        #expect(try Facts.items("letters-tax", "lt-complex", letter).isEmpty)
        let serious = try OrderTrail.received(
            "supply-station", "complaint", ["channel": "letter", "severity": "serious"]
        ).order
        #expect(try Facts.items("letters-tax", "lt-complex", serious).first?.due == Facts.at("2026-05-15"))
        #expect(
            try Facts.verdicts("letters-farmers", "lf-result", letter)
                == [.notJudged("the order does not say whether the rule is about it")])
        // In writing: the letter that goes out is the answer, the review is not.
        var visit = try OrderTrail.received("supply-station", "complaint", ["channel": "visit"])
        try visit.reply()
        try visit.review()
        #expect(try Facts.verdicts("letters-farmers", "lf-answer", visit.order, asOf: "2026-02-28") == [.pending])
        #expect(try Facts.verdicts("letters-farmers", "lf-answer", visit.order, asOf: "2026-03-01") == [.broken])
        try visit.step("write_result", "director", ["document": "答复函"], when: Facts.at("2026-03-01") - 1)
        #expect(try Facts.verdicts("letters-farmers", "lf-answer", visit.order) == [.kept])
        var asked = try OrderTrail("consultation", "yongqiang")
        try asked.step("accept", "agent", ["question": "电价", "channel": "visit"])
        #expect(
            try Facts.verdicts("letters-farmers", "lf-answer", asked.order)
                == [.notJudged("orders of this kind have no answer in writing")])
    }

    // MARK: - Other kinds

    /// 3 working days: answered at once, or relayed; who left no number cannot be answered.
    @Test func consultations() throws {
        var trail = try OrderTrail("consultation", "yongqiang")
        #expect(try Facts.verdicts("yongqiang", "yq-consultation", trail.order, asOf: "2026-02-25 23:59") == [.pending])
        #expect(try Facts.verdicts("yongqiang", "yq-consultation", trail.order, asOf: "2026-02-26") == [.broken])
        try trail.step("accept", "agent", ["question": "电价", "channel": "telephone", "recording": "r"])
        var atOnce = trail
        try atOnce.step("answer", "agent", ["answer": "0.56 元", "recording": "r"])
        #expect(try Facts.items("yongqiang", "yq-consultation", atOnce.order).first?.milliseconds == 120_000)
        #expect(try Facts.verdicts("yongqiang", "yq-consultation", atOnce.order) == [.kept])
        #expect(try Facts.verdicts("customer-service", "cs-consultation", atOnce.order) == [.shown])
        try trail.step("send_on", "agent", ["call_back": "13900001234"])
        try trail.step("dispatch", "agent", ["department": "power_station"])
        try trail.step("reply", "station", ["answer": "见附件"])
        for (reached, verdict) in [
            ("reached", AuditItem.Verdict.broken), ("no_contact", .notJudged("the customer left no way to be reached")),
        ] {
            var one = trail
            try one.step("relay", "agent", ["reached": "not_reached"])
            try one.step("relay", "agent", ["reached": reached], at: "2026-02-26")
            #expect(try Facts.verdicts("yongqiang", "yq-consultation", one.order) == [verdict])
        }
        var inTime = trail
        try inTime.step("waive_contact", "supervisor", why: "五次未接", at: "2026-02-25 09:00")
        #expect(
            try Facts.verdicts("yongqiang", "yq-consultation", inTime.order)
                == [.notJudged("given up: the customer could not be reached")])
        // Who gives up when the time is over was late.
        try trail.step("waive_contact", "supervisor", why: "五次未接", at: "2026-02-26")
        #expect(try Facts.verdicts("yongqiang", "yq-consultation", trail.order) == [.broken])
    }

    @Test func suggestions() throws {
        var trail = try OrderTrail("suggestion", "yongqiang")
        try trail.step("accept", "agent", ["content": "加一个窗口", "channel": "box"])
        try trail.step("dispatch", "leader", ["department": "power_station"])
        try trail.step("reply", "station", ["adopted": "yes", "result": "采纳"])
        #expect(try Facts.verdicts("supply-complaints", "sc-suggestions", trail.order) == [.pending])
        try trail.step("contact", "agent", ["reached": "reached", "recording": "r"])
        let item = try #require(Facts.items("supply-complaints", "sc-suggestions", trail.order).first)
        #expect(item.verdict == .shown && item.milliseconds == 180_000)
        #expect(try Facts.verdicts("marketing", "mk-opinions", trail.order) == [.shown])
    }

    /// 不属实 asks for an explanation; from the solution to the answer the time is shown.
    @Test func explanationAndFeedback() throws {
        var trail = try OrderTrail.received("supply-station")
        #expect(try Facts.items("supply-complaints", "sc-untrue", trail.order).isEmpty)
        var found = trail
        try found.reply(finding: "substantiated")
        #expect(try Facts.items("supply-complaints", "sc-untrue", found.order).isEmpty)
        try trail.reply()
        #expect(try Facts.verdicts("supply-complaints", "sc-untrue", trail.order) == [.kept])
        var unexplained = trail.order
        unexplained.steps[unexplained.steps.count - 1].fields["explained"] = "no"
        #expect(try Facts.verdicts("supply-complaints", "sc-untrue", unexplained) == [.broken])
        #expect(try Facts.verdicts("rewards", "rw-feedback", trail.order) == [.pending])
        try trail.review()
        let item = try #require(Facts.items("rewards", "rw-feedback", trail.order).first)
        #expect(item.verdict == .shown && item.milliseconds == 60_000)
    }

    // MARK: - Elsewhere

    @Test func mergedOrdersAreNotJudged() throws {
        var trail = try OrderTrail.received("yongqiang")
        try trail.step("merge", "leader", ["into": "20260213-0009"], why: "同一事")
        #expect(trail.order.closedAt != nil)
        for rule in ["yq-complaint", "yq-dispatch", "yq-contact"] {
            #expect(
                try Facts.verdicts("yongqiang", rule, trail.order, asOf: "2026-12-30")
                    == [.notJudged("merged into another order")])
        }
        var converted = try OrderTrail("consultation", "yongqiang")
        try converted.step("accept", "agent", ["question": "电价", "channel": "telephone"])
        try converted.step("convert", "leader", ["into": "20260213-0009"], why: "投诉")
        #expect(
            try Facts.verdicts("yongqiang", "yq-consultation", converted.order)
                == [.notJudged("merged into another order")])
    }

    /// The department owes nothing more of what the discipline inspection has.
    @Test func disciplineTakesTheOrder() throws {
        var trail = try OrderTrail.received("dazu")
        try trail.step("refer", "leader", why: "涉及违纪")
        let reason = AuditItem.Verdict.notJudged("handed to the discipline inspection")
        #expect(try Facts.verdicts("dazu", "dz-reply", trail.order) == [reason])
        #expect(try Facts.verdicts("dazu", "dz-contact", trail.order).isEmpty)
        try trail.step(
            "discipline_result", "discipline",
            ["result": "已查", "finding": "unsubstantiated", "customer_view": "accepted"])
        #expect(try Facts.verdicts("dazu", "dz-reply", trail.order) == [reason])
        try trail.review("unqualified", fault: "incomplete")
        #expect(try Facts.verdicts("dazu", "dz-reply", trail.order) == [reason])
        var straight = try OrderTrail("complaint", "dazu")
        try straight.step("accept", "agent", OrderTrail.named)
        try straight.step("refer", "leader", why: "涉及违纪")
        #expect(try Facts.verdicts("dazu", "dz-reply", straight.order) == [reason])
        // By the hotline's own clock it runs on.
        #expect(try Facts.verdicts("regulation-2010", "rg-complaint", straight.order) == [.broken])
    }

    @Test func periodIsHalfOpen() throws {
        let order = try OrderTrail.received("yongqiang").order
        let profile = try Facts.profile("yongqiang")
        let rule = try #require(profile.rule("yq-complaint"))
        let whole = try Facts.context(profile, asOf: Facts.at("2026-03-01"))
        for (from, to, count) in [(0, 1, 1), (1, 2, 0), (-1, 0, 0)] as [(Int64, Int64, Int)] {
            let context = AuditContext(
                profile: profile, clock: whole.clock, rings: whole.rings, from: order.createdAt + from,
                to: order.createdAt + to, asOf: whole.asOf)
            let judge = try #require(OrderJudge(rule, context))
            #expect(judge.items(for: OrderTimeline(order)).count == count)
        }
    }

    @Test func startsThatNoOrderShows() throws {
        let order = try OrderTrail.received("yongqiang").order
        for start in [NormStart.paid, .callEnded, .outage] {
            #expect(
                try Facts.verdicts("yongqiang", "yq-complaint", order) { $0.start = start }
                    == [.notJudged("orders do not say when the rule's time begins")])
        }
    }
}
