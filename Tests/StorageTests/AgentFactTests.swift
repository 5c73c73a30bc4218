import Calls
import Evidence
import Foundation
import Storage
import Testing

/// What the journal keeps of agents and queues.
@Suite struct AgentFactTests {
    @Test func everyFactReadsBackAsItWas() throws {
        let facts = AgentScenario(0).whole + AgentScenario(0).conduct
        var seen: Set<String> = []
        for fact in facts {
            let pending = PendingEvent(
                id: EventID(high: 1, low: UInt64(seen.count)), fact: fact, at: SteppingTime.start, boot: "b", node: "n")
            let event = try JournalEvent(body: try pending.body())
            #expect(try Fact(event: event) == fact)
            #expect(event.type == fact.typeName)
            seen.insert(event.type)
        }
        #expect(
            seen.subtracting(Scenario(0).whole.map(\.typeName)) == [
                "queue_entered", "queue_left", "agent_offered", "agent_alerted", "offer_ended", "agent_answered",
                "agent_left", "agent_held", "agent_changed", "announced", "apology_played", "transferred",
                "segment_began", "call_marked", "rated", "message_left", "message_heard", "call_back_asked",
                "call_back_ended", "number_blocked", "number_unblocked", "roster_loaded",
                "call_reported", "form_owed", "form_waived",
            ])
    }

    @Test func aWishToBeCalledBackIsWrittenAsBefore() throws {
        let asked = CallBackAsked(
            call: Scenario(0).call, at: Scenario(0).at(0), queue: "faults", number: "13900000001")
        let body = String(decoding: try Fact.callBackAsked(asked).canonical(), as: UTF8.self)
        let keys = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]).keys.sorted()
        #expect(keys == ["at", "call", "number", "queue"])
    }

    @Test func aRecordingPlannedBeforePurposesHadThemIsOfTheCall() throws {
        let planned = Scenario(0).planned
        let body = String(decoding: try planned.canonical(), as: UTF8.self)
        // Not a byte more than the version before wrote.
        #expect(!body.contains("purpose"))
        let keys = try #require(
            try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        ).keys.sorted()
        #expect(keys == ["at", "call", "channels", "recording"])
        let read = try JSONDecoder().decode(RecordingPlanned.self, from: Data(body.utf8))
        #expect(read.purpose == "call")
        #expect(.recordingPlanned(read) == planned)

        var other = read
        other.purpose = "consultation"
        let second = try Fact.recordingPlanned(other).canonical()
        #expect(String(decoding: second, as: UTF8.self).contains(#""purpose":"consultation""#))
        #expect(try JSONDecoder().decode(RecordingPlanned.self, from: Data(second)) == other)
    }

    @Test func whatIsNoWorkNumberIsNoFact() throws {
        let pending = PendingEvent(
            id: EventID(high: 1, low: 1), fact: AgentScenario(0).changed(workNumber("1001"), .away, 0),
            at: SteppingTime.start, boot: "b", node: "n")
        let body = String(decoding: try pending.body(), as: UTF8.self)
            .replacing(#""1001""#, with: #""10 01""#)
        let event = try JournalEvent(body: Array(body.utf8))
        #expect { try Fact(event: event) } throws: { ($0 as? StorageError)?.code == .corrupt }
    }
}
