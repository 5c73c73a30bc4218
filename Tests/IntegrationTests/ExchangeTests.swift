import Foundation
import Glibc
import Testing

extension Integration {
    /// Another system's recordings come in while the server runs, are heard, and go out again.
    @Suite struct ExchangeTests {
        static let python = Repository.root.appendingPathComponent(".build/vcon/bin/python3").path
        static var hasPackage: Bool { FileManager.default.isExecutableFile(atPath: python) }

        /// A quarter of a second of a tone; the first samples tell one from the other.
        private static func wave(_ index: Int) -> Data {
            func word(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 255) } }
            let frames = 2000
            var bytes =
                Array("RIFF".utf8) + word(36 + frames * 2, 4) + Array("WAVEfmt ".utf8) + word(16, 4) + word(1, 2)
            bytes += word(1, 2) + word(8000, 4) + word(16_000, 4) + word(2, 2) + word(16, 2) + Array("data".utf8)
            bytes += word(frames * 2, 4) + word(index, 2)
            for frame in 1..<frames {
                let sample = Int16(3000 * sin(2 * Double.pi * 440 * Double(frame) / 8000))
                bytes += word(Int(UInt16(bitPattern: sample)), 2)
            }
            return Data(bytes)
        }

        /// Recordings as Asterisk leaves them, and some of each kind of trouble.
        private static func old(_ folder: URL, _ count: Int) throws -> (folder: URL, cdr: URL) {
            let old = folder.appendingPathComponent("monitor")
            try FileManager.default.createDirectory(
                at: old.appendingPathComponent("2024"), withIntermediateDirectories: true)
            var rows: [String] = []
            func row(_ index: Int, _ unique: String) {
                let clock = "08:\(String(index / 60 % 60 + 100).suffix(2)):\(String(index % 60 + 100).suffix(2))"
                rows.append(
                    #""","1390000000\#(index % 10)","95598","in","","PJSIP/t-1","PJSIP/1001-2","Dial","","2024-05-12 \#(clock)","2024-05-12 \#(clock)","","1","1","ANSWERED","","\#(unique)","""#
                )
            }
            for index in 0..<count {
                try wave(index).write(to: old.appendingPathComponent("2024/q-8001-1715473800.\(index).wav"))
                row(index, "1715473800.\(index)")
            }
            row(1, "../../../etc/passwd")
            row(2, "1715473800.99999")
            try wave(30_000).prefix(1000).write(to: old.appendingPathComponent("q-cut.1.wav"))
            row(3, "cut.1")
            try Data().write(to: old.appendingPathComponent("q-empty.1.wav"))
            row(4, "empty.1")
            try FileManager.default.createSymbolicLink(
                atPath: old.appendingPathComponent("link.wav").path, withDestinationPath: "/etc/passwd")
            let cdr = folder.appendingPathComponent("Master.csv")
            try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: cdr)
            return (old, cdr)
        }

        private static func files(below folder: URL, _ ending: String) -> Int {
            let all = FileManager.default.enumerator(atPath: folder.path)
            return (all?.compactMap { $0 as? String } ?? []).count { $0.hasSuffix(ending) }
        }

        @Test(.timeLimit(.minutes(3))) func anImportIsKilledGoesOnAndIsHeard() async throws {
            try await withServer { server in
                let count = 200
                let (folder, cdr) = try Self.old(server.scratch.folder, count)
                let arguments = [
                    "recordings", "import", folder.path, "--cdr", cdr.path, "--mapping", "asterisk", "--keep-free", "0",
                ]
                let child = try Child(
                    "import", program: Repository.program, arguments: arguments + ["--data", server.data.path],
                    folder: server.scratch.folder)
                let recordings = server.data.appendingPathComponent("recordings")
                let begun = try await eventually(within: 60, every: 2) {
                    Self.files(below: recordings, ".flac") >= 30 || !child.isRunning
                }
                #expect(begun)
                child.signal(SIGKILL)
                _ = try await child.wait(seconds: 10)
                #expect(Self.files(below: recordings, ".flac") < count, "it was over before it could be ended")
                #expect(child.errors.contains("/\(count + 2) ("), "no progress: \(child.tail())")

                let report = server.scratch.folder.appendingPathComponent("report.csv")
                let (code, said) = try await server.ask(arguments + ["--json", "--report", report.path])
                #expect(code == 1)
                let result = try #require(
                    try JSONSerialization.jsonObject(with: Data(said.utf8)) as? [String: Any], "\(said)")
                let placed = try #require(result["placed"] as? Int)
                let known = try #require(result["known"] as? Int)
                #expect(placed + known == count)
                #expect(result["records"] as? Int == count + 4)
                let refused = try #require(result["refused"] as? [[String: Any]])
                #expect(
                    refused.compactMap { $0["reason"] as? String }.sorted() == [
                        "audio", "audio", "folder", "name", "no_file",
                    ], "\(refused)")
                let table = Child.text(report)
                #expect(table.hasPrefix("\u{FEFF}file,line,reason,message\r\n"))
                #expect(table.contains("q-cut.1.wav,\(count + 3),audio,"))
                #expect(table.contains(",\(count + 1),name,"))

                let counted = try await server.ask(["recordings", "list", "--line", "imported", "--count"])
                #expect(counted.output.trimmingCharacters(in: .whitespacesAndNewlines) == "\(count)")
                try await server.expectVerified(recordings: count)
                let listed = try await server.ask([
                    "recordings", "list", "--agent", "1001", "--limit", "2", "--ascending", "--json",
                ])
                let rows = try #require(
                    try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]])
                let first = try #require(rows.first)
                let origin = try #require(first["imported"] as? [String: Any])
                #expect(origin["system"] as? String == "asterisk")
                #expect(origin["file"] as? String == "2024/q-8001-1715473800.0.wav")
                #expect(first["started_at"] as? String == "2024-05-12T00:00:00.000000Z")
                let id = try #require(first["id"] as? String)
                let audio = try await server.fetch("recordings/\(id)/audio?format=wav")
                #expect(audio.status == 200)
                #expect(Array(audio.body.suffix(4000)) == Array(Self.wave(0).suffix(4000)))
                let silence = try await server.fetch("recordings/\(id)/silence")
                #expect(silence.status == 200, "\(silence.text)")
                try await exports(server, id)
            }
        }

        /// Out again: a table, files, vCons, and what they are journalled as.
        private func exports(_ server: RunningServer, _ id: String) async throws {
            let out = server.scratch.folder.appendingPathComponent("out")
            let csv = server.scratch.folder.appendingPathComponent("all.csv")
            #expect(try await server.ask(["recordings", "export", "--csv", csv.path, "--line", "imported"]).code == 0)
            #expect(Child.text(csv).split(separator: "\r\n").count == 201)
            let some = ["--line", "imported", "--limit", "3", "--ascending", "--by", "8001", "--reason", "测试"]
            let copied = try await server.ask(["recordings", "export", "--folder", out.path] + some)
            #expect(copied.code == 0, "\(copied.output)")
            let names = try FileManager.default.contentsOfDirectory(atPath: out.path).sorted()
            #expect(names.count == 4)
            #expect(names.contains { $0.hasSuffix(".flac") && $0.contains("_1001_none_") }, "\(names)")
            let vcons = server.scratch.folder.appendingPathComponent("vcons")
            let made = try await server.ask(["recordings", "export", "--vcon", vcons.path] + some)
            #expect(made.code == 0, "\(made.output)")
            #expect(Self.files(below: vcons, ".vcon.json") == 3)
            let events = try await server.fetch("recordings/\(id)/events")
            #expect(events.text.contains("export: 测试"), "\(events.text)")
            let wrong = try await server.ask(["recordings", "export", "--vcon", "x", "--vcon-url", "http://a/"])
            #expect(wrong.code != 0)
        }

        /// Calls of our own, with vCons read by the package that others read them with (scripts/setup test puts it there).
        @Test(.enabled(if: hasPackage, "scripts/setup test finds no Python 3.12"), .timeLimit(.minutes(2)))
        func vConsAreReadByThePackage() async throws {
            let stored = try await StoredCalls(2)
            try await withServer(ServerOptions(more: StoredCalls.noDailyCheck), scratch: stored.scratch) { server in
                let scratch = server.scratch.folder
                let inline = scratch.appendingPathComponent("inline")
                let beside = scratch.appendingPathComponent("beside")
                #expect(try await server.ask(["recordings", "export", "--vcon", inline.path]).code == 0)
                #expect(
                    try await server.ask([
                        "recordings", "export", "--vcon", beside.path, "--vcon-url", "https://audio.example/",
                    ]).code == 0)
                let bad = scratch.appendingPathComponent("bad.vcon.json")
                let files = [inline, beside].flatMap { folder in
                    (FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? [])
                        .filter { $0.hasSuffix(".vcon.json") }.map { folder.appendingPathComponent($0) }
                }
                #expect(files.count == 4)
                let text = Child.text(try #require(files.first))
                try Data(text.replacing("audio/x-wav", with: "audio/none").utf8).write(to: bad)
                let program = """
                    import sys
                    from vcon import Vcon
                    for path in sys.argv[1:]:
                        good, errors = Vcon.validate_file(path)
                        loaded = Vcon.load(path)
                        assert loaded.to_dict()["uuid"]
                        assert len(loaded.dialog) == 1 and len(loaded.parties) >= 2
                        print("good" if good else "bad", errors)
                    """
                let (code, child) = try await Child.run(
                    "vcon", program: Self.python, arguments: ["-c", program] + (files + [bad]).map(\.path),
                    folder: scratch, environment: ["PYTHONUTF8": "1"], seconds: 60)
                #expect(code == 0, "\(child.tail())")
                let said = child.output.split(separator: "\n").filter {
                    $0.hasPrefix("good ") || $0.hasPrefix("bad ")
                }
                #expect(said.count == 5, "\(child.tail())")
                #expect(said.prefix(4).allSatisfy { $0 == "good []" }, "\(said)")
                // What the package cannot take, it does not take.
                #expect(said.last?.hasPrefix("bad ") == true)
            }
        }
    }
}
