import Calls
import Console
import Foundation
import Storage
import Testing

/// Machines' transcripts by the API.
@Suite(.serialized) struct TranscriptRouteTests {
    /// A recording that is finished, with a transcript.
    private func heard(_ call: PastCall) -> [Fact] {
        let (recording, id) = (call.recording, call.call)
        return call.left + [
            .recordingStopped(
                RecordingStopped(
                    recording: recording, call: id, at: call.at(10_000), length: AudioPosition(milliseconds: 9980))),
            .recordingFinished(
                RecordingFinished(
                    recording: recording, call: id, at: call.at(11_000), file: "2026/11/22/\(id).flac", format: "flac",
                    rate: 8000, frames: 79_840, bytes: 1000, sha256: String(repeating: "ab", count: 32), gaps: [],
                    recovered: false)),
            .transcriptAsked(TranscriptAsked(recording: recording, call: id, at: call.at(11_000))),
            .transcriptMade(
                TranscriptMade(
                    recording: recording, call: id, at: call.at(12_000), engine: "fake", model: nil, language: "zh",
                    channels: [
                        .init(
                            index: 0,
                            segments: [
                                TranscriptSegment(
                                    fromMilliseconds: 100, toMilliseconds: 900, role: "caller", text: "变压器冒烟")
                            ])
                    ])),
            .qaFlagged(
                QAFlagged(
                    recording: recording, call: id, at: call.at(12_000), flag: .injury, word: "冒烟", channel: 0,
                    role: "caller", position: AudioPosition(milliseconds: 100))),
        ]
    }

    @Test func aTranscriptReadsAsTheCommandPrintsIt() async throws {
        try await Bench.with { bench async throws in
            let (one, two) = (PastCall(0), PastCall(1))
            try await bench.store.record(heard(one) + two.left)
            let answer = try await bench.get("recordings/\(one.recording)/transcript")
            #expect(answer.status == 200)
            #expect(answer.body == Array(try QueryJSON.encode(try await bench.reader.transcript(one.recording))))
            #expect(answer.text.contains(#""machine" : true"#))
            let list = try await bench.get("recordings?text=%E5%86%92%E7%83%9F&flag=injury")
            #expect(list.status == 200)
            #expect(list.text.contains(one.recording.description))
            #expect(list.text.contains(#""machine" : true"#))
            #expect(try await bench.get("recordings?flag=complaint").text.contains(one.recording.description) == false)
            #expect(try await bench.get("recordings?flag=anger").problem().status == 400)

            let none = try await bench.get("recordings/\(two.recording)/transcript").problem()
            #expect(none.status == 404)
            #expect(none.detail.contains("asked for"))
            let nowhere = try await bench.get("recordings/\(PastCall(7).recording)/transcript").problem()
            #expect(nowhere.status == 404)
            #expect(nowhere.detail.contains("no recording"))
        }
    }

    @Test func withoutARecogniserNothingIsAskedFor() async throws {
        try await Bench.with { bench async throws in
            let one = PastCall(0)
            try await bench.store.record(heard(one))
            let path = "recordings/\(one.recording)/transcript"
            let problem = try await bench.post(path, "{}").problem()
            #expect(problem.status == 409)
            #expect(problem.detail.contains("transcripts.command"))
            #expect(try await bench.post(path, #"{"who": "1001"}"#).problem().status == 400)
            #expect(try await bench.post(path, #"{"by": "1009"}"#).problem().status == 404)
        }
    }
}
