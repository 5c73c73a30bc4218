import Calls
import Documents
import Foundation
import Norms
import Storage
import Switchboard
import Synchronization
import Testing

/// Lives of stored orders: a real store, the shipped rules, a clock moved by hand.
@Suite struct OrderBookTests {
    private final class HandClock: TimeSource, Sendable {
        /// 2026-02-13 09:00 in Shanghai.
        private let wall = Mutex<Int64>(1_770_944_400_000_000)

        func now() -> Instant {
            let wall = wall.withLock { $0 }
            return Instant(wall: wall, mono: wall * 1000)
        }

        func pass(minutes: Int64) { wall.withLock { $0 += minutes * 60_000_000 } }
    }

    private struct Desk {
        let clock = HandClock()
        let store: Store
        let book: OrderBook
        let folder: URL

        init(policy: String) throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "hotline-orders-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            store = try Store.open(
                folder: folder.path, identity: NodeIdentity(name: "test", number: 1, boot: "boot"), time: clock,
                random: { UInt64.random(in: .min ... .max) })
            book = OrderBook(rules: try Self.rules(policy), store: store, time: clock)
        }

        /// Read once: the rules do not change.
        private static let read = Mutex<[String: OrderRulebook]>([:])

        static func rules(_ policy: String) throws -> OrderRulebook {
            if let known = read.withLock({ $0[policy] }) { return known }
            let norms = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "norms")
            let rules = try OrderRulebook(norms: NormFolder(path: norms.path), policy: policy, zone: .fixed(28_800))
            read.withLock { $0[policy] = rules }
            return rules
        }

        func make(_ serial: Int, _ category: String = "complaint") async throws -> String {
            let number = "20260213-000\(serial)"
            try await store.record([
                .orderCreated(
                    OrderCreated(
                        order: OrderID(high: 1, low: UInt64(serial)), at: clock.now(), number: number, code: "4711",
                        category: category, call: nil, caller: "13900001234", fields: [:]))
            ])
            return number
        }

        @discardableResult
        func step(
            _ number: String, _ step: String, _ role: String, _ fields: [String: String] = [:], unit: String? = nil,
            why: String? = nil
        ) async throws -> OrderLifeView {
            clock.pass(minutes: 1)
            return try await book.step(
                number,
                OrderStepRequest(
                    step: step, by: workNumber("1001"), role: role, unit: unit, why: why, fields: fields))
        }

        func close() async throws {
            await store.close()
            try FileManager.default.removeItem(at: folder)
        }

        static let said = [
            "content": "抄表员两个月没有来", "channel": "telephone", "identity": "named", "customer": "王女士",
            "contact": "13900001234", "topic": "conduct",
        ]
    }

    private func refusal(_ work: () async throws -> Void) async throws -> String? {
        do {
            try await work()
            return nil
        } catch let error as SwitchboardError {
            #expect(error.code == .refused || error.code == .notFound)
            return error.message
        }
    }

    @Test func stepsAreKeptAndTheCalendarCounts() async throws {
        let desk = try Desk(policy: "yongqiang")
        let number = try await desk.make(7)
        var life = try await desk.book.life(of: number)
        #expect(life.state == "new" && life.clocks.isEmpty && life.possible.map(\.id) == ["accept"])
        life = try await desk.step(number, "accept", "agent", Desk.said)
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
        let again = OrderBook(rules: try Desk.rules("yongqiang"), store: desk.store, time: desk.clock)
        #expect(try await again.life(of: number).clocks.map(\.id) == life.clocks.map(\.id))
        // By other rules than those of its steps it is not judged.
        let other = OrderBook(rules: try Desk.rules("dazu"), store: desk.store, time: desk.clock)
        let wrong = try await refusal { _ = try await other.life(of: number) }
        #expect(wrong?.contains("yongqiang@1") == true)
        #expect(
            try await refusal { _ = try await desk.book.life(of: "20260213-0099") }?.contains("no work order") == true)
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }

    @Test func mergingIsOneTransactionForBoth() async throws {
        let desk = try Desk(policy: "yongqiang")
        let (one, two, fault) = (try await desk.make(1), try await desk.make(2), try await desk.make(3, "fault"))
        try await desk.step(one, "accept", "agent", Desk.said)
        // The other was not accepted yet: neither changes.
        #expect(
            try await refusal { try await desk.step(one, "merge", "shift_leader", ["into": two], why: "重复") } != nil)
        #expect(try await desk.store.reader.order(one)?.steps.count == 1)
        try await desk.step(two, "accept", "agent", Desk.said)
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
        let desk = try Desk(policy: "yongqiang")
        let one = try await desk.make(1, "report")
        var life = try await desk.step(one, "accept", "agent", Desk.said)
        #expect(life.route == nil && life.repeats?.count == 1 && life.repeats?.warning == "none")
        life = try await desk.step(one, "audit", "shift_leader", ["verdict": "passed"])
        #expect(life.route?.departments == ["party_office"] && life.route?.clause == "002 四 1")
        let two = try await desk.make(2, "report")
        var about = Desk.said
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
        let desk = try Desk(policy: "yongqiang")
        let number = try await desk.make(1)
        var fields = Desk.said
        fields["recording"] = RecordingID(high: 5, low: 6).description
        #expect(
            try await refusal { try await desk.step(number, "accept", "agent", fields) }?.contains("recording") == true)
        let life = try await desk.step(number, "accept", "agent", Desk.said)
        #expect(life.unproven == ["accept"])
        try await desk.close()
    }

    @Test func aPolicyThatIsNotThere() throws {
        #expect { _ = try Desk.rules("yongqang") } throws: { "\($0)".contains("Did you mean \"yongqiang\"") }
    }
}
