import Audit
import Norms
import Testing
import WorkOrders

/// What is written down of orders, and who must not see it.
@Suite struct OrderRecordTests {
    typealias Facts = OrderFacts

    // MARK: - Fields

    private func accepted(_ fields: [String: String] = [:], _ category: String = "complaint") throws -> AuditOrder {
        var trail = try OrderTrail(category, "yongqiang")
        try trail.step("accept", "agent", OrderTrail.named.merging(fields) { _, new in new })
        return trail.order
    }

    /// 000-A 第十条: content, place, contact; the number that a customer calls from is a contact.
    @Test func complaintForm() throws {
        let form = ("supply-complaints", "sc-form")
        let unaccepted = try OrderTrail("complaint", "yongqiang").order
        #expect(try Facts.verdicts(form.0, form.1, unaccepted) == [.pending])
        var closed = unaccepted
        closed.closedAt = closed.createdAt
        #expect(try Facts.items(form.0, form.1, closed).map(\.note) == ["not accepted"])
        var item = try #require(Facts.items(form.0, form.1, accepted()).first)
        #expect(item.verdict == .broken && item.note == "without place" && item.agent == "1001")
        #expect(try Facts.verdicts(form.0, form.1, accepted(["place": "公用路 1 号"])) == [.kept])
        var nobody = try accepted(["place": "公用路 1 号", "identity": "anonymous"])
        nobody.steps[0].fields["contact"] = nil
        nobody.caller = nil
        #expect(try Facts.verdicts(form.0, form.1, nobody) == [.kept])
        nobody.steps[0].fields["identity"] = "named"
        item = try #require(Facts.items(form.0, form.1, nobody).first)
        #expect(item.verdict == .broken && item.note == "without contact")
        nobody.caller = "13900000001"
        #expect(try Facts.verdicts(form.0, form.1, nobody) == [.kept])
    }

    /// What is left out when it is taken may be put in later.
    @Test func amended() throws {
        var trail = try OrderTrail("complaint", "yongqiang")
        try trail.step("accept", "agent", OrderTrail.named)
        #expect(try Facts.verdicts("supply-complaints", "sc-form", trail.order) == [.broken])
        try trail.step("audit", "leader", ["verdict": "amend"])
        try trail.step("amend", "agent", ["place": "公用路 1 号"])
        #expect(try Facts.verdicts("supply-complaints", "sc-form", trail.order) == [.kept])
    }

    @Test func otherForms() throws {
        // The channel alone, and what names and letters ask for.
        var order = try accepted()
        #expect(try Facts.verdicts("dazu", "dz-channels", order) == [.kept])
        #expect(try Facts.verdicts("marketing", "mk-record", order) == [.kept])
        order.steps[0].fields["channel"] = nil
        order.steps[0].fields["customer"] = nil
        #expect(try Facts.items("guangde", "gd-channels", order).map(\.note) == ["without channel"])
        #expect(try Facts.items("dazu", "dz-channels", order).map(\.note) == ["without channel"])
        #expect(try Facts.items("marketing", "mk-record", order).map(\.note) == ["without named customer"])
        var letter = try accepted(["channel": "letter"])
        #expect(try Facts.verdicts("letters-tax", "lt-register", letter) == [.kept])
        #expect(try Facts.verdicts("letters-farmers", "lf-register-letters", letter) == [.kept])
        #expect(try Facts.items("letters-farmers", "lf-visitors", letter).isEmpty)
        letter.steps[0].fields["customer"] = nil
        #expect(try Facts.verdicts("letters-tax", "lt-register", letter) == [.broken])
        // 001 3.6.4: a key customer's application, by what its life asks for.
        let application = try OrderTrail.application("high_voltage_dual", ["key_customer": "yes"])
        #expect(try Facts.verdicts("dazu", "dz-key-business", application.order) == [.kept])
        var bare = application.order
        bare.steps[0].fields["place"] = nil
        #expect(try Facts.items("dazu", "dz-key-business", bare).map(\.note) == ["without place"])
    }

    /// 002 规范 5: whose fault it was is part of the record; what is paid for is told beforehand.
    @Test func faults() throws {
        var trail = try OrderTrail.fault()
        var item = try #require(Facts.items("yongqiang", "yq-fault-record", trail.order).first)
        #expect(item.verdict == .pending && item.note == "without responsibility")
        try trail.step("triage", "agent", ["responsibility": "customer"])
        #expect(try Facts.verdicts("yongqiang", "yq-fault-record", trail.order) == [.kept])
        #expect(try Facts.items("yongqiang", "yq-fault-paid", trail.order).isEmpty)
        try trail.step("offer_paid", "agent", ["price_told": "yes", "area": "urban"])
        #expect(try Facts.verdicts("yongqiang", "yq-fault-paid", trail.order) == [.kept])
        var untold = trail.order
        untold.steps[untold.steps.count - 1].fields["price_told"] = "no"
        item = try #require(Facts.items("yongqiang", "yq-fault-paid", untold).first)
        #expect(item.verdict == .broken && item.agent == "1001")
        try trail.step("notify_crew", "agent", ["crew": "repair_centre"])
        #expect(try Facts.items("yongqiang", "yq-fault-paid", OrderTrail.fault().order).isEmpty)
    }

    @Test func recordingsOfTheIntake() throws {
        var order = try accepted()
        #expect(try Facts.verdicts("dazu", "dz-recording", order) == [.kept])
        order.steps[0].fields["recording"] = nil
        #expect(try Facts.verdicts("dazu", "dz-recording", order) == [.shown])
        order.recordings = [AuditOrder.Recording(id: "1", role: "contact")]
        #expect(try Facts.verdicts("dazu", "dz-recording", order) == [.shown])
        order.recordings.append(AuditOrder.Recording(id: "2", role: "call"))
        #expect(try Facts.verdicts("dazu", "dz-recording", order) == [.kept])
    }

    /// 002 四: the result, and the word with the customer, of whatever is over.
    @Test func resultAndContact() throws {
        #expect(
            try Facts.verdicts("yongqiang", "yq-order-record", OrderTrail.received("yongqiang").order) == [.pending])
        var order = try OrderTrail.closed("yongqiang").order
        #expect(try Facts.verdicts("yongqiang", "yq-order-record", order) == [.kept])
        order.steps.removeAll { ["contact", "director_contact", "revisit", "reply"].contains($0.step) }
        #expect(try Facts.items("yongqiang", "yq-order-record", order).map(\.note) == ["without result, contact"])
        var consultation = try OrderTrail("consultation", "yongqiang")
        try consultation.step("accept", "agent", ["question": "电价", "channel": "telephone"])
        try consultation.step("answer", "agent", ["answer": "0.56 元"])
        try consultation.step("archive", "agent")
        #expect(try Facts.verdicts("yongqiang", "yq-order-record", consultation.order) == [.kept])
        var application = try OrderTrail.application()
        try application.step("withdraw", "agent", why: "不装了")
        try application.step("archive", "agent")
        #expect(try Facts.verdicts("yongqiang", "yq-order-record", application.order) == [.kept])
        #expect(try Facts.items("yongqiang", "yq-order-record", OrderTrail("callback", "yongqiang").order).isEmpty)
    }

    // MARK: - Classes

    /// The document's own list: 17 items of 000-G, 19 of 000-H.
    @Test func itemsOfTheList() throws {
        let plain = try accepted()
        #expect(try Facts.verdicts("dazu", "dz-classes", plain) == [.pending])
        let sent = try OrderTrail.received("dazu").order
        #expect(try Facts.items("dazu", "dz-classes", sent).map(\.note) == ["without item"])
        #expect(try Facts.verdicts("dazu", "dz-classes", sent) == [.broken])
        let own = try accepted(["item": "dazu/attitude"])
        #expect(try Facts.verdicts("dazu", "dz-order-made", own) == [.kept])
        let other = try #require(Facts.items("zhejiang", "zj-acceptance", own).first)
        #expect(other.verdict == .broken && other.note == "of another list: dazu/attitude")
        let none = AuditItem.Verdict.notJudged("the document's list is no taxonomy here")
        #expect(try Facts.verdicts("papers", "pa-causes", own) == [none])
        #expect(try Facts.verdicts("service-codes", "co-five-classes", own) == [none])
        // Without the library nobody knows of a list.
        let profile = try Facts.profile("dazu")
        let rule = try #require(profile.rule("dz-classes"))
        let judge = try #require(OrderJudge(rule, Facts.context(profile, asOf: Facts.at("2026-03-01"))))
        #expect(judge.items(for: OrderTimeline(own)).map(\.verdict) == [none])
    }

    @Test func otherClasses() throws {
        // Counted as a complaint when it was looked into.
        var trail = try OrderTrail.received("dazu")
        #expect(try Facts.verdicts("dazu", "dz-verified", trail.order) == [.pending])
        var closed = trail.order
        closed.closedAt = trail.now
        #expect(try Facts.verdicts("rewards", "rw-valid", closed) == [.broken])
        try trail.reply()
        #expect(try Facts.verdicts("dazu", "dz-verified", trail.order) == [.kept])
        // By who passed it on.
        var outside = try accepted(["channel": "external_body", "external_body": "国家电网公司"])
        #expect(try Facts.verdicts("dazu", "dz-outside-channels", outside) == [.kept])
        #expect(try Facts.items("dazu", "dz-outside-channels", accepted()).isEmpty)
        outside.steps[0].fields["severity"] = "major"
        #expect(try Facts.verdicts("guangde", "gd-major", outside) == [.kept])
        outside.steps[0].fields["external_body"] = nil
        #expect(try Facts.verdicts("dazu", "dz-outside-channels", outside) == [.broken])
        #expect(
            try Facts.verdicts("guangde", "gd-major", accepted(["severity": "major"]))
                == [.notJudged("the document's list of major events is not at hand")])
        #expect(
            try Facts.verdicts("letters-labour", "ll-collective", accepted(["channel": "visit"]))
                == [.notJudged("the order does not say whether the rule is about it")])
    }

    // MARK: - The file

    @Test func archived() throws {
        var trail = try OrderTrail.received("guangde")
        try trail.reply()
        #expect(try Facts.verdicts("guangde", "gd-archive", trail.order) == [.pending])
        try trail.review()
        try trail.close()
        #expect(try Facts.verdicts("dazu", "dz-archive", trail.order) == [.kept])
        #expect(try Facts.items("guangde", "gd-archive", trail.order).map(\.note) == ["without evidence"])
        var proven = trail.order
        let reply = try #require(proven.steps.lastIndex { $0.step == "reply" })
        proven.steps[reply].fields["evidence"] = "现场照片"
        #expect(try Facts.verdicts("guangde", "gd-archive", proven) == [.kept])
        proven.steps[reply].fields["finding"] = "substantiated"
        #expect(
            try Facts.items("guangde", "gd-archive", proven).map(\.note) == ["without analysis, corrective action"])
        proven.steps.removeAll { $0.step == "review" || $0.step == "archive" || $0.step == "reply" }
        #expect(try Facts.items("guangde", "gd-file", proven).map(\.note) == ["without review, answer, archive"])
        #expect(try Facts.items("letters-labour", "ll-office", trail.order).isEmpty)
    }

    // MARK: - Secrecy

    /// A confidential order and the department that it is about: never a step, never a dispatch, never a copy.
    @Test func secrets() throws {
        let order = try accepted(["reported_department": "power_station"], "report")
        #expect(try Facts.verdicts("zhejiang", "zj-secret", order) == [.kept])
        #expect(
            try Facts.verdicts("zhejiang", "zj-secret", accepted([:], "report"))
                == [.notJudged("the department reported is not named")])
        #expect(try Facts.items("supply-station", "gds-secret", accepted()).isEmpty)
        let at = order.createdAt + Facts.hour
        func with(_ step: String, _ fields: [String: String] = [:], unit: String? = nil) -> AuditOrder {
            var order = order
            order.steps.append(
                OrderEvent(
                    step: step, by: OrderActor(name: "1009", role: "department", unit: unit), happenedAt: at,
                    enteredAt: at, fields: fields))
            return order
        }
        let breaches = [
            with("dispatch", ["department": "power_station"]),
            with("dispatch", ["department": "party_office", "copies": "marketing, power_station"]),
            with("note", ["note": "x"], unit: "power_station"), with("notify_crew", ["crew": "power_station"]),
        ]
        for order in breaches {
            let item = try #require(Facts.items("zhejiang", "zj-secret", order).first)
            #expect(item.verdict == .broken && item.unit == "power_station" && item.done == at)
            #expect(item.note?.hasPrefix("by the step ") == true)
        }
        let other = with("dispatch", ["department": "party_office", "copies": "marketing"], unit: "party_office")
        #expect(try Facts.verdicts("zhejiang", "zj-secret", other) == [.kept])
    }

    /// A bulletin tells of what is secret without the department that it is about.
    @Test func casesKeepSecrets() throws {
        func departments(_ category: String, _ steps: [(String, [String: String])] = []) throws -> [String?] {
            var order = try accepted([:], category)
            var all: [(String, [String: String])] = [("dispatch", ["department": "power_station"])]
            all += steps
            all.append(("reply", ["finding": "substantiated"]))
            for (step, fields) in all {
                order.steps.append(
                    OrderEvent(
                        step: step, by: OrderActor(name: "1002", role: "shift_leader"), happenedAt: order.createdAt,
                        enteredAt: order.createdAt, fields: fields))
            }
            var run = AuditRun(try Facts.context(Facts.profile("yongqiang"), asOf: Facts.at("2026-12-31")))
            run.add(order)
            return run.statistics.cases.map(\.department)
        }
        let protect = ("protect", ["reported_department": "power_station"])
        #expect(try departments("complaint") == ["power_station"])
        #expect(try departments("report") == [nil])
        #expect(try departments("report", [("note", ["confidential": "no"])]) == [nil])
        #expect(try departments("complaint", [protect]) == [nil])
        #expect(try departments("complaint", [protect, ("note", ["confidential": "no"])]) == [nil])
        #expect(try departments("complaint", [("note", ["confidential": "yes"])]) == [nil])
    }

    /// What was done before anybody knew that it was secret is no breach; a copy once named goes with the next dispatch.
    @Test func secretFromThenOn() throws {
        var trail = try OrderTrail.received("supply-station")
        try trail.step("recall", "leader", why: "涉及本所")
        try trail.step("protect", "leader", ["reported_department": "power_station"])
        try trail.step("dispatch", "leader", ["department": "party_office"])
        #expect(try Facts.verdicts("supply-station", "gds-secret", trail.order) == [.kept])
        var copied = trail.order
        let first = try #require(copied.steps.firstIndex { $0.step == "dispatch" })
        copied.steps[first].fields["copies"] = "power_station"
        let item = try #require(Facts.items("supply-station", "gds-secret", copied).first)
        #expect(item.verdict == .broken && item.note == "by the step dispatch" && item.done == trail.now)
    }
}
