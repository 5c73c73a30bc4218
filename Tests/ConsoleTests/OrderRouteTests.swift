import Calls
import Foundation
import Storage
import Switchboard
import Testing

/// An order's life by the API.
@Suite(.serialized) struct OrderRouteTests {
    private func ordered(_ bench: Bench) async throws -> String {
        let call = PastCall(0)
        try await bench.store.record(call.left + call.ordered("20261122-0007", caller: "13900000001"))
        return "20261122-0007"
    }

    @Test func stepsAreDoneOrRefusedWithTheReason() async throws {
        try await Bench.with { bench async throws in
            let number = try await ordered(bench)
            func step(_ body: String) async throws -> Answer {
                try await bench.post("orders/\(number)/steps", body)
            }
            let accepted = try await step(
                """
                {"step": "accept", "by": "1001", "role": "agent", "happened_at": "2026-11-22T11:04:00+08:00",
                "fields": {"content": "停电", "channel": "telephone", "place": "东门路"}}
                """)
            #expect(accepted.status == 200, "\(accepted.text)")
            let life = try JSONDecoder().decode(OrderLifeView.self, from: Data(accepted.body))
            #expect(life.state == "reported" && life.owner == "agent" && life.clocks.map(\.id) == ["arrive"])
            #expect(life.clocks.first?.since == UTCTime("2026-11-22T03:04:00Z"))
            #expect(try await bench.get("orders/\(number)/life").status == 200)
            let stored = try #require(try await bench.reader.order(number))
            #expect(stored.state == "reported" && stored.steps.map(\.by) == ["1001"])

            for (body, status, words) in [
                (#"{"step": "arrive", "by": "1001", "role": "agent"}"#, 409, "[state]"),
                (#"{"step": "triage", "by": "1001", "role": "crew"}"#, 409, "[role]"),
                (#"{"step": "triage", "by": "1001", "role": "agent"}"#, 409, "responsibility"),
                (#"{"step": "dance", "by": "1001", "role": "agent"}"#, 409, "dance"),
                (#"{"step": "triage", "by": "7777", "role": "agent"}"#, 404, "7777"),
                (#"{"step": "triage", "by": "1001", "role": "agent", "fields": ["x"]}"#, 400, "fields"),
                (#"{"step": "triage", "by": "1001", "role": "agent", "happened_at": "today"}"#, 400, "happened_at"),
                (#"{"step": "note", "by": "1001", "role": "agent", "fields": {"note": "a\u0000b"}}"#, 409, "control"),
            ] {
                let problem = try await step(body).problem()
                #expect(problem.status == status, "\(body): \(problem.detail)")
                #expect(problem.detail.contains(words), "\(body): \(problem.detail)")
            }
            #expect(try await bench.reader.order(number)?.steps.count == 1)
            #expect(try await bench.get("orders/20261122-0099/life").problem().status == 404)
        }
    }

    /// Of steps at the same moment one is done; the others are told, and none is half done.
    @Test func atTheSameMomentOneIsDone() async throws {
        try await Bench.with { bench async throws in
            let number = try await ordered(bench)
            let body = """
                {"step": "accept", "by": "1001", "role": "agent",
                "fields": {"content": "停电", "channel": "telephone", "place": "东门路"}}
                """
            let answers = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 { group.addTask { try await bench.post("orders/\(number)/steps", body).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0 == 200 }.count == 1 && answers.allSatisfy { $0 == 200 || $0 == 409 })
            #expect(try await bench.reader.order(number)?.steps.count == 1)
            #expect(try await bench.reader.verifyEvidence().ok)
        }
    }
}
