import Calls
import Foundation
import Norms
import Storage
import Testing

/// The steps of a work order's life as facts. What they mean is WorkOrders' affair.
@Suite struct OrderStepTests {
    private func step(
        _ one: Scenario, _ number: Int, _ step: String = "accept", state: String = "accepted",
        status: String = "created", owner: String? = "shift_leader"
    ) -> Fact {
        .orderStepped(
            OrderStepped(
                order: one.order, at: one.at(30_000 + Int64(number) * 1000), number: number, step: step, by: "1002",
                role: "shift_leader", unit: nil, happened: one.at(29_000).wall, why: "客户 13900000001 要求",
                fields: ["content": "停电"], life: "fault@1", policy: "zhejiang@1", state: state, status: status,
                owner: owner, ownerUnit: nil))
    }

    @Test func stepsMoveTheOrder() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole)
        #expect(try await store.reader.order(one.number)?.life == nil)
        try await store.record([step(one, 1)])
        var order = try #require(try await store.reader.order(one.number))
        #expect(order.state == "accepted" && order.owner == "shift_leader" && order.status == "created")
        #expect(order.life == "fault@1" && order.policy == "zhejiang@1" && order.closedAt == nil)
        #expect(order.steps.map(\.step) == ["accept"] && order.steps[0].fields == ["content": "停电"])
        #expect(order.steps[0].happenedAt == UTCTime(one.at(29_000)))
        #expect(order.steps[0].enteredAt == UTCTime(one.at(31_000)))
        try await store.record([step(one, 2, "archive", state: "archived", status: "closed", owner: nil)])
        order = try #require(try await store.reader.order(one.number))
        #expect(order.status == "closed" && order.owner == nil && order.closedAt == UTCTime(one.at(32_000)))
        #expect(try await store.reader.orders(filter: OrderFilter(status: "closed")).map(\.number) == [one.number])
        // Retention counts from there.
        let subject = try #require(try await store.reader.retentionSubject(of: one.call))
        #expect(subject.orders.map(\.closedAt) == [one.at(32_000).wall])
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        await store.close()
    }

    /// Two people looked at the same order: the second step is refused, and nothing of it stays.
    @Test func eachStepFollowsTheLast() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole)
        try await store.record([step(one, 1)])
        for number in [1, 3, 0] {
            await #expect { try await store.record([self.step(one, number, "dispatch")]) } throws: {
                ($0 as? StorageError)?.code == .conflict
            }
        }
        await #expect(throws: StorageError.self) { try await store.record([self.step(Scenario(9), 1)]) }
        #expect(try await store.reader.order(one.number)?.steps.count == 1)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    /// Where the tables were changed behind the journal's back, it is found; what a person had erased is no such finding.
    @Test func changedAndErased() async throws {
        let folder = try TemporaryFolder()
        var store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole + [step(one, 1)])
        await store.close()
        var raw = try Raw(folder)
        try raw.change("UPDATE order_steps SET role = 'supervisor'")
        try raw.queue.close()
        store = try Store.test(folder, seed: 2)
        let report = try await store.reader.verifyEvidence()
        #expect(!report.ok && "\(report)".contains("order_steps"))
        await store.close()
        raw = try Raw(folder)
        try raw.change("UPDATE order_steps SET role = 'shift_leader'")
        try raw.queue.close()

        store = try Store.test(folder, seed: 3)
        try await store.record([
            .personalDataErased(
                PersonalDataErased(
                    at: one.at(90_000), call: one.call, orders: [one.order], reason: "asked",
                    by: workNumber("1001")))
        ])
        let order = try #require(try await store.reader.order(one.number))
        #expect(order.steps.isEmpty && order.state == "accepted")
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
        // Neither reason nor field is left in the file.
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where file.hasPrefix("hotline.sqlite") {
            let data = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + file))
            #expect(data.range(of: Data("要求".utf8)) == nil, "\(file)")
        }
    }
}
