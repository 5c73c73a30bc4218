import Foundation
import Testing

extension Integration {
    /// A server with a key file, from the call to its bundle.
    @Suite struct EncryptionTests {
        private static let magic = Data("HLSEALED".utf8)

        private func hotline(_ arguments: [String], _ scratch: Scratch) async throws -> (code: Int32, said: String) {
            let (code, child) = try await Child.run(
                arguments.prefix(2).joined(separator: "-"), program: Repository.program, arguments: arguments,
                folder: scratch.folder, seconds: 60)
            return (code, child.output + child.errors)
        }

        /// All files below a folder.
        private func files(_ folder: URL) throws -> [URL] {
            let all = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            return all.compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath }
        }

        /// Whether a tone of 1,000 Hz at 8,000 samples a second stands in it, as G.711 or as 16 bits in one channel or two:
        /// bytes that repeat after 32, and are not all the same.
        private func hasTone(_ file: URL) throws -> Bool {
            let bytes: [UInt8]
            do {
                bytes = [UInt8](try Data(contentsOf: file))
            } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
                return false  // it went since the folder was listed
            }
            var run = 0
            for index in bytes.indices.dropFirst(32) {
                run = bytes[index] == bytes[index - 32] ? run + 1 : 0
                if run >= 96, Set(bytes[index - 31...index]).count > 3 { return true }
            }
            return false
        }

        private func audioFiles(_ server: RunningServer) throws -> [URL] {
            try ["audio-log", "partials", "recordings", "cache"].flatMap {
                try files(server.data.appendingPathComponent($0))
            }
        }

        @Test(.timeLimit(.minutes(2))) func nothingThatWasSaidLiesInTheClear() async throws {
            let scratch = try Scratch("encrypted")
            let keys = scratch.folder.appendingPathComponent("recording.keys").path
            #expect(try await hotline(["recordings", "key", "new", keys], scratch).code == 0)
            var options = ServerOptions(flow: "listening.yaml")
            options.more = "recordings:\n  key_file: \(keys)\n"
            let server = try await RunningServer.start(options, scratch: scratch)
            do {
                try await call(server, keys)
            } catch {
                print("the server's last words:\n\(server.log)")
                if server.isRunning { try await server.kill() }
                throw error
            }
            #expect(try await server.stop() == 0, "\(server.log)")
            // Left out by mistake, it would be recorded in the clear from here on.
            options.more = ""
            let refused = try await RunningServer.refused(options, scratch: scratch)
            #expect(refused.code != 0 && refused.said.contains("`recordings.key_file` is not set"), "\(refused.said)")
            try FileManager.default.removeItem(atPath: keys)
            options.more = "recordings:\n  key_file: \(keys)\n"
            let keyless = try await RunningServer.refused(options, scratch: scratch)
            #expect(keyless.code != 0 && keyless.said.contains(keys), "\(keyless.said)")
        }

        private func call(_ server: RunningServer, _ keys: String) async throws {
            let caller = "13900000655"
            let child = try Child(
                "call-encrypted", program: Repository.program,
                arguments: [
                    "call", "sip:95598@\(server.sip)", "--from", caller, "--digits", "ttttttttth", "--tone", "1000",
                ], folder: server.scratch.folder)
            // While it is recorded, as afterwards.
            for _ in 0..<8 {
                for file in try audioFiles(server) { #expect(try !hasTone(file), "\(file.path)") }
                try await Task.sleep(for: .milliseconds(500))
            }
            #expect(
                try files(server.data.appendingPathComponent("audio-log")).contains {
                    try Data(contentsOf: $0).count > 20_000
                })
            #expect(try await child.wait(seconds: 60) == 0, "\(child.tail())")
            let row = try await server.finishedCall(from: caller)
            let recording = try #require(row.recordings.first)
            for file in try audioFiles(server) { #expect(try !hasTone(file), "\(file.path)") }
            let kept = try files(server.data.appendingPathComponent("recordings"))
            #expect(kept.count == 3)
            for file in kept { #expect(try Data(contentsOf: file).starts(with: Self.magic), "\(file.path)") }
            // Given out in the clear, whole and in part, and as another form.
            let path = "recordings/\(recording.id)/audio"
            let whole = try await server.fetch(path)
            #expect(whole.status == 200 && whole.body.starts(with: Array("fLaC".utf8)))
            let part = try await server.fetch(path, ["-H", "Range: bytes=100-199"])
            #expect(part.status == 206 && part.body == Array(whole.body[100..<200]))
            let wav = try await server.fetch("\(path)?format=wav&channel=left")
            #expect(wav.status == 200 && wav.body.starts(with: Array("RIFF".utf8)))
            let plain = server.scratch.folder.appendingPathComponent("heard.wav")
            try Data(wav.body).write(to: plain)
            #expect(try hasTone(plain), "the search finds nothing where there is something")
            for file in try audioFiles(server) { #expect(try !hasTone(file), "\(file.path)") }
            // Another key, under the running server.
            let data = ["--data", server.data.path]
            #expect(try await hotline(["recordings", "key", "new", keys], server.scratch).code == 0)
            let rewrapped = try await hotline(["recordings", "rewrap"] + data, server.scratch)
            #expect(
                rewrapped.code == 0 && rewrapped.said.contains("4 files brought under the current key"),
                "\(rewrapped.said)")
            #expect(try await server.fetch(path).body == whole.body)
            let verified = try await hotline(["recordings", "verify"] + data, server.scratch)
            #expect(verified.code == 0, "\(verified.said)")
            // What is given out is in the clear.
            for arguments in [
                ["recordings", "export", "--folder"], ["person", "export", caller, "--by", "1001", "--out"],
            ] {
                let out = server.scratch.folder.appendingPathComponent("out-\(arguments[0])")
                try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
                let given = try await hotline(arguments + [out.path] + data, server.scratch)
                #expect(given.code == 0, "\(given.said)")
                let audio = try files(out).filter { $0.pathExtension == "flac" }
                #expect(try audio.map { [UInt8](try Data(contentsOf: $0)) } == [whole.body])
            }
            let bundle = server.scratch.folder.appendingPathComponent("bundle.tar").path
            let exported = try await hotline(
                ["evidence", "export", "--from", "2020-01-01", "--out", bundle] + data,
                server.scratch)
            #expect(exported.code == 0, "\(exported.said)")
            let evident = try await hotline(["evidence", "verify", bundle], server.scratch)
            #expect(evident.code == 0, "\(evident.said)")
        }
    }
}
