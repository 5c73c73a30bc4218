import Testing
import WorkOrders

extension Walk {
    static let named = [
        "content": "抄表员两个月没有来", "channel": "telephone", "identity": "named", "customer": "王女士",
        "contact": "13900001234", "topic": "conduct", "recording": "rec-intake",
    ]

    /// A complaint as far as the department's reply.
    static func replied(
        _ policy: String, _ category: String = "complaint", finding: String = "unsubstantiated"
    ) throws -> Walk {
        var walk = try Walk(category, policy)
        try walk.step("accept", "agent", named)
        try walk.step("audit", "leader", ["verdict": "passed"])
        try walk.step("dispatch", "leader", ["department": "power_station", "copies": "marketing"])
        try walk.step("receive", "station")
        try walk.step("contact", "station", ["reached": "reached", "recording": "rec-contact"])
        var fields = ["result": "已核实", "finding": finding, "customer_view": "accepted"]
        if finding == "substantiated" {
            fields["cause"] = "抄表员生病"
            fields["apologised"] = "yes"
        } else {
            fields["explained"] = "yes"
        }
        try walk.step("reply", "station", fields)
        return walk
    }
}

@Suite struct ComplaintLifeTests {
    /// 002: the director contacts once more, the visit comes before the archive.
    @Test func yongqiangFromCallToArchive() throws {
        var walk = try Walk("complaint", "yongqiang")
        #expect(walk.life.state == "new" && walk.life.owner == nil)
        var actions = try walk.step("accept", "agent", Walk.named)
        #expect(actions.contains(.entered(state: "accepted", owner: OrderResponsible(role: "shift_leader"))))
        #expect(actions.contains(.notify(OrderResponsible(role: "shift_leader"), step: "accept")))
        #expect(walk.running == ["answer", "dispatch"])
        // 10 working days, as the profile's rule has it.
        #expect(walk.clock("answer")?.rule == "yq-complaint")
        #expect(walk.clock("answer")?.clause == "002 五")
        #expect(walk.clock("answer")?.due == plainDeadline(try limit("complaint.answer", "yongqiang"), walk.now))
        // 即刻 has no figure: the clock shows how long, and nobody is late.
        #expect(walk.clock("dispatch")?.due == nil)

        try walk.step("audit", "leader", ["verdict": "passed"])
        actions = try walk.step(
            "dispatch", "leader", ["department": "power_station", "copies": "marketing, party_office"])
        #expect(
            actions.contains(
                .entered(state: "dispatched", owner: OrderResponsible(role: "department", unit: "power_station"))))
        #expect(actions.contains(.copy(department: "marketing")) && actions.contains(.copy(department: "party_office")))
        #expect(walk.life.status == .dispatched)
        try walk.step("receive", "station")
        #expect(walk.running == ["answer", "contact", "reply", "return"])
        try walk.step("contact", "station", ["reached": "not_reached"])
        #expect(walk.life.state == "received" && walk.running.contains("contact"))
        actions = try walk.step("contact", "station", ["reached": "reached", "recording": "rec-1"])
        #expect(walk.life.state == "contacted" && walk.running == ["answer", "reply"])
        try walk.step(
            "reply", "station",
            ["result": "已补抄", "finding": "unsubstantiated", "explained": "yes", "customer_view": "satisfied"])
        #expect(walk.life.status == .replied)

        // 002 四: nobody judges the reply before the director has spoken with the customer.
        let refusal = try walk.refused("review", "director", ["assessment": "qualified"])
        #expect(refusal?.code == .condition && refusal?.message.contains("director") == true)
        actions = try walk.step("director_contact", "director", ["reached": "reached"])
        #expect(actions.contains(.unproven(step: "director_contact")))
        actions = try walk.step("review", "director", ["assessment": "qualified"])
        #expect(walk.life.stoppedClocks.last?.id == "answer")
        #expect(
            actions.contains { if case .stopped(clock: "answer", _, _, _, kept: true) = $0 { true } else { false } })

        #expect(try walk.refused("archive", "director")?.code == .condition)
        try walk.step("revisit", "director", ["reached": "reached", "handling": "good", "recording": "rec-visit"])
        try walk.step("archive", "director")
        #expect(walk.life.isFinal && walk.life.status == .closed && walk.life.owner == nil)
        #expect(walk.running.isEmpty)
        #expect(walk.life.unproven.map(\.event.step) == ["contact", "director_contact"])
        let after = try walk.refused("note", "agent", ["note": "x"])
        #expect(after?.code == .ended)
    }

    /// 000-G: one hour, one day, four days, archive, then the visit within 24 hours.
    @Test func dazuArchivesFirst() throws {
        var walk = try Walk("complaint", "dazu")
        try walk.step("accept", "agent", Walk.named)
        #expect(walk.clock("dispatch") == nil)
        try walk.step("audit", "leader", ["verdict": "passed"])
        let audited = walk.now
        #expect(walk.clock("dispatch")?.due == OrderDue(at: audited + 3_600_000_000))
        walk.wait(minutes: 70)
        let late = try walk.step("dispatch", "leader", ["department": "power_station"])
        #expect(
            late.contains { if case .stopped(clock: "dispatch", _, _, _, kept: false) = $0 { true } else { false } })
        try walk.step("receive", "station")
        #expect(walk.clock("contact")?.rule == "dz-contact" && walk.clock("reply")?.rule == "dz-reply")
        try walk.step("contact", "station", ["reached": "reached", "recording": "r"])
        try walk.step(
            "reply", "station",
            ["result": "已核实", "finding": "unsubstantiated", "explained": "yes", "customer_view": "accepted"])
        // No director's contact is asked for here.
        try walk.step("review", "marketing", ["assessment": "qualified"])
        let early = try walk.refused("revisit", "marketing", ["reached": "reached", "handling": "good"])
        #expect(early?.code == .condition && early?.message.contains("000-G") == true)
        try walk.step("archive", "director")
        #expect(walk.life.state == "filed" && !walk.life.isFinal)
        #expect(walk.clock("visit")?.rule == "dz-return-visit")
        #expect(walk.clock("visit")?.owner == OrderResponsible(role: "marketing"))
        try walk.step("revisit", "marketing", ["reached": "not_reached"])
        #expect(walk.life.state == "filed")
        try walk.step("revisit", "marketing", ["reached": "reached", "handling": "good", "recording": "r"])
        try walk.step("archive", "director")
        #expect(walk.life.isFinal)
    }

    /// Half a year after, somebody visits again (000-L 第二十四条): a duty that outlives the order.
    @Test func followUpOutlivesTheOrder() throws {
        var walk = try Walk.replied("guangde")
        try walk.step("review", "marketing", ["assessment": "qualified"])
        #expect(try walk.step("archive", "director").allSatisfy { if case .follow = $0 { false } else { true } })
        try walk.step("revisit", "marketing", ["reached": "reached", "handling": "good"])
        let actions = try walk.step("archive", "director")
        let due = try #require(plainDeadline(limit("complaint.follow_up_visit", "guangde"), walk.now))
        #expect(actions.contains(.follow(duty: "follow_up_visit", due: due)))
    }

    @Test func returnedWithReasonAndSentElsewhere() throws {
        var walk = try Walk("complaint", "dazu")
        try walk.step("accept", "agent", Walk.named)
        try walk.step("audit", "leader", ["verdict": "passed"])
        try walk.step("dispatch", "leader", ["department": "power_station"])
        try walk.step("receive", "station")
        #expect(try walk.refused("return", "station")?.code == .whyMissing)
        #expect(try walk.refused("return", "party", why: "不属本部门")?.code == .unit)
        let actions = try walk.step("return", "station", why: "属客户服务中心业务")
        #expect(
            actions.contains { if case .stopped(clock: "return", _, _, _, kept: true) = $0 { true } else { false } })
        #expect(actions.contains(.notify(OrderResponsible(role: "shift_leader"), step: "return")))
        #expect(walk.life.state == "to_redispatch" && walk.running == ["answer", "dispatch"])
        #expect(walk.clock("reply") == nil)
        try walk.step("dispatch", "leader", ["department": "party_office"])
        #expect(walk.life.owner == OrderResponsible(role: "department", unit: "party_office"))
        #expect(try walk.refused("receive", "station")?.code == .unit)
        try walk.step("receive", "party")
        // Not used, the right to return it ends with the contact, and nothing was broken.
        walk.wait(minutes: 5 * 1440)
        let late = try walk.step("contact", "party", ["reached": "reached", "recording": "r"])
        #expect(late.contains { if case .stopped(clock: "return", _, _, _, kept: nil) = $0 { true } else { false } })
        #expect(late.contains { if case .stopped(clock: "contact", _, _, _, kept: false) = $0 { true } else { false } })
    }

    @Test func unqualifiedGoesBackAndABadVisitGoesOutAgain() throws {
        var walk = try Walk.replied("supply-station")
        #expect(try walk.refused("review", "director", ["assessment": "unqualified"])?.code == .fieldMissing)
        try walk.step("review", "director", ["assessment": "unqualified", "fault_of_reply": "incomplete"])
        #expect(walk.life.state == "rework" && walk.running == ["answer", "reply"])
        #expect(walk.life.owner?.unit == "power_station")
        try walk.step(
            "reply", "station",
            ["result": "补充说明", "finding": "unsubstantiated", "explained": "yes", "customer_view": "accepted"])
        try walk.step("review", "director", ["assessment": "qualified"])
        try walk.step("revisit", "agent", ["reached": "reached", "handling": "bad", "recording": "r"])
        #expect(walk.life.state == "to_redispatch" && walk.running == ["answer", "dispatch"])
        try walk.step("dispatch", "leader", ["department": "customer_centre"])
        #expect(walk.life.owner?.unit == "customer_centre")
    }

    /// 002 六2: what is true must be corrected by a date, and somebody looks whether it was.
    @Test func trueComplaintsAreCorrected() throws {
        var walk = try Walk.replied("supply-station", finding: "substantiated")
        try walk.step("review", "director", ["assessment": "qualified"])
        #expect(walk.running == ["order_correction", "visit"])
        try walk.step("revisit", "agent", ["reached": "reached", "handling": "good", "recording": "r"])
        let owed = try walk.refused("archive", "director")
        #expect(owed?.code == .owed && owed?.message.contains("责成限期整改") == true)
        let due = walk.now + 30 * 86_400_000_000
        #expect(
            try walk.refused("order_correction", "director", ["corrective_action": "换人"])?.code == .fieldMissing)
        try walk.step(
            "order_correction", "director",
            ["corrective_action": "换人", "corrective_owner": "power_station", "corrective_due": String(due)])
        #expect(walk.clock("correction")?.due == OrderDue(at: due))
        #expect(try walk.refused("archive", "director")?.code == .owed)
        try walk.step("check_correction", "director", ["correction": "not_done"])
        #expect(walk.running == ["order_correction"])
        try walk.step(
            "order_correction", "director",
            ["corrective_action": "再培训", "corrective_owner": "power_station", "corrective_due": String(due)])
        try walk.step("check_correction", "director", ["correction": "done"])
        try walk.step("archive", "director")
        #expect(walk.life.isFinal)
        #expect(try Walk.replied("dazu").refusedCorrection() == .state)
    }

    /// 000-P 4, for those who gave their name, where the profile says so.
    @Test(arguments: [("marketing", "named", true), ("marketing", "anonymous", false), ("dazu", "named", false)])
    func writtenResults(_ policy: String, _ identity: String, _ isOwed: Bool) throws {
        var walk = try Walk("complaint", policy)
        var fields = Walk.named
        fields["identity"] = identity
        try walk.step("accept", "agent", fields)
        try walk.step("audit", "leader", ["verdict": "passed"])
        try walk.step("dispatch", "leader", ["department": "power_station"])
        try walk.step("receive", "station")
        try walk.step("contact", "station", ["reached": "reached"])
        try walk.step(
            "reply", "station",
            ["result": "r", "finding": "unsubstantiated", "explained": "yes", "customer_view": "accepted"])
        try walk.step("review", "director", ["assessment": "qualified"])
        #expect(walk.running.contains("written_result") == isOwed)
        guard isOwed else { return }
        try walk.step("revisit", "agent", ["reached": "reached", "handling": "good", "recording": "r"])
        #expect(try walk.refused("archive", "director")?.code == .owed)
        try walk.step("write_result", "director", ["document": "复函 2026-3"])
        try walk.step("archive", "director")
        #expect(walk.life.isFinal)
    }

    @Test func whatIsStillMissingFollowsFromWhatIsGiven() throws {
        let life = try Shipped.life("complaint", "yongqiang")
        let accept = try #require(life.rules.acceptance)
        #expect(accept.id == "accept")
        #expect(life.missing(for: accept, in: [:]) == ["content", "channel", "identity", "topic"])
        var given = ["content": "x", "channel": "external_body", "identity": "named"]
        #expect(life.missing(for: accept, in: given) == ["topic", "external_body", "customer", "contact"])
        given.merge(["channel": "telephone", "identity": "anonymous", "topic": "conduct"]) { $1 }
        #expect(life.missing(for: accept, in: given) == [])
    }

    /// 000-L 第二十八条: one hour; 000-G 第十九条: the same day.
    @Test func majorEventsAreReported() throws {
        var walk = try Walk("complaint", "guangde")
        var fields = Walk.named
        fields["severity"] = "major"
        fields["channel"] = "external_body"
        #expect(try walk.refused("accept", "agent", fields)?.code == .fieldMissing)
        fields["external_body"] = "县政府"
        try walk.step("accept", "agent", fields)
        #expect(walk.clock("major_report")?.due == OrderDue(at: walk.now + 3_600_000_000))
        #expect(walk.running.contains("brief"))
        let actions = try walk.step("report_major", "supervisor", ["note": "已向市公司汇报"])
        #expect(actions.contains(.notify(OrderResponsible(role: "company"), step: "report_major")))
        // An audit that says again what is known owes no second report.
        try walk.step("audit", "leader", ["verdict": "passed", "severity": "major"])
        #expect(!walk.running.contains("major_report"))
        #expect(try walk.refused("report_major", "supervisor", ["note": "x"])?.code == .condition)
        // Graded later, the report counts from then.
        var other = try Walk("complaint", "guangde")
        try other.step("accept", "agent", Walk.named)
        other.wait(minutes: 600)
        try other.step("grade", "supervisor", ["severity": "serious"], why: "媒体询问")
        #expect(other.running.contains("brief") && !other.running.contains("major_report"))
        try other.step("brief", "leader", ["note": "简报"])
    }

    /// 000-G 第十八条.
    @Test func disciplineGoesToTheInspection() throws {
        var walk = try Walk("complaint", "dazu")
        var fields = Walk.named
        fields["discipline"] = "yes"
        try walk.step("accept", "agent", fields)
        try walk.step("audit", "leader", ["verdict": "passed"])
        #expect(try walk.refused("dispatch", "leader", ["department": "power_station"])?.code == .condition)
        try walk.step("refer", "leader", why: "涉嫌收受礼金")
        #expect(walk.life.owner == OrderResponsible(role: "discipline"))
        #expect(walk.running == ["answer", "discipline"])
        try walk.step(
            "discipline_result", "discipline",
            ["result": "查实", "finding": "substantiated", "customer_view": "accepted"])
        try walk.step("review", "director", ["assessment": "unqualified", "fault_of_reply": "incomplete"])
        #expect(walk.life.state == "at_discipline")
    }

    @Test func extensionsWithinTheTotal() throws {
        var walk = try Walk("complaint", "yongqiang")
        try walk.step("accept", "agent", Walk.named)
        let accepted = walk.now
        try walk.step("audit", "leader", ["verdict": "passed"])
        try walk.step("dispatch", "leader", ["department": "power_station"])
        try walk.step("receive", "station")
        let day: Int64 = 86_400_000_000
        let due = try #require(walk.clock("answer")?.due?.at)
        func ask(_ until: Int64, _ ground: String = "outside_evidence") -> [String: String] {
            ["until": String(until), "ground": ground]
        }
        #expect(try walk.refused("ask_extension", "station", ask(due + day))?.code == .whyMissing)
        var refusal = try walk.refused(
            "ask_extension", "station", ["until": String(due + day)], why: "外部取证")
        #expect(refusal?.code == .notExtendable)
        refusal = try walk.refused("ask_extension", "station", ask(due - day), why: "外部取证")
        #expect(refusal?.code == .notExtendable)
        // 30 working days in all; here every day is one.
        let total = (accepted / day + 31) * day
        refusal = try walk.refused("ask_extension", "station", ask(total), why: "外部取证")
        #expect(refusal?.code == .notExtendable && refusal?.message.contains("30 working days") == true)
        #expect(try walk.refused("grant_extension", "boss", why: "同意")?.code == .condition)
        try walk.step("ask_extension", "station", ask(total - 1), why: "外部取证")
        #expect(walk.clock("extension")?.owner == OrderResponsible(role: "leader"))
        #expect(walk.clock("answer")?.due?.at == due)
        #expect(try walk.refused("ask_extension", "station", ask(total - 2), why: "再问")?.code == .condition)
        #expect(try walk.refused("grant_extension", "supervisor", why: "同意")?.code == .role)
        try walk.step("refuse_extension", "boss", why: "抓紧办理")
        #expect(walk.clock("answer")?.due?.at == due && walk.clock("extension") == nil)
        try walk.step("ask_extension", "station", ask(total - 1), why: "外部取证")
        refusal = try walk.refused("grant_extension", "boss", ["until": String(total)], why: "同意")
        #expect(refusal?.code == .notExtendable)
        let actions = try walk.step("grant_extension", "boss", ["until": String(total - day)], why: "同意")
        #expect(actions.contains(.extended(clock: "answer", due: total - day)))
        #expect(walk.clock("answer")?.due == OrderDue(at: total - day))
        #expect(walk.clock("answer")?.isExtended == true)
    }

    /// 000-G 第十五条: the customer first, then the company; no total.
    @Test func theCustomerIsToldFirst() throws {
        var walk = try Walk("complaint", "dazu")
        try walk.step("accept", "agent", Walk.named)
        try walk.step("audit", "leader", ["verdict": "passed"])
        try walk.step("dispatch", "leader", ["department": "power_station"])
        try walk.step("receive", "station")
        let until = String(walk.now + 90 * 86_400_000_000)
        let refusal = try walk.refused("ask_extension", "station", ["until": until], why: "复杂")
        #expect(refusal?.code == .notExtendable && refusal?.message.contains("customer") == true)
        try walk.step("contact", "station", ["reached": "reached", "recording": "r", "customer_told": "yes"])
        try walk.step("ask_extension", "station", ["until": until], why: "复杂")
        #expect(try walk.refused("grant_extension", "boss", why: "同意")?.code == .role)
        try walk.step("grant_extension", "company", why: "同意")
        #expect(walk.clock("reply")?.due?.at == Int64(until))
        // 000-L and reports of the supply station know no extension.
        var other = try Walk("report", "supply-station")
        try other.step("accept", "agent", Walk.named)
        try other.step("audit", "leader", ["verdict": "passed"])
        try other.step("dispatch", "leader", ["department": "power_station"])
        try other.step("receive", "station")
        #expect(try other.refused("ask_extension", "station", ["until": until], why: "复杂")?.code == .notExtendable)
    }

    @Test func remindersAndNotices() throws {
        var walk = try Walk.replied("dazu")
        var actions = try walk.step("remind", "agent", why: "客户来电催问")
        #expect(actions.contains(.notify(OrderResponsible(role: "hotline_director"), step: "remind")))
        #expect(walk.running.contains("reminded"))
        try walk.step("answer_reminder", "director", ["note": "今天答复"])
        #expect(try walk.refused("answer_reminder", "director", ["note": "x"])?.code == .condition)
        #expect(try walk.refused("supervise", "agent", ["notice_due": "1"], why: "x")?.code == .role)
        let due = walk.now + 86_400_000_000
        actions = try walk.step("supervise", "supervisor", ["notice_due": String(due)], why: "超期")
        #expect(walk.clock("supervised")?.due == OrderDue(at: due))
        try walk.step("review", "director", ["assessment": "qualified"])
        // Whoever has the order now answers the notice; it may not end before.
        #expect(walk.clock("supervised")?.owner == OrderResponsible(role: "marketing"))
        try walk.step("archive", "director")
        try walk.step("revisit", "marketing", ["reached": "reached", "handling": "good"])
        #expect(try walk.refused("archive", "director")?.code == .owed)
        try walk.step("answer_notice", "director", ["note": "已办结"])
        try walk.step("archive", "director")
        #expect(walk.life.isFinal)
    }

    @Test func anonymousCallersCannotBeContacted() throws {
        var walk = try Walk("complaint", "dazu")
        try walk.step(
            "accept", "agent",
            ["content": "窗口态度差", "channel": "letter", "identity": "anonymous", "topic": "conduct"])
        try walk.step("audit", "leader", ["verdict": "passed"])
        try walk.step("dispatch", "leader", ["department": "power_station"])
        try walk.step("receive", "station")
        try walk.step("contact", "station", ["reached": "no_contact"])
        #expect(walk.life.state == "contacted")
        var named = try Walk("complaint", "dazu")
        #expect(
            try named.refused(
                "accept", "agent",
                ["content": "x", "channel": "letter", "identity": "named", "topic": "conduct"])?.code == .fieldMissing)
        try named.step("accept", "agent", Walk.named)
        try named.step("audit", "leader", ["verdict": "passed"])
        try named.step("dispatch", "leader", ["department": "power_station"])
        try named.step("receive", "station")
        #expect(try named.refused("contact", "station", ["reached": "no_contact"])?.code == .condition)
        #expect(try named.refused("waive_contact", "leader", why: "五次未接")?.code == .role)
        try named.step("waive_contact", "supervisor", why: "五次未接")
        #expect(named.life.state == "contacted")
    }

    private func limit(_ name: String, _ policy: String) throws -> OrderLimit {
        try #require(Shipped.library.get().policies[policy]?.limits[name])
    }
}

extension Walk {
    /// A walk is a value: a copy is walked.
    fileprivate func refusedCorrection() throws -> OrderRefusal.Code? {
        var copy = self
        return try copy.refused("check_correction", "director", ["correction": "done"])?.code
    }
}
