import Calls
import Storage
import Switchboard
import Testing

/// Penalties are proposed with the clause and the sum, and nothing comes of them before a person has decided.
@Suite struct PenaltyBookTests {
    /// A complaint whose reply is found unqualified.
    private func unqualified(_ desk: OrderDesk, _ serial: Int = 1) async throws -> String {
        let number = try await desk.make(serial)
        try await desk.step(number, "accept", "agent", OrderDesk.said)
        try await desk.step(number, "audit", "shift_leader", ["verdict": "passed"])
        try await desk.step(number, "dispatch", "shift_leader", ["department": "power_station"])
        let unit = "power_station"
        try await desk.step(number, "receive", "department", unit: unit)
        try await desk.step(number, "contact", "department", ["reached": "reached"], unit: unit)
        try await desk.step(
            number, "reply", "department",
            [
                "result": "已处理", "finding": "substantiated", "customer_view": "dissatisfied", "cause": "漏抄",
                "apologised": "yes",
            ], unit: unit)
        try await desk.step(number, "director_contact", "hotline_director", ["reached": "reached"])
        try await desk.step(
            number, "review", "hotline_director", ["assessment": "unqualified", "fault_of_reply": "incomplete"])
        return number
    }

    private func decision(
        _ number: String, _ penalty: String, yuan: Int?, role: String = "supervisor", unit: String? = nil,
        why: String = "核实"
    ) -> PenaltyDecisionRequest {
        PenaltyDecisionRequest(
            order: number, penalty: penalty, yuan: yuan, by: workNumber("1003"), role: role, unit: unit, why: why)
    }

    @Test func anUnqualifiedReplyIsProposedAndDecided() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let number = try await unqualified(desk)
        let proposed = try await desk.store.reader.penalties(PenaltyFilter(order: number))
        // 002 六2: 50 yuan.
        let one = try #require(proposed.first { $0.trigger == "unqualified" })
        #expect(proposed.count == 1 && one.state == "proposed" && one.least == 50 && one.most == 50)
        #expect(one.profile == "yongqiang@1" && one.clause.contains("六") && one.unit == "power_station")

        let sum = try await refusal { _ = try await desk.penalties.decide(decision(number, one.penalty, yuan: 60)) }
        #expect(sum?.contains("exactly 50") == true)
        let role = try await refusal {
            _ = try await desk.penalties.decide(decision(number, one.penalty, yuan: 50, role: "agent"))
        }
        #expect(role?.contains("supervisor") == true)
        let party = try await refusal {
            _ = try await desk.penalties.decide(
                decision(number, one.penalty, yuan: 50, unit: "power_station"))
        }
        #expect(party?.contains("power_station") == true)
        let why = try await refusal {
            _ = try await desk.penalties.decide(decision(number, one.penalty, yuan: 50, why: " "))
        }
        #expect(why?.contains("reason") == true)
        let unknown = try await refusal { _ = try await desk.penalties.decide(decision(number, "yq-none", yuan: 50)) }
        #expect(unknown?.contains("proposed") == true)

        let decided = try await desk.penalties.decide(decision(number, one.penalty, yuan: 50))
        #expect(decided.state == "confirmed" && decided.yuan == 50 && decided.decidedBy == "1003")
        let again = try await refusal { _ = try await desk.penalties.decide(decision(number, one.penalty, yuan: nil)) }
        #expect(again?.contains("confirmed") == true)
        #expect(try await desk.store.reader.penalties(PenaltyFilter(state: "confirmed")).map(\.order) == [number])
        #expect(try await desk.store.reader.penalties(PenaltyFilter(state: "proposed")).isEmpty)
        await #expect(throws: StorageError.self) {
            try await desk.store.reader.penalties(PenaltyFilter(state: "paid"))
        }
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }

    /// What was proposed grows with what happens, until a person has decided; a dropped one stays dropped.
    @Test func proposalsGrowUntilTheyAreDecided() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let number = try await unqualified(desk)
        let unit = "power_station"
        func again() async throws {
            try await desk.step(
                number, "reply", "department",
                [
                    "result": "再次处理", "finding": "substantiated", "customer_view": "dissatisfied", "cause": "漏抄",
                    "apologised": "yes",
                ], unit: unit)
            try await desk.step(number, "director_contact", "hotline_director", ["reached": "reached"])
            try await desk.step(
                number, "review", "hotline_director", ["assessment": "unqualified", "fault_of_reply": "incomplete"])
        }
        try await again()
        var one = try #require(
            try await desk.store.reader.penalties(PenaltyFilter(order: number)).first { $0.trigger == "unqualified" })
        #expect(one.count == 2)
        one = try await desk.penalties.decide(decision(number, one.penalty, yuan: nil))
        #expect(one.state == "dropped" && one.yuan == nil)
        try await again()
        one = try #require(
            try await desk.store.reader.penalties(PenaltyFilter(order: number)).first { $0.trigger == "unqualified" })
        #expect(one.state == "dropped" && one.count == 2)
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }
}
