import Calls
import Foundation
import Storage
import Testing

/// A call's recording is paused by the API.
@Suite(.serialized) struct PauseRouteTests {
    @Test func anAgentsCallIsPausedAndGoesOn() async throws {
        try await Bench.with { bench async throws in
            let call = try #require(try await bench.talking().call)
            // The other side has answered, and the media thread tells of the recording.
            let isRecorded = try await eventually {
                try await bench.reader.call(call)?.summary.recordings.map(\.state) == [.started]
            }
            #expect(isRecorded)
            let paused = try await bench.post(
                "agents/1001/call", #"{"action": "pause_recording", "reason": "银行卡号"}"#)
            #expect(paused.status == 202, "\(paused.text)")
            func spans() async throws -> [RecordingPause] {
                guard let recording = try await bench.reader.call(call)?.summary.recordings.first else { return [] }
                return try await bench.reader.recording(recording.id)?.pauses ?? []
            }
            let isPaused = try await eventually { try await spans().map(\.reason) == ["银行卡号"] }
            #expect(isPaused)
            let resumed = try await bench.post("agents/1001/call", #"{"action": "resume_recording"}"#)
            #expect(resumed.status == 202, "\(resumed.text)")
            let goesOn = try await eventually { try await spans().map(\.endedBy) == [.agent] }
            #expect(goesOn)
            #expect(try await spans().first?.agent == WorkNumber("1001"))
            #expect(try await bench.hangsUp("1001"))
        }
    }

    @Test func whereThereIsNothingToPauseItIsRefused() async throws {
        try await Bench.with { bench async throws in
            let answer = try await bench.post("agents/1001/call", #"{"action": "pause_recording"}"#)
            #expect(answer.status == 409, "\(answer.text)")
            let long = String(repeating: "x", count: 101)
            let refused = try await bench.post(
                "agents/1001/call", #"{"action": "pause_recording", "reason": "\#(long)"}"#)
            #expect(refused.status == 400, "\(refused.text)")
            let unknown = try await bench.post("agents/1001/call", #"{"action": "pause"}"#)
            #expect(unknown.text.contains("pause_recording"))
        }
    }
}
