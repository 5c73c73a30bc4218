import Norms
import Testing
import WorkOrders

@Suite struct PenaltyTests {
    private func proposals(_ walk: Walk, _ profile: String) throws -> [PenaltyProposal] {
        let profile = try #require(try Shipped.profiles().first { $0.id == profile })
        return PenaltyRules(profile).proposals(
            for: walk.life, number: "20260213-0001", now: walk.now, deadline: plainDeadline)
    }

    /// 002 六: 50 a day a person; 50 a person unqualified; 100 where the customer came again.
    @Test func yongqiang() throws {
        var walk = try Walk.replied("yongqiang")
        #expect(try proposals(walk, "yongqiang").isEmpty)
        let due = try #require(walk.clock("answer")?.due?.at)
        walk.now = due
        // The first instant that is too late begins the first day; the next day begins the second.
        var late = try #require(try proposals(walk, "yongqiang").first)
        #expect(late.trigger == .late && late.count == 1 && late.penalty == "yq-late" && late.unit == "power_station")
        #expect(late.bounds(persons: 12) == PenaltyProposal.Bounds(least: 600, most: 600))
        walk.now = due + 3 * 86_400_000_000 - 60_000_001
        #expect(try proposals(walk, "yongqiang").first?.count == 3)
        try walk.step("director_contact", "director", ["reached": "reached", "recording": "r"])
        try walk.step("review", "director", ["assessment": "unqualified", "fault_of_reply": "incomplete"])
        #expect(try proposals(walk, "yongqiang").map(\.trigger) == [.late, .unqualified])
        try walk.step("link", "agent", ["link": "20260220-0004"], why: "客户再次来电")
        let all = try proposals(walk, "yongqiang")
        #expect(all.map(\.trigger) == [.late, .unqualified, .repeated])
        #expect(all.dropFirst().map { $0.bounds(persons: 2)?.least } == [100, 200])
        #expect(all.map(\.clause) == ["002 六 1", "002 六 2", "002 六 2"])
        // Answered at last, how late it was stands still.
        try walk.step(
            "reply", "station",
            ["result": "补答", "finding": "unsubstantiated", "explained": "yes", "customer_view": "accepted"])
        try walk.step("director_contact", "director", ["reached": "reached", "recording": "r"])
        try walk.step("review", "director", ["assessment": "qualified"])
        let days = try proposals(walk, "yongqiang").first?.count
        walk.wait(minutes: 60 * 1440)
        late = try #require(try proposals(walk, "yongqiang").first)
        #expect(late.count == days)
        // Merged, it costs nothing here.
        var merged = try Walk.replied("yongqiang")
        merged.wait(minutes: 60 * 1440)
        #expect(try !proposals(merged, "yongqiang").isEmpty)
        try merged.step("merge", "leader", ["into": "20260213-0009"], why: "重复")
        #expect(try proposals(merged, "yongqiang").isEmpty)
    }

    /// 000-G 第二十四–二十六条: ranges, floors, doubled for channels outside; nothing for what was not true.
    @Test func dazu() throws {
        func judged(_ finding: String, _ fields: [String: String], breach: String?) throws -> [PenaltyProposal] {
            var walk = try Walk("complaint", "dazu")
            try walk.step("accept", "agent", Walk.named.merging(fields) { _, new in new })
            try walk.step("audit", "leader", ["verdict": "passed"])
            try walk.step("dispatch", "leader", ["department": "power_station"])
            try walk.step("receive", "station")
            try walk.step("contact", "station", ["reached": "reached", "recording": "r"])
            try walk.step(
                "reply", "station",
                [
                    "result": "已查", "finding": finding, "customer_view": "accepted", "cause": "态度", "apologised": "yes",
                    "explained": "yes",
                ])
            var review = ["assessment": "qualified"]
            review["breach"] = breach
            try walk.step("review", "marketing", review)
            return try proposals(walk, "dazu")
        }
        #expect(try judged("unsubstantiated", ["severity": "major"], breach: "rude_attitude").isEmpty)
        let rude = try judged("substantiated", [:], breach: "rude_attitude")
        #expect(rude.map(\.penalty) == ["dz-rude"] && rude[0].sanction?.contains("待岗") == true)
        #expect(rude[0].bounds(persons: 5) == PenaltyProposal.Bounds(least: 300, most: 600))
        let outside = try judged(
            "substantiated", ["channel": "external_body", "external_body": "监管机构"], breach: "rude_attitude")
        #expect(outside[0].factor == 2 && outside[0].factorPenalty == "dz-double")
        #expect(outside[0].bounds(persons: 1) == PenaltyProposal.Bounds(least: 600, most: 1200))
        // The floors of 严重 above those of 重大 are kept, and shown.
        let major = try judged("substantiated", ["severity": "major"], breach: nil)
        #expect(major.map { $0.bounds(persons: 1)?.least } == [800, 600, 500, 300, 300])
        let serious = try judged("substantiated", ["severity": "serious"], breach: nil)
        #expect(serious.map { $0.bounds(persons: 1)?.least } == [1000, 800, 600, 400, 400])
        #expect((major + serious).allSatisfy { $0.anomaly != nil && $0.bounds(persons: 1)?.most == nil })
        // Rules referred to that are not in the source: a proposal without a figure.
        let donts = try judged("substantiated", [:], breach: "ten_donts")
        #expect(donts.map(\.penalty) == ["dz-ten-donts"] && donts[0].bounds(persons: 1) == nil)

        var untrue = try Walk.replied("dazu")
        try untrue.step("review", "marketing", ["assessment": "unqualified", "fault_of_reply": "untrue"])
        let false500 = try proposals(untrue, "dazu")
        #expect(false500.map(\.penalty) == ["dz-false-reply"] && false500[0].bounds(persons: 1)?.least == 500)
    }

    /// 000-P 9: any complaint at all.
    @Test func marketing() throws {
        let walk = try Walk.replied("marketing")
        let any = try proposals(walk, "marketing")
        #expect(any.map { $0.bounds(persons: 1)?.least } == [20])
    }

    @Test func aPersonDecidesOnce() throws {
        var untrue = try Walk.replied("dazu")
        try untrue.step("review", "marketing", ["assessment": "unqualified", "fault_of_reply": "untrue"])
        let proposal = try #require(try proposals(untrue, "dazu").first)
        let judge = OrderActor(name: "1301", role: "marketing")
        var one = PenaltyCase(proposal)
        #expect(one.yuan == nil)
        #expect(throws: PenaltyCase.Refusal.sum(PenaltyProposal.Bounds(least: 500, most: 500))) {
            try one.confirm(yuan: 400, by: judge, at: 1, why: "第二十六条")
        }
        #expect(throws: PenaltyCase.Refusal.reasonMissing) { try one.confirm(yuan: 500, by: judge, at: 1, why: " ") }
        #expect(throws: PenaltyCase.Refusal.party("power_station")) {
            try one.drop(by: try #require(Walk.people["station"]), at: 1, why: "误会")
        }
        #expect(one.verdict == nil)
        try one.confirm(yuan: 500, by: judge, at: 1, why: "第二十六条")
        #expect(one.yuan == 500)
        #expect(throws: PenaltyCase.Refusal.self) { try one.drop(by: judge, at: 2, why: "申诉") }
        var other = PenaltyCase(proposal)
        try other.drop(by: judge, at: 1, why: "查无实据")
        #expect(other.yuan == nil && other.verdict?.decision == .dropped)
    }

    @Test func carriedOverUntilComplete() {
        let plan = PenaltyDeduction.plan(owed: 1000, available: [300, 0, -50, 450, 900])
        #expect(plan.months == [300, 0, 0, 450, 250] && plan.left == 0)
        #expect(PenaltyDeduction.plan(owed: 1000, available: [300]).left == 700)
        #expect(PenaltyDeduction.plan(owed: -5, available: [300]).months == [0])
    }
}
