import Calls
import Console
import Foundation
import Storage
import Testing

/// docs/json.md names every key of the answers, every word of their closed lists, and every address.
@Suite(.serialized) struct PageTests {
    private let page: String

    init() throws {
        page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/json.md"),
            encoding: .utf8)
    }

    private func missing(_ words: some Sequence<String>) -> [String] {
        words.filter { !page.contains("`\($0)`") }.sorted()
    }

    @Test func everyKeyIsOnThePage() async throws {
        try await Bench.with { bench async throws in
            let one = PastCall(0)
            try await bench.store.record(one.left + one.asked)
            #expect(
                try await bench.post("blocklist", #"{"number": "13900000666", "by": "1001", "reason": ""}"#).status
                    == 204)
            let notice = #"{"prompt": "notice.storm", "by": "8001", "until": null, "why": "台风"}"#
            #expect(try await bench.ask("PUT", "notices/storm", notice).status == 204)
            bench.trunk.call(
                CallID(high: 0x019B_0000_0000_7000, low: 0x8000_0000_0000_0001),
                leg: LegID(high: 0x019B_0000_0000_7000, low: 0x8000_0000_0000_0002), from: "13900000001")
            let waits = try await eventually { try await bench.get("queues").text.contains("offered_to") }
            #expect(waits)
            var keys: Set<String> = []
            for path in ["agents", "queues", "messages", "callbacks", "blocklist", "notices"] {
                Self.collect(try JSONSerialization.jsonObject(with: Data(try await bench.get(path).body)), &keys)
            }
            let day = UTCTime(PastCall.start)
            let (from, to) = (day, UTCTime(microseconds: day.microseconds + 86_400_000_000))
            let agents = try await bench.reader.agentReport(
                AgentReportQuestion(from: from, to: to, ringLimitMilliseconds: 20_000))
            let queues = try await bench.reader.queueReport(
                QueueReportQuestion(from: from, to: to, ringLimitMilliseconds: 20_000))
            Self.collect(try JSONSerialization.jsonObject(with: QueryJSON.encode(agents)), &keys)
            Self.collect(try JSONSerialization.jsonObject(with: QueryJSON.encode(queues)), &keys)
            for key in ["message_id", "attempts", "reason", "mean_handling_ms", "reachable", "summed_rings_within"] {
                #expect(keys.contains(key))
            }
            #expect(missing(keys) == [])
        }
    }

    @Test func everyWordIsOnThePage() {
        #expect(missing(Outcome.allCases.map(\.rawValue)) == [])
        #expect(missing(Direction.allCases.map(\.rawValue)) == [])
        #expect(missing(LegRole.allCases.map(\.rawValue)) == [])
        #expect(missing(ReleasedBy.allCases.map(\.rawValue)) == [])
        #expect(missing(RingsBasis.allCases.map(\.rawValue)) == [])
        #expect(missing(QueueExit.allCases.map(\.rawValue)) == [])
        #expect(missing(OfferOutcome.allCases.map(\.rawValue)) == [])
        #expect(missing(AgentPurpose.allCases.map(\.rawValue)) == [])
        #expect(missing(AgentRole.allCases.map(\.rawValue)) == [])
        #expect(missing(AgentState.allCases.map(\.rawValue)) == [])
        #expect(missing(CallBackState.allCases.map(\.rawValue)) == [])
        #expect(missing(SuperviseMode.allCases.map(\.rawValue)) == [])
    }

    @Test(arguments: [
        "GET agents", "GET queues", "GET messages", "GET callbacks", "GET blocklist", "GET notices",
        "POST agents/NUMBER/state",
        "POST agents/NUMBER/call", "POST agents/NUMBER/supervision", "POST calls", "POST calls/ID/orders",
        "POST emergency",
        "POST queues/NAME/drain", "POST messages/ID/heard", "POST blocklist", "POST blocklist/NUMBER/removal",
    ])
    func everyAddressIsOnThePageAndThere(_ address: String) async throws {
        #expect(page.contains("`\(address)`"))
        let words = address.split(separator: " ")
        let path = String(words[1]).replacing("NUMBER", with: "1001").replacing("NAME", with: "x")
            .replacing("ID", with: "0000")
        try await Bench.with { bench async throws in
            let answer = words[0] == "GET" ? try await bench.get(path) : try await bench.post(path, "nonsense")
            // Read by a route: only what is nowhere says where the addresses are listed.
            #expect(!answer.text.contains("lists the addresses"))
        }
    }

    /// Not those that are data: reasons that people give, and lists of counts by a vocabulary's word.
    private static func collect(_ value: Any, _ keys: inout Set<String>) {
        if let list = value as? [Any] { for entry in list { collect(entry, &keys) } }
        guard let object = value as? [String: Any] else { return }
        for (key, inner) in object {
            keys.insert(key)
            if key != "away_by_reason_ms" { collect(inner, &keys) }
        }
    }
}
