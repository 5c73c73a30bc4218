import AudioMeasure
import Foundation
import Testing

extension Integration {
    @Suite(.server(ServerOptions(flow: "short.yaml"))) struct ReleaseTests {
        @Test(.timeLimit(.minutes(3))) func theHotlineEndsTheCallAtTheEndOfItsFlow() async throws {
            let server = try RunningServer.shared
            var sipp = Sipp(scenario: "hotline-hangs-up-released", target: server.sip)
            sipp.keys = ["caller": "13800000701"]
            let result = try await sipp.run(in: server.scratch)
            #expect(result.code == 0, "\(result.said)")
            let row = try await server.finishedCall(from: "13800000701")
            #expect(row.outcome == "completed")
            #expect(row.releasedBy == "flow")
            #expect(row.flowVersion?.hasPrefix("short@") == true)
            // Every prompt was said to its end before the BYE.
            let audio = try Recorded(try #require(row.recordings.first), of: server)
            for id in ["greeting.hello", "unit.name", "bye.thanks"] {
                let prompt = try Signal(reading: Repository.prompts.appendingPathComponent("\(id).wav"))
                let match = audio.right.match(prompt)
                #expect(match.correlation > 0.95, "\(id) matches by \(match.correlation) at \(match.at) s")
            }
            #expect(audio.left.rms < 0.001, "nothing came from the caller, who sent nothing")
        }
    }
}
