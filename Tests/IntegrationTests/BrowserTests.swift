import Calls
import Foundation
import Media
import Storage
import Testing

extension Integration {
    /// The console in Chromium: each role's main task, in both languages.
    @Suite struct BrowserTests {
        static let caller = "13900000041"
        private static let orders = ["zh": "20261101-0001", "en": "20261101-0002"]

        private static func store(
            in folder: String, _ identity: NodeIdentity, _ time: SystemTime
        ) throws -> Store {
            try Store.open(
                folder: folder, identity: identity, time: time, random: { UInt64.random(in: .min ... .max) })
        }

        /// Complaints as an earlier day left them.
        private static func orders(in folder: String) async throws {
            let time = SystemTime()
            let store = try Self.store(in: folder, NodeIdentity(name: "earlier", number: 7, boot: "boot"), time)
            for (index, number) in orders.values.sorted().enumerated() {
                try await store.record([
                    .orderCreated(
                        OrderCreated(
                            order: OrderID(high: 0x019A_0000_0000_7000, low: 0x8000_0000_0000_0001 + UInt64(index)),
                            at: time.now(), number: number, code: "4711", category: "complaint", call: nil,
                            caller: "13900000001", fields: [:]))
                ])
            }
            await store.close()
        }

        /// Has an agent speak in a call of before, so that there is somebody to be scored, and its caller leave a message for
        /// each language.
        private static func agentSpoke(in recording: String, _ folder: String) async throws {
            let time = SystemTime()
            let store = try Self.store(in: folder, NodeIdentity(name: "node1", number: 1, boot: "boot"), time)
            let id = try #require(RecordingID(recording))
            let call = try #require(try await store.reader.recordingDetail(id)).found.recording.callID
            let detail = try #require(try await store.reader.call(call))
            let answered = try #require(detail.summary.answeredAt)
            let at = Instant(wall: answered.microseconds + 500_000, mono: time.now().mono)
            let leg = LegID(high: 0x019A_0000_0000_7000, low: 0x8000_0000_0000_0099)
            let agent = try #require(WorkNumber("1001"))
            try await store.record([
                .agentOffered(AgentOffered(call: call, leg: leg, at: at, agent: agent, purpose: .queue)),
                .agentAnswered(
                    AgentAnswered(
                        call: call, leg: leg, at: at, agent: agent, purpose: .queue, rings: 1, ringMilliseconds: 1000,
                        summedRings: 1, summedRingMilliseconds: 1000, basis: .nominal180)),
                .agentLeft(
                    AgentLeft(
                        call: call, leg: leg, at: Instant(wall: at.wall + 1_000_000, mono: at.mono + 1_000_000_000),
                        agent: agent, by: .caller, message: "BYE sent")),
            ])
            for index in 0..<UInt64(orders.count) {
                try await store.record([
                    .messageLeft(
                        MessageLeft(
                            message: MessageID(high: 0x019A_0000_0000_7000, low: 0x8000_0000_0000_0077 + index),
                            call: call, at: at, queue: "service", caller: caller, recording: id,
                            from: AudioPosition(milliseconds: 1000), to: AudioPosition(milliseconds: 3000)))
                ])
            }
            await store.close()
        }

        static var options: ServerOptions {
            var options = AgentTests.options(agents: 1)
            options.flow = "desk-keys.yaml"
            options.more = "orders:\n  policy: yongqiang\nreplay:\n  reason: true\n"
            return options
        }

        /// A caller who speaks, presses a key while waiting, and hangs up.
        static func call(from number: String, at server: RunningServer) async throws {
            var pcap = Pcap()
            pcap.tone(1000, milliseconds: 3000)
            pcap.key(3)
            pcap.silence(milliseconds: 1000)
            var sipp = Sipp(scenario: "caller-speaks-and-hangs-up", target: server.sip)
            sipp.keys = ["caller": number]
            sipp.files = ["tone.pcap": Data(pcap.bytes)]
            sipp.pause = 5000
            sipp.seconds = 20
            let result = try await sipp.run(in: server.scratch)
            #expect(result.successful == 1, "\(result.said)")
        }

        @Test(.timeLimit(.minutes(10))) func everyRoleDoesItsWorkInBothLanguages() async throws {
            let scratch = try Scratch("console")
            let data = scratch.folder.appendingPathComponent("data").path
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            try await Self.orders(in: data)
            let shots = Repository.root.appendingPathComponent(".build/screenshots")
            try FileManager.default.createDirectory(at: shots, withIntermediateDirectories: true)
            var options = Self.options
            options.flow = "desk-notice.yaml"
            var recording: String?
            var callID: String?
            try await withServer(options, scratch: scratch) { server in
                try await Self.call(from: Self.caller, at: server)
                let call = try #require(try await server.finishedCalls(1).first)
                recording = call.recordings.first?.id
                callID = call.callId
            }
            try await Self.agentSpoke(in: try #require(recording), data)
            try await withServer(options, scratch: scratch) { server in
                // While there is no administrator, each start makes another.
                let link = try #require(server.allOutput.firstMatch(of: #/http:\/\/[^\/]+(\/welcome\/[0-9a-f]+)/#)?.1)
                let axe = Repository.root.appendingPathComponent(".build/axe/axe.min.js").path
                let setting: [String: Any] = [
                    "base": "http://\(server.http)", "link": String(link), "shots": shots.path, "caller": Self.caller,
                    "orders": Self.orders, "recording": try #require(recording),
                    "call": try #require(callID),
                    "axe": FileManager.default.fileExists(atPath: axe) ? axe : NSNull(),
                ]
                let file = scratch.folder.appendingPathComponent("setting.json")
                try JSONSerialization.data(withJSONObject: setting).write(to: file)
                let script = Repository.root.appendingPathComponent("Tests/IntegrationTests/Browser/console.py").path
                let (code, child) = try await Child.run(
                    "browser", program: "/usr/bin/python3", arguments: [script, file.path], folder: scratch.folder,
                    seconds: 560)
                print(child.output)
                let done = child.output.split(separator: "\n").filter { $0.hasPrefix("ok ") }.count
                #expect(code == 0 && done == 23, "\(child.tail())")
                if !FileManager.default.fileExists(atPath: axe) {
                    print("axe-core is not here: contrast and labels were not checked (scripts/setup says why)")
                }
            }
        }
    }

    /// Beside the browser, in another run: each is minutes long.
    @Suite struct DescriptionTests {
        /// The description of the API held against the running server.
        @Test(.timeLimit(.minutes(8))) func theAPIIsAsDescribed() async throws {
            var options = BrowserTests.options
            options.agents = DeskFile.text(agents: 2)
            try await withServer(options) { server in
                try await BrowserTests.call(from: BrowserTests.caller, at: server)
                _ = try await server.finishedCalls(1)
                let token = try String(contentsOf: server.data.appendingPathComponent("api.token"), encoding: .utf8)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
                let (code, child) = try await Child.run(
                    "api-check", program: Repository.root.appendingPathComponent("scripts/api-check").path,
                    arguments: ["http://\(server.http)", token], folder: server.scratch.folder, seconds: 440)
                // 3: the package is not to be had here; scripts/setup said so.
                if code == 3 { return print("schemathesis is not here: the API was not checked\n\(child.tail())") }
                #expect(code == 0, "\(child.tail())")
                print(child.output.suffix(2000))
                #expect(server.isRunning)
                #expect(!server.log.contains(" error "), "\(server.log.suffix(3000))")
            }
        }
    }
}
