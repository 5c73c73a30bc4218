import Calls
import Foundation
import Media
import Storage
import Testing

extension Integration {
    /// The inbox from the command line, as a shift leader works through it.
    @Suite struct InboxCommandTests {
        /// Two messages of one recorded call, left before the server starts; their ids differ in the last digit.
        private static func left(in folder: String) async throws -> [MessageID] {
            let time = SystemTime()
            let store = try Store.open(
                folder: folder, identity: NodeIdentity(name: "earlier", number: 7, boot: "boot"), time: time,
                random: { UInt64.random(in: .min ... .max) })
            let call = CallID(high: 0x019A_0000_0000_7000, low: 0x8000_0000_0000_0010)
            let leg = LegID(high: 0x019A_0000_0000_7000, low: 0x8000_0000_0000_0011)
            let recording = RecordingID(high: 0x019A_0000_0000_7000, low: 0x8000_0000_0000_0012)
            let messages = [0, 1].map { MessageID(high: 0x019A_ABCD_0000_7000, low: 0x8000_0000_0000_0040 + $0) }
            let now = time.now()
            var facts: [Fact] = [
                .callOffered(
                    CallOffered(
                        call: call, leg: leg, at: now, line: "trunk1", direction: .inbound, caller: "13900000001",
                        callerRaw: nil, callerSource: "from", called: "95598", diversion: nil, peer: "192.0.2.10:5060",
                        protocolCallID: "x@example.invalid")),
                .recordingPlanned(
                    RecordingPlanned(
                        recording: recording, call: call, at: now,
                        channels: [.init(index: 0, leg: leg, role: "caller", tap: "received")])),
            ]
            facts += messages.map { message in
                .messageLeft(
                    MessageLeft(
                        message: message, call: call, at: now, queue: "service", caller: "13900000001",
                        recording: recording, from: AudioPosition(milliseconds: 2000),
                        to: AudioPosition(milliseconds: 8000)))
            }
            try await store.record(facts)
            await store.close()
            return messages
        }

        @Test(.timeLimit(.minutes(3))) func aMessageIsListedAndTickedOffByTheBeginningOfItsID() async throws {
            let scratch = try Scratch("inbox")
            let data = scratch.folder.appendingPathComponent("data")
            let messages = try await Self.left(in: data.path)
            let server = try await RunningServer.start(AgentTests.options(agents: 1), scratch: scratch)

            func run(_ arguments: [String]) async throws -> (code: Int32, child: Child) {
                try await Child.run(
                    "run-\(UUID().uuidString.prefix(6))", program: Repository.program,
                    arguments: arguments + ["--data", data.path], folder: scratch.folder, seconds: 30)
            }
            func refused(_ words: String, _ arguments: String...) async throws {
                let (code, child) = try await run(arguments)
                #expect(code != 0)
                #expect(child.errors.contains(words), "\(arguments): \(child.tail())")
            }

            let listed = try await run(["messages", "list"]).child.output
            for message in messages { #expect(listed.contains(message.description), "\(listed)") }
            try await refused("several messages", "messages", "heard", "019aabcd", "--by", "1001")
            try await refused("there is no agent 7777", "messages", "heard", "\(messages[1])", "--by", "7777")
            try await refused("there is no message `ffff`", "messages", "heard", "ffff", "--by", "1001")
            try await refused("neither a message's id", "messages", "heard", "nonsense", "--by", "1001")
            try await refused("there is no queue `nowhere`", "queue", "drain", "nowhere")
            try await refused("is in no call", "agents", "call", "1001", "hold")
            try await refused("one of hold", "agents", "call", "1001", "sing")
            try await refused("3 to 20 digits", "blocklist", "add", "139x", "--by", "1001", "--reason", "x")
            #expect(try await run(["messages", "heard", "\(messages[1])", "--by", "1001"]).code == 0)
            let unheard = try await run(["messages", "list", "--unheard"]).child.output
            #expect(unheard.contains(messages[0].description) && !unheard.contains(messages[1].description))
            // The API gives what the command prints.
            let (status, body) = try await server.api("messages?unheard=true")
            #expect(status == 200)
            let printed = try await run(["messages", "list", "--unheard", "--json"]).child.output
            #expect(body.trimmingCharacters(in: .newlines) == printed.trimmingCharacters(in: .newlines))
            #expect(try await run(["queue", "drain", "service"]).code == 0)
            #expect(try await server.stop() == 0)
        }
    }
}
