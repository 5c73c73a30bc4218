import Foundation
import Lines
import Testing

extension Integration {
    /// What must not happen: agents stuck after a crash, guessed passwords, feature codes from outside.
    @Suite struct AgentFaultTests {
        @Test(.timeLimit(.minutes(2))) func killedWithCallersWaitingAndTalking() async throws {
            let server = try await RunningServer.start(AgentTests.options(agents: 1))
            do { try await judge(server) } catch {
                print("the server's last words:\n\(server.log)")
                if server.isRunning { try await server.kill() }
                throw error
            }
        }

        private func judge(_ server: RunningServer) async throws {
            let phone = try await AgentPhone.start(
                "1001", password: DeskFile.password(1001), at: server.sip, tone: 600, in: server.scratch)
            try await server.logIn(["1001"])
            let talking = try await AgentTests.caller("13900000011", milliseconds: 30_000, at: server)
                .start(in: server.scratch)
            #expect(try await server.waits(for: "1001", toBe: "talking"))
            let waiting = try await AgentTests.caller("13900000012", milliseconds: 30_000, at: server)
                .start(in: server.scratch)
            let isWaiting = try await eventually(within: 10, every: 100) {
                try await server.queues().first?.waiting.count == 1
            }
            #expect(isWaiting)
            try await Task.sleep(for: .seconds(3))
            try await server.kill()
            for run in [talking, waiting] {
                run.child.signal(9)
                _ = try await run.child.wait(seconds: 5)
            }
            try await phone.stop()

            let again = try await RunningServer.start(AgentTests.options(agents: 1), scratch: server.scratch)
            let rows = try await again.finishedCalls(2)
            #expect(rows.map(\.outcome) == ["interrupted", "interrupted"])
            for row in rows {
                // At most the last half second is lost of what was said.
                let length = row.recordings.compactMap(\.seconds).max() ?? 0
                #expect(length > 2.4, "\(row.caller ?? ""): \(length) s")
            }
            let talked = try #require(rows.first { $0.caller == "13900000011" })
            let shown = try await again.show(talked.callId)
            #expect(shown.timeline.contains { $0.kind == "agent_left" })
            let waited = try #require(rows.first { $0.caller == "13900000012" })
            let passage = try await again.show(waited.callId)
            #expect(passage.timeline.contains { $0.kind == "queue_left" && $0.data?["exit"] == "interrupted" })
            // Nobody is stuck: at work as before, in no call, and served again once the phone is back.
            #expect(try await again.agents().first { $0.number == "1001" }?.state == "available")
            #expect(try await again.queues().first?.waiting.isEmpty == true)
            let back = try await AgentPhone.start(
                "1001", password: DeskFile.password(1001), at: again.sip, tone: 600, in: again.scratch)
            try await again.logIn(["1001"])
            let next = try await AgentTests.caller("13900000013", milliseconds: 3000, at: again).run(in: again.scratch)
            #expect(next.successful == 1, "\(next.said)")
            let row = try await again.finishedCall(from: "13900000013")
            #expect(row.legs.contains { $0.role == "agent" })
            try await back.stop()
            #expect(try await again.stop() == 0)
            let (code, said) = try await again.ask(["evidence", "verify"])
            #expect(code == 0, "\(said)")
        }

        @Test(.timeLimit(.minutes(3))) func passwordsCannotBeGuessedAndAStrangersCodeIsACallLikeAnyOther() async throws
        {
            try await withServer(AgentTests.options(agents: 1)) { server in
                let guesser = try RawCaller(port: server.port, id: "guesser")
                var statuses: [Int] = []
                for attempt in 1...8 {
                    statuses.append(try Self.register(guesser, "1001", password: "guess-\(attempt)", number: attempt))
                }
                #expect(statuses.allSatisfy { $0 == 403 })
                // Locked: the right password is not looked at any more from there.
                let right = try Self.register(
                    guesser, "1001", password: DeskFile.password(1001), number: 20)
                #expect(right == 403)
                // The source and the account's place there.
                #expect(try await server.get("/metrics").body.contains("hotline_phone_locks_total 2"))
                #expect(try await server.agents().first { $0.number == "1001" }?.reachable == false)

                // A feature code dialled by a caller is a call to the hotline, and changes nobody's state.
                var sipp = AgentTests.caller("13900000021", milliseconds: 1500, at: server)
                sipp.service = "*11"
                let result = try await sipp.run(in: server.scratch)
                #expect(result.successful == 1, "\(result.said)")
                let row = try await server.finishedCall(from: "13900000021")
                #expect(row.direction == "inbound")
                #expect(row.flowVersion?.hasPrefix("desk@") == true)
                #expect(try await server.state(of: "1001") == "logged_out")

                // Who claims to be an agent must prove it; an outside number is never dialled for anybody unproved.
                var claim = AgentTests.caller("1001", milliseconds: 500, at: server)
                claim.service = "13900009999"
                claim.seconds = 12
                let claimed = try await claim.run(in: server.scratch)
                #expect(claimed.successful == 0)
                #expect(try await server.calls().allSatisfy { $0.direction != "outbound" })
                // The API wants its token.
                #expect(try await server.get("/api/v1/agents").status == 401)
            }
        }

        /// Registers with a digest for the challenge that comes.
        /// - Returns: the final status.
        private static func register(
            _ caller: RawCaller, _ user: String, password: String, number: Int
        ) throws -> Int {
            func ask(_ authorization: String, _ sequence: Int) throws -> String {
                let text = [
                    "REGISTER sip:127.0.0.1:\(caller.port) SIP/2.0",
                    "Via: SIP/2.0/UDP 127.0.0.1:\(caller.socket.localPort);rport;branch=z9hG4bKg\(number)x\(sequence)",
                    "From: <sip:\(user)@127.0.0.1>;tag=g\(number)", "To: <sip:\(user)@127.0.0.1>",
                    "Call-ID: guess-\(number)@127.0.0.1", "CSeq: \(sequence) REGISTER",
                    "Contact: <sip:\(user)@127.0.0.1:\(caller.socket.localPort)>", "Expires: 600", "Max-Forwards: 70",
                ]
                caller.socket.send(
                    Array(
                        (text + (authorization.isEmpty ? [] : [authorization]) + ["Content-Length: 0", "", ""])
                            .joined(separator: "\r\n").utf8))
                guard let bytes = caller.socket.receive(milliseconds: 3000) else {
                    throw HarnessError("REGISTER was not answered")
                }
                return String(decoding: bytes, as: UTF8.self)
            }
            let challenge = try ask("", 1)
            guard RawCaller.status(challenge) == 401 else { return RawCaller.status(challenge) ?? 0 }
            func field(_ name: String) -> String {
                guard let range = challenge.range(of: "\(name)=\"") else { return "" }
                return String(challenge[range.upperBound...].prefix { $0 != "\"" })
            }
            let uri = "sip:127.0.0.1:\(caller.port)"
            let nonce = field("nonce")
            let realm = field("realm")
            let first = md5Hex("\(user):\(realm):\(password)")
            let response = md5Hex("\(first):\(nonce):00000001:abcd:auth:\(md5Hex("REGISTER:\(uri)"))")
            let answer = try ask(
                "Authorization: Digest username=\"\(user)\", realm=\"\(realm)\", nonce=\"\(nonce)\", uri=\"\(uri)\", "
                    + "response=\"\(response)\", cnonce=\"abcd\", qop=auth, nc=00000001", 2)
            return RawCaller.status(answer) ?? 0
        }

        @Test(.timeLimit(.minutes(2))) func anAgentLogsInByFeatureCodeAndPIN() async throws {
            try await withServer(AgentTests.options(agents: 1)) { server in
                let phone = try await AgentPhone.start(
                    "1001", password: DeskFile.password(1001), at: server.sip, tone: 600, in: server.scratch)
                let isThere = try await eventually(within: 15, every: 200) {
                    try await server.agents().first { $0.number == "1001" }?.reachable == true
                }
                #expect(isThere)
                try phone.command("/dial sip:*11@\(server.sip)")
                // The first prompt is playing: keys go to the PIN.
                try await Task.sleep(for: .seconds(3))
                for key in DeskFile.pin(1001) + "#" {
                    try phone.press(key)
                    try await Task.sleep(for: .milliseconds(400))
                }
                #expect(try await server.waits(for: "1001", toBe: "available"), "\(phone.said)")
                try await phone.stop()
                let row = try #require(try await server.calls().first)
                #expect(row.direction == "internal")
                #expect(row.recordings.isEmpty)
                // The PIN stands nowhere.
                #expect(!row.digits.contains(DeskFile.pin(1001)))
                let (_, shown) = try await server.ask(["calls", "show", row.callId, "--json"])
                #expect(!shown.contains(DeskFile.pin(1001)))
                #expect(!server.allOutput.contains(DeskFile.pin(1001)))
            }
        }
    }

    /// The hour in which everybody calls: 20 agents, 200 callers.
    @Suite struct AgentLoadTests {
        @Test(.timeLimit(.minutes(6))) func twentyAgentsServeTwoHundredCallers() async throws {
            var options = AgentTests.options(agents: 20, queue: "rings_per_agent: 4, announce: none, wrap_up: 1s")
            options.maxCalls = 250
            try await withServer(options) { server in
                let numbers = (1001...1020).map(String.init)
                var phones: [AgentPhone] = []
                for (index, number) in numbers.enumerated() {
                    // No two neighbours alike, and none near the callers' 1,000 Hz or the music.
                    phones.append(
                        try await AgentPhone.start(
                            number, password: DeskFile.password(1001 + index), at: server.sip, tone: 1600 + 50 * index,
                            in: server.scratch))
                }
                try await server.logIn(numbers, within: 60)
                var sipp = AgentTests.caller("13900000100", milliseconds: 2500, at: server)
                sipp.calls = 200
                sipp.rate = 4
                sipp.seconds = 150
                sipp.keys["caller"] = "13900000100"
                let result = try await sipp.run(in: server.scratch)
                #expect(result.successful == 200, "\(result.said.suffix(2000))")
                let rows = try await server.finishedCalls(200, within: 60)
                #expect(rows.count == 200)
                var served = 0
                var right = 0
                for row in rows where row.legs.contains(where: { $0.role == "agent" }) {
                    served += 1
                    guard served % 10 == 1, let recording = row.recordings.first else { continue }
                    // One in ten is listened to: one agent's tone right, the caller's left.
                    let audio = try Recorded(recording, of: server)
                    let seconds = audio.right.seconds
                    let end = audio.right.part(from: seconds - 0.6, to: seconds - 0.1)
                    let tones = (0..<20).filter { end.share(of: Double(1600 + 50 * $0)) > 0.5 }
                    let start = audio.left.part(from: 0.5, to: 2)
                    if tones.count == 1, start.share(of: 1000) > 0.9,
                        start.share(of: Double(1600 + 50 * (tones.first ?? 0))) < 0.05
                    {
                        right += 1
                    }
                }
                #expect(served >= 190, "\(served) of 200 reached an agent")
                #expect(right == (served + 9) / 10, "\(right) of \((served + 9) / 10) heard are right")
                for number in numbers {
                    #expect(try await server.waits(for: number, toBe: "available", within: 10), "\(number)")
                }
                #expect(try await server.queues().first?.waiting.isEmpty == true)
                for phone in phones { try await phone.stop() }
                try await server.expectVerified(recordings: 200)
            }
        }
    }
}
