import Calls
import Foundation
import Storage
import Testing

/// Facts about agents and queues that contradict what is stored.
@Suite struct AgentConflictTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        let facts: @Sendable (AgentScenario) -> [Fact]
        var testDescription: String { name }
    }

    static let contradictions: [Case] = [
        Case(name: "a queue without a call") { _ in [AgentScenario(9).entered] },
        Case(name: "two queues at once") { one in
            [
                .queueEntered(
                    QueueEntered(call: one.call, at: one.at(1), queue: "bills", position: 1, priority: [])),
                .queueEntered(
                    QueueEntered(call: one.call, at: one.at(2), queue: "faults", position: 1, priority: [])),
            ]
        },
        Case(name: "leaving a queue twice") { [$0.left] },
        Case(name: "leaving another queue") { one in
            [
                .queueEntered(
                    QueueEntered(call: one.call, at: one.at(1), queue: "bills", position: 1, priority: [])),
                one.left,
            ]
        },
        Case(name: "an offer without a call") { _ in
            [AgentScenario(9).offered(AgentScenario(9).first, workNumber("1001"), 1)]
        },
        Case(name: "a leg offered twice") { [$0.offered($0.first, $0.one, 1)] },
        Case(name: "a phone that rings unasked") { [$0.alerted(AgentScenario(9).first, $0.one, 1)] },
        Case(name: "another agent's phone") { [$0.alerted($0.first, $0.two, 1)] },
        Case(name: "an offer that ends twice") { [$0.ended($0.first, $0.one, 1, .busy, rang: nil)] },
        Case(name: "a second answer") { [$0.agentAnswered] },
        Case(name: "a leg that ends twice") { one in
            [
                .agentLeft(
                    AgentLeft(call: one.call, leg: one.second, at: one.at(1), agent: one.two, by: .agent, message: ""))
            ]
        },
        Case(name: "a hold without a leg") { _ in [AgentScenario(9).held(true, 1)] },
        Case(name: "rings below zero") { one in
            let leg = AgentScenario(7).first
            return [one.offered(leg, one.one, 1), one.ended(leg, one.one, 2, .noAnswer, rang: -10_000)]
        },
        Case(name: "a segment of no recording") { one in
            [
                .segmentBegan(
                    SegmentBegan(
                        recording: AgentScenario(9).base.recording, call: one.call, at: one.at(1), position: .zero,
                        channel: 0, role: "agent"))
            ]
        },
        Case(name: "an apology without a call") { _ in
            [.apologyPlayed(ApologyPlayed(call: AgentScenario(9).call, at: SteppingTime.start, owed: true))]
        },
        Case(name: "an announcement without a call") { _ in
            [
                .announced(
                    Announced(call: AgentScenario(9).call, at: SteppingTime.start, items: ["greeting"], by: "system"))
            ]
        },
        Case(name: "a rating of six") { one in
            [.rated(Rated(call: one.call, at: one.at(1), agent: one.one, score: 6))]
        },
        Case(name: "a rating of none") { one in
            [.rated(Rated(call: one.call, at: one.at(1), agent: one.one, score: 0))]
        },
        Case(name: "a second rating") { one in
            [.rated(Rated(call: one.call, at: one.at(1), agent: one.two, score: 5))]
        },
        Case(name: "a message twice") { [$0.conversation[15]] },
        Case(name: "a message of another call's recording") { one in
            [
                .messageLeft(
                    MessageLeft(
                        message: AgentScenario(9).message, call: one.call, at: one.at(1), queue: "faults", caller: nil,
                        recording: AgentScenario(9).base.recording, from: .zero, to: .zero))
            ]
        },
        Case(name: "hearing no message") { one in
            [.messageHeard(MessageHeard(message: AgentScenario(9).message, at: one.at(1), by: one.one))]
        },
        Case(name: "ending a call-back nobody asked for") { one in
            [.callBackEnded(CallBackEnded(call: AgentScenario(9).call, at: one.at(1), reached: true))]
        },
        Case(name: "a call-back that reached twice") { one in
            let ended = CallBackEnded(call: one.call, at: one.at(1), made: one.call, reached: true, by: one.one)
            return [.callBackEnded(ended), .callBackEnded(ended)]
        },
        Case(name: "unblocking what is not blocked") { one in
            [.numberUnblocked(NumberUnblocked(at: one.at(1), number: "13900000666", by: one.one))]
        },
    ]

    @Test(arguments: contradictions)
    func isRefusedWhereSomebodyWaits(_ example: Case) async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = AgentScenario(0)
        try await store.record(one.whole)
        let before = try await store.reader.call(one.call)
        do {
            try await store.record(example.facts(one))
            Issue.record("it was accepted")
        } catch {
            #expect(error.code == .conflict, "\(error)")
        }
        #expect(try await store.reader.call(one.call) == before)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test(arguments: contradictions)
    func isJournalledAllTheSameWhereNobodyWaits(_ example: Case) async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = AgentScenario(0)
        try await store.record(one.whole)
        store.submit(example.facts(one))
        try await store.record(AgentScenario(1).whole)
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        #expect(report.chains.map(\.unapplied) == [1])
        await store.close()
    }
}
