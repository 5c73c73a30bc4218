import Calls
import Foundation
import Storage
import Testing

/// Lists and their filters, asked of one store of 30 calls.
@Suite struct FilterTests {
    private func filled(_ folder: TemporaryFolder) async throws -> Store {
        let store = try Store.test(folder)
        let facts = (0..<30).flatMap { index in
            let scenario = Scenario(index, caller: index % 3 == 0 ? "13900000003" : "13900000001")
            return index % 5 == 0
                ? [scenario.offered, scenario.alerted, scenario.released(.abandoned)] : scenario.whole
        }
        try await store.record(facts)
        return store
    }

    private func at(_ second: Int) -> UTCTime { UTCTime(Scenario(second).start) }

    @Test func calls() async throws {
        let folder = try TemporaryFolder()
        let store = try await filled(folder)
        let reader = store.reader
        let cases: [(CallFilter, Int)] = [
            (CallFilter(), 30), (CallFilter(limit: 7), 7), (CallFilter(from: at(10)), 20), (CallFilter(to: at(10)), 10),
            (CallFilter(from: at(10), to: at(20)), 10), (CallFilter(caller: "13900000003"), 10),
            (CallFilter(caller: "139"), 0), (CallFilter(called: "95598"), 30), (CallFilter(called: "95599"), 0),
            (CallFilter(outcome: .abandoned), 6), (CallFilter(outcome: .failed), 0), (CallFilter(node: "node1"), 30),
            (CallFilter(node: "node2"), 0), (CallFilter(from: at(10), caller: "13900000003", outcome: .abandoned), 1),
            (CallFilter(caller: "' OR 1=1 --"), 0), (CallFilter(order: Scenario(7).number), 1),
            (CallFilter(order: "20261122-9999"), 0), (CallFilter(order: "' OR 1=1 --"), 0),
            (CallFilter(before: Scenario(10).call), 10), (CallFilter(before: Scenario(99).call), 0),
        ]
        for (filter, count) in cases {
            let calls = try await reader.calls(filter: filter)
            #expect(calls.count == count, "\(filter)")
            #expect(calls.map(\.offeredAt) == calls.map(\.offeredAt).sorted(by: >))
        }
        // Page by page gives each call once.
        var paged: [CallID] = []
        var filter = CallFilter(limit: 7)
        while true {
            let page = try await reader.calls(filter: filter)
            paged += page.map(\.callID)
            guard let last = page.last else { break }
            filter.before = last.callID
        }
        #expect(paged == (0..<30).reversed().map { Scenario($0).call })
        for limit in [0, -1, 100_001, Int.min, Int.max] {
            await #expect(throws: StorageError.self) { try await reader.calls(filter: CallFilter(limit: limit)) }
        }
        await store.close()
    }

    @Test func orders() async throws {
        let folder = try TemporaryFolder()
        let store = try await filled(folder)
        let reader = store.reader
        #expect(try await reader.orders().count == 24)
        #expect(try await reader.orders(filter: OrderFilter(caller: "13900000003", limit: 3)).count == 3)
        #expect(try await reader.orders(filter: OrderFilter(category: "complaint")).isEmpty)
        #expect(try await reader.orders(filter: OrderFilter(status: "created")).count == 24)
        #expect(try await reader.orders(filter: OrderFilter(withoutRecording: "return_visit")).count == 24)
        let unspoken = try await reader.orders(filter: OrderFilter(withoutRecording: "message"))
        #expect(unspoken.count < 24)
        #expect(unspoken.allSatisfy { order in !order.recordings.contains { $0.role == "message" } })
        #expect(try await reader.orders(filter: OrderFilter(call: Scenario(1).call)).map(\.number) == ["20261122-0002"])
        #expect(
            try await reader.orders(filter: OrderFilter(before: Scenario(2).order)).map(\.number) == ["20261122-0002"])
        #expect(
            try await reader.ordersByCaller("13900000001", limit: 2).map(\.number) == [
                "20261122-0030", "20261122-0029",
            ])
        #expect(try await reader.ordersByCaller("").isEmpty)
        await store.close()
    }

    @Test func aNumberAloneOpensNothing() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record(Scenario(0).whole)
        let cases: [(String, String, Bool)] = [
            ("20261122-0001", "4711", true), ("20261122-0001", "4712", false), ("20261122-0001", "", false),
            ("20261122-0002", "4711", false), ("", "", false), ("20261122-0001", "' OR ''='", false),
        ]
        for (number, code, opens) in cases {
            let order = try await store.reader.orderByCode(number: number, code: code)
            #expect((order != nil) == opens, "\(number) \(code)")
        }
        await store.close()
    }

    @Test func recordings() async throws {
        let folder = try TemporaryFolder()
        let store = try await filled(folder)
        let reader = store.reader
        #expect(try await reader.recordings().count == 24)
        #expect(try await reader.recordings(filter: RecordingFilter(state: .finished, limit: 5)).count == 5)
        #expect(try await reader.recordings(filter: RecordingFilter(state: .failed)).isEmpty)
        #expect(
            try await reader.recordings(filter: RecordingFilter(call: Scenario(1).call)).map(\.id) == [
                Scenario(1).recording
            ])
        #expect(
            try await reader.recordings(filter: RecordingFilter(before: Scenario(2).recording)).map(\.id) == [
                Scenario(1).recording
            ])
        #expect(try await reader.recordings(filter: RecordingFilter(from: at(25), to: at(27))).count == 1)
        #expect(try await reader.recording(Scenario(1).recording)?.orders == ["20261122-0002"])
        #expect(try await reader.recording(Scenario(0).recording) == nil)
        await store.close()
    }
}
