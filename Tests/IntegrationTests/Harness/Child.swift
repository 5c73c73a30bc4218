import Foundation
import Glibc

/// What the harness complains of: a peer that is not installed, a server that does not come up, a time that is up.
struct HarnessError: Error, CustomStringConvertible {
    var message: String
    init(_ message: String) { self.message = message }
    var description: String { message }
}

/// A child process with its output in files, ended by its own id only, and never waited for without a bound.
final class Child: Sendable {
    let name: String
    let standardOutput: URL
    let standardError: URL
    private let process = Process()
    private let input: Pipe?

    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// Starts the program.
    /// - Parameters:
    ///   - program: an absolute path, or a name to be sought in PATH.
    ///   - folder: the working folder; the output files `<name>.out` and `<name>.err` stand there too.
    ///   - hasInput: `type` writes to its standard input; otherwise that is empty.
    init(
        _ name: String, program: String, arguments: [String], folder: URL, environment: [String: String] = [:],
        hasInput: Bool = false
    ) throws {
        self.name = name
        let path = try Self.find(program)
        standardOutput = folder.appendingPathComponent("\(name).out")
        standardError = folder.appendingPathComponent("\(name).err")
        for file in [standardOutput, standardError] { try Data().write(to: file) }
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = hasInput ? Pipe() : nil
        input = pipe
        if let pipe { process.standardInput = pipe } else { process.standardInput = FileHandle.nullDevice }
        process.standardOutput = try FileHandle(forWritingTo: standardOutput)
        process.standardError = try FileHandle(forWritingTo: standardError)
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    func type(_ text: String) throws { try input?.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    func signal(_ number: Int32) {
        if process.isRunning { kill(process.processIdentifier, number) }
    }

    /// Waits for the end and tells the exit code (128 + signal where a signal ended it); kills it when the time is up.
    func wait(seconds: Double) async throws -> Int32 {
        let ended = try await eventually(within: seconds) { !self.process.isRunning }
        guard ended else {
            kill(process.processIdentifier, SIGKILL)
            _ = try await eventually(within: 5) { !self.process.isRunning }
            throw HarnessError("\(name) did not end within \(seconds) s\n\(tail())")
        }
        return process.terminationReason == .uncaughtSignal
            ? 128 + process.terminationStatus : process.terminationStatus
    }

    var output: String { Self.text(standardOutput) }
    var errors: String { Self.text(standardError) }

    /// The last lines of both outputs, for failure messages.
    func tail(_ characters: Int = 4000) -> String {
        "--- \(name) out ---\n\(output.suffix(characters))\n--- \(name) err ---\n\(errors.suffix(characters))"
    }

    /// Runs a program to its end.
    static func run(
        _ name: String, program: String, arguments: [String], folder: URL, environment: [String: String] = [:],
        seconds: Double
    ) async throws -> (code: Int32, child: Child) {
        let child = try Child(name, program: program, arguments: arguments, folder: folder, environment: environment)
        return (try await child.wait(seconds: seconds), child)
    }

    /// The path of a program, or an error that says which package has it.
    static func find(_ program: String) throws -> String {
        if program.hasPrefix("/") {
            guard FileManager.default.isExecutableFile(atPath: program) else {
                throw HarnessError("\(program) is not there; run `make build` first")
            }
            return program
        }
        let paths = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        for folder in paths.split(separator: ":")
        where FileManager.default.isExecutableFile(atPath: "\(folder)/\(program)") {
            return "\(folder)/\(program)"
        }
        let package =
            [
                "sipp": "sip-tester", "baresip": "baresip-core", "curl": "curl", "arecord": "alsa-utils",
                "linphonec": "linphone-cli",
            ][program]
            ?? program
        throw HarnessError(
            "\(program) is not installed: apt-get install \(package) (scripts/setup test does all of it)")
    }

    static func text(_ file: URL) -> String {
        // A file that is not there yet, or holds half a character, reads as what is there.
        guard let data = FileManager.default.contents(atPath: file.path) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }
}

/// Asks again and again until the answer is true or the time is up.
func eventually(
    within seconds: Double, every milliseconds: Int = 20, _ condition: () async throws -> Bool
) async throws -> Bool {
    let end = ContinuousClock.now + .milliseconds(Int(seconds * 1000))
    while true {
        if try await condition() { return true }
        if ContinuousClock.now >= end { return false }
        try await Task.sleep(for: .milliseconds(milliseconds))
    }
}

/// A folder of one test's own, removed at its end unless `HOTLINE_KEEP` is set.
final class Scratch: Sendable {
    let folder: URL

    init(_ name: String) throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("hotline-test-\(name)-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        if ProcessInfo.processInfo.environment["HOTLINE_KEEP"] == nil {
            do { try FileManager.default.removeItem(at: folder) } catch {
                print("could not remove \(folder.path): \(error)")
            }
        } else {
            print("kept \(folder.path)")
        }
    }
}

/// Where the repository's files are.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let scenarios = root.appendingPathComponent("Tests/IntegrationTests/Scenarios")
    static let prompts = root.appendingPathComponent("prompts/zh-CN")
    static let speech = root.appendingPathComponent("audio-fixtures")

    /// The program under test: `HOTLINE_BIN`, or the one built beside these tests.
    static var program: String {
        ProcessInfo.processInfo.environment["HOTLINE_BIN"]
            ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("hotline").path
    }
}
