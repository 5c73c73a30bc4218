import Calls
import Storage
import Switchboard
import Testing

/// Lives of stored orders: a real store, the shipped rules, a clock moved by hand.
@Suite struct OrderBookTests {
    @Test func stepsAreKeptAndTheCalendarCounts() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let number = try await desk.make(7)
        var life = try await desk.book.life(of: number)
        #expect(life.state == "new" && life.clocks.isEmpty && life.possible.map(\.id) == ["accept"])
        life = try await desk.step(number, "accept", "agent", OrderDesk.said)
        #expect(life.state == "accepted" && life.owner == "shift_leader")
        // Received on Friday 2026-02-13, before the Spring Festival: ten working days end with 03-05 (norms.md F).
        let answer = try #require(life.clocks.first { $0.id == "answer" })
        #expect(answer.dueAt == UTCTime("2026-03-05T16:00:00Z") && answer.rule == "yq-complaint" && !answer.provisional)
        let refused = try await refusal {
            try await desk.step(number, "dispatch", "shift_leader", ["department": "safety"])
        }
        #expect(refused?.contains("[state]") == true)
        try await desk.step(number, "audit", "shift_leader", ["verdict": "passed"])
        let role = try await refusal { try await desk.step(number, "dispatch", "agent", ["department": "safety"]) }
        #expect(role?.contains("[role]") == true)
        life = try await desk.step(number, "dispatch", "shift_leader", ["department": "power_station"])
        #expect(life.ownerUnit == "power_station" && life.status == "dispatched")
        // What is possible is told with who may, and without what stands in the way.
        #expect(life.possible.contains { $0.id == "receive" && $0.by == ["department"] })
        #expect(!life.possible.contains { ["report_major", "answer_notice", "dispatch"].contains($0.id) })
        let unit = try await refusal { try await desk.step(number, "receive", "department", unit: "safety") }
        #expect(unit?.contains("[unit]") == true)

        // Another program's life begins where this one's ended.
        let order = try #require(try await desk.store.reader.order(number))
        #expect(order.steps.map(\.step) == ["accept", "audit", "dispatch"] && order.state == "dispatched")
        let again = OrderBook(rules: try OrderDesk.rules("yongqiang"), store: desk.store, time: desk.clock)
        #expect(try await again.life(of: number).clocks.map(\.id) == life.clocks.map(\.id))
        // By other rules than those of its steps it is not judged.
        let other = OrderBook(rules: try OrderDesk.rules("dazu"), store: desk.store, time: desk.clock)
        let wrong = try await refusal { _ = try await other.life(of: number) }
        #expect(wrong?.contains("yongqiang@1") == true)
        #expect(
            try await refusal { _ = try await desk.book.life(of: "20260213-0099") }?.contains("no work order") == true)
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }

    @Test func mergingIsOneTransactionForBoth() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let (one, two, fault) = (try await desk.make(1), try await desk.make(2), try await desk.make(3, "fault"))
        try await desk.step(one, "accept", "agent", OrderDesk.said)
        // The other was not accepted yet: neither changes.
        #expect(
            try await refusal { try await desk.step(one, "merge", "shift_leader", ["into": two], why: "重复") } != nil)
        #expect(try await desk.store.reader.order(one)?.steps.count == 1)
        try await desk.step(two, "accept", "agent", OrderDesk.said)
        try await desk.step(
            fault, "accept", "agent", ["content": "停电", "channel": "telephone", "place": "东门路"])
        let kind = try await refusal { try await desk.step(one, "merge", "shift_leader", ["into": fault], why: "重复") }
        #expect(kind?.contains("convert") == true)
        #expect(
            try await refusal { try await desk.step(one, "merge", "shift_leader", ["into": one], why: "重复") } != nil)
        let life = try await desk.step(one, "merge", "shift_leader", ["into": two], why: "重复来电")
        #expect(life.state == "merged" && life.status == "closed" && life.clocks.isEmpty && life.possible.isEmpty)
        let master = try #require(try await desk.store.reader.order(two))
        #expect(master.steps.map(\.step) == ["accept", "absorb"] && master.steps[1].fields == ["duplicate": one])
        let over = try await refusal { try await desk.step(one, "note", "agent", ["note": "x"]) }
        #expect(over?.contains(two) == true)
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }

    /// 002 四, past those the report is about; and 003 2.2: who calls again is known.
    @Test func routesAndRepeatCallersAreTold() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let one = try await desk.make(1, "report")
        var life = try await desk.step(one, "accept", "agent", OrderDesk.said)
        #expect(life.route == nil && life.repeats?.count == 1 && life.repeats?.warning == "none")
        life = try await desk.step(one, "audit", "shift_leader", ["verdict": "passed"])
        #expect(life.route?.departments == ["party_office"] && life.route?.clause == "002 四 1")
        let two = try await desk.make(2, "report")
        var about = OrderDesk.said
        about["reported_department"] = "party_office"
        life = try await desk.step(two, "accept", "agent", about)
        #expect(life.repeats?.warning == "warn" && life.repeats?.earlier == [one] && life.repeats?.duplicates == [one])
        life = try await desk.step(two, "audit", "shift_leader", ["verdict": "passed"])
        #expect(life.route?.departments == ["discipline"] && life.route?.withheld == ["party_office"])
        let secret = try await refusal {
            try await desk.step(two, "dispatch", "shift_leader", ["department": "party_office"])
        }
        #expect(secret?.contains("[confidential]") == true)
        life = try await desk.step(two, "dispatch", "shift_leader", ["department": "inspection"])
        #expect(life.route == nil)
        try await desk.close()
    }

    @Test func aRecordingThatIsNamedMustBeThere() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let number = try await desk.make(1)
        var fields = OrderDesk.said
        fields["recording"] = RecordingID(high: 5, low: 6).description
        #expect(
            try await refusal { try await desk.step(number, "accept", "agent", fields) }?.contains("recording") == true)
        let life = try await desk.step(number, "accept", "agent", OrderDesk.said)
        #expect(life.unproven.map(\.step) == ["accept"])
        try await desk.close()
    }

    @Test func aPolicyThatIsNotThere() throws {
        #expect { _ = try OrderDesk.rules("yongqang") } throws: { "\($0)".contains("Did you mean \"yongqiang\"") }
    }
}
