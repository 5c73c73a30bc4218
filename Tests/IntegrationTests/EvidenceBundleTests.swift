import Calls
import Evidence
import Foundation
import Storage
import Testing

/// The commands of evidence, as an operator and an auditor use them.
extension Integration {
    @Suite struct EvidenceBundleTests {
        /// A store with a call and its recording, two days old, whose server is not running.
        private func makeStore(_ scratch: Scratch, callsAgo days: Int) async throws -> String {
            let data = scratch.folder.appendingPathComponent("data").path
            let present = Int64(Date().timeIntervalSince1970) * 1_000_000
            let time = FixedTime(wall: present - Int64(days) * 86_400_000_000)
            let store = try Store.open(
                folder: data, identity: NodeIdentity(name: "node1", number: 1, boot: "b"), time: time,
                random: { UInt64.random(in: .min ... .max) })
            let call = CallID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)
            let leg = LegID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0002)
            let recording = RecordingID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0003)
            let audio = Data("not really audio".utf8)
            let file = "2026/11/22/one.flac"
            let path = URL(fileURLWithPath: "\(data)/recordings/\(file)")
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try audio.write(to: path)
            var hash = SHA256Stream()
            hash.update(bytes: Array(audio))
            let at = time.now()
            try await store.record([
                .callOffered(
                    CallOffered(
                        call: call, leg: leg, at: at, line: "trunk1", direction: .inbound, caller: "13900000001",
                        callerRaw: nil, callerSource: "from", called: "95598", diversion: nil, peer: "192.0.2.10:5060",
                        protocolCallID: "one@example.invalid")),
                .recordingPlanned(
                    RecordingPlanned(
                        recording: recording, call: call, at: at,
                        channels: [.init(index: 0, leg: leg, role: "caller", tap: "received")])),
                .recordingFinished(
                    RecordingFinished(
                        recording: recording, call: call, at: at, file: file, format: "flac", rate: 8000, frames: 160,
                        bytes: Int64(audio.count), sha256: hash.finish(), gaps: [], recovered: false)),
                .callReleased(
                    CallReleased(
                        call: call, at: at, releasedBy: .caller,
                        evidence: ReleaseEvidence(firstLeg: leg, message: "BYE received"), outcome: .completed,
                        statistics: [:])),
            ])
            await store.close()
            return data
        }

        private struct FixedTime: TimeSource {
            var wall: Int64
            func now() -> Instant { Instant(wall: wall, mono: 1) }
        }

        private func hotline(_ scratch: Scratch, _ arguments: [String]) async throws -> (code: Int32, said: String) {
            let (code, child) = try await Child.run(
                "hotline-\(UUID().uuidString.prefix(8))", program: Repository.program, arguments: arguments,
                folder: scratch.folder, seconds: 60)
            return (code, child.output + child.errors)
        }

        @Test func exportAndVerifyAsAnAuditorDoes() async throws {
            let scratch = try Scratch("bundle")
            let data = try await makeStore(scratch, callsAgo: 2)
            let bundle = scratch.folder.appendingPathComponent("bundle.tar").path
            let day = 86_400.0
            let from = ISO8601DateFormatter().string(from: Date().addingTimeInterval(-4 * day))
            let export = [
                "evidence", "export", "--data", data, "--from", from, "--out", bundle,
            ]
            let made = try await hotline(scratch, export)
            #expect(made.code == 0, "\(made.said)")
            #expect(made.said.contains("4 events, 1 recordings, 0 faults"), "\(made.said)")
            let again = try await hotline(scratch, export)
            #expect(again.code != 0)
            #expect(again.said.contains("--force"), "\(again.said)")
            #expect(try await hotline(scratch, export + ["--force"]).code == 0)

            // The auditor's place: the bundle alone.
            let place = scratch.folder.appendingPathComponent("auditor")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let copy = place.appendingPathComponent("bundle.tar").path
            try FileManager.default.copyItem(atPath: bundle, toPath: copy)
            let key = try await hotline(scratch, ["evidence", "anchor", "--data", data, "--public-key"]).said
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let kept = place.appendingPathComponent("kept.txt").path
            try Data(try await hotline(scratch, ["evidence", "anchor", "--data", data]).said.utf8)
                .write(to: URL(fileURLWithPath: kept))
            let bare = try await hotline(scratch, ["evidence", "verify", copy])
            #expect(bare.code == 0, "\(bare.said)")
            #expect(bare.said.contains("INTACT, self-consistent only"), "\(bare.said)")
            let signed = try await hotline(scratch, ["evidence", "verify", copy, "--key", key])
            #expect(signed.said.contains("INTACT, and signed with your key"), "\(signed.said)")
            // This anchor was made after the bundle, at the same head.
            let anchored = try await hotline(
                scratch, ["evidence", "verify", copy, "--key", key, "--anchors", kept, "--json"])
            #expect(anchored.code == 0, "\(anchored.said)")
            #expect(anchored.said.contains(#""standing" : "anchored""#), "\(anchored.said)")

            let stranger = try await hotline(
                scratch, ["evidence", "verify", copy, "--key", String(repeating: "ab", count: 32)])
            #expect(stranger.code == 1)
            #expect(stranger.said.contains("keys.json"), "\(stranger.said)")

            var bytes = try Data(contentsOf: URL(fileURLWithPath: copy))
            let place0 = try #require(bytes.range(of: Data("really".utf8)))
            bytes[place0.lowerBound] ^= 1
            try bytes.write(to: URL(fileURLWithPath: copy))
            let altered = try await hotline(scratch, ["evidence", "verify", copy, "--key", key])
            #expect(altered.code == 1)
            #expect(altered.said.contains("recordings/2026/11/22/one.flac, chain node1, event 3"), "\(altered.said)")
            try bytes.prefix(5000).write(to: URL(fileURLWithPath: copy))
            #expect(try await hotline(scratch, ["evidence", "verify", copy]).code == 2)
            let badKey = try await hotline(scratch, ["evidence", "verify", copy, "--key", "abc"])
            #expect(badKey.code == 2)

            // What is gone from the data folder is named at the export, and in the bundle.
            try FileManager.default.removeItem(atPath: "\(data)/recordings/2026/11/22/one.flac")
            let faulty = try await hotline(scratch, export + ["--force"])
            #expect(faulty.code == 1)
            #expect(faulty.said.contains("is missing"), "\(faulty.said)")
            let missing = try await hotline(scratch, ["evidence", "verify", bundle])
            #expect(missing.code == 1)
            #expect(missing.said.contains("the recording is missing"), "\(missing.said)")
        }

        /// The day's anchor leaves the machine by itself, by both ways.
        @Test(.timeLimit(.minutes(2))) func theDaysAnchorIsMadeAndSent() async throws {
            let scratch = try Scratch("anchor")
            let data = try await makeStore(scratch, callsAgo: 1)
            let receiver = try Receiver(answers: ["200 OK"])
            let file = scratch.folder.appendingPathComponent("anchor.txt").path
            var options = ServerOptions()
            options.more = """
                evidence:
                  anchor_webhook: http://127.0.0.1:\(receiver.port)/anchors
                  anchor_command: [tee, \(file)]
                """
            let server = try await RunningServer.start(options, scratch: scratch)
            let list = ["evidence", "anchors", "list", "--json", "--data", data]
            let isSent = try await eventually(within: 40) {
                let said = try await hotline(scratch, list).said
                return said.contains(#""message" : "status 200""#) && said.contains(#""way" : "command""#)
            }
            if !isSent { Issue.record("\(try await hotline(scratch, list).said)\n\(server.log)") }
            #expect(try await server.stop() == 0, "\(server.log)")

            let line = try String(contentsOfFile: file, encoding: .utf8)
            let anchor = try Anchor(bytes: Array(line.utf8.dropLast()))
            try anchor.verify(trusted: anchor.publicKey)
            let posted = try #require(receiver.requests.first)
            #expect(posted.hasPrefix("POST /anchors HTTP/1.1\r\n"), "\(posted)")
            #expect(posted.hasSuffix(line), "\(posted)")
            let day = try #require(anchor.day)
            #expect(day.zone == "Asia/Shanghai")
            #expect(day.to - day.from == 86_400_000_000)

            let shown = try await hotline(scratch, ["evidence", "anchors", "show", day.date, "--data", data])
            #expect(shown.code == 0)
            #expect(shown.said.contains("webhook, attempt 1: taken (status 200)"), "\(shown.said)")
            #expect(shown.said.contains(String(anchor.fingerprint.prefix(4))))
            // Carried away, it proves the data folder and a bundle.
            let kept = scratch.folder.appendingPathComponent("kept.txt").path
            #expect(
                try await hotline(scratch, ["evidence", "anchors", "export", "--data", data, "--out", kept]).code == 0)
            #expect(try String(contentsOfFile: kept, encoding: .utf8) == line)
            let key = Hexadecimal.text(anchor.publicKey)
            let verified = try await hotline(
                scratch, ["evidence", "verify", "--data", data, "--anchors", kept, "--key", key])
            #expect(verified.code == 0, "\(verified.said)")
            let bundle = scratch.folder.appendingPathComponent("bundle.tar").path
            let from = ISO8601DateFormatter().string(from: Date().addingTimeInterval(-4 * 86_400))
            let made = try await hotline(
                scratch, ["evidence", "export", "--data", data, "--from", from, "--out", bundle])
            #expect(made.code == 0, "\(made.said)")
            let proved = try await hotline(
                scratch, ["evidence", "verify", bundle, "--anchors", kept, "--key", key, "--json"])
            #expect(proved.code == 0, "\(proved.said)")
            #expect(proved.said.contains(#""standing" : "anchored""#), "\(proved.said)")
            #expect(proved.said.contains(#""days" : 1"#), "\(proved.said)")
        }

        /// A redirection is no delivery, and neither is a program that fails.
        @Test(.timeLimit(.minutes(2))) func whatIsNotTakenIsSaidAndSentAgainAfterARestart() async throws {
            let scratch = try Scratch("anchor-fails")
            let data = try await makeStore(scratch, callsAgo: 1)
            let receiver = try Receiver(answers: ["302 Found\r\nLocation: /login", "200 OK"])
            var options = ServerOptions()
            options.more = """
                evidence:
                  anchor_webhook: http://127.0.0.1:\(receiver.port)/anchors
                  anchor_command: [sh, -c, "echo no paper >&2; exit 3"]
                """
            let list = ["evidence", "anchors", "list", "--json", "--data", data]
            var server = try await RunningServer.start(options, scratch: scratch)
            let isTried = try await eventually(within: 40) {
                let said = try await hotline(scratch, list).said
                return said.contains(#""message" : "status 302""#)
                    && said.contains(#""message" : "exit 3: no paper""#)
            }
            if !isTried { Issue.record("\(try await hotline(scratch, list).said)\n\(server.log)") }
            #expect(receiver.requests.count == 1, "the redirection was not followed")
            #expect(try await server.stop() == 0)
            server = try await RunningServer.start(options, scratch: scratch)
            let isTaken = try await eventually(within: 40) {
                try await hotline(scratch, list).said.contains(#""message" : "status 200""#)
            }
            if !isTaken { Issue.record("\(try await hotline(scratch, list).said)\n\(server.log)") }
            #expect(try await server.stop() == 0)
            #expect(receiver.requests.count == 2)
        }
    }
}
