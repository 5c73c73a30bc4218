import Calls
import Foundation
import Storage
import Testing

/// Facts that contradict what is stored.
@Suite struct ConflictTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        let facts: @Sendable (Scenario) -> [Fact]
        var testDescription: String { name }
    }

    static let contradictions: [Case] = [
        Case(name: "the same call twice") { [$0.offered] },
        Case(name: "an alerting without a call") { _ in [Scenario(9).alerted] },
        Case(name: "an answer without a call") { _ in [Scenario(9).answered] },
        Case(name: "a second answer") { [$0.answered] },
        Case(name: "a leg without a call") { _ in [Scenario(9).established] },
        Case(name: "a leg that belongs to another call") { one in
            let other = Scenario(8)
            let leg = LegEstablished(
                call: other.call, leg: one.leg, at: other.at(1), role: .agent, line: "trunk1", codec: "PCMU", rate: 8000
            )
            return [other.offered, .legEstablished(leg)]
        },
        Case(name: "a note without a call") { _ in [Scenario(9).noted(1, "step")] },
        Case(name: "a key without a call") { _ in [Scenario(9).noted(1, "key", ["key": "1"])] },
        Case(name: "a second release") { [$0.released(.failed)] },
        Case(name: "a recording twice") { [$0.planned] },
        Case(name: "a recording without a call") { _ in [Scenario(9).planned] },
        Case(name: "a start after the end") { [$0.recordingStarted] },
        Case(name: "a failure after the end") { one in
            [.recordingFailed(RecordingFailed(recording: one.recording, call: one.call, at: one.at(1), message: "x"))]
        },
        Case(name: "a finished recording finished again") { [$0.recordingFinished] },
        Case(name: "a finished recording that was never planned") { _ in [Scenario(9).recordingFinished] },
        Case(name: "a number given twice") { one in
            let other = Scenario(9)
            return [
                .orderCreated(
                    OrderCreated(
                        order: other.order, at: other.start, number: one.number, code: "1", category: "fault",
                        call: nil, caller: nil, fields: [:]))
            ]
        },
        Case(name: "an order of a call that does not exist") { _ in [Scenario(9).created] },
        Case(name: "a link to an order that does not exist") { _ in [Scenario(9).linked] },
        Case(name: "a good fact and a bad one") { one in [Scenario(9).offered, one.answered] },
    ]

    @Test(arguments: contradictions)
    func isRefusedWhereSomebodyWaits(_ example: Case) async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole)
        let before = try await store.reader.calls()
        do {
            try await store.record(example.facts(one))
            Issue.record("it was accepted")
        } catch {
            #expect(error.code == .conflict, "\(error)")
        }
        #expect(try await store.reader.calls() == before)
        #expect(store.statistics.events == UInt64(one.whole.count))
        // The store goes on.
        try await store.record(Scenario(1).whole)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test(arguments: contradictions)
    func isJournalledAllTheSameWhereNobodyWaits(_ example: Case) async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        let facts = example.facts(one)
        try await store.record(one.whole)
        store.submit(facts)
        try await store.record(Scenario(1).whole)
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        #expect(report.chains.map(\.events) == [Int64(one.whole.count * 2 + facts.count)])
        #expect(report.chains.map(\.unapplied) == [1])
        #expect(store.statistics.unapplied == 1)
        await store.close()
    }

    @Test func aNeighbourInTheSameGroupIsNotHarmed() async throws {
        let folder = try TemporaryFolder()
        var pace = Store.Pace.quick
        pace.gatherMilliseconds = 20
        pace.urgentMilliseconds = 20
        let store = try Store.test(folder, pace: pace)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<40 {
                group.addTask {
                    do {
                        // Every second one names a call that does not exist.
                        try await store.record([index % 2 == 0 ? Scenario(index).offered : Scenario(index).answered])
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: 0) { count, good in count += good ? 1 : 0 }
        }
        #expect(outcomes == 20)
        #expect(try await store.reader.calls().count == 20)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func aSecondAlertingStaysOnTheTimeline() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        let second = CallAlerted(call: one.call, at: one.at(400), basis: .emitted183)
        try await store.record([one.offered, one.alerted, .callAlerted(second)])
        let call = try #require(try await store.reader.call(one.call))
        #expect(call.summary.ringingAt == UTCTime(one.at(20)))
        #expect(call.summary.ringsBasis == .nominal180)
        #expect(call.timeline.map(\.type) == ["call_offered", "call_alerted", "call_alerted"])
        #expect(call.timeline.map(\.offsetMilliseconds) == [0, 20, 400])
        await store.close()
    }
}
