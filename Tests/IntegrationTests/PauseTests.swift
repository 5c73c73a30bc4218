import Foundation
import Testing

extension Integration {
    /// A real call that enters a number while its recording is paused.
    @Suite(.server(ServerOptions(flow: "card.yaml"))) struct PauseTests {
        @Test(.timeLimit(.minutes(3))) func whatIsEnteredIsNeitherHeardNorRead() async throws {
            let server = try RunningServer.shared
            let caller = "13900000611"
            // A tone before the pause, one in it, one behind it; the number between.
            let (code, child) = try await Child.run(
                "call-paused", program: Repository.program,
                arguments: [
                    "call", "sip:95598@\(server.sip)", "--from", caller, "--digits", "wwtw5wwtw6222#wwwtwh", "--tone",
                    "1000", "--json",
                ], folder: server.scratch.folder, seconds: 60)
            #expect(code == 0, "\(child.tail())")
            let row = try await server.finishedCall(from: caller)
            #expect(row.digits == "5•••••")
            let shown = try await server.show(row.callId)
            let begin = try #require(shown.timeline.first { $0.kind == "recording_paused" })
            let end = try #require(shown.timeline.first { $0.kind == "recording_resumed" })
            #expect(begin.data?["by"] == "flow" && begin.data?["reason"] == "card")
            #expect(end.data?["by"] == "flow")
            let (from, to) = (try #require(begin.positionMs), try #require(end.positionMs))
            #expect(to - from > 4000)
            let told = shown.timeline.filter { $0.kind == "key" }.compactMap { $0.data?["key"] }
            #expect(told == ["5", "•", "•", "•", "•", "•"])
            let recording = try Recorded(try #require(row.recordings.first), of: server)
            for side in [recording.left, recording.right] {
                let silent = side.samples[from * 8..<to * 8]
                #expect(silent.allSatisfy { $0 == 0 })
                #expect(side.samples[..<(from * 8)].contains { $0 != 0 })
                #expect(side.samples[(to * 8)...].contains { $0 != 0 })
            }
            let tones = recording.left.stretches(of: 1000).filter { $0.upperBound - $0.lowerBound > 0.7 }
            #expect(tones.count == 2)
            #expect(tones.allSatisfy { $0.upperBound * 1000 < Double(from) || $0.lowerBound * 1000 > Double(to) })
        }
    }
}
