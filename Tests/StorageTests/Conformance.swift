import Calls
import Foundation
import Storage
import Testing

/// What every engine must do, asked of it directly. An engine's test calls `check` with a way to make itself.
struct EngineConformance {
    /// Opens the engine on a folder; called again on the same folder after a close.
    let open: (TemporaryFolder) throws -> any StorageEngine

    func check() async throws {
        try await wholeUnitsOrNothing()
        try await replayedEventsStandOnce()
        try await factsReadBackAsTheyWere()
        try numberBlocksFollowEachOther()
        try await everythingIsThereAfterReopening()
        try await agentsAndQueuesAreAnswered()
        try await aClosedEngineRefuses()
    }

    private func unit(_ facts: [Fact], _ conflict: JournalUnit.Conflict = .refuse, seed: UInt64) -> JournalUnit {
        let random = SteppingRandom(seed: seed)
        let events = facts.enumerated().map { index, fact in
            PendingEvent(
                id: EventID(high: random.next(), low: random.next()), fact: fact,
                at: SteppingTime.start.advanced(milliseconds: Int64(index)), boot: "boot", node: "node1")
        }
        return JournalUnit(events: events, conflict: conflict)
    }

    private func wholeUnitsOrNothing() async throws {
        let folder = try TemporaryFolder()
        let engine = try open(folder)
        let one = Scenario(0)
        let result = try engine.commit(
            [
                unit(one.whole, seed: 1), unit([Scenario(1).offered, one.answered], seed: 2),
                unit([Scenario(2).offered, one.answered], .journalOnly, seed: 3), unit([Scenario(3).offered], seed: 4),
            ], replay: false)
        #expect(result.refusals.map { $0?.code } == [nil, .conflict, nil, nil])
        #expect(result.unapplied == 1)
        let calls = try await engine.queries.calls(CallFilter())
        #expect(calls.map(\.callID) == [3, 2, 0].map { Scenario($0).call })
        let report = try await engine.queries.verifyEvidence(anchors: [])
        #expect(report.ok, "\(report)")
        #expect(report.chains.map(\.events) == [Int64(one.whole.count + 3)])
        try engine.close()
    }

    private func replayedEventsStandOnce() async throws {
        let folder = try TemporaryFolder()
        let engine = try open(folder)
        let units = Scenario(0).whole.enumerated().map { unit([$1], .journalOnly, seed: UInt64($0 + 1)) }
        _ = try engine.commit(Array(units.prefix(4)), replay: false)
        let result = try engine.commit(units, replay: true)
        #expect(result.unapplied == 0)
        let again = try engine.commit(units, replay: true)
        #expect(again.unapplied == 0)
        #expect(try await engine.queries.heads().map(\.sequence) == [Int64(units.count)])
        #expect(try await engine.queries.verifyEvidence(anchors: []).ok)
        try engine.close()
    }

    private func factsReadBackAsTheyWere() async throws {
        let folder = try TemporaryFolder()
        let engine = try open(folder)
        let hostile = "'; DROP TABLE calls; -- \u{1F4DE} \u{202E} 停电 \\ \" \t"
        let one = Scenario(0, caller: hostile)
        _ = try engine.commit(
            [unit([one.offered, one.noted(3, hostile, [hostile: hostile])], seed: 1)], replay: false)
        let call = try #require(try await engine.queries.call(one.call))
        #expect(call.summary.caller == hostile)
        #expect(call.timeline[1].kind == hostile)
        #expect(call.timeline[1].data == [hostile: hostile])
        #expect(try await engine.queries.calls(CallFilter(caller: hostile)).count == 1)
        try engine.close()
    }

    private func numberBlocksFollowEachOther() throws {
        let folder = try TemporaryFolder()
        var engine = try open(folder)
        #expect(try engine.reserveNumbers(date: "20261122", count: 20) == 1..<21)
        #expect(try engine.reserveNumbers(date: "20261122", count: 5) == 21..<26)
        #expect(try engine.reserveNumbers(date: "20261123", count: 1) == 1..<2)
        try engine.close()
        engine = try open(folder)
        #expect(try engine.reserveNumbers(date: "20261122", count: 1) == 26..<27)
        try engine.close()
    }

    private func everythingIsThereAfterReopening() async throws {
        let folder = try TemporaryFolder()
        var engine = try open(folder)
        _ = try engine.commit([unit(Scenario(0).whole, seed: 1)], replay: false)
        try engine.checkpoint()
        let before = try await engine.queries.call(Scenario(0).call)
        try engine.close()
        engine = try open(folder)
        #expect(try await engine.queries.call(Scenario(0).call) == before)
        _ = try engine.commit([unit(Scenario(1).whole, seed: 2)], replay: false)
        #expect(try await engine.queries.verifyEvidence(anchors: []).ok)
        try engine.close()
    }

    private func agentsAndQueuesAreAnswered() async throws {
        let folder = try TemporaryFolder()
        var engine = try open(folder)
        let one = AgentScenario(0)
        _ = try engine.commit([unit(one.whole, seed: 1)], replay: false)
        for _ in 0..<2 {
            let queries = engine.queries
            let (from, to) = (UTCTime(one.at(0)), UTCTime(one.at(100_000)))
            #expect(try await queries.call(one.call)?.agents.count == 3)
            #expect(
                try await queries.agentReport(AgentReportQuestion(from: from, to: to)).agents.map(\.agent) == [
                    one.one, one.two, one.three,
                ])
            #expect(try await queries.queueReport(QueueReportQuestion(from: from, to: to)).total.answered == 1)
            #expect(try await queries.messages(MessageFilter()).map(\.id) == [one.message])
            #expect(try await queries.unheardMessages() == 0)
            #expect(try await queries.callBacks(CallBackFilter(number: one.base.caller)).count == 1)
            #expect(try await queries.isBlocked(number: "13900000666", at: UTCTime(one.at(81_500))))
            #expect(try await queries.blockedNumbers(at: UTCTime(one.at(82_000)), limit: 10).isEmpty)
            #expect(
                try await queries.recentCalls(caller: one.base.caller, since: from, except: nil).recentCalls == 1)
            let open = try await queries.openAgentStates()
            #expect(open.states.map(\.agent) == [one.one, one.two])
            #expect(open.passages.isEmpty)
            #expect(open.legs.isEmpty)
            #expect(try await queries.verifyEvidence(anchors: []).ok)
            // The same after reopening, and after the same events came again from the spool.
            try engine.close()
            engine = try self.open(folder)
            #expect(try engine.commit([unit(one.whole, seed: 1)], replay: true).unapplied == 0)
        }
        try engine.close()
    }

    private func aClosedEngineRefuses() async throws {
        let folder = try TemporaryFolder()
        let engine = try open(folder)
        try engine.close()
        #expect(throws: StorageError.self) { try engine.commit([unit(Scenario(0).whole, seed: 1)], replay: false) }
        #expect(throws: StorageError.self) { try engine.reserveNumbers(date: "20261122", count: 1) }
        await #expect(throws: StorageError.self) { try await engine.queries.calls(CallFilter()) }
    }
}
