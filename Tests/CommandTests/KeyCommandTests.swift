import Foundation
import Testing

/// `hotline recordings key`, and what the configuration says to its file.
@Suite struct KeyCommandTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("hotline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private struct New: Decodable {
        var file: String
        var key: String
    }

    private var path: String { folder.appendingPathComponent("keys").path }

    private func new() throws -> New {
        let result = try Command.run(["recordings", "key", "new", path, "--json"])
        try #require(result.status == 0, "\(result.errors)")
        return try JSONDecoder().decode(New.self, from: Data(result.output.utf8))
    }

    private func check() throws -> Command {
        try Command.run(["config", "check"], environment: ["HOTLINE_RECORDINGS_KEY_FILE": path])
    }

    @Test func aKeyFileFromItsFirstKeyToTheConfiguration() throws {
        #expect(try check().status != 0)
        let first = try new()
        #expect(first.file == path && first.key.count == 8)
        #expect(try check().status == 0)
        let second = try new()
        #expect(second.key != first.key)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let keys = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(keys.map { String($0.prefix(8)) } == [first.key, second.key])
        // What is a secret is not printed.
        for arguments in [["config", "check"], ["doctor"]] {
            let result = try Command.run(
                arguments,
                environment: [
                    "HOTLINE_RECORDINGS_KEY_FILE": path, "HOTLINE_SIP_LISTEN": "127.0.0.1:0",
                    "HOTLINE_HTTP_LISTEN": "127.0.0.1:0",
                ])
            #expect(keys.allSatisfy { !(result.output + result.errors).contains($0.dropFirst(9).prefix(64)) })
            if arguments == ["doctor"] {
                #expect(result.output.contains("encrypted with key \(second.key), the last of 2 in \(path)"))
            }
        }
        // Broken, and open to others.
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(try check().errors.contains("chmod 600 \(path)"))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        try (text + "xyz\n").write(toFile: path, atomically: false, encoding: .utf8)
        let broken = try check()
        #expect(broken.status != 0 && broken.errors.contains("\(path):5: a line is an id"), "\(broken.errors)")
        let refused = try Command.run(["recordings", "key", "new", path])
        #expect(refused.status != 0 && refused.errors.contains(":5:"))
    }

    @Test func withoutAKeyFileThereIsNothingToRewrap() throws {
        let result = try Command.run(["recordings", "rewrap", "--data", folder.path])
        #expect(result.status != 0 && result.errors.contains("has no key file"), "\(result.errors)")
        // A link that leads nowhere is told, not passed over.
        try FileManager.default.createSymbolicLink(
            atPath: folder.appendingPathComponent("recordings.key").path, withDestinationPath: path)
        let dangling = try Command.run(["recordings", "rewrap", "--data", folder.path])
        #expect(dangling.status != 0 && dangling.errors.contains(path), "\(dangling.errors)")
        let key = try new().key
        let empty = try Command.run(["recordings", "rewrap", "--data", folder.path])
        #expect(empty.status == 0 && empty.output.contains("key \(key)  current; 0 files"), "\(empty.output)")
    }
}
