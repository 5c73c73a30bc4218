import Audit
import Norms
import Testing
import WorkOrders

/// Faults and applications.
@Suite struct OrderSupplyTests {
    typealias Facts = OrderFacts

    private func sent(area: String = "urban", created: String = "2026-02-13 10:00") throws -> OrderTrail {
        var trail = try OrderTrail.fault(created: created)
        try trail.step("triage", "agent", ["responsibility": "utility", "area": area])
        try trail.step("notify_crew", "agent", ["crew": "repair_centre"])
        return trail
    }

    // MARK: - Faults

    /// 45 minutes in town, 90 outside, 2 hours far away: from the report, to the microsecond.
    @Test(arguments: [("urban", 45), ("rural", 90), ("remote", 120)])
    func arrival(_ area: String, _ minutes: Int64) throws {
        let rules = ["urban", "rural", "remote"].map { "zj-arrival-\($0)" }
        let trail = try sent(area: area)
        let due = trail.order.createdAt + minutes * Facts.minute
        for (when, verdict) in [(due, AuditItem.Verdict.kept), (due + 1, .broken)] {
            var one = trail
            try one.step("arrive", "crew", when: when)
            for rule in rules {
                let items = try Facts.items("zhejiang", rule, one.order)
                #expect(items.map(\.verdict) == (rule.hasSuffix(area) ? [verdict] : []))
                #expect(items.allSatisfy { $0.due == due && $0.unit == "repair_centre" && $0.agent == "1201" })
            }
        }
    }

    /// The caller's report counts, not the hour at which somebody opened it.
    @Test func reportsCountFromWhenTheyCameIn() throws {
        var late = try OrderTrail("fault", "zhejiang")
        let accept = ["content": "没电", "channel": "telephone", "place": "公用路 1 号"]
        try late.step("accept", "agent", accept, at: "2026-02-13 15:00")
        try late.step("triage", "agent", ["responsibility": "utility", "area": "urban"])
        try late.step("notify_crew", "agent", ["crew": "repair_centre"])
        try late.step("arrive", "crew")
        #expect(try Facts.verdicts("zhejiang", "zj-arrival-urban", late.order) == [.broken])
        #expect(try Facts.items("zhejiang", "zj-arrival-urban", late.order).first?.at == late.order.createdAt)
        // Written down after it was taken.
        var order = try sent().order
        order.createdAt += 30 * Facts.minute
        #expect(
            try Facts.items("zhejiang", "zj-arrival-urban", order).first?.at == order.createdAt - 30 * Facts.minute)
    }

    @Test func arrivalWhileOpen() throws {
        var trail = try OrderTrail.fault(["area": "urban"])
        // Whether anybody has to come is not known yet.
        #expect(try Facts.verdicts("zhejiang", "zj-arrival-urban", trail.order) == [.pending])
        var own = trail
        try own.step("triage", "agent", ["responsibility": "customer"])
        #expect(try Facts.items("zhejiang", "zj-arrival-urban", own.order).isEmpty)
        try own.step("offer_paid", "agent", ["price_told": "yes", "area": "urban"])
        try own.step("notify_crew", "agent", ["crew": "repair_centre"])
        try own.step("arrive", "crew")
        #expect(try Facts.verdicts("zhejiang", "zj-arrival-urban", own.order) == [.kept])
        try trail.step("triage", "agent", ["responsibility": "utility", "area": "urban"])
        #expect(try Facts.verdicts("zhejiang", "zj-arrival-urban", trail.order, asOf: "2026-02-13 10:45") == [.pending])
        #expect(try Facts.verdicts("zhejiang", "zj-arrival-urban", trail.order, asOf: "2026-02-13 10:46") == [.broken])
        let unplaced = try OrderTrail.fault()
        for rule in ["zj-arrival-urban", "zj-arrival-rural"] {
            #expect(
                try Facts.verdicts("zhejiang", rule, unplaced.order) == [.notJudged("the area is not known")])
        }
    }

    /// Not mended after all: a crew goes again, in the same time as for a new report.
    @Test func crewsGoAgain() throws {
        var trail = try sent()
        try trail.step("arrive", "crew")
        try trail.step("restore", "crew", ["cause": "跳闸"])
        try trail.step("revisit", "agent", ["reached": "reached", "handling": "bad", "recording": "r"])
        let again = trail.now
        #expect(
            try Facts.verdicts("zhejiang", "zj-arrival-urban", trail.order, asOf: "2026-02-13 10:50")
                == [.kept, .pending])
        try trail.step("notify_crew", "agent", ["crew": "power_station"])
        try trail.step("arrive", "agent", when: again + 45 * Facts.minute + 1)
        let items = try Facts.items("zhejiang", "zj-arrival-urban", trail.order)
        #expect(items.map(\.verdict) == [.kept, .broken] && items.last?.at == again)
        #expect(items.map(\.unit) == ["repair_centre", "power_station"])
        #expect(
            try Facts.verdicts("csg-promises", "csg-restored-urban", trail.order, asOf: "2026-02-13 12:00") == [
                .kept, .pending,
            ])
        // The notice to the crew is the first one.
        #expect(try Facts.items("customer-service", "cs-repair", trail.order).map(\.milliseconds) == [120_000])
        // Guided to it once, then sent for.
        var guided = try OrderTrail.fault(["area": "urban"])
        try guided.step("triage", "agent", ["responsibility": "customer"])
        try guided.step("guide", "agent", ["solved": "yes", "recording": "r"])
        try guided.step("revisit", "agent", ["reached": "reached", "handling": "bad", "recording": "r"])
        try guided.step("notify_crew", "agent", ["crew": "repair_centre"])
        try guided.step("arrive", "crew")
        #expect(try Facts.verdicts("zhejiang", "zj-arrival-urban", guided.order) == [.kept])
        #expect(try Facts.items("customer-service", "cs-repair", guided.order).isEmpty)
    }

    /// 3 hours in town from the arrival; what is the customer's own is nobody's promise.
    @Test func restored() throws {
        var trail = try sent()
        #expect(try Facts.items("sgcc-promises", "sg-restored-urban", trail.order).isEmpty)
        try trail.step("arrive", "crew")
        let due = trail.now + 3 * Facts.hour
        for (when, verdict) in [(due, AuditItem.Verdict.kept), (due + 1, .broken)] {
            var one = trail
            try one.step("restore", "crew", ["cause": "跳闸"], when: when)
            let item = try #require(Facts.items("sgcc-promises", "sg-restored-urban", one.order).first)
            #expect(item.verdict == verdict && item.due == due && item.at == trail.now)
        }
        #expect(
            try Facts.verdicts("sgcc-promises", "sg-restored-urban", trail.order, asOf: "2026-02-13 13:03") == [
                .pending
            ])
        #expect(
            try Facts.verdicts("sgcc-promises", "sg-restored-urban", trail.order, asOf: "2026-02-13 13:04") == [.broken]
        )
        for (when, verdicts) in [(due, []), (due + 1, [AuditItem.Verdict.broken])] {
            var left = trail
            try left.step("leave", "crew", why: "客户自行处理", when: when)
            #expect(try Facts.verdicts("sgcc-promises", "sg-restored-urban", left.order) == verdicts)
        }
        try trail.step("find_customer_side", "crew", ["price_told": "yes"])
        #expect(
            try Facts.verdicts("sgcc-promises", "sg-restored-urban", trail.order)
                == [.notJudged("the fault was the customer's own")])
    }

    @Test func crewNotified() throws {
        var trail = try OrderTrail.fault()
        #expect(try Facts.verdicts("yongqiang", "yq-fault-crew", trail.order) == [.pending])
        var own = trail
        try own.step("triage", "agent", ["responsibility": "customer"])
        #expect(try Facts.items("yongqiang", "yq-fault-crew", own.order).isEmpty)
        #expect(try Facts.items("customer-service", "cs-repair", own.order).isEmpty)
        try own.step("offer_paid", "agent", ["price_told": "yes", "area": "urban"])
        #expect(try Facts.verdicts("customer-service", "cs-repair", own.order) == [.pending])
        #expect(try Facts.items("yongqiang", "yq-fault-crew", own.order).isEmpty)
        try trail.step("triage", "agent", ["responsibility": "unknown", "area": "urban"])
        try trail.step("notify_crew", "agent", ["crew": "repair_centre"])
        // A figure would count to the microsecond.
        for (limit, verdict) in [(120, AuditItem.Verdict.kept), (119, .broken)] {
            #expect(
                try Facts.verdicts("yongqiang", "yq-fault-crew", trail.order) {
                    $0.limit = .within(NormAmount(limit, .seconds))
                } == [verdict])
        }
        #expect(try Facts.verdicts("yongqiang", "yq-fault-crew", trail.order) == [.shown])
    }

    // MARK: - Applications

    /// 7 working days at low voltage: from Friday 13 February to 2 March.
    @Test func plans() throws {
        var trail = try OrderTrail.application()
        try trail.step("dispatch", "agent", ["department": "customer_centre"])
        let due = Facts.at("2026-03-03")
        #expect(try Facts.items("zhejiang", "zj-plan-low-voltage", trail.order).first?.due == due)
        for (when, verdict) in [(due - 1, AuditItem.Verdict.kept), (due, .broken)] {
            var one = trail
            try one.step("answer_plan", "centre", ["plan": "单相 10 kW"], when: when)
            #expect(try Facts.verdicts("zhejiang", "zj-plan-low-voltage", one.order) == [verdict])
            for other in ["residential", "high-single", "high-dual"] {
                #expect(try Facts.items("zhejiang", "zj-plan-\(other)", one.order).isEmpty)
            }
            var withdrawn = trail
            try withdrawn.step("withdraw", "agent", why: "不装了", when: when)
            #expect(
                try Facts.verdicts("zhejiang", "zj-plan-low-voltage", withdrawn.order)
                    == (verdict == .kept ? [] : [.broken]))
        }
    }

    /// 低压 covers homes where the document has nothing else for them; at 10 kV one needs to know how many supplies.
    @Test func customersOfRules() throws {
        func asked(_ profile: String, _ measure: NormMeasure, _ supply: String) throws -> [String] {
            let order = try OrderTrail.application(supply).order
            return try Facts.profile(profile).rules.filter { $0.measure == measure }.map(\.id)
                .filter { try !Facts.items(profile, $0, order).isEmpty }
        }
        #expect(try asked("dazu", .planAnswer, "residential") == ["dz-plan-low-voltage"])
        #expect(try asked("zhejiang", .planAnswer, "residential") == ["zj-plan-residential"])
        #expect(try asked("dazu", .planAnswer, "ten_kilovolt") == ["dz-plan-10kv"])
        #expect(try asked("dazu", .planAnswer, "high_voltage_dual") == ["dz-plan-high-dual"])
        #expect(try asked("zhejiang", .planAnswer, "ten_kilovolt") == ["zj-plan-high-single", "zj-plan-high-dual"])
        let order = try OrderTrail.application("ten_kilovolt").order
        #expect(
            try Facts.verdicts("zhejiang", "zj-plan-high-dual", order)
                == [.notJudged("one or two supplies at 10 kV is not written down")])
        let unaccepted = try OrderTrail("business", "zhejiang").order
        #expect(
            try Facts.verdicts("zhejiang", "zj-plan-high-dual", unaccepted)
                == [.notJudged("the kind of supply is not known")])
        // Complaints do not say whose they are.
        #expect(
            try Facts.verdicts("dazu", "dz-key-complaints", OrderTrail.received("dazu").order)
                == [.notJudged("whether it is a key customer is not written down")])
    }

    /// From inspection to formalities to current: each rule has its own start.
    @Test func energising() throws {
        var trail = try OrderTrail.application("high_voltage_single", ["key_customer": "yes"])
        try trail.step("dispatch", "agent", ["department": "customer_centre"])
        try trail.step("answer_plan", "centre", ["plan": "专线"])
        try trail.step("ask_inspection", "centre", at: "2026-03-02 09:00")
        try trail.step("inspect", "centre", ["inspection": "failed"], at: "2026-03-03 09:00")
        try trail.step("ask_inspection", "centre", at: "2026-03-09 09:00")
        #expect(try Facts.items("dazu", "dz-key-energise", trail.order).isEmpty)
        try trail.step("inspect", "centre", ["inspection": "passed"], at: "2026-03-10 09:00")
        #expect(try Facts.items("zhejiang", "zj-energise-other", trail.order).isEmpty)
        try trail.step("complete_formalities", "centre", at: "2026-03-12 09:00")
        try trail.step("energise", "centre", at: "2026-03-17 16:00")
        // 3 working days from the inspection are over on the 13th, 5 from the formalities on the 19th, 5 days on the 17th.
        let key = try #require(Facts.items("dazu", "dz-key-energise", trail.order).first)
        #expect(key.verdict == .broken && key.due == Facts.at("2026-03-14") && key.at == Facts.at("2026-03-10 09:00"))
        let other = try #require(Facts.items("zhejiang", "zj-energise-other", trail.order).first)
        #expect(other.verdict == .kept && other.due == Facts.at("2026-03-20"))
        #expect(try Facts.items("zhejiang", "zj-energise-residential", trail.order).isEmpty)
        let meter = try #require(Facts.items("dazu", "dz-meter-high", trail.order).first)
        #expect(meter.verdict == .kept && meter.due == Facts.at("2026-03-18"))
        #expect(try Facts.items("dazu", "dz-meter-low", trail.order).isEmpty)
        // Not a key customer's.
        let plain = try OrderTrail.application("high_voltage_single").order
        #expect(try Facts.items("dazu", "dz-key-energise", plain).isEmpty)
    }

    /// 5 working days for a home, all in all; 22 of the utility's own for high voltage, with the customer's left out.
    @Test func totals() throws {
        var home = try OrderTrail.application("residential")
        #expect(
            try Facts.items("sgcc-promises", "sg-connection-residential", home.order).first?.due
                == Facts.at("2026-02-28"))
        #expect(try Facts.items("dazu", "dz-energise-residential", home.order).first?.due == Facts.at("2026-02-28"))
        try home.step("withdraw", "agent", why: "不装了")
        #expect(try Facts.items("sgcc-promises", "sg-connection-residential", home.order).isEmpty)

        let rule = "sg-connection-low"
        var trail = try OrderTrail.application(created: "2026-03-02 10:00")
        try trail.step("dispatch", "agent", ["department": "customer_centre"])
        // The utility: 3, 4 March.
        try trail.step("answer_plan", "centre", ["plan": "三相"], at: "2026-03-04 10:00")
        // The customer builds for a month; then 7, 8 April.
        try trail.step("ask_inspection", "agent", at: "2026-04-03 10:00")
        try trail.step("inspect", "centre", ["inspection": "passed"], at: "2026-04-08 10:00")
        #expect(try Facts.verdicts("sgcc-promises", rule, trail.order, asOf: "2026-06-30") == [.pending])
        try trail.step("complete_formalities", "agent", at: "2026-04-13 10:00")
        // 14, 15 April: six days in all; Qingming, the 4th to the 6th, was off.
        #expect(try Facts.verdicts("sgcc-promises", rule, trail.order, asOf: "2026-04-15 23:59") == [.pending])
        #expect(try Facts.verdicts("sgcc-promises", rule, trail.order, asOf: "2026-04-16") == [.broken])
        for (when, verdict) in [
            (Facts.at("2026-04-16") - 1, AuditItem.Verdict.kept), (Facts.at("2026-04-16"), .broken),
        ] {
            var one = trail
            try one.step("energise", "centre", when: when)
            let item = try #require(Facts.items("sgcc-promises", rule, one.order).first)
            #expect(item.verdict == verdict && item.due == nil)
            let spans = [2 * Facts.day, 5 * Facts.day, when - Facts.at("2026-04-13 10:00")]
            #expect(item.milliseconds == spans.reduce(0, +) / 1000)
        }
        var withdrawn = trail
        try withdrawn.step("withdraw", "agent", why: "不装了", at: "2026-04-15 10:00")
        #expect(try Facts.items("sgcc-promises", rule, withdrawn.order).isEmpty)
        try trail.step("withdraw", "agent", why: "不装了", at: "2026-04-16 10:00")
        #expect(try Facts.verdicts("sgcc-promises", rule, trail.order) == [.broken])
    }

    /// What no order shows is not said to be kept.
    @Test(arguments: [
        ("sgcc-promises-2011", "sg11-disconnection", "disconnections are not kept as orders"),
        ("csg-promises", "csg-reconnection", "payments are not kept as orders"),
        ("sgcc-promises", "sg-meter-reading", "the order does not say whether the rule is about it"),
    ])
    func notShownByOrders(_ profile: String, _ rule: String, _ reason: String) throws {
        let application = try OrderTrail.application().order
        #expect(try Facts.verdicts(profile, rule, application) == [.notJudged(reason)])
        #expect(try Facts.items(profile, rule, OrderTrail.fault().order).isEmpty)
    }
}
