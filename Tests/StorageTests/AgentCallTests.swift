import Calls
import Foundation
import Storage
import Testing

/// A call's way through a queue to an agent, as the store answers about it.
@Suite struct AgentCallTests {
    @Test func everythingOfTheCallIsThere() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = AgentScenario(0)
        try await store.record(one.whole)
        let call = try #require(try await store.reader.call(one.call))

        let passage = try #require(call.queue.first)
        #expect(call.queue.count == 1)
        #expect(passage.queue == "faults")
        #expect(!passage.refused)
        #expect(passage.priority == ["repeat_caller"])
        #expect(passage.agent == one.two)
        #expect(passage.exit == .answered)
        // From asking to the answer, not to the fact that says so 50 ms later.
        #expect(passage.waitMilliseconds == 23_400)
        #expect(passage.rings == 5)
        #expect(passage.ringMilliseconds == 21_000)
        #expect(passage.apologisedAt == UTCTime(one.at(36_000)))

        #expect(call.agents.map(\.agent) == [one.one, one.two, one.three])
        #expect(call.agents.map(\.purpose) == [.queue, .queue, .consultation])
        #expect(call.agents.map(\.outcome) == [.noAnswer, .answered, .answered])
        #expect(call.agents.map(\.rings) == [4, 2, 1])
        #expect(call.agents.map(\.connectedMilliseconds) == [nil, 30_000, 5000])
        #expect(call.agents.map(\.holds) == [0, 1, 0])
        #expect(call.agents.map(\.holdMilliseconds) == [0, 10_000, 0])
        #expect(call.agents.map(\.leftBy) == [nil, .caller, .agent])
        #expect(call.agents[1].summedRings == 5)

        #expect(call.segments.map(\.agent) == [one.two])
        #expect(call.transfers.map(\.to) == ["1003"])
        #expect(call.marks.map(\.degree) == [2])
        #expect(call.rating?.score == 4)
        #expect(call.summary.answeredBy == [one.two, one.three])
        #expect(Set(call.summary.recordings.map(\.purpose)) == ["call", "consultation"])
        #expect(call.timeline.contains { $0.kind == "announced" && $0.data["items.2"] == "work_number" })

        #expect(try await store.reader.calls(filter: CallFilter(agent: one.two)).count == 1)
        // Offered, not answered.
        #expect(try await store.reader.calls(filter: CallFilter(agent: one.one)).isEmpty)
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        await store.close()
    }

    @Test func theAnswerAndItsOffersEndComeInEitherOrder() async throws {
        let one = AgentScenario(0)
        var details: [CallDetail] = []
        let orders: [[Fact]] = [
            one.hunt + [one.agentAnswered, one.left],
            one.hunt.dropLast() + [one.left, one.agentAnswered, one.hunt[5]],
        ]
        for order in orders {
            let folder = try TemporaryFolder()
            let store = try Store.test(folder)
            try await store.record(one.opening + [one.entered] + order)
            details.append(try #require(try await store.reader.call(one.call)))
            #expect(try await store.reader.verifyEvidence().ok)
            await store.close()
        }
        #expect(details[0].queue == details[1].queue)
        #expect(details[0].agents == details[1].agents)
        #expect(details[0].queue.first?.agent == one.two)
    }

    @Test func aCallerMayQueueAgainAndMayBeRefused() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = AgentScenario(0)
        func left(_ queue: String, _ exit: QueueExit, _ milliseconds: Int64, wait: Int64) -> Fact {
            .queueLeft(
                QueueLeft(
                    call: one.call, at: one.at(milliseconds), queue: queue, exit: exit, waitMilliseconds: wait,
                    offers: 0, rings: 0, ringMilliseconds: 0))
        }
        let again = QueueEntered(call: one.call, at: one.at(60_000), queue: "bills", position: 1, priority: [])
        try await store.record(
            one.opening + [
                left("faults", .full, 5000, wait: 0), one.entered, left("faults", .timeout, 50_000, wait: 40_000),
                .queueEntered(again),
            ])
        let call = try #require(try await store.reader.call(one.call))
        #expect(call.queue.map(\.refused) == [true, false, false])
        #expect(call.queue.map(\.exit) == [.full, .timeout, nil])
        #expect(call.queue.map(\.waitMilliseconds) == [0, 40_000, nil])
        #expect(call.queue.map(\.queue) == ["faults", "faults", "bills"])
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func aHoldSaidTwiceCountsOnceAndEndsWithTheLeg() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = AgentScenario(0)
        let left = AgentLeft(
            call: one.call, leg: one.second, at: one.at(50_000), agent: one.two, by: .agent, message: "BYE received")
        try await store.record(
            one.opening + one.hunt + [
                one.agentAnswered, one.held(false, 34_000), one.held(true, 40_000), one.held(true, 41_000),
                one.held(false, 42_000), one.held(true, 45_000), .agentLeft(left),
            ])
        let leg = try #require(try await store.reader.call(one.call)?.agents.last)
        #expect(leg.holds == 2)
        #expect(leg.holdMilliseconds == 7000)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func aSegmentSaidAgainAtOnePlaceStandsOnce() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = AgentScenario(0)
        func segment(_ position: Int64, _ role: String, _ agent: WorkNumber?) -> Fact {
            .segmentBegan(
                SegmentBegan(
                    recording: one.base.recording, call: one.call, at: one.at(position),
                    position: AudioPosition(milliseconds: position), channel: 1, role: role, agent: agent))
        }
        try await store.record(
            one.opening + [
                segment(0, "system", nil), segment(5000, "agent", one.one), segment(5000, "agent", one.two),
                segment(9000, "system", nil),
            ])
        let segments = try #require(try await store.reader.call(one.call)).segments
        #expect(segments.map(\.fromMilliseconds) == [0, 5000, 9000])
        #expect(segments.map(\.agent) == [nil, one.two, nil])
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }
}
