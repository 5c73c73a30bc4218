import Audit
import Norms
import Testing
import WorkOrders

/// The way to the department and back.
@Suite struct OrderDepartmentTests {
    typealias Facts = OrderFacts

    // MARK: - Dispatch

    /// 000-G 第十四条: one hour from the audit, to the microsecond; each time that it goes out again counts from there.
    @Test func anHourFromTheAudit() throws {
        var trail = try OrderTrail("complaint", "dazu")
        try trail.step("accept", "agent", OrderTrail.named)
        #expect(try Facts.verdicts("dazu", "dz-dispatch", trail.order) == [.pending])
        try trail.step("audit", "leader", ["verdict": "amend"])
        try trail.step("amend", "agent")
        #expect(try Facts.items("dazu", "dz-dispatch", trail.order).first?.due == nil)
        try trail.step("audit", "leader", ["verdict": "passed"], at: "2026-02-13 10:30")
        let due = Facts.at("2026-02-13 11:30")
        #expect(try Facts.verdicts("dazu", "dz-dispatch", trail.order, asOf: "2026-02-13 11:30") == [.pending])
        #expect(try Facts.verdicts("dazu", "dz-dispatch", trail.order, asOf: "2026-02-13 11:31") == [.broken])
        var late = trail
        try late.step("dispatch", "leader", ["department": "power_station"], when: due + 1)
        #expect(try Facts.verdicts("dazu", "dz-dispatch", late.order) == [.broken])
        try trail.step("dispatch", "leader", ["department": "power_station"], when: due)
        var items = try Facts.items("dazu", "dz-dispatch", trail.order)
        #expect(items.map(\.verdict) == [.kept] && items.first?.milliseconds == 3_600_000)
        #expect(items.first?.unit == "power_station" && items.first?.agent == "1002" && items.first?.due == due)

        try trail.step("receive", "station")
        try trail.step("return", "station", why: "不属本所", at: "2026-02-14 09:00")
        #expect(try Facts.verdicts("dazu", "dz-dispatch", trail.order, asOf: "2026-02-14 10:00") == [.kept, .pending])
        try trail.step("dispatch", "leader", ["department": "customer_centre"], at: "2026-02-14 10:01")
        items = try Facts.items("dazu", "dz-dispatch", trail.order)
        #expect(items.map(\.verdict) == [.kept, .broken])
        #expect(items.map(\.unit) == ["power_station", "customer_centre"])
        #expect(items.last?.at == Facts.at("2026-02-14 09:00"))
    }

    /// 即刻 has no figure: shown from the making; what goes to the discipline inspection goes to no department.
    @Test func atOnceIsShown() throws {
        var trail = try OrderTrail("complaint", "yongqiang")
        #expect(try Facts.verdicts("yongqiang", "yq-dispatch", trail.order) == [.pending])
        try trail.step("accept", "agent", OrderTrail.named)
        try trail.step("audit", "leader", ["verdict": "passed"])
        var referred = trail
        try referred.step("refer", "leader", why: "涉及违纪")
        #expect(try Facts.items("yongqiang", "yq-dispatch", referred.order).isEmpty)
        // By a clock that is over, handing it over comes too late.
        #expect(
            try Facts.verdicts("yongqiang", "yq-dispatch", referred.order) {
                $0.limit = .within(NormAmount(1, .minutes))
            }
                == [.broken])
        try trail.step("dispatch", "leader", ["department": "power_station"])
        let item = try #require(Facts.items("yongqiang", "yq-dispatch", trail.order).first)
        #expect(item.verdict == .shown && item.milliseconds == 180_000 && item.due == nil)
    }

    /// Where no department is asked nothing is owed; a consultation goes out when it is sent on, a fault with the crew.
    @Test func otherKinds() throws {
        var consultation = try OrderTrail("consultation", "yongqiang")
        try consultation.step("accept", "agent", ["question": "电价", "channel": "telephone", "recording": "r"])
        #expect(try Facts.items("yongqiang", "yq-dispatch", consultation.order).isEmpty)
        try consultation.step("send_on", "agent", ["call_back": "13900001234"])
        #expect(try Facts.verdicts("yongqiang", "yq-dispatch", consultation.order) == [.pending])
        try consultation.step("dispatch", "agent", ["department": "power_station"])
        #expect(try Facts.items("yongqiang", "yq-dispatch", consultation.order).first?.milliseconds == 60_000)

        var fault = try OrderTrail.fault()
        try fault.step("triage", "agent", ["responsibility": "utility", "area": "urban"])
        try fault.step("notify_crew", "agent", ["crew": "repair_centre"])
        let item = try #require(Facts.items("yongqiang", "yq-dispatch", fault.order).first)
        #expect(item.verdict == .shown && item.unit == "repair_centre" && item.milliseconds == 120_000)
        var guided = try OrderTrail.fault()
        try guided.step("triage", "agent", ["responsibility": "customer"])
        #expect(try Facts.verdicts("yongqiang", "yq-dispatch", guided.order) == [.pending])
        try guided.step("guide", "agent", ["solved": "yes", "recording": "r"])
        #expect(try Facts.items("yongqiang", "yq-dispatch", guided.order).isEmpty)

        var information = try OrderTrail("information", "yongqiang")
        try information.step("accept", "agent", ["content": "有人搭线", "channel": "telephone"])
        try information.step("archive", "agent")
        #expect(try Facts.items("yongqiang", "yq-dispatch", information.order).isEmpty)
        let callback = try OrderTrail("callback", "yongqiang")
        #expect(try Facts.items("yongqiang", "yq-dispatch", callback.order).isEmpty)
    }

    // MARK: - Routing

    /// 002 四 2: theft to the inspection, with a copy to marketing.
    @Test func routedByTheRuleOfTheClause() throws {
        func sent(_ topic: String, _ to: String, copies: String? = nil) throws -> AuditOrder {
            var trail = try OrderTrail("report", "yongqiang")
            try trail.step("accept", "agent", OrderTrail.named.merging(["topic": topic]) { _, new in new })
            try trail.step("audit", "leader", ["verdict": "passed"])
            var fields = ["department": to]
            fields["copies"] = copies
            try trail.step("dispatch", "leader", fields)
            return trail.order
        }
        let right = try sent("theft", "inspection", copies: "marketing")
        #expect(try Facts.verdicts("yongqiang", "yq-route-theft", right) == [.kept])
        #expect(try Facts.items("yongqiang", "yq-route-conduct", right).isEmpty)
        let uncopied = try #require(
            Facts.items("yongqiang", "yq-route-theft", sent("theft", "inspection", copies: "safety")).first)
        #expect(uncopied.verdict == .broken && uncopied.note == "no copy to marketing")
        let elsewhere = try #require(Facts.items("yongqiang", "yq-route-theft", sent("theft", "safety")).first)
        #expect(elsewhere.verdict == .broken && elsewhere.note == "to safety instead of inspection")
        #expect(elsewhere.unit == "safety" && elsewhere.agent == "1002")
        #expect(try Facts.verdicts("yongqiang", "yq-route-conduct", sent("conduct", "party_office")) == [.kept])
        // The contact person of 二 is no routing rule; another document has none at all.
        let none = AuditItem.Verdict.notJudged("no routing rule of this clause is given")
        #expect(try Facts.verdicts("yongqiang", "yq-contact-person", right) == [none])
        #expect(try Facts.verdicts("zhejiang", "zj-departments", right) == [none])
        // Without the data nothing is said.
        let profile = try Facts.profile("yongqiang")
        let rule = try #require(profile.rule("yq-route-theft"))
        let judge = try #require(OrderJudge(rule, Facts.context(profile, asOf: Facts.at("2026-03-01"))))
        #expect(judge.items(for: OrderTimeline(right)).map(\.verdict) == [none])
    }

    /// What an order is about where nobody said so: its kind says it, or nothing does.
    @Test func topicsNotGiven() throws {
        var fault = try OrderTrail.fault()
        try fault.step("triage", "agent", ["responsibility": "unknown", "area": "urban"])
        #expect(try Facts.items("yongqiang", "yq-route-fault", fault.order).isEmpty)
        try fault.step("notify_crew", "agent", ["crew": "repair_centre"])
        #expect(try Facts.verdicts("yongqiang", "yq-route-fault", fault.order) == [.kept])
        try fault.step("notify_crew", "agent", ["crew": "safety"])
        #expect(try Facts.verdicts("yongqiang", "yq-route-fault", fault.order) == [.kept, .broken])
        var suggestion = try OrderTrail("suggestion", "yongqiang")
        try suggestion.step("accept", "agent", ["content": "加一个窗口", "channel": "box"])
        try suggestion.step("dispatch", "leader", ["department": "party_office"])
        #expect(
            try Facts.verdicts("yongqiang", "yq-route-other", suggestion.order)
                == [.notJudged("the topic is not known")])
    }

    /// The item's topic routes; what is secret goes past those it is about, and is no matter of this clause then.
    @Test func itemsAndSecrets() throws {
        var trail = try OrderTrail("suggestion", "yongqiang")
        try trail.step(
            "accept", "agent", ["content": "电压低", "channel": "telephone", "item": "dazu/power_quality"])
        try trail.step("dispatch", "leader", ["department": "production"])
        #expect(try Facts.verdicts("yongqiang", "yq-route-quality", trail.order) == [.kept])
        var secret = try OrderTrail("report", "yongqiang")
        try secret.step(
            "accept", "agent", OrderTrail.named.merging(["reported_department": "party_office"]) { _, new in new })
        try secret.step("audit", "leader", ["verdict": "passed"])
        try secret.step("dispatch", "leader", ["department": "discipline"])
        #expect(try Facts.items("yongqiang", "yq-route-conduct", secret.order).isEmpty)
    }

    // MARK: - Return

    /// 000-G 第十七条: within a working day of the receipt, with the reason.
    @Test func returns() throws {
        var trail = try OrderTrail.received("dazu")
        #expect(try Facts.items("dazu", "dz-return", trail.order).isEmpty)
        // One working day from Friday 13 February is Saturday the 14th, which is worked.
        let over = Facts.at("2026-02-15")
        for (when, verdict) in [(over - 1, AuditItem.Verdict.kept), (over, .broken)] {
            var one = trail
            try one.step("return", "station", why: "不属本所", when: when)
            let item = try #require(Facts.items("dazu", "dz-return", one.order).first)
            #expect(item.verdict == verdict && item.due == over && item.unit == "power_station")
            #expect(item.agent == "1101")
            one.order.steps[one.order.steps.count - 1].why = nil
            #expect(try Facts.verdicts("dazu", "dz-return", one.order) == [.broken])
        }
        // Sent back unsigned, it had been there since it was sent; recalled, it was not sent back.
        var unsigned = try OrderTrail("complaint", "dazu")
        try unsigned.step("accept", "agent", OrderTrail.named)
        try unsigned.step("audit", "leader", ["verdict": "passed"])
        try unsigned.step("dispatch", "leader", ["department": "power_station"])
        let sent = unsigned.now
        try unsigned.step("return", "station", why: "不属本所", when: over)
        #expect(try Facts.items("dazu", "dz-return", unsigned.order).map(\.at) == [sent])
        #expect(try Facts.verdicts("dazu", "dz-return", unsigned.order) == [.broken])
        try trail.step("recall", "leader", why: "发错")
        #expect(try Facts.items("dazu", "dz-return", trail.order).isEmpty)
    }

    // MARK: - First contact

    /// One working day from each department's receipt.
    @Test func eachDepartmentContacts() throws {
        var trail = try OrderTrail("complaint", "dazu")
        try trail.step("accept", "agent", OrderTrail.named)
        try trail.step("audit", "leader", ["verdict": "passed"])
        try trail.step("dispatch", "leader", ["department": "power_station"])
        #expect(try Facts.verdicts("dazu", "dz-contact", trail.order) == [.pending])
        try trail.step("receive", "station")
        let over = Facts.at("2026-02-15")
        #expect(try Facts.verdicts("dazu", "dz-contact", trail.order, asOf: "2026-02-14 23:59") == [.pending])
        #expect(try Facts.verdicts("dazu", "dz-contact", trail.order, asOf: "2026-02-15") == [.broken])
        try trail.step("contact", "station", ["reached": "not_reached"])
        for (when, verdict) in [(over - 1, AuditItem.Verdict.kept), (over, .broken)] {
            var one = trail
            try one.step("contact", "station", ["reached": "reached", "recording": "r"], when: when)
            #expect(try Facts.verdicts("dazu", "dz-contact", one.order) == [verdict])
            #expect(try Facts.verdicts("dazu", "dz-two-obligations", one.order) == [.shown])
        }
        // Taken back in time it was not theirs; too late it was.
        for (when, verdicts) in [(over - 1, []), (over, [AuditItem.Verdict.broken])] {
            var one = trail
            try one.step("recall", "leader", why: "发错", when: when)
            #expect(try Facts.verdicts("dazu", "dz-contact", one.order) == verdicts)
            #expect(try Facts.items("dazu", "dz-two-obligations", one.order).isEmpty)
            try one.step("dispatch", "leader", ["department": "customer_centre"])
            #expect(try Facts.verdicts("dazu", "dz-contact", one.order) == verdicts + [.pending])
            try one.step("receive", "centre")
            try one.step("contact", "centre", ["reached": "reached", "recording": "r"])
            #expect(try Facts.verdicts("dazu", "dz-contact", one.order) == verdicts + [.kept])
        }
        for (when, verdict) in [
            (over - 1, AuditItem.Verdict.notJudged("given up: the customer could not be reached")), (over, .broken),
        ] {
            var one = trail
            try one.step("waive_contact", "supervisor", why: "五次未接", when: when)
            #expect(try Facts.verdicts("dazu", "dz-contact", one.order) == [verdict])
        }
        var anonymous = try OrderTrail.received("dazu", "complaint", ["identity": "anonymous"])
        try anonymous.step("contact", "station", ["reached": "no_contact"], when: over)
        #expect(
            try Facts.verdicts("dazu", "dz-contact", anonymous.order)
                == [.notJudged("the customer left no way to be reached")])
    }

    /// 24 hours from acceptance, whoever speaks with the customer; orders without department contact have none.
    @Test func anybodyContacts() throws {
        var trail = try OrderTrail("complaint", "yongqiang")
        try trail.step("accept", "agent", OrderTrail.named)
        let due = trail.now + Facts.day
        try trail.step("refer", "leader", why: "涉及违纪")
        #expect(try Facts.verdicts("sgcc-promises", "sg-contact", trail.order) == [.broken])
        try trail.step(
            "discipline_result", "discipline",
            ["result": "已查", "finding": "unsubstantiated", "customer_view": "accepted"])
        for (when, verdict) in [(due, AuditItem.Verdict.kept), (due + 1, .broken)] {
            var one = trail
            try one.step("director_contact", "director", ["reached": "reached", "recording": "r"], when: when)
            let item = try #require(Facts.items("sgcc-promises", "sg-contact", one.order).first)
            #expect(item.verdict == verdict && item.due == due)
            // Of departments nothing is asked here.
            #expect(try Facts.items("yongqiang", "yq-contact", one.order).isEmpty)
        }
        let fault = try OrderTrail.fault()
        #expect(try Facts.items("yongqiang", "yq-start-at-once", fault.order).isEmpty)
    }

    // MARK: - Again

    @Test func badVisitsGoOutAgain() throws {
        var trail = try OrderTrail.received("dazu")
        try trail.reply()
        try trail.review()
        var good = trail
        try good.visit()
        #expect(try Facts.items("dazu", "dz-redispatch", good.order).isEmpty)
        try trail.visit("bad")
        #expect(try Facts.verdicts("dazu", "dz-redispatch", trail.order) == [.pending])
        var stuck = trail.order
        stuck.closedAt = trail.now
        #expect(try Facts.verdicts("dazu", "dz-redispatch", stuck) == [.broken])
        try trail.step("dispatch", "leader", ["department": "customer_centre"])
        let item = try #require(Facts.items("dazu", "dz-redispatch", trail.order).first)
        #expect(item.verdict == .kept && item.unit == "customer_centre" && item.milliseconds == 60_000)
        // The second way to the department is judged like the first.
        #expect(try Facts.verdicts("dazu", "dz-dispatch", trail.order) == [.kept, .kept])
    }

    /// 000-L 第二十二条: what the review does not pass goes back.
    @Test func unqualifiedRepliesAreDoneAgain() throws {
        var trail = try OrderTrail.received("guangde")
        try trail.reply()
        try trail.review("unqualified", fault: "incomplete")
        #expect(try Facts.verdicts("guangde", "gd-rework", trail.order) == [.pending])
        #expect(try Facts.items("dazu", "dz-redispatch", trail.order).isEmpty)
        try trail.reply()
        #expect(try Facts.verdicts("guangde", "gd-rework", trail.order) == [.kept])
        try trail.review()
        #expect(try Facts.verdicts("guangde", "gd-rework", trail.order) == [.kept])
        // Found good without another reply: it was never done again.
        var skipped = trail.order
        skipped.steps.remove(at: try #require(skipped.steps.lastIndex { $0.step == "reply" }))
        skipped.closedAt = trail.now
        #expect(try Facts.verdicts("guangde", "gd-rework", skipped) == [.broken])
    }

    /// 002 四: the hotline's director speaks with the customer once more.
    @Test func hotlineContacts() throws {
        var trail = try OrderTrail.received("yongqiang")
        #expect(try Facts.items("yongqiang", "yq-hotline-contact", trail.order).isEmpty)
        try trail.reply()
        #expect(try Facts.verdicts("yongqiang", "yq-hotline-contact", trail.order) == [.pending])
        var waived = trail
        try waived.step("waive_contact", "supervisor", why: "五次未接")
        #expect(
            try Facts.verdicts("yongqiang", "yq-hotline-contact", waived.order)
                == [.notJudged("given up: the customer could not be reached")])
        try trail.step("director_contact", "director", ["reached": "not_reached"])
        #expect(try Facts.verdicts("yongqiang", "yq-hotline-contact", trail.order) == [.pending])
        try trail.step("director_contact", "director", ["reached": "reached", "recording": "r"])
        let item = try #require(Facts.items("yongqiang", "yq-hotline-contact", trail.order).first)
        #expect(item.verdict == .shown && item.milliseconds == 120_000 && item.agent == "1004")
        // Another policy goes without it: by this document it is missing.
        let without = try OrderTrail.closed("dazu").order
        #expect(try Facts.verdicts("yongqiang", "yq-hotline-contact", without) == [.broken])
    }

    /// 002 六2 counts any fault of a reply, 000-G 第二十六条 untrue ones alone.
    @Test func qualifiedReplies() throws {
        var trail = try OrderTrail.received("yongqiang")
        #expect(try Facts.items("yongqiang", "yq-qualified", trail.order).isEmpty)
        try trail.reply()
        #expect(try Facts.verdicts("yongqiang", "yq-qualified", trail.order) == [.pending])
        var good = trail
        try good.review()
        #expect(try Facts.verdicts("yongqiang", "yq-qualified", good.order) == [.kept])
        try trail.review("unqualified", fault: "incomplete")
        #expect(try Facts.verdicts("dazu", "dz-true-replies", trail.order) == [.pending])
        try trail.reply()
        try trail.review()
        let item = try #require(Facts.items("yongqiang", "yq-qualified", trail.order).first)
        #expect(item.verdict == .broken && item.note == "incomplete")
        #expect(try Facts.verdicts("dazu", "dz-true-replies", trail.order) == [.kept])
        var untrue = trail.order
        let review = try #require(untrue.steps.firstIndex { $0.step == "review" })
        untrue.steps[review].fields["fault_of_reply"] = "untrue"
        #expect(try Facts.verdicts("dazu", "dz-true-replies", untrue) == [.broken])

        var consultation = try OrderTrail("consultation", "yongqiang")
        try consultation.step("accept", "agent", ["question": "电价", "channel": "telephone"])
        #expect(try Facts.items("yongqiang", "yq-qualified", consultation.order).isEmpty)
        try consultation.step("send_on", "agent", ["call_back": "13900001234"])
        try consultation.step("dispatch", "agent", ["department": "power_station"])
        try consultation.step("reply", "station", ["answer": "见附件"])
        #expect(try Facts.verdicts("yongqiang", "yq-qualified", consultation.order) == [.pending])
        var bad = consultation
        try bad.step("review", "agent", ["fault_of_reply": "inaccurate"])
        #expect(try Facts.verdicts("yongqiang", "yq-qualified", bad.order) == [.broken])
        try consultation.step("relay", "agent", ["reached": "reached"])
        #expect(try Facts.verdicts("yongqiang", "yq-qualified", consultation.order) == [.kept])
    }
}
