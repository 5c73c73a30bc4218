import Foundation
import Testing

extension Integration {
    /// Whatever arrives at its ports: the server goes on serving, and takes no more memory for it.
    @Suite(.server(ServerOptions(answerAfter: "200ms"))) struct FloodTests {
        private static let corpus = Repository.root.appendingPathComponent("Tests/LinesTests/rfc4475")

        @Test(.timeLimit(.minutes(1))) func theTortureMessagesDoNoHarm() async throws {
            let server = try RunningServer.shared
            let names = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path).sorted()
            #expect(names.count >= 40, "RFC 4475 has 49 messages")
            let socket = try UDP(port: server.port)
            for name in names {
                let message = try Data(contentsOf: Self.corpus.appendingPathComponent(name))
                socket.send(Array(message))
                // Between messages the server must answer an honest question.
                let probe = try RawCaller(port: server.port, id: "probe\(name.filter(\.isLetter))")
                #expect(probe.ask("OPTIONS", sequence: 1, branch: "1") == 200, "after \(name)\n\(server.log)")
            }
            #expect(server.isRunning, "\(server.log)")
            try await expectServing(caller: "13800000401")
        }

        /// The valid messages that ask for an answer get one; it goes to the Via's address unless `rport` asks otherwise.
        @Test func aValidTortureMessageIsAnswered() throws {
            let server = try RunningServer.shared
            let socket = try UDP(port: server.port)
            for (name, statuses) in [
                // OPTIONS and INVITE of §3.1.1, rewritten in nothing but the Via, so that the answer comes to us.
                ("intmeth", 400...501), ("transports", 200...200), ("mpart01", 200...501),
            ] {
                let files = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path)
                guard let file = files.first(where: { $0.hasPrefix(name) }) else { continue }
                let text = String(
                    decoding: try Data(contentsOf: Self.corpus.appendingPathComponent(file)), as: UTF8.self)
                var lines = text.components(separatedBy: "\r\n")
                guard let via = lines.firstIndex(where: { $0.lowercased().hasPrefix("via") || $0.hasPrefix("v:") })
                else { continue }
                lines.removeAll { $0.lowercased().hasPrefix("via") || $0.hasPrefix("v:") }
                lines.insert(
                    "Via: SIP/2.0/UDP 127.0.0.1:\(socket.localPort);rport;branch=z9hG4bKvalid\(name)", at: via)
                socket.drain()
                socket.send(Array(lines.joined(separator: "\r\n").utf8))
                let answer = socket.receive(milliseconds: 2000).map { String(decoding: $0, as: UTF8.self) }
                let status = try #require(answer.flatMap(RawCaller.status), "\(name) got no answer")
                #expect(statuses.contains(status) || status == 100, "\(name): \(status)")
            }
        }

        @Test(.timeLimit(.minutes(2))) func sixtyThousandMutatedDatagramsAndStillServing() async throws {
            let server = try RunningServer.shared
            try await expectServing(caller: "13800000402")
            let before = server.residentKilobytes
            let files = server.openFiles
            try await floodSIP(server, datagrams: 30_000)
            #expect(server.isRunning, "\(server.log)")
            try await floodRTP(server, datagrams: 30_000)
            #expect(server.isRunning, "\(server.log)")
            // Transactions linger for 32 s; the calls that some mutants did open are given up after as long.
            let calm = try await eventually(within: 60, every: 1000) { server.openFiles <= files + 4 }
            #expect(calm, "\(server.openFiles) files are open, \(files) were before")
            let after = server.residentKilobytes
            #expect(after - before < 150_000, "memory went from \(before) to \(after) kB")
            try await expectServing(caller: "13800000403")
            let (status, _) = try await server.get("/healthz")
            #expect(status == 200)
        }

        private func expectServing(caller: String) async throws {
            let server = try RunningServer.shared
            var sipp = Sipp(scenario: "caller-hangs-up-completed", target: server.sip)
            sipp.keys = ["caller": caller]
            let result = try await sipp.run(in: server.scratch)
            #expect(result.code == 0, "\(result.said)\n\(server.log)")
        }

        private func floodSIP(_ server: RunningServer, datagrams: Int) async throws {
            var mutator = Mutator(seed: 20_261_122)
            // A handful of dialogs only: most mutants fall upon transactions that exist.
            let callers = try (0..<8).map { try RawCaller(port: server.port, id: "flood\($0)") }
            let media = UInt16(await Ports.shared.take(2))
            let honest = callers.flatMap { caller in
                [
                    caller.request("INVITE", sequence: 1, branch: "1", body: caller.offer(mediaPort: media)),
                    caller.request("CANCEL", sequence: 1, branch: "1"),
                    caller.request("ACK", sequence: 1, branch: "1"),
                    caller.request("BYE", sequence: 2, branch: "2"),
                    caller.request("OPTIONS", sequence: 3, branch: "3"),
                    caller.request("REGISTER", sequence: 4, branch: "4"),
                    caller.request(
                        "INFO", sequence: 5, branch: "5", body: "Signal=5\r\nDuration=160\r\n",
                        contentType: "application/dtmf-relay"),
                    caller.request("UPDATE", sequence: 6, branch: "6", body: caller.offer(mediaPort: media)),
                    caller.request("PRACK", sequence: 7, branch: "7"),
                    caller.request("SUBSCRIBE", sequence: 8, branch: "8"),
                ]
            }
            for number in 0..<datagrams {
                callers[number % callers.count].socket.send(mutator.mutate(honest[number % honest.count]))
                if number % 100 == 99 {
                    for caller in callers { caller.socket.drain() }
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            for caller in callers { caller.socket.send(caller.request("CANCEL", sequence: 1, branch: "1")) }
        }

        private func floodRTP(_ server: RunningServer, datagrams: Int) async throws {
            var answered: RawCaller?
            // Places that the mutants took come free again one by one.
            for attempt in 0..<6 where answered == nil {
                var caller = try RawCaller(port: server.port, id: "rtpflood\(attempt)")
                let status = try caller.call(mediaPort: UInt16(await Ports.shared.take(2)), within: 8)
                if status == 200 { answered = caller } else { try await Task.sleep(for: .seconds(5)) }
            }
            let caller = try #require(answered, "no call got through after the mutants")
            let rtp = try UDP(port: caller.mediaPort, from: caller.ownMediaPort)
            let rtcp = try UDP(port: caller.mediaPort + 1, from: caller.ownMediaPort + 1)
            var mutator = Mutator(seed: 3550)
            let report: [UInt8] = [0x80, 200, 0, 6] + [UInt8](repeating: 7, count: 24)
            for number in 0..<datagrams {
                let honest = RawCaller.rtp(
                    sequence: UInt16(truncatingIfNeeded: number), timestamp: UInt32(truncatingIfNeeded: number * 160),
                    source: 0x4854_4C32)
                if number % 8 == 0 { rtcp.send(mutator.mutate(report)) } else { rtp.send(mutator.mutate(honest)) }
                if number % 100 == 99 { try await Task.sleep(for: .milliseconds(10)) }
            }
            #expect(caller.hangUp() == 200)
        }
    }
}
