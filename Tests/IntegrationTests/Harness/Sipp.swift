import Foundation

/// Where the harness finds free local ports: far below the kernel's ephemeral range, a new one each time.
actor Ports {
    static let shared = Ports()
    private var next = 21_000

    /// The first of `count` ports that no other peer of these tests was given.
    func take(_ count: Int = 1) -> Int {
        let first = next
        next += count + count % 2
        return first
    }
}

/// One run of sipp with one of our scenarios. Its name says role, situation and outcome; the file tells the rest.
struct Sipp {
    var scenario: String
    /// `host:port`, IPv6 in brackets; empty where the scenario waits to be called.
    var target: String
    /// Its own port; nil: a free one.
    var port: Int?
    var calls = 1
    /// New calls a second.
    var rate = 10
    /// At most so many at a time.
    var atOnce: Int?
    var local = "127.0.0.1"
    var transport = "u1"
    /// The number dialled.
    var service = "95598"
    /// `-key name value` for the scenario's own words.
    var keys: [String: String] = [:]
    /// Files copied beside the scenario (pcap, raw audio), by the name it uses.
    var files: [String: Data] = [:]
    var seconds = 60.0
    /// What a `<pause/>` without a length of its own lasts, milliseconds.
    var pause: Int?

    struct Result {
        var code: Int32
        /// Calls that ran the scenario to its end, and calls that did not.
        var successful: Int
        var failed: Int
        var said: String
    }

    /// Runs it to its end.
    func run(in scratch: Scratch) async throws -> Result {
        let running = try await start(in: scratch)
        return try await running.finish(seconds: seconds)
    }

    struct Running {
        var child: Child
        var folder: URL

        func finish(seconds: Double) async throws -> Result {
            let code = try await child.wait(seconds: seconds)
            let (successful, failed) = try Sipp.counts(Child.text(folder.appendingPathComponent("stat.csv")))
            let errors = Child.text(folder.appendingPathComponent("errors.log"))
            let messages = code == 0 ? "" : Child.text(folder.appendingPathComponent("messages.log")).suffix(6000)
            return Result(
                code: code, successful: successful, failed: failed,
                said: "sipp exit \(code)\n--- errors ---\n\(errors.suffix(4000))\n--- messages ---\n\(messages)")
        }
    }

    /// Starts it and comes back.
    func start(in scratch: Scratch) async throws -> Running {
        let folder = scratch.folder.appendingPathComponent("sipp-\(scenario)-\(UUID().uuidString.prefix(6))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: Repository.scenarios.appendingPathComponent("\(scenario).xml"),
            to: folder.appendingPathComponent("scenario.xml"))
        for (name, data) in files { try data.write(to: folder.appendingPathComponent(name)) }
        let port = if let own = self.port { own } else { await Ports.shared.take(2) }
        let media = await Ports.shared.take(4 * max(1, min(calls, atOnce ?? calls)))
        var arguments = target.isEmpty ? [] : [target]
        arguments += [
            "-sf", "scenario.xml", "-i", local, "-mi", local, "-p", "\(port)", "-mp", "\(media)",
            "-m", "\(calls)", "-r", "\(rate)", "-t", transport, "-s", service, "-nostdin",
            "-trace_err", "-error_file", "errors.log", "-trace_msg", "-message_file", "messages.log",
            "-trace_stat", "-stf", "stat.csv", "-fd", "1", "-timeout", "\(Int(seconds))s", "-timeout_error",
            "-recv_timeout", "\(Int(seconds * 900))",
        ]
        if let pause { arguments += ["-d", "\(pause)"] }
        if let atOnce { arguments += ["-l", "\(atOnce)"] }
        for (key, value) in keys.sorted(by: { $0.key < $1.key }) { arguments += ["-key", key, value] }
        let child = try Child("sipp", program: "sipp", arguments: arguments, folder: folder)
        return Running(child: child, folder: folder)
    }

    /// The last line's cumulative counts of sipp's statistics file.
    private static func counts(_ text: String) throws -> (Int, Int) {
        let lines = text.split(separator: "\n").map { $0.split(separator: ";", omittingEmptySubsequences: false) }
        guard let names = lines.first, let last = lines.last, lines.count > 1,
            let successful = names.firstIndex(of: "SuccessfulCall(C)"),
            let failed = names.firstIndex(of: "FailedCall(C)"), last.count > max(successful, failed),
            let good = Int(last[successful]), let bad = Int(last[failed])
        else { return (0, 0) }
        return (good, bad)
    }
}
