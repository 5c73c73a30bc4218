import Foundation
import Glibc

/// `hotline serve` as a child on loopback, for the demonstration: the same program that an operator starts.
final class DemoServer: Sendable {
    /// `host:port` of both sides, from the `ready` line.
    let sip: String
    let http: String
    let log: URL
    private let process: Process

    /// Starts it and waits for its `ready` line, at most 30 s.
    /// - Parameters:
    ///   - options: of `serve`, besides data folder and addresses.
    ///   - environment: added to this process's own.
    static func start(
        data: URL, options: [String] = [], environment: [String: String] = [:]
    ) async throws -> DemoServer {
        let output = data.appendingPathComponent("demo-server.out")
        let log = data.appendingPathComponent("demo-server.log")
        for file in [output, log] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["serve", "--data", data.path, "--sip", "127.0.0.1:0", "--http", "127.0.0.1:0"] + options
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, own in own }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        for _ in 0..<600 {
            if let (sip, http) = ready(in: output) {
                return DemoServer(sip: sip, http: http, log: log, process: process)
            }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        let words = FileManager.default.contents(atPath: log.path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let fate = process.isRunning ? "was not ready within 30 s" : "ended before it was ready"
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        throw CommandError("the server \(fate). Its last words:\n\(words.suffix(2000))")
    }

    private init(sip: String, http: String, log: URL, process: Process) {
        self.sip = sip
        self.http = http
        self.log = log
        self.process = process
    }

    private static func ready(in file: URL) -> (String, String)? {
        guard let data = FileManager.default.contents(atPath: file.path) else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        guard let end = text.firstIndex(of: "\n"), text.hasPrefix("ready") else { return nil }
        let words = text[..<end].split(separator: " ")
        func value(_ name: String) -> String? {
            words.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
        }
        guard let sip = value("sip"), let http = value("http") else { return nil }
        return (sip, http)
    }

    /// Asks it to stop as systemd would, and waits, at most 20 s.
    /// - Returns: its exit code; nil where it had to be killed.
    func stop() async throws -> Int32? {
        kill(process.processIdentifier, SIGTERM)
        for _ in 0..<400 {
            if !process.isRunning { return process.terminationStatus }
            try await Task.sleep(for: .milliseconds(50))
        }
        kill(process.processIdentifier, SIGKILL)
        return nil
    }
}
