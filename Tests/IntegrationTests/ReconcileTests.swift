import Foundation
import Testing

extension Integration {
    /// Alarms to a webhook, the checking of recordings and the carrier's records, through the program.
    @Suite struct ReconcileTests {
        @Test(.timeLimit(.minutes(2))) func whatIsWrongIsToldToAWebhookSigned() async throws {
            let stored = try await StoredCalls(2)
            // A receiver of a few lines that fails once, and writes down what it is sent.
            let receiver = """
                import http.server, json, os
                class H(http.server.BaseHTTPRequestHandler):
                    count = 0
                    def do_POST(self):
                        body = self.rfile.read(int(self.headers["Content-Length"]))
                        H.count += 1
                        self.send_response(503 if H.count == 1 else 204)
                        self.end_headers()
                        if H.count > 1:
                            with open("told.jsonl", "a") as f:
                                f.write(json.dumps([body.decode(), self.headers["X-Hotline-Signature"],
                                    self.headers["X-Hotline-Delivery"]]) + "\\n")
                    def log_message(self, *a): pass
                s = http.server.HTTPServer(("127.0.0.1", 0), H)
                open("port", "w").write(str(s.server_port))
                s.serve_forever()
                """
            let folder = stored.scratch.folder
            let hook = try Child("hook", program: "python3", arguments: ["-c", receiver], folder: folder)
            #expect(try await eventually(within: 10) { !Child.text(folder.appendingPathComponent("port")).isEmpty })
            let port = Child.text(folder.appendingPathComponent("port"))
            try Data("swordfish\n".utf8).write(to: folder.appendingPathComponent("secret"))
            var options = ServerOptions()
            options.more = """
                alarms:
                  webhook: http://127.0.0.1:\(port)/alarms
                  webhook_secret_file: \(folder.path)/secret

                """ + StoredCalls.noDailyCheck
            let server = try await RunningServer.start(options, scratch: stored.scratch)
            try FileManager.default.removeItem(at: stored.path(1))
            let (code, text) = try await server.ask(["recordings", "reconcile", "--json"])
            #expect(code == 1, "\(text)")
            #expect(text.contains("\"missing_file\" : 1") && text.contains("\"opened\" : 1"), "\(text)")
            let told = folder.appendingPathComponent("told.jsonl")
            #expect(try await eventually(within: 20, every: 100) { Child.text(told).contains("missing_file") })
            let line = try #require(Child.text(told).split(separator: "\n").first { $0.contains("missing_file") })
            let parts = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String])
            #expect(parts[0].contains(stored.calls[1].recording.description))
            #expect(parts[0].contains("\"state\":\"opened\""))
            // Signed with the secret: openssl says the same.
            let file = folder.appendingPathComponent("body")
            try Data(parts[0].utf8).write(to: file)
            let (_, signed) = try await Child.run(
                "openssl", program: "openssl", arguments: ["dgst", "-sha256", "-hmac", "swordfish", file.path],
                folder: folder, seconds: 10)
            let mac = signed.output.split(separator: " ").last.map { $0.trimmingCharacters(in: .newlines) }
            #expect(parts[1] == "sha256=\(mac ?? "")")
            #expect(
                try await eventually(within: 20, every: 500) {
                    try await server.get("/healthz").body.contains("missing_file")
                })

            try Data(stored.calls[1].bytes).write(to: stored.path(1))
            let (mended, _) = try await server.ask(["recordings", "reconcile"])
            #expect(mended == 0)
            #expect(
                try await eventually(within: 20, every: 100) {
                    Child.text(told).contains("\\\"state\\\":\\\"cleared\\\"")
                })
            #expect(try await server.get("/metrics").body.contains("hotline_recording_alarms{kind=\"missing_file\"} 0"))
            hook.signal(SIGTERM)
            #expect(try await server.stop() == 0, "\(server.log)")
            let (evidence, _) = try await server.ask(["evidence", "verify"])
            #expect(evidence == 0)
            // Without a server the command looks for itself.
            try FileManager.default.removeItem(at: stored.path(0))
            let (alone, said) = try await server.ask(["recordings", "reconcile"])
            #expect(alone == 1 && said.contains("nothing was journalled"), "\(said)")
        }

        @Test(.timeLimit(.minutes(2))) func theCarriersRecordsAreTakenInOnce() async throws {
            let stored = try await StoredCalls(3)
            let server = try await RunningServer.start(ServerOptions(), scratch: stored.scratch)
            let zone = "time_zone: UTC\n"
            let columns = stored.scratch.folder.appendingPathComponent("columns.yaml")
            try Data((zone + "columns: {caller: A, called: B, begin: T, seconds: S}\n").utf8).write(to: columns)
            let rows = try await server.calls()
            // The first two of ours, 20 s late by the carrier's clock, and one that never came.
            let lines = rows.suffix(2).map { row in
                "\(row.caller ?? ""),95598,\(row.offeredAt.prefix(19).replacing("T", with: " ")),13"
            }
            let stray = "13900009999,95598,\(rows[1].offeredAt.prefix(19).replacing("T", with: " ")),40"
            let file = stored.scratch.folder.appendingPathComponent("2026-11.csv")
            try Data((["A,B,T,S"] + lines + [stray]).joined(separator: "\r\n").utf8).write(to: file)
            for new in [3, 0] {
                let (code, text) = try await server.ask([
                    "carrier", "import", file.path, "--columns", columns.path, "--json",
                ])
                #expect(code == 0, "\(text)")
                #expect(text.contains("\"new\" : \(new)"), "\(text)")
                #expect(text.contains("\"matched\" : 2") && text.contains("13900009999"), "\(text)")
            }
            let (_, text) = try await server.ask([
                "carrier", "compare", "--from", String(rows[2].offeredAt.prefix(10)), "--json",
            ])
            #expect(text.contains("\"records\" : 3") && text.contains(rows[0].callId), "\(text)")
            try Data("A,B,T,S\nx,95598,never,1\n".utf8).write(to: file)
            let (code, child) = try await Child.run(
                "import", program: Repository.program,
                arguments: ["carrier", "import", file.path, "--columns", columns.path, "--data", server.data.path],
                folder: stored.scratch.folder, seconds: 30)
            #expect(code != 0 && child.errors.contains("2026-11.csv:2"), "\(child.tail())")
            #expect(try await server.stop() == 0, "\(server.log)")
        }
    }
}
