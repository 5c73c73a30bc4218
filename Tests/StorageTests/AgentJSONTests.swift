import Calls
import Foundation
import Storage
import Testing

/// The keys of agents and queues in the commands' JSON (docs/json.md).
@Suite struct AgentJSONTests {
    private func object(_ value: some Encodable) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: QueryJSON.encode(value)) as? [String: Any])
    }

    private func filled(_ folder: TemporaryFolder) async throws -> (Store, AgentScenario) {
        let store = try Store.test(folder)
        let one = AgentScenario(0)
        try await store.record(one.whole)
        return (store, one)
    }

    @Test func aCallsWayToAPerson() async throws {
        let folder = try TemporaryFolder()
        let (store, one) = try await filled(folder)
        let call = try #require(try await store.reader.call(one.call))
        #expect(
            try JSONTests.json(call.queue) == """
                [
                  {
                    "agent" : "1002",
                    "answered_at" : "2026-11-22T03:04:38.400000Z",
                    "apologised_at" : "2026-11-22T03:04:41.000000Z",
                    "entered_at" : "2026-11-22T03:04:15.000000Z",
                    "exit" : "answered",
                    "left_at" : "2026-11-22T03:04:38.450000Z",
                    "offers" : 2,
                    "position" : 2,
                    "priority" : [
                      "repeat_caller"
                    ],
                    "queue" : "faults",
                    "refused" : false,
                    "ring_ms" : 21000,
                    "rings" : 5,
                    "seq" : 7,
                    "skill" : "fault",
                    "wait_ms" : 23400
                  }
                ]
                """)
        #expect(
            try JSONTests.json(call.agents[0]) == """
                {
                  "agent" : "1001",
                  "alerted_at" : "2026-11-22T03:04:17.200000Z",
                  "answered_at" : null,
                  "connected_ms" : null,
                  "ended_at" : "2026-11-22T03:04:32.200000Z",
                  "hold_ms" : 0,
                  "holds" : 0,
                  "left_at" : null,
                  "left_by" : null,
                  "left_message" : null,
                  "leg" : "\(one.first)",
                  "offered_at" : "2026-11-22T03:04:17.000000Z",
                  "outcome" : "no_answer",
                  "purpose" : "queue",
                  "queue" : "faults",
                  "ring_ms" : 15000,
                  "rings" : 4,
                  "rings_basis" : null,
                  "summed_ring_ms" : null,
                  "summed_rings" : null,
                  "wait_ms" : null
                }
                """)
        #expect(
            try JSONTests.json(call.segments) == """
                [
                  {
                    "agent" : "1002",
                    "channel" : 1,
                    "from_ms" : 32390,
                    "recording" : "\(one.base.recording)",
                    "role" : "agent"
                  }
                ]
                """)
        #expect(
            try JSONTests.json(call.transfers) == """
                [
                  {
                    "at" : "2026-11-22T03:04:57.000000Z",
                    "completed" : false,
                    "from" : "1002",
                    "kind" : "attended",
                    "position_ms" : 50940,
                    "to" : "1003"
                  }
                ]
                """)
        #expect(
            try JSONTests.json(call.marks) == """
                [
                  {
                    "at" : "2026-11-22T03:05:05.000000Z",
                    "by" : "1002",
                    "degree" : 2,
                    "mark" : "angry",
                    "note" : "停电三天"
                  }
                ]
                """)
        #expect(
            try JSONTests.json(call.rating) == """
                {
                  "agent" : "1002",
                  "at" : "2026-11-22T03:05:09.000000Z",
                  "order" : "20261122-0001",
                  "score" : 4
                }
                """)
        await store.close()
    }

    @Test func aCallThatReachedNobodyHasTheSameKeys() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record([Scenario(0).offered])
        let call = try object(try #require(try await store.reader.call(Scenario(0).call)))
        for key in ["queue", "agents", "segments", "transfers", "marks"] {
            #expect((call[key] as? [Any])?.isEmpty == true, "\(key)")
        }
        #expect(call["rating"] is NSNull)
        await store.close()
    }

    @Test func anAgentsReport() async throws {
        let folder = try TemporaryFolder()
        let (store, one) = try await filled(folder)
        let report = try object(
            try await store.reader.agentReport(
                AgentReportQuestion(
                    from: UTCTime(one.at(0)), to: UTCTime(one.at(100_000)), ringLimitMilliseconds: 20_000)))
        #expect(report.keys.sorted() == ["agents", "from", "ring_limit_ms", "to", "total"])
        let total = try #require(report["total"] as? [String: Any])
        #expect(
            total.keys.sorted() == [
                "agent", "answered", "connected", "hang_ups", "later_rings", "marks", "missed", "offered", "open",
                "purposes", "ratings", "ring", "time", "transfers", "within_rings",
            ])
        #expect(total["agent"] is NSNull)
        #expect(
            (total["missed"] as? [String: Int])?.keys.sorted() == [
                "busy", "failed", "no_answer", "rejected", "unreachable", "withdrawn",
            ])
        #expect(
            (total["within_rings"] as? [String: Any])?.keys.sorted() == [
                "denominator", "formula", "limit_ms", "numerator", "share",
            ])
        #expect(
            (total["ring"] as? [String: Any])?.keys.sorted() == ["count", "max_ms", "mean_ms", "p50_ms", "p90_ms"])
        #expect(
            (total["time"] as? [String: Any])?.keys.sorted() == [
                "available_ms", "away_by_reason_ms", "away_ms", "hold_ms", "logged_in_ms", "ringing_ms", "talking_ms",
                "wrap_up_ms",
            ])
        #expect(
            (total["hang_ups"] as? [String: Any])?.keys.sorted() == [
                "agent", "agent_excused", "caller", "other", "transferred",
            ])
        #expect((total["ratings"] as? [String: Any])?.keys.sorted() == ["count", "mean", "sum"])
        #expect(
            (total["purposes"] as? [String: [String: Int]]) == [
                "queue": ["offered": 2, "answered": 1], "consultation": ["offered": 1, "answered": 1],
            ])
        #expect(
            (total["transfers"] as? [String: [String: Int]]) == ["attended": ["attempted": 1, "completed": 0]])
        // A norm that nobody asked about is not judged.
        let unjudged = try object(
            try await store.reader.agentReport(
                AgentReportQuestion(from: UTCTime(one.at(0)), to: UTCTime(one.at(100_000)))))
        #expect((unjudged["total"] as? [String: Any])?["within_rings"] is NSNull)
        #expect(unjudged["ring_limit_ms"] is NSNull)
        await store.close()
    }

    @Test func aQueuesReport() async throws {
        let folder = try TemporaryFolder()
        let (store, one) = try await filled(folder)
        let report = try object(
            try await store.reader.queueReport(
                QueueReportQuestion(from: UTCTime(one.at(0)), to: UTCTime(one.at(100_000)))))
        #expect(
            report.keys.sorted() == [
                "answer_within_ms", "from", "queues", "ring_limit_ms", "short_abandon_ms", "to", "total",
            ])
        let queue = try #require((report["queues"] as? [[String: Any]])?.first)
        #expect(
            queue.keys.sorted() == [
                "abandoned", "abandoned_wait", "answered", "answered_wait", "apologies", "entered", "exits", "queue",
                "refused", "service_level_of_answered", "service_level_of_offered", "short_abandoned", "summed_rings",
                "summed_rings_within", "waiting",
            ])
        #expect((queue["exits"] as? [String: Int])?.count == 10)
        #expect((queue["refused"] as? [String: Int])?.keys.sorted() == ["closed", "failed", "full", "no_agents"])
        #expect((queue["summed_rings"] as? [[String: Int]]) == [["rings": 5, "calls": 1]])
        #expect((queue["apologies"] as? [String: Any])?.keys.sorted() == ["owed", "played", "when_owed"])
        let formulas = ["service_level_of_answered", "service_level_of_offered"].map { key in
            (queue[key] as? [String: Any])?["formula"] as? String
        }
        #expect(formulas == ["service_level_of_answered/1", "service_level_of_offered/1"])
        await store.close()
    }

    @Test func theInbox() async throws {
        let folder = try TemporaryFolder()
        let (store, one) = try await filled(folder)
        #expect(
            try JSONTests.json(try await store.reader.messages()) == """
                [
                  {
                    "agent" : null,
                    "call_id" : "\(one.call)",
                    "caller" : "13900000001",
                    "due_at" : "2026-11-22T04:04:05.000000Z",
                    "file" : null,
                    "from_ms" : 60000,
                    "heard_at" : "2026-11-22T03:05:15.000000Z",
                    "heard_by" : "1001",
                    "kind" : "voice",
                    "left_at" : "2026-11-22T03:05:10.000000Z",
                    "mark" : null,
                    "message_id" : "\(one.message)",
                    "note" : null,
                    "queue" : "faults",
                    "recording" : "\(one.base.recording)",
                    "role" : null,
                    "to_ms" : 63500
                  }
                ]
                """)
        #expect(
            try JSONTests.json(try await store.reader.callBacks()) == """
                [
                  {
                    "asked_at" : "2026-11-22T03:05:10.500000Z",
                    "attempts" : 0,
                    "by" : "1001",
                    "call_id" : "\(one.call)",
                    "due_at" : "2026-11-22T05:04:05.000000Z",
                    "ended_at" : "2026-11-22T03:05:25.000000Z",
                    "follows" : null,
                    "for_agent" : null,
                    "made" : null,
                    "number" : "13900000001",
                    "queue" : "faults",
                    "reason" : "asked",
                    "state" : "not_reached"
                  }
                ]
                """)
        #expect(
            try JSONTests.json(try await store.reader.blockedNumbers(at: UTCTime(one.at(81_500)))) == """
                [
                  {
                    "blocked_at" : "2026-11-22T03:05:26.000000Z",
                    "by" : "1003",
                    "number" : "13900000666",
                    "reason" : "nuisance",
                    "until" : "2026-11-23T03:04:05.000000Z"
                  }
                ]
                """)
        await store.close()
    }
}
