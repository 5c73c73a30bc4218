import Audit
import Norms
import Testing
import WorkOrders

/// Visits, and what an order says of the matter: truth, repeats, discipline, major events.
@Suite struct OrderMatterTests {
    typealias Facts = OrderFacts

    // MARK: - Visits

    /// 24 hours of the wall from the reply that was found good, holidays among them.
    @Test func visitWithinADay() throws {
        var trail = try OrderTrail.received("dazu", created: "2026-02-15 10:00")
        try trail.reply()
        #expect(try Facts.items("dazu", "dz-return-visit", trail.order).isEmpty)
        try trail.review()
        let due = trail.now + Facts.day
        #expect(try Facts.verdicts("dazu", "dz-return-visit", trail.order, asOf: "2026-02-16 10:07") == [.pending])
        #expect(try Facts.verdicts("dazu", "dz-return-visit", trail.order, asOf: "2026-02-16 10:08") == [.broken])
        try trail.step("archive", "director")
        var missed = trail
        try missed.step("revisit", "marketing", ["reached": "not_reached"])
        #expect(try Facts.verdicts("dazu", "dz-return-visit", missed.order, asOf: "2026-02-16 10:07") == [.pending])
        for (when, verdict) in [(due, AuditItem.Verdict.kept), (due + 1, .broken)] {
            for handling in ["good", "bad"] {
                var one = trail
                try one.step(
                    "revisit", "marketing", ["reached": "reached", "handling": handling, "recording": "r"], when: when)
                let item = try #require(Facts.items("dazu", "dz-return-visit", one.order).first)
                #expect(item.verdict == verdict && item.due == due && item.agent == "1301")
            }
            var waived = trail
            try waived.step("waive_visit", "supervisor", why: "五次未接", when: when)
            #expect(
                try Facts.verdicts("dazu", "dz-return-visit", waived.order)
                    == [verdict == .kept ? .notJudged("given up: the customer could not be reached") : .broken])
        }
    }

    /// 000-L: from the material, that is the reply that stands; half a year after is beyond the order.
    @Test func visitFromTheMaterial() throws {
        var trail = try OrderTrail.received("guangde")
        try trail.reply()
        let replied = trail.now
        // Two working days from Friday 13 February: the 14th and, after the holidays, the 24th.
        #expect(try Facts.items("guangde", "gd-return-visit", trail.order).first?.due == Facts.at("2026-02-25"))
        try trail.review("unqualified", fault: "incomplete")
        #expect(try Facts.items("guangde", "gd-return-visit", trail.order).isEmpty)
        try trail.reply(at: Facts.at("2026-02-24 09:00"))
        try trail.review()
        try trail.visit(when: Facts.at("2026-02-27") - 1)
        let item = try #require(Facts.items("guangde", "gd-return-visit", trail.order).first)
        #expect(item.verdict == .kept && item.at == Facts.at("2026-02-24 09:00") && item.at > replied)
        #expect(try Facts.items("guangde", "gd-follow-up", trail.order).isEmpty)
        try trail.step("archive", "director")
        #expect(
            try Facts.verdicts("guangde", "gd-follow-up", trail.order)
                == [.notJudged("visits after an order's end are not written into it")])
        // 3 working days after the solution: the visit is what follows it; the 27th is the third.
        #expect(try Facts.verdicts("car-dealer", "cd-follow-up", trail.order) == [.kept])
        let late = try OrderTrail.closed("guangde", created: "2026-03-02 10:00")
        var order = late.order
        let visit = try #require(order.steps.lastIndex { $0.step == "revisit" })
        order.steps[visit].happenedAt = Facts.at("2026-03-06")
        #expect(try Facts.verdicts("car-dealer", "cd-follow-up", order) == [.broken])
        #expect(try Facts.items("car-dealer", "cd-follow-up", OrderTrail.received("guangde").order).isEmpty)
    }

    /// 100 percent of what was closed; who is given up was not visited.
    @Test func coverage() throws {
        let profile = try Facts.profile("dazu")
        var figure = AuditFigure(rule: try #require(profile.rule("dz-coverage")))
        #expect(figure.isShareKept == nil && figure.share == nil && figure.shareOfAll == nil)
        func add(_ order: AuditOrder) throws {
            for item in try Facts.items("dazu", "dz-coverage", order) { figure.add(item) }
        }
        try add(OrderTrail.closed("dazu").order)
        try add(OrderTrail.closed("yongqiang").order)
        #expect(figure.isShareKept == true)
        try add(OrderTrail.received("dazu").order)
        #expect(figure.isShareKept == true && figure.pending == 1)
        #expect(figure.share == AuditFigure.Span(numerator: 2, denominator: 2))
        #expect(figure.shareOfAll == AuditFigure.Span(numerator: 2, denominator: 3))
        var waived = try OrderTrail.received("dazu")
        try waived.reply()
        try waived.review()
        try waived.step("archive", "director")
        try waived.step("waive_visit", "supervisor", why: "五次未接")
        try waived.step("archive", "director")
        try add(waived.order)
        #expect(figure.isShareKept == false && figure.breaches.first?.note == "given up")
        #expect(figure.share == AuditFigure.Span(numerator: 2, denominator: 3))
        // Faults are visited where supply came back, and not where the customer saw to it.
        var fault = try OrderTrail.fault()
        try fault.step("triage", "agent", ["responsibility": "customer"])
        var left = fault
        try left.step("leave", "agent", why: "客户自行处理")
        try left.step("archive", "agent")
        #expect(try Facts.items("service-codes", "co-closed-loop", left.order).isEmpty)
        try fault.step("guide", "agent", ["solved": "yes", "recording": "r"])
        try fault.step("archive", "agent")
        #expect(try Facts.verdicts("service-codes", "co-closed-loop", fault.order) == [.broken])
        #expect(try Facts.items("service-codes", "co-closed-loop", OrderTrail("callback", "dazu").order).isEmpty)
    }

    /// 95 of 100 is enough, 94 is not; a rule without a share says nothing of it.
    @Test func shares() throws {
        let profile = try Facts.profile("dazu")
        var rule = try #require(profile.rule("dz-coverage"))
        rule.limit = .atLeast(NormAmount(95, .percent))
        for (broken, isKept) in [(5, true), (6, false)] {
            var figure = AuditFigure(rule: rule)
            for index in 0..<100 {
                figure.add(AuditItem(.order("20260213-\(index)"), index < broken ? .broken : .kept, at: 0))
            }
            #expect(figure.isShareKept == isKept)
        }
        var spoken = AuditFigure(rule: rule)
        spoken.span = AuditFigure.Span(numerator: 949, denominator: 1000)
        #expect(spoken.isShareKept == false && spoken.share?.numerator == 949)
        var plain = AuditFigure(rule: try #require(profile.rule("dz-reply")))
        plain.add(AuditItem(.order("20260213-0001"), .kept, at: 0))
        #expect(plain.isShareKept == nil && plain.share == AuditFigure.Span(numerator: 1, denominator: 1))
    }

    // MARK: - In writing, correction

    @Test func writtenToWhoeverGaveAName() throws {
        var trail = try OrderTrail.received("marketing")
        #expect(try Facts.verdicts("marketing", "mk-written", trail.order) == [.pending])
        try trail.reply()
        try trail.review()
        #expect(try Facts.verdicts("marketing", "mk-written", trail.order) == [.pending])
        try trail.step("write_result", "marketing", ["document": "答复函"])
        let item = try #require(Facts.items("marketing", "mk-written", trail.order).first)
        #expect(item.verdict == .kept && item.milliseconds == 60_000)
        // Where the policy does not ask for it, it is not written.
        #expect(try Facts.verdicts("marketing", "mk-written", OrderTrail.closed("dazu").order) == [.broken])
        let anonymous = try OrderTrail.closed("marketing", "complaint", ["identity": "anonymous"]).order
        #expect(try Facts.items("marketing", "mk-written", anonymous).isEmpty)
    }

    @Test func whatIsTrueIsPutRight() throws {
        var trail = try OrderTrail.received("yongqiang")
        try trail.reply(finding: "substantiated")
        #expect(try Facts.items("yongqiang", "yq-correction", trail.order).isEmpty)
        try trail.review()
        #expect(try Facts.verdicts("yongqiang", "yq-correction", trail.order) == [.pending])
        var never = trail.order
        never.closedAt = trail.now
        #expect(try Facts.verdicts("yongqiang", "yq-correction", never) == [.broken])
        #expect(try Facts.verdicts("dazu", "dz-four-not-let-off", never) == [.broken])
        try trail.step(
            "order_correction", "director",
            ["corrective_action": "每月抄表", "corrective_owner": "power_station", "corrective_due": "\(trail.now)"])
        #expect(try Facts.verdicts("yongqiang", "yq-correction", trail.order) == [.kept])
        // At once: the time is shown; without an apology it is broken all the same.
        #expect(try Facts.verdicts("supply-complaints", "sc-true", trail.order) == [.shown])
        #expect(
            try Facts.verdicts("dazu", "dz-four-not-let-off", trail.order)
                == [.notJudged("whether those responsible were taught and dealt with is not written down")])
        var hard = trail.order
        let reply = try #require(hard.steps.lastIndex { $0.step == "reply" })
        hard.steps[reply].fields["apologised"] = "no"
        hard.steps[reply].fields["cause"] = nil
        #expect(try Facts.items("supply-complaints", "sc-true", hard).map(\.note) == ["without apology"])
        #expect(try Facts.verdicts("supply-complaints", "sc-true", hard) == [.broken])
        #expect(try Facts.items("dazu", "dz-four-not-let-off", hard).map(\.note) == ["without cause"])
        #expect(try Facts.verdicts("yongqiang", "yq-correction", hard) == [.kept])
        #expect(try Facts.items("yongqiang", "yq-correction", OrderTrail.closed("yongqiang").order).isEmpty)
    }

    // MARK: - Repeats

    /// 30 days after its end nobody came again; the last microsecond counts.
    @Test func solvedTheFirstTime() throws {
        var order = try OrderTrail.closed("dazu", created: "2026-03-02 10:00").order
        let end = try #require(order.closedAt) + 30 * Facts.day
        #expect(try Facts.verdicts("dazu", "dz-kpi", order, asOf: "2026-04-01 10:00") == [.pending])
        #expect(try Facts.items("dazu", "dz-kpi", order).first?.due == end)
        #expect(try Facts.verdicts("dazu", "dz-kpi", order) == [.kept])
        for (next, verdict) in [(end, AuditItem.Verdict.broken), (end + 1, .kept)] {
            order.nextSameAt = next
            #expect(try Facts.verdicts("dazu", "dz-kpi", order) == [verdict])
        }
        // What comes after the audit's moment is not known to it.
        #expect(try Facts.verdicts("dazu", "dz-kpi", order, asOf: "2026-03-03") == [.pending])
        var open = try OrderTrail.received("dazu").order
        #expect(try Facts.verdicts("dazu", "dz-kpi", open) == [.pending])
        open.nextSameAt = open.createdAt + Facts.day
        let item = try #require(Facts.items("dazu", "dz-kpi", open).first)
        #expect(item.verdict == .broken && item.milliseconds == 86_400_000)
        open.caller = nil
        #expect(try Facts.verdicts("dazu", "dz-kpi", open) == [.notJudged("the caller's number is withheld")])
    }

    @Test func repeatCallers() throws {
        var trail = try OrderTrail("complaint", "yongqiang")
        #expect(try Facts.items("papers", "pa-repeat", trail.order).isEmpty)
        trail.order.earlierOfCaller = 1
        #expect(try Facts.verdicts("papers", "pa-repeat", trail.order) == [.pending])
        try trail.step("accept", "agent", OrderTrail.named)
        var closed = trail.order
        closed.closedAt = trail.now
        #expect(
            try Facts.verdicts("papers", "pa-repeat", closed)
                == [.notJudged("not linked, and whether anybody was warned is not written down")])
        try trail.step("link", "agent", ["link": "20260210-0004"], why: "客户再次来电")
        let item = try #require(Facts.items("car-dealer", "cd-key-file", trail.order).first)
        #expect(item.verdict == .kept && item.milliseconds == 120_000 && item.agent == "1001")
        trail.order.caller = nil
        #expect(
            try Facts.verdicts("papers", "pa-repeat", trail.order) == [.notJudged("the caller's number is withheld")])
    }

    // MARK: - Discipline, major events

    @Test func disciplineMatters() throws {
        var trail = try OrderTrail("complaint", "dazu")
        try trail.step("accept", "agent", OrderTrail.named.merging(["discipline": "yes"]) { _, new in new })
        #expect(try Facts.verdicts("dazu", "dz-discipline", trail.order) == [.pending])
        var never = trail.order
        never.closedAt = trail.now
        #expect(try Facts.verdicts("dazu", "dz-discipline", never) == [.broken])
        try trail.step("refer", "leader", why: "涉及违纪")
        let item = try #require(Facts.items("dazu", "dz-discipline", trail.order).first)
        #expect(item.verdict == .shown && item.milliseconds == 60_000)
        #expect(try Facts.items("dazu", "dz-discipline", OrderTrail.closed("dazu").order).isEmpty)
    }

    /// 000-L: one hour from acceptance, or from when it was known to be major; 000-G: the same day.
    @Test func majorEvents() throws {
        var trail = try OrderTrail("complaint", "guangde")
        try trail.step(
            "accept", "agent", OrderTrail.named.merging(["severity": "major"]) { _, new in new },
            at: "2026-02-13 22:30")
        let due = trail.now + Facts.hour
        #expect(try Facts.verdicts("guangde", "gd-major-report", trail.order, asOf: "2026-02-13 23:30") == [.pending])
        #expect(try Facts.verdicts("guangde", "gd-major-report", trail.order, asOf: "2026-02-13 23:31") == [.broken])
        #expect(try Facts.verdicts("dazu", "dz-same-day-brief", trail.order, asOf: "2026-02-13 23:59") == [.pending])
        #expect(try Facts.verdicts("dazu", "dz-same-day-brief", trail.order, asOf: "2026-02-14") == [.broken])
        for (when, verdict) in [(due, AuditItem.Verdict.kept), (due + 1, .broken)] {
            var one = trail
            try one.step("report_major", "supervisor", ["note": "已电话汇报"], when: when)
            #expect(try Facts.verdicts("guangde", "gd-major-report", one.order) == [verdict])
            #expect(try Facts.verdicts("sgcc-huaian-2021", "ha-major", one.order) == [.shown])
        }
        for (when, verdict) in [
            (Facts.at("2026-02-14") - 1, AuditItem.Verdict.kept), (Facts.at("2026-02-14"), .broken),
        ] {
            var one = trail
            try one.step("brief", "leader", ["note": "简要情况"], when: when)
            #expect(try Facts.verdicts("dazu", "dz-same-day-brief", one.order) == [verdict])
        }
        // Graded later, it counts from there; a serious one is no matter of the superior.
        var graded = try OrderTrail.received("guangde")
        try graded.step("grade", "leader", ["severity": "serious"], why: "影响面大", at: "2026-02-24 09:00")
        #expect(try Facts.items("guangde", "gd-major-report", graded.order).isEmpty)
        #expect(try Facts.items("dazu", "dz-same-day-brief", graded.order).first?.due == Facts.at("2026-02-25"))
        try graded.step("grade", "leader", ["severity": "major"], why: "媒体关注", at: "2026-02-26 09:00")
        #expect(try Facts.items("guangde", "gd-major-report", graded.order).first?.at == Facts.at("2026-02-26 09:00"))
        #expect(try Facts.items("dazu", "dz-same-day-brief", graded.order).first?.at == Facts.at("2026-02-24 09:00"))
        // 越级: passed on by a body outside.
        #expect(try Facts.items("emergency", "em-over-level", trail.order).isEmpty)
        var passed = trail.order
        passed.steps[0].fields["channel"] = "external_body"
        #expect(try Facts.verdicts("emergency", "em-over-level", passed) == [.pending])
    }

    @Test func stepsOfThePlan() throws {
        var trail = try OrderTrail.received("guangde", "complaint", ["severity": "major"])
        #expect(try Facts.verdicts("emergency", "em-report", trail.order) == [.pending])
        #expect(
            try Facts.verdicts("emergency", "em-contain", trail.order)
                == [.notJudged("this step of the plan is not written into orders")])
        var silent = trail.order
        silent.closedAt = trail.now
        #expect(try Facts.verdicts("emergency", "em-report", silent) == [.broken])
        try trail.step("brief", "station", ["note": "简要情况"])
        try trail.step("supervise", "marketing", ["notice_due": "\(trail.now + Facts.day)"], why: "重大投诉")
        #expect(try Facts.verdicts("emergency", "em-report", trail.order) == [.kept])
        #expect(try Facts.verdicts("emergency", "em-supervision", trail.order) == [.kept])
        #expect(try Facts.items("emergency", "em-report", OrderTrail.received("guangde").order).isEmpty)
    }

    /// 12398: within 7 days of its coming in it is accepted; a leader's signature is nowhere.
    @Test func decisions() throws {
        let over = Facts.at("2026-02-21")
        for (when, verdict) in [(over - 1, AuditItem.Verdict.kept), (over, .broken)] {
            var trail = try OrderTrail("complaint", "yongqiang")
            try trail.step(
                "accept", "agent",
                OrderTrail.named.merging(["channel": "external_body", "external_body": "12398"]) { _, new in new },
                when: when)
            let item = try #require(Facts.items("energy-12398", "en-acceptance", trail.order).first)
            #expect(item.verdict == verdict && item.at == trail.order.createdAt && item.due == over)
        }
        let letter = try OrderTrail.received("guangde", "complaint", ["channel": "letter", "severity": "major"]).order
        for (profile, rule) in [("letters-labour", "ll-grave"), ("letters-tax", "lt-signature-important")] {
            #expect(
                try Facts.verdicts(profile, rule, letter)
                    == [.notJudged("a leader's signature is not written into orders")])
        }
        #expect(try Facts.items("letters-tax", "lt-signature-ordinary", letter).isEmpty)
    }
}
