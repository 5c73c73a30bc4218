import Calls
import Foundation
import Storage
import Testing

/// Machines' transcripts, what they are found by, and that they go with their recording.
@Suite struct TranscriptTests {
    private func asked(_ scenario: Scenario, at: Int64 = 22_000) -> Fact {
        .transcriptAsked(TranscriptAsked(recording: scenario.recording, call: scenario.call, at: scenario.at(at)))
    }

    private func segment(_ from: Int64, _ text: String, _ confidence: Int? = nil) -> TranscriptSegment {
        TranscriptSegment(
            fromMilliseconds: from, toMilliseconds: from + 1500, role: "caller", text: text, confidence: confidence)
    }

    private func made(_ scenario: Scenario, _ segments: [TranscriptSegment], at: Int64 = 30_000) -> Fact {
        .transcriptMade(
            TranscriptMade(
                recording: scenario.recording, call: scenario.call, at: scenario.at(at), engine: "fake 1", model: "m",
                language: "zh", channels: [.init(index: 0, segments: segments)]))
    }

    private func flag(_ scenario: Scenario, _ flag: QAFlagKind, _ word: String, at position: Int64) -> Fact {
        .qaFlagged(
            QAFlagged(
                recording: scenario.recording, call: scenario.call, at: scenario.at(30_000), flag: flag, word: word,
                channel: 0, role: "caller", position: AudioPosition(milliseconds: position)))
    }

    private func find(_ store: Store, _ text: String) async throws -> [FoundRecording] {
        var filter = RecordingFilter()
        filter.text = text
        return try await store.reader.recordingPage(filter).recordings
    }

    @Test func itIsAskedForMadeShownAndFound() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let (one, two) = (Scenario(0), Scenario(1))
        try await store.record(one.whole + two.whole + [asked(one), asked(two)])
        #expect(try await store.reader.pendingTranscripts().map(\.recording) == [one.recording, two.recording])
        try await store.record([
            made(one, [segment(500, "我家突然停电了", 910), segment(4000, "变压器冒烟")]),
            flag(one, .injury, "冒烟", at: 4000),
        ])
        #expect(try await store.reader.pendingTranscripts().map(\.recording) == [two.recording])
        #expect(try await store.reader.pendingTranscriptCount() == 1)
        let transcript = try #require(try await store.reader.transcript(one.recording))
        #expect(transcript.state == .made)
        #expect(transcript.channels.map(\.index) == [0])
        #expect(transcript.channels[0].segments.map(\.text) == ["我家突然停电了", "变压器冒烟"])
        #expect(transcript.flags.map(\.word) == ["冒烟"])

        let hit = try #require(try await find(store, "变压器").first)
        #expect(hit.recording.id == one.recording)
        #expect(hit.machine == true)
        #expect(hit.hits.map(\.fromMilliseconds) == [4000])
        #expect(hit.flags == ["injury"])
        // Both parts must occur; a machine's word beside a person's makes it a machine's.
        #expect(try await find(store, "停电 东城").first?.machine == true)
        #expect(try await find(store, "东城").map(\.machine) == [false, false])
        #expect(try await find(store, "电了变压").isEmpty)
        #expect(try await store.reader.recordingPage(RecordingFilter()).recordings.allSatisfy { $0.machine == nil })
        // What a person wrote as well is the person's.
        try await store.record([
            .recordingNoted(
                RecordingNoted(
                    recording: one.recording, call: one.call, at: one.at(40_000), by: workNumber("1001"), text: "变压器"))
        ])
        #expect(try await find(store, "变压器").first?.machine == false)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func flagsAreAskedFor() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let scenarios = (0..<3).map { Scenario($0) }
        for scenario in scenarios { try await store.record(scenario.whole + [asked(scenario)]) }
        for (scenario, kinds) in zip(scenarios, [[QAFlagKind.complaint], [], [.complaint, .threat]]) {
            try await store.record(
                [made(scenario, [segment(0, "好")])] + kinds.map { flag(scenario, $0, "好", at: 0) }
                    + kinds.map { flag(scenario, $0, "不好", at: 0) })
        }
        func flagged(_ kind: String) async throws -> [RecordingID] {
            var filter = RecordingFilter()
            try RecordingParameters.set("flag", to: kind, in: &filter)
            return try await store.reader.recordings(filter: filter).map(\.id)
        }
        #expect(try await flagged("complaint") == [scenarios[2].recording, scenarios[0].recording])
        #expect(try await flagged("threat") == [scenarios[2].recording])
        #expect(try await flagged("injury").isEmpty)
        await #expect { try await flagged("nonsense") } throws: { ($0 as? StorageError)?.code == .argument }
        // A new transcript takes the place of the old one, with its flags.
        try await store.record([asked(scenarios[2]), made(scenarios[2], [segment(0, "谢谢")])])
        #expect(try await flagged("complaint") == [scenarios[0].recording])
        #expect(try await find(store, "谢谢").map(\.recording.id) == [scenarios[2].recording])
        #expect(try await find(store, "好").count == 2)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func whatFailsStandsBehindWhatWasNotTriedAndIsGivenUp() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let (one, two) = (Scenario(0), Scenario(1))
        func failed(_ attempt: Int, _ isGivenUp: Bool) -> Fact {
            .transcriptFailed(
                TranscriptFailed(
                    recording: one.recording, call: one.call, at: one.at(30_000), attempt: attempt,
                    isGivenUp: isGivenUp, message: "no JSON"))
        }
        try await store.record(one.whole + two.whole + [asked(one), asked(two), failed(1, false)])
        #expect(try await store.reader.pendingTranscripts().map(\.recording) == [two.recording, one.recording])
        #expect(try await store.reader.pendingTranscripts().map(\.attempts) == [0, 1])
        try await store.record([failed(2, true)])
        #expect(try await store.reader.pendingTranscripts().map(\.recording) == [two.recording])
        let transcript = try #require(try await store.reader.transcript(one.recording))
        #expect(transcript.state == .givenUp)
        #expect(transcript.failure == "no JSON")
        #expect(transcript.madeAt == nil)
        // Asked again, it begins anew.
        try await store.record([asked(one, at: 60_000)])
        #expect(try await store.reader.pendingTranscripts().map(\.attempts) == [0, 0])
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func whatWasNotAskedForOrHasNoFileIsRefused() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let (one, two) = (Scenario(0), Scenario(1))
        try await store.record(one.whole + [two.offered, two.planned, asked(two)])
        for fact in [
            made(one, []), flag(one, .threat, "x", at: 0), made(two, []), flag(two, .threat, "x", at: 0),
            asked(Scenario(5)),
        ] {
            await #expect("\(fact)") { try await store.record([fact]) } throws: {
                ($0 as? StorageError)?.code == .conflict
            }
        }
        await store.close()
    }

    @Test func itGoesWithItsRecording() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let (one, two) = (Scenario(0), Scenario(1))
        for scenario in [one, two] {
            try await store.record(
                scenario.whole + [
                    asked(scenario), made(scenario, [segment(0, "变压器冒烟")]), flag(scenario, .injury, "冒烟", at: 0),
                ])
        }
        let summary = try #require(try await store.reader.recording(one.recording))
        try await store.record([
            .recordingDeleted(
                RecordingDeleted(
                    recording: one.recording, call: one.call, at: one.at(90_000), cause: .person, rule: "-",
                    reason: "as asked", by: workNumber("9001"), file: try #require(summary.file),
                    frames: try #require(summary.frames), bytes: try #require(summary.bytes),
                    sha256: try #require(summary.sha256)))
        ])
        #expect(try await store.reader.transcript(one.recording) == nil)
        #expect(try await find(store, "变压器").map(\.recording.id) == [two.recording])
        var filter = RecordingFilter()
        filter.flag = .injury
        #expect(try await store.reader.recordings(filter: filter).map(\.id) == [two.recording])
        // It does not come back, whatever a transcriber that was at it still says.
        await #expect { try await store.record([made(one, [segment(0, "变压器")])]) } throws: {
            ($0 as? StorageError)?.code == .conflict
        }
        // Nor does any of it stand in the journal's bodies.
        let raw = try Raw(folder)
        let left = try raw.number(
            "SELECT count(*) FROM journal WHERE type IN ('transcript_made', 'qa_flagged') AND body IS NOT NULL")
        #expect(left == 2)
        try raw.queue.close()
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        await store.close()
    }

    @Test(arguments: [
        "UPDATE transcript_segments SET text = 'x'", "DELETE FROM transcript_segments",
        "UPDATE qa_flags SET word = 'x'",
        "DELETE FROM recording_flags", "UPDATE transcripts SET engine = 'x'",
        "UPDATE transcripts SET state = 'given_up'",
    ])
    func whatIsChangedBehindTheJournalIsFound(sql: String) async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(
            one.whole + [asked(one), made(one, [segment(0, "变压器冒烟")]), flag(one, .injury, "冒烟", at: 0)])
        #expect(try await store.reader.verifyEvidence().ok)
        let raw = try Raw(folder)
        #expect(try raw.change(sql) > 0)
        try raw.queue.close()
        #expect(try await store.reader.verifyEvidence().ok == false)
        await store.close()
    }

    @Test func anOlderStoreIsBroughtUpToDate() async throws {
        let folder = try TemporaryFolder()
        var store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole)
        await store.close()
        let raw = try Raw(folder)
        for table in ["recording_flags", "transcript_segments", "qa_flags", "transcripts"] {
            try raw.change("DROP TABLE \(table)")
        }
        try raw.change("DELETE FROM grdb_migrations WHERE identifier = '0009'")
        try raw.queue.close()
        store = try Store.test(folder, seed: 2)
        try await store.record([asked(one), made(one, [segment(0, "变压器冒烟")])])
        #expect(try await find(store, "冒烟").map(\.machine) == [true])
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func theJSONStandsStill() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(
            one.whole + [asked(one), made(one, [segment(500, "冒烟", 910)]), flag(one, .injury, "冒烟", at: 500)])
        let transcript = try #require(try await store.reader.transcript(one.recording))
        #expect(
            try JSONTests.json(transcript) == """
                {
                  "asked_at" : "2026-11-22T03:04:27.000000Z",
                  "attempts" : 0,
                  "call_id" : "\(one.call)",
                  "channels" : [
                    {
                      "index" : 0,
                      "segments" : [
                        {
                          "confidence" : 0.91,
                          "from_ms" : 500,
                          "role" : "caller",
                          "text" : "冒烟",
                          "to_ms" : 2000
                        }
                      ]
                    }
                  ],
                  "engine" : "fake 1",
                  "failure" : null,
                  "flags" : [
                    {
                      "at" : "2026-11-22T03:04:35.000000Z",
                      "channel" : 0,
                      "flag" : "injury",
                      "position_ms" : 500,
                      "role" : "caller",
                      "word" : "冒烟"
                    }
                  ],
                  "language" : "zh",
                  "machine" : true,
                  "made_at" : "2026-11-22T03:04:35.000000Z",
                  "model" : "m",
                  "recording_id" : "\(one.recording)",
                  "state" : "made"
                }
                """)
        await store.close()
    }
}
