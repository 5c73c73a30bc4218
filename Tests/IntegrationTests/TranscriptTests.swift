import Foundation
import Testing

extension Integration {
    /// From a call to a word of it, with a recogniser of the test's; and across a kill.
    @Suite struct TranscriptTests {
        /// A recogniser that waits while a file `hang` stands beside it.
        private static func recogniser(_ scratch: Scratch) throws -> String {
            let path = scratch.folder.appendingPathComponent("recogniser").path
            try """
            #!/bin/sh
            touch "$0.asked"
            if [ -e "$0.hang" ]; then sleep 20; exit 1; fi
            echo '{"engine": "fake 1", "model": "m"}'
            echo '{"from_ms": 0, "to_ms": 900, "text": "您好，变压器冒火了"}'
            """.write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            return path
        }

        private static func call(_ server: RunningServer) async throws {
            let (code, child) = try await Child.run(
                "call-\(UUID().uuidString.prefix(4))", program: Repository.program,
                arguments: [
                    "call", "sip:95598@\(server.sip)", "--from", "13900000701", "--digits", "wsh", "--say",
                    Repository.root.appendingPathComponent("audio-fixtures/caller-hello.wav").path,
                ], folder: server.scratch.folder, seconds: 60)
            #expect(code == 0, "\(child.tail())")
        }

        private static func state(_ server: RunningServer, _ recording: String) async throws -> String? {
            let (status, body) = try await server.api("recordings/\(recording)/transcript")
            guard status == 200 else { return nil }
            let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
            return object?["state"] as? String
        }

        @Test(.timeLimit(.minutes(2))) func aCallIsFoundByAWordOfIt() async throws {
            let scratch = try Scratch("transcripts")
            let recogniser = try Self.recogniser(scratch)
            var options = ServerOptions(answerAfter: "200ms")
            options.more = "transcripts:\n  command: [\(recogniser)]\n"
            #expect(FileManager.default.createFile(atPath: recogniser + ".hang", contents: nil))
            var recording = ""
            try await withServer(options, scratch: scratch) { server in
                try await Self.call(server)
                recording = try #require(try await server.finishedCalls(1).first?.recordings.first?.id)
                let isAsked = try await eventually(within: 10) {
                    FileManager.default.fileExists(atPath: recogniser + ".asked")
                }
                #expect(isAsked)
                #expect(try await Self.state(server, recording) == "asked")
                try await server.kill()
            }
            try FileManager.default.removeItem(atPath: recogniser + ".hang")
            try await withServer(options, scratch: scratch) { server in
                let isMade = try await eventually(within: 20) { try await Self.state(server, recording) == "made" }
                #expect(isMade, "\(server.log)")
                let list = try await server.ask(["recordings", "list", "--text", "变压器"])
                #expect(list.output.contains("机器转写 0.000 s"))
                #expect(list.output.contains(recording))
                let flagged = try await server.ask(["recordings", "list", "--flag", "injury", "--json"])
                #expect(flagged.output.contains(recording))
                let text = try await server.ask(["recordings", "transcript", recording])
                for part in ["机器转写", "fake 1, m", "您好，变压器冒火了", "caller", "injury: 冒火"] {
                    #expect(text.output.contains(part), "\(text.output)")
                }
                // Made anew when somebody asks.
                try FileManager.default.removeItem(atPath: recogniser + ".asked")
                #expect(try await server.ask(["recordings", "transcribe", recording]).code == 0)
                let isAsked = try await eventually(within: 10) {
                    FileManager.default.fileExists(atPath: recogniser + ".asked")
                }
                #expect(isAsked)
                #expect(try await server.get("/metrics").body.contains("hotline_transcripts_made_total"))
                let isWhole = try await server.ask(["evidence", "verify"])
                #expect(isWhole.code == 0, "\(isWhole.output)")
            }
        }
    }
}
