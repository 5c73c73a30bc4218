import Foundation
import Testing

/// A small disk in a mount namespace of its own: a tmpfs that only a shell of ours sees, reached through that shell's
/// `/proc/<pid>/root`. It goes with the shell. Nothing of the machine's own mounts is touched.
final class MountSpace {
    /// Why it cannot be, for the record of skipped tests.
    static let refusal: Comment =
        "no mount namespace can be made here: run as root, or allow user namespaces (docs/testing.md)"

    /// The arguments of `unshare` that this machine allows; nil where it allows none.
    private static let way: [String]? = [["-m"], ["-rm"]].first { way in
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = way + ["mount", "-t", "tmpfs", "none", "/mnt"]
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    static var isAllowed: Bool { way != nil }

    /// The disk's root.
    let path: String
    private let point: TestFolder
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// - Parameter kilobytes: its size.
    init(kilobytes: Int) throws {
        point = try TestFolder()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = (Self.way ?? []) + ["sh"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        path = "/proc/\(process.processIdentifier)/root\(point.path)"
        try run("mount -t tmpfs -o size=\(kilobytes)k,mode=700 none \(point.path)")
    }

    deinit {
        do { try input.fileHandleForWriting.close() } catch { process.terminate() }
        process.waitUntilExit()
    }

    func remount(readOnly: Bool) throws { try run("mount -o remount,\(readOnly ? "ro" : "rw") \(point.path)") }

    private func run(_ command: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data("\(command); echo =$?\n".utf8))
        var said = ""
        while !said.hasSuffix("\n") || !said.contains("=") {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            said += String(decoding: data, as: UTF8.self)
        }
        try #require(said == "=0\n", "\(command): \(said)")
    }
}
