import Calls
import Foundation
import Storage
import Testing

@Suite struct StoreTests {
    @Test func aWholeCallIsListedAsItHappened() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let scenario = Scenario(0)
        try await store.record(scenario.whole)
        let calls = try await store.reader.calls()
        let call = try #require(calls.first)
        #expect(calls.count == 1)
        #expect(call.callID == scenario.call)
        #expect(call.node == "node1")
        #expect(call.offeredAt.description == "2026-11-22T03:04:05.000000Z")
        #expect(call.ringingAt?.description == "2026-11-22T03:04:05.020000Z")
        #expect(call.answerMilliseconds == 1000)
        #expect(call.ringMilliseconds == 1000)
        #expect(call.rings == 1)
        #expect(call.firstPromptAt == UTCTime(scenario.at(1060)))
        #expect(call.digits == "2#")
        #expect(call.outcome == .completed)
        #expect(call.releasedBy == .caller)
        #expect(call.releaseEvidence?.message == "BYE received")
        #expect(call.legs == [.init(id: scenario.leg, role: .caller, codec: "PCMA", rate: 8000)])
        #expect(call.orders == ["20261122-0001"])
        #expect(call.recordings.count == 1)
        #expect(call.recordings.first?.seconds == 20)
        #expect(call.recordings.first?.channels.map(\.role) == ["caller", "system"])
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        #expect(report.standing == .selfConsistentOnly)
        #expect(report.chains.map(\.events) == [15])
        await store.close()
    }
}
