import AudioMeasure
import Foundation
import Testing

extension Integration {
    /// Whatever arrives at its ports: the server goes on serving, and takes no more memory for it.
    @Suite(.server(ServerOptions(answerAfter: "200ms"))) struct FloodTests {
        private static let corpus = Repository.root.appendingPathComponent("Tests/LinesTests/rfc4475")

        @Test(.timeLimit(.minutes(2))) func theTortureMessagesDoNoHarm() async throws {
            let server = try RunningServer.shared
            let names = try Self.messages()
            #expect(names.count >= 45, "RFC 4475 has 49 messages")
            for (index, name) in names.enumerated() {
                try Self.send(name, to: server)
                // Between messages the server must answer an honest question.
                let probe = try RawCaller(port: server.port, id: "probe\(index)")
                #expect(probe.ask("OPTIONS", sequence: 1, branch: "1") == 200, "after \(name)\n\(server.log)")
            }
            // The calls that were never acknowledged are given up after 32 s: with a BYE to addresses like
            // `host.example.com`, which nobody must try to look up.
            try await Task.sleep(for: .seconds(36))
            let probe = try RawCaller(port: server.port, id: "afterwards")
            #expect(probe.ask("OPTIONS", sequence: 1, branch: "1") == 200, "\(server.log)")
            try await expectServing(caller: "13800000401")
        }

        /// Messages that RFC 4475 calls valid (§3.1.1), and what a hotline says to them; the method of `intmeth`
        /// holds characters at which sofia-sip passes it over.
        @Test(arguments: [
            ("wsinv", 481), ("esc01", 180), ("escnull", 405), ("esc02", 501), ("lwsdisp", 200), ("longreq", 180),
            ("dblreq", 405), ("semiuri", 200), ("transports", 200), ("mpart01", 405),
        ])
        func aValidTortureMessageIsAnswered(name: String, expected: Int) throws {
            let socket = try Self.send("\(name).sip", to: RunningServer.shared)
            var statuses: [Int] = []
            while let answer = socket.receive(milliseconds: statuses.contains { $0 > 100 } ? 50 : 3000) {
                if let status = RawCaller.status(String(decoding: answer, as: UTF8.self)) { statuses.append(status) }
            }
            #expect(statuses.contains(expected), "\(name): \(statuses)")
        }

        private static func messages() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: corpus.path).filter { $0.hasSuffix(".sip") }.sorted()
        }

        /// Sends a message as it stands but for its Via fields, so that the answer comes to us.
        @discardableResult
        private static func send(_ name: String, to server: RunningServer) throws -> UDP {
            let socket = try UDP(port: server.port)
            let bytes = Array(try Data(contentsOf: corpus.appendingPathComponent(name)))
            let branch = "z9hG4bK" + name.filter { $0.isLetter || $0.isNumber }
            let via = "Via: SIP/2.0/UDP 127.0.0.1:\(socket.localPort);rport;branch=\(branch)"
            socket.send(Self.replaceVia(in: bytes, by: Array(via.utf8)))
            return socket
        }

        /// Takes every Via (and what is folded onto it) out of the header and puts one in after the first line.
        private static func replaceVia(in message: [UInt8], by via: [UInt8]) -> [UInt8] {
            var lines: [ArraySlice<UInt8>] = []
            var rest = message[...]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest[...end]
                rest = rest[(end + 1)...]
                if line.count <= 2 {
                    rest = line + rest
                    break
                }
                if let last = lines.indices.last, line.first == UInt8(ascii: " ") || line.first == UInt8(ascii: "\t") {
                    lines[last] += line
                } else {
                    lines.append(line)
                }
            }
            let kept = lines.filter { line in
                let name = line.prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: " ") }
                return !["via", "v"].contains(String(decoding: name, as: UTF8.self).lowercased())
            }
            guard let first = kept.first else { return message }
            return Array(first) + via + [13, 10] + kept.dropFirst().joined() + Array(rest)
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
            let calm = try await eventually(within: 60, every: 1000) {
                !server.isRunning || server.openFiles <= files + 4
            }
            #expect(server.isRunning, "\(server.log)")
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
