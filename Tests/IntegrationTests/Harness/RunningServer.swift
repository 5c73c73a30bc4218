import Foundation
import Glibc
import Testing

/// A real `hotline serve` on loopback in a folder of its own, started as an operator would and stopped by signal.
final class RunningServer: Sendable {
    let scratch: Scratch
    let options: ServerOptions
    /// `host:port` of the SIP and of the web side, from the `ready` line.
    let sip: String
    let http: String
    private let child: Child

    var data: URL { scratch.folder.appendingPathComponent("data") }
    var pid: Int32 { child.pid }
    var isRunning: Bool { child.isRunning }

    /// The port of the SIP side.
    var port: UInt16 { sip.split(separator: ":").last.flatMap { UInt16($0) } ?? 0 }

    /// Starts it and waits for its `ready` line.
    static func start(_ options: ServerOptions = ServerOptions(), scratch: Scratch? = nil) async throws -> RunningServer
    {
        let scratch = try scratch ?? Scratch("server")
        let child = try launch(options, scratch: scratch)
        _ = try await eventually(within: 30) { readyLine(child) != nil || !child.isRunning }
        guard let line = readyLine(child) else {
            let fate = child.isRunning ? "said nothing for 30 s" : "ended before it was ready"
            child.signal(SIGKILL)
            throw HarnessError("hotline serve \(fate)\n\(child.tail())")
        }
        guard let sip = word("sip", in: line), let http = word("http", in: line) else {
            child.signal(SIGKILL)
            throw HarnessError("the ready line names no sip= and http=: \(line)")
        }
        return RunningServer(scratch: scratch, options: options, child: child, sip: sip, http: http)
    }

    /// Starts a server that is not expected to come up.
    static func refused(
        _ options: ServerOptions = ServerOptions(), scratch: Scratch
    ) async throws -> (code: Int32, said: String) {
        let child = try launch(options, scratch: scratch)
        let code = try await child.wait(seconds: 20)
        return (code, child.output + child.errors)
    }

    private init(scratch: Scratch, options: ServerOptions, child: Child, sip: String, http: String) {
        self.scratch = scratch
        self.options = options
        self.child = child
        self.sip = sip
        self.http = http
    }

    private static func launch(_ options: ServerOptions, scratch: Scratch) throws -> Child {
        let config = scratch.folder.appendingPathComponent("hotline.yaml")
        let agents = scratch.folder.appendingPathComponent("agents.yaml")
        if let text = options.agents {
            try Data(text.utf8).write(to: agents)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: agents.path)
        }
        try Data(options.yaml(agentsFile: agents.path).utf8).write(to: config)
        let data = scratch.folder.appendingPathComponent("data")
        return try Child(
            "server-\(UUID().uuidString.prefix(4))", program: Repository.program,
            arguments: [
                "serve", "--config", config.path, "--data", data.path, "--sip", options.sip, "--http", "127.0.0.1:0",
            ] + options.arguments, folder: scratch.folder, environment: options.wholeEnvironment,
            hasInput: options.hasKeyboard)
    }

    private static func readyLine(_ child: Child) -> Substring? {
        let text = child.output
        guard let end = text.lastIndex(of: "\n") else { return nil }
        return text[..<end].split(separator: "\n").first { $0.hasPrefix("ready") }
    }

    private static func word(_ name: String, in line: Substring) -> String? {
        line.split(separator: " ").first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// Asks it to stop as systemd does.
    /// - Returns: the exit code.
    @discardableResult
    func stop(seconds: Double = 30) async throws -> Int32 {
        child.signal(SIGTERM)
        return try await child.wait(seconds: seconds)
    }

    /// Tells it to stop and comes back at once.
    func terminate() { child.signal(SIGTERM) }

    func wait(seconds: Double) async throws -> Int32 { try await child.wait(seconds: seconds) }

    /// Ends it as a power cut does.
    func kill() async throws {
        child.signal(SIGKILL)
        _ = try await child.wait(seconds: 5)
    }

    /// Types at its keyboard (`hasKeyboard`).
    func type(_ text: String) throws { try child.type(text) }

    /// What it logged, for failure messages.
    var log: String { child.tail(6000) }

    var allOutput: String { child.output + child.errors }

    /// Resident memory in kB.
    var residentKilobytes: Int {
        let status = Child.text(URL(fileURLWithPath: "/proc/\(pid)/status"))
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }) else { return 0 }
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }

    /// Open file descriptors.
    var openFiles: Int {
        do { return try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count } catch { return 0 }
    }

    /// GETs a page.
    func get(_ path: String) async throws -> (status: Int, body: String) {
        let (code, child) = try await Child.run(
            "curl-\(UUID().uuidString.prefix(4))", program: "curl",
            arguments: ["-s", "-m", "10", "-w", "\n%{http_code}", "http://\(http)\(path)"], folder: scratch.folder,
            seconds: 15)
        let lines = child.output.split(separator: "\n", omittingEmptySubsequences: false)
        guard code == 0, let status = lines.last.flatMap({ Int($0) }) else {
            throw HarnessError("curl http://\(http)\(path) exit \(code)\n\(child.tail())")
        }
        return (status, lines.dropLast().joined(separator: "\n"))
    }
}

/// Runs the test body with a server of its own; where the body fails, what the server logged is added.
func withServer(
    _ options: ServerOptions = ServerOptions(), scratch: Scratch? = nil,
    _ body: (RunningServer) async throws -> Void
) async throws {
    let server = try await RunningServer.start(options, scratch: scratch)
    do { try await body(server) } catch {
        print("the server's last words:\n\(server.log)")
        if server.isRunning { try await server.kill() }
        throw error
    }
    if server.isRunning {
        let code = try await server.stop()
        #expect(code == 0, "SIGTERM must end the server with 0\n\(server.log)")
    }
}
