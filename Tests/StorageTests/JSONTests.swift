import Calls
import Foundation
import Storage
import Testing

/// The commands' JSON is a contract (docs/json.md): these texts change only together with it.
@Suite struct JSONTests {
    static func json(_ value: some Encodable) throws -> String {
        String(decoding: try QueryJSON.encode(value), as: UTF8.self)
    }

    @Test func aWholeCall() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole)
        #expect(
            try Self.json(try await store.reader.calls()) == """
                [
                  {
                    "answer_ms" : 1000,
                    "answered_at" : "2026-11-22T03:04:06.020000Z",
                    "answered_by" : [

                    ],
                    "call_id" : "\(one.call)",
                    "called" : "95598",
                    "caller" : "13900000001",
                    "digits" : "2#",
                    "direction" : "inbound",
                    "first_prompt_at" : "2026-11-22T03:04:06.060000Z",
                    "flow_version" : "power-hotline@1-0a1b2c3d",
                    "legs" : [
                      {
                        "codec" : "PCMA",
                        "id" : "\(one.leg)",
                        "rate" : 8000,
                        "role" : "caller"
                      }
                    ],
                    "line" : "trunk1",
                    "node" : "node1",
                    "offered_at" : "2026-11-22T03:04:05.000000Z",
                    "orders" : [
                      "20261122-0001"
                    ],
                    "outcome" : "completed",
                    "raw_rings" : null,
                    "recordings" : [
                      {
                        "channels" : [
                          {
                            "index" : 0,
                            "leg" : "\(one.leg)",
                            "role" : "caller"
                          },
                          {
                            "index" : 1,
                            "leg" : "\(one.leg)",
                            "role" : "system"
                          }
                        ],
                        "file" : "2026/11/22/110405-\(one.call).flac",
                        "id" : "\(one.recording)",
                        "purpose" : "call",
                        "seconds" : 20,
                        "sha256" : "\(String(repeating: "ab", count: 32))",
                        "state" : "finished"
                      }
                    ],
                    "release_evidence" : {
                      "first_leg" : "\(one.leg)",
                      "last_rtp_at" : "2026-11-22T03:04:26.040000Z",
                      "message" : "BYE received",
                      "q850" : 16,
                      "reason" : "Q.850;cause=16",
                      "sip_status" : null
                    },
                    "released_at" : "2026-11-22T03:04:26.060000Z",
                    "released_by" : "caller",
                    "ring_ms" : 1000,
                    "ringing_at" : "2026-11-22T03:04:05.020000Z",
                    "rings" : 1,
                    "rings_basis" : "nominal_180"
                  }
                ]
                """)
        await store.close()
    }

    @Test func aCallThatWasNeverAnswered() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        let evidence = ReleaseEvidence(message: "CANCEL received")
        try await store.record([
            one.offered, one.alerted,
            .callReleased(
                CallReleased(
                    call: one.call, at: one.at(12_345), releasedBy: .caller, evidence: evidence, outcome: .abandoned,
                    statistics: [:])),
        ])
        let call = try #require(try await store.reader.calls().first)
        #expect(
            try Self.json(call) == """
                {
                  "answer_ms" : null,
                  "answered_at" : null,
                  "answered_by" : [

                  ],
                  "call_id" : "\(one.call)",
                  "called" : "95598",
                  "caller" : "13900000001",
                  "digits" : "",
                  "direction" : "inbound",
                  "first_prompt_at" : null,
                  "flow_version" : null,
                  "legs" : [
                    {
                      "codec" : null,
                      "id" : "\(one.leg)",
                      "rate" : null,
                      "role" : "caller"
                    }
                  ],
                  "line" : "trunk1",
                  "node" : "node1",
                  "offered_at" : "2026-11-22T03:04:05.000000Z",
                  "orders" : [

                  ],
                  "outcome" : "abandoned",
                  "raw_rings" : null,
                  "recordings" : [

                  ],
                  "release_evidence" : {
                    "first_leg" : null,
                    "last_rtp_at" : null,
                    "message" : "CANCEL received",
                    "q850" : null,
                    "reason" : null,
                    "sip_status" : null
                  },
                  "released_at" : "2026-11-22T03:04:17.345000Z",
                  "released_by" : "caller",
                  "ring_ms" : 12325,
                  "ringing_at" : "2026-11-22T03:04:05.020000Z",
                  "rings" : null,
                  "rings_basis" : "nominal_180"
                }
                """)
        // What is written can be read.
        #expect(try JSONDecoder().decode(CallSummary.self, from: QueryJSON.encode(call)) == call)
        await store.close()
    }

    @Test func aWorkOrder() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole)
        let order = try #require(try await store.reader.order("20261122-0001"))
        #expect(
            try Self.json(order) == """
                {
                  "alarms" : [

                  ],
                  "call_id" : "\(one.call)",
                  "caller" : "13900000001",
                  "calls" : [
                    {
                      "id" : "\(one.call)",
                      "role" : "created"
                    }
                  ],
                  "category" : "fault",
                  "closed_at" : null,
                  "code" : "4711",
                  "created_at" : "2026-11-22T03:04:20.000000Z",
                  "external" : [

                  ],
                  "fields" : {
                    "account" : "0012345",
                    "district" : "东城"
                  },
                  "life" : null,
                  "number" : "20261122-0001",
                  "order_id" : "\(one.order)",
                  "owner" : null,
                  "owner_unit" : null,
                  "policy" : null,
                  "recordings" : [
                    {
                      "file" : "2026/11/22/110405-\(one.call).flac",
                      "from_ms" : 6000,
                      "id" : "\(one.recording)",
                      "role" : "message",
                      "to_ms" : 13500
                    }
                  ],
                  "state" : null,
                  "status" : "created",
                  "steps" : [

                  ]
                }
                """)
        #expect(try JSONDecoder().decode(OrderSummary.self, from: QueryJSON.encode(order)) == order)
        await store.close()
    }

    @Test func aRecording() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole)
        #expect(
            try Self.json(try await store.reader.recordings()) == """
                [
                  {
                    "archived_at" : null,
                    "bytes" : 208123,
                    "call_id" : "\(one.call)",
                    "channels" : [
                      {
                        "index" : 0,
                        "leg" : "\(one.leg)",
                        "role" : "caller",
                        "tap" : "received"
                      },
                      {
                        "index" : 1,
                        "leg" : "\(one.leg)",
                        "role" : "system",
                        "tap" : "sent"
                      }
                    ],
                    "deleted_at" : null,
                    "deleted_because" : null,
                    "failure" : null,
                    "file" : "2026/11/22/110405-\(one.call).flac",
                    "finished_at" : "2026-11-22T03:04:26.500000Z",
                    "format" : "flac",
                    "frames" : 160000,
                    "gaps" : [
                      {
                        "from_ms" : 1000,
                        "to_ms" : 1020
                      }
                    ],
                    "id" : "\(one.recording)",
                    "imported" : null,
                    "node" : "node1",
                    "orders" : [
                      "20261122-0001"
                    ],
                    "pauses" : [

                    ],
                    "planned_at" : "2026-11-22T03:04:06.050000Z",
                    "purpose" : "call",
                    "rate" : 8000,
                    "recovered" : false,
                    "seconds" : 20,
                    "sha256" : "\(String(repeating: "ab", count: 32))",
                    "started_at" : "2026-11-22T03:04:06.060000Z",
                    "state" : "finished",
                    "stopped_at" : "2026-11-22T03:04:26.060000Z"
                  }
                ]
                """)
        await store.close()
    }

    @Test func aTimeline() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record([one.offered, one.noted(6000, "key", ["key": "2", "source": "rfc4733"])])
        let call = try #require(try await store.reader.call(one.call))
        let object = try #require(
            try JSONSerialization.jsonObject(with: QueryJSON.encode(call)) as? [String: Any])
        #expect(
            object.keys.sorted() == [
                "agents", "boot", "call", "caller_raw", "caller_source", "diversion", "marks", "peer",
                "protocol_call_id", "queue", "rating", "segments", "statistics", "timeline", "transfers",
            ])
        #expect(object["diversion"] is NSNull)
        #expect(
            try Self.json(call.timeline[1]) == """
                {
                  "at" : "2026-11-22T03:04:11.000000Z",
                  "chain" : "node1",
                  "data" : {
                    "key" : "2",
                    "source" : "rfc4733"
                  },
                  "entered_at" : "\(call.timeline[1].enteredAt)",
                  "erased" : false,
                  "id" : "\(call.timeline[1].id)",
                  "kind" : "key",
                  "leg" : "\(one.leg)",
                  "ms" : 6000,
                  "position_ms" : 4940,
                  "seq" : 2,
                  "type" : "call_noted"
                }
                """)
        await store.close()
    }

    @Test func evidence() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record([Scenario(0).offered])
        let raw = try Raw(folder)
        try raw.change("UPDATE calls SET called = '95599'")
        let head = try #require(try await store.reader.heads().first)
        #expect(
            try Self.json(try await store.reader.verifyEvidence()) == """
                {
                  "anchors" : 0,
                  "chains" : [
                    {
                      "chain" : "node1",
                      "erased" : 0,
                      "events" : 1,
                      "first_break" : null,
                      "head_hash" : "\(head.hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())",
                      "head_seq" : 1,
                      "unapplied" : 0
                    }
                  ],
                  "differences" : [
                    {
                      "key" : "\(Scenario(0).call)",
                      "message" : "not what the journal says: called",
                      "table" : "calls"
                    }
                  ],
                  "differing" : 1,
                  "ok" : false,
                  "rows" : 2,
                  "spooled" : 0,
                  "standing" : "self_consistent_only"
                }
                """)
        await store.close()
    }
}
