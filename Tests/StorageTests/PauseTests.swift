import Calls
import Evidence
import Foundation
import Storage
import Testing

/// Pauses of recordings in journal and tables.
@Suite struct PauseTests {
    private static func paused(_ one: Scenario, _ from: Int64, agent: String? = nil, reason: String = "card") -> Fact {
        .recordingPaused(
            RecordingPaused(
                recording: one.recording, call: one.call, at: one.at(1060 + from),
                position: AudioPosition(milliseconds: from), by: agent == nil ? .flow : .agent,
                agent: agent.flatMap { WorkNumber($0) }, reason: reason, limitMilliseconds: 90_000))
    }

    private static func resumed(_ one: Scenario, _ to: Int64, by: PauseEnd = .flow, agent: String? = nil) -> Fact {
        .recordingResumed(
            RecordingResumed(
                recording: one.recording, call: one.call, at: one.at(1060 + to),
                position: AudioPosition(milliseconds: to), by: by, agent: agent.flatMap { WorkNumber($0) }))
    }

    @Test func theFactsReadBackAsTheyWere() throws {
        let one = Scenario(0)
        let facts = [
            Self.paused(one, 7000), Self.paused(one, 7000, agent: "1001", reason: "身份证"), Self.resumed(one, 9000),
            Self.resumed(one, 9000, by: .agent, agent: "1002"), Self.resumed(one, 9000, by: .interrupted),
        ]
        for (index, fact) in facts.enumerated() {
            let pending = PendingEvent(
                id: EventID(high: 1, low: UInt64(index)), fact: fact, at: SteppingTime.start, boot: "b", node: "n")
            #expect(try Fact(event: try JournalEvent(body: try pending.body())) == fact)
        }
        #expect(facts.map(\.typeName).first == "recording_paused")
        #expect(facts.map(\.typeName).last == "recording_resumed")
    }

    @Test func aRecordingHasItsPausesAndSoHasItsTimeline() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        // The recording is 20 s long.
        try await store.record(
            one.whole + [
                Self.paused(one, 7000), Self.resumed(one, 9000, by: .limit), Self.paused(one, 12_000, agent: "1001"),
                Self.resumed(one, 13_000, by: .agent, agent: "1002"), Self.paused(one, 18_000, agent: "1002"),
            ])
        var summary = try #require(try await store.reader.recording(one.recording))
        #expect(summary.pauses.map(\.from.milliseconds) == [7000, 12_000, 18_000])
        #expect(summary.pauses.map { $0.to?.milliseconds } == [9000, 13_000, nil])
        #expect(summary.pauses.map(\.by) == [.flow, .agent, .agent])
        #expect(summary.pauses.map(\.endedBy) == [.limit, .agent, nil])
        #expect(summary.pauses.map { $0.endedAgent?.text } == [nil, "1002", nil])
        // What goes on goes on to the end.
        #expect(try await store.reader.recordingCheck(one.recording)?.pausedMilliseconds == 5000)
        try await store.record([Self.resumed(one, 20_000, by: .recordingEnd)])
        #expect(try await store.reader.recordingCheck(one.recording)?.pausedMilliseconds == 5000)
        summary = try #require(try await store.reader.recording(one.recording))
        let timeline = RecordingTimeline(summary, of: try #require(try await store.reader.call(one.call)))
        #expect(timeline.pauses == summary.pauses)
        let event = try #require(timeline.events.first { $0.kind == "recording_paused" })
        #expect(event.positionMilliseconds == 7000 && event.basis == "recorded")
        #expect(event.data["by"] == "flow" && event.data["reason"] == "card")
        for text in [try JSONTests.json(summary), try JSONTests.json(timeline)] {
            for key in ["pauses", "from_ms", "to_ms", "by", "agent", "reason", "ended_by", "ended_agent"] {
                #expect(text.contains("\"\(key)\" :"), "\(key)")
            }
        }
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        await store.close()
    }

    @Test func oneAtATime() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole)
        for facts in [
            [Self.resumed(one, 9000)], [Self.paused(one, 7000), Self.paused(one, 8000)],
            [Self.paused(Scenario(1), 7000)],
        ] {
            await #expect { try await store.record(facts) } throws: { ($0 as? StorageError)?.code == .conflict }
        }
        #expect(try await store.reader.recording(one.recording)?.pauses.isEmpty == true)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test(arguments: [
        "UPDATE recording_pauses SET to_position = to_position + 960", "UPDATE recording_pauses SET reason = ''",
        "DELETE FROM recording_pauses",
    ]) func aChangedPauseIsFound(sql: String) async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole + [Self.paused(one, 7000), Self.resumed(one, 9000)])
        await store.close()
        let raw = try Raw(folder)
        #expect(try raw.change(sql) == 1)
        try raw.queue.close()
        let reader = try Store.openForQueries(folder: folder.path)
        let report = try await reader.verifyEvidence()
        #expect(!report.ok)
        #expect(report.differences.contains { $0.table == "recording_pauses" })
        try reader.close()
    }

    @Test func silencesAreWithoutPauses() {
        func pause(_ from: Int64, _ to: Int64?) -> RecordingPause {
            RecordingPause(
                from: AudioPosition(milliseconds: from), to: to.map { AudioPosition(milliseconds: $0) }, by: .flow,
                agent: nil, reason: "", endedBy: nil, endedAgent: nil)
        }
        let silences: [[Int64]] = [[0, 1500], [4000, 12_000], [18_000, 20_000]]
        func cut(_ pauses: [RecordingPause]) -> [[Int64]] {
            pauses.cut(outOf: silences, length: 20_000, minimum: 1000)
        }
        #expect(cut([]) == silences)
        #expect(cut([pause(2000, 3000)]) == silences)
        #expect(cut([pause(6000, 9000)]) == [[0, 1500], [4000, 6000], [9000, 12_000], [18_000, 20_000]])
        // A rest of less than a second is none; one that goes on ends with the recording.
        #expect(cut([pause(0, 600), pause(4500, 11_000), pause(17_000, nil)]) == [[11_000, 12_000]])
        #expect([pause(2000, 3000), pause(17_000, nil)].milliseconds(within: 20_000) == 4000)
        #expect([pause(19_000, 25_000), pause(30_000, 31_000)].milliseconds(within: 20_000) == 1000)
    }
}
