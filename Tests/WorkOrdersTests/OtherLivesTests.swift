import Testing
import WorkOrders

@Suite struct FaultLifeTests {
    private static let report = ["content": "整条巷停电", "channel": "telephone", "place": "东门路 3 号", "recording": "r"]

    @Test func theUtilitysOwn() throws {
        var walk = try Walk("fault", "zhejiang")
        try walk.step("accept", "agent", Self.report)
        let reported = walk.now
        // Nobody knows yet how far it is: the clock runs, its limit is not known.
        #expect(walk.clock("arrive")?.due == nil)
        #expect(try walk.refused("triage", "agent", ["responsibility": "unknown"])?.code == .fieldMissing)
        try walk.step("triage", "agent", ["responsibility": "unknown", "area": "rural"])
        #expect(walk.clock("arrive")?.due == OrderDue(at: reported + 90 * 60_000_000))
        #expect(walk.clock("arrive")?.rule == "zj-arrival-rural")
        #expect(walk.life.state == "to_notify" && walk.running == ["arrive", "notify"])
        let actions = try walk.step("notify_crew", "agent", ["crew": "repair_centre"])
        let crew = OrderResponsible(role: "crew", unit: "repair_centre")
        #expect(actions.contains(.notify(crew, step: "notify_crew")) && walk.life.owner == crew)
        walk.wait(minutes: 80)
        // Written down later, by the agent who was told over the telephone.
        let there = walk.now
        walk.wait(minutes: 60)
        let arrived = try walk.step("arrive", "agent", happened: there)
        #expect(
            arrived.contains { if case .stopped(clock: "arrive", _, there, _, kept: true) = $0 { true } else { false } }
        )
        #expect(walk.life.record.last?.happenedAt == there && walk.life.record.last?.enteredAt == walk.now)
        #expect(try walk.refused("restore", "crew", ["cause": "熔丝"], happened: there - 1)?.code == .time)
        try walk.step("restore", "crew", ["cause": "熔丝熔断"])
        try walk.step("revisit", "agent", ["reached": "reached", "handling": "bad", "recording": "r"])
        #expect(walk.life.state == "to_notify" && walk.running == ["arrive", "notify"])
        try walk.step("notify_crew", "agent", ["crew": "power_station"])
        #expect(try walk.refused("arrive", "crew")?.code == .unit)
        try walk.step("arrive", "agent")
        try walk.step("restore", "agent", ["cause": "变压器"])
        try walk.step("revisit", "agent", ["reached": "reached", "handling": "good", "recording": "r"])
        try walk.step("archive", "agent")
        #expect(walk.life.isFinal)
    }

    /// 002 规范 5: guided by telephone, or at the customer's wish and told beforehand that it costs money.
    @Test func theCustomersOwn() throws {
        var walk = try Walk("fault", "zhejiang")
        try walk.step("accept", "agent", Self.report)
        try walk.step("triage", "agent", ["responsibility": "customer"])
        try walk.step("guide", "agent", ["solved": "no", "recording": "r"])
        #expect(walk.life.state == "guiding")
        #expect(try walk.refused("offer_paid", "agent", ["price_told": "no", "area": "urban"])?.code == .condition)
        try walk.step("offer_paid", "agent", ["price_told": "yes", "area": "urban", "recording": "r"])
        #expect(walk.life.state == "to_notify" && walk.life.fields["paid_service"] == "yes")

        var guided = try Walk("fault", "zhejiang")
        try guided.step("accept", "agent", Self.report)
        try guided.step("triage", "agent", ["responsibility": "customer"])
        let actions = try guided.step("guide", "agent", ["solved": "yes", "recording": "r"])
        // Nobody had to come: not judged, neither kept nor broken.
        #expect(actions.contains { if case .stopped(clock: "arrive", _, _, _, kept: nil) = $0 { true } else { false } })
        #expect(guided.life.state == "restored")
    }
}

@Suite struct ApplicationLifeTests {
    @Test(arguments: [("residential", 3), ("low_voltage", 7), ("high_voltage_single", 15), ("high_voltage_dual", 30)])
    func plansByKindOfSupply(_ supply: String, _ days: Int) throws {
        var walk = try Walk("business", "zhejiang")
        try walk.step(
            "accept", "agent",
            [
                "content": "新装", "channel": "visit", "supply": supply, "customer": "王女士", "contact": "13900001234",
                "place": "东门路 3 号",
            ])
        let limit = try #require(Shipped.library.get().policies["zhejiang"]?.limits["business.plan.\(supply)"])
        #expect(limit.term.count == days)
        #expect(walk.clock("plan")?.due == plainDeadline(limit, walk.now))
        #expect(walk.clock("connect") != nil || supply != "residential")
    }

    @Test func fromApplicationToLight() throws {
        var walk = try Walk("business", "dazu")
        try walk.step(
            "accept", "agent",
            [
                "content": "新装", "channel": "visit", "supply": "residential", "customer": "王女士",
                "contact": "13900001234", "place": "东门路 3 号", "key_customer": "yes",
            ])
        #expect(walk.clock("connect")?.rule == "dz-energise-residential")
        try walk.step("dispatch", "agent", ["department": "customer_centre"])
        let centre = OrderActor(name: "1701", role: "department", unit: "customer_centre")
        func by(_ step: String, _ fields: [String: String] = [:]) throws {
            walk.wait(minutes: 10)
            try walk.life.apply(
                OrderEvent(step: step, by: centre, happenedAt: walk.now, enteredAt: walk.now, fields: fields),
                deadline: plainDeadline)
        }
        #expect(try walk.refused("answer_plan", "station", ["plan": "单相 40A"])?.code == .unit)
        try by("answer_plan", ["plan": "单相 40A"])
        #expect(try walk.refused("energise", "station")?.code == .state)
        try by("ask_inspection")
        try by("inspect", ["inspection": "failed"])
        #expect(walk.life.state == "plan_answered")
        try by("ask_inspection")
        try by("inspect", ["inspection": "passed"])
        #expect(walk.clock("energise_key")?.rule == "dz-key-energise")
        try by("complete_formalities")
        #expect(walk.clock("meter")?.rule == "dz-meter-low")
        try by("energise")
        #expect(walk.running == ["visit"])
        try walk.step("archive", "marketing")
        #expect(walk.life.isFinal)
    }

    @Test func withdrawn() throws {
        var walk = try Walk("business", "dazu")
        try walk.step(
            "accept", "agent",
            [
                "content": "增容", "channel": "telephone", "supply": "ten_kilovolt", "customer": "某厂",
                "contact": "13900001234", "place": "工业园",
            ])
        #expect(try walk.refused("withdraw", "agent")?.code == .whyMissing)
        let actions = try walk.step("withdraw", "agent", why: "客户改变主意")
        #expect(actions.contains { if case .stopped(clock: "plan", _, _, _, kept: nil) = $0 { true } else { false } })
        try walk.step("archive", "agent")
        #expect(walk.life.isFinal)
    }
}

@Suite struct ConsultationLifeTests {
    private static let question = ["question": "阶梯电价怎么算", "channel": "telephone", "recording": "r"]

    @Test func answeredAtOnce() throws {
        var walk = try Walk("consultation", "yongqiang")
        try walk.step("accept", "agent", Self.question)
        #expect(walk.clock("answer")?.rule == "yq-consultation")
        let actions = try walk.step("answer", "agent", ["answer": "分三档", "recording": "r"])
        #expect(
            actions.contains { if case .stopped(clock: "answer", _, _, _, kept: true) = $0 { true } else { false } })
        try walk.step("archive", "agent")
        #expect(walk.life.isFinal)
    }

    /// 001 2.8: the other team is asked by telephone, and the customer is told; each is due by itself.
    @Test func theOtherTeamIsAskedAndTheCustomerTold() throws {
        var walk = try Walk("consultation", "dazu")
        try walk.step("accept", "agent", Self.question)
        #expect(
            try walk.refused("promise", "agent", ["call_back": "13900001234", "apologised": "no"])?.code == .condition)
        try walk.step("promise", "agent", ["call_back": "13900001234", "apologised": "yes"])
        #expect(walk.running == ["answer", "consult"])
        try walk.step("consult", "agent", ["team": "计量班", "recording": "r"])
        #expect(walk.running == ["answer"] && walk.life.state == "consulted")
        try walk.step("team_answer", "agent", ["team": "计量班", "answer": "按月"])
        #expect(walk.running == ["answer", "relay"])
        try walk.step("relay", "agent", ["reached": "not_reached"])
        #expect(walk.running == ["answer", "relay"])
        try walk.step("relay", "agent", ["reached": "reached", "recording": "r"])
        #expect(walk.running.isEmpty && walk.life.state == "answered")
    }

    @Test func sentToADepartmentAndBack() throws {
        var walk = try Walk("consultation", "yongqiang")
        try walk.step("accept", "agent", Self.question)
        try walk.step("send_on", "agent", ["call_back": "13900001234"])
        try walk.step("dispatch", "leader", ["department": "power_station"])
        try walk.step("reply", "station", ["answer": "见公告"])
        try walk.step("review", "director", ["fault_of_reply": "incomplete"])
        #expect(walk.life.owner?.unit == "power_station")
        try walk.step("reply", "station", ["answer": "分三档"])
        try walk.step("relay", "director", ["reached": "reached", "recording": "r"])
        try walk.step("archive", "agent")
        #expect(walk.life.isFinal)
    }
}

@Suite struct SmallLivesTests {
    @Test func suggestion() throws {
        var walk = try Walk("suggestion", "dazu")
        try walk.step("accept", "agent", ["content": "设自助缴费机", "channel": "box"])
        #expect(walk.life.owner?.role == "shift_leader")
        try walk.step("dispatch", "leader", ["department": "power_station"])
        try walk.step("reply", "station", ["adopted": "yes", "result": "列入计划"])
        try walk.step("contact", "agent", ["reached": "no_contact"])
        try walk.step("archive", "agent")
        #expect(walk.life.isFinal)
    }

    @Test func information() throws {
        var walk = try Walk("information", "dazu")
        try walk.step("accept", "agent", ["content": "树枝靠近电线", "channel": "telephone"])
        try walk.step("dispatch", "agent", ["department": "power_station"])
        try walk.step("receive", "station")
        try walk.step("archive", "agent")
        #expect(walk.life.isFinal)
    }

    @Test func callbackBecomesAnotherOrder() throws {
        var walk = try Walk("callback", "dazu")
        try walk.step("accept", "agent", ["channel": "voice_mailbox", "contact": "13900001234"])
        try walk.step("contact", "agent", ["reached": "reached", "recording": "r"])
        let actions = try walk.step("convert", "leader", ["into": "20260213-0009"], why: "客户要投诉")
        #expect(actions.contains(.tell(order: "20260213-0009", step: "absorb")))
        #expect(walk.life.isFinal)
    }
}
