import Foundation
import Glibc
import Media

/// `hotline modem simulate`, started as a user would: modems on pseudo-terminals, ALSA devices as their sound cards, far
/// ends that do what a script says.
final class SimulatedModems: Sendable {
    struct Modem: Sendable {
        var name: String
        var port: String
        var capture: String
        var playback: String
    }

    /// A folder with a short path: the sound server's socket stands in it. The far ends' recordings too.
    let folder: URL
    let modems: [Modem]
    /// What ALSA_CONFIG_PATH has to be for the server.
    let alsa: String
    private let child: Child

    /// Writes the scripts to files, starts the simulator and waits until its modems are there.
    /// - Parameters:
    ///   - scripts: texts of scripts; paths in them are taken from `modems/scripts`.
    ///   - sound: a sound server of the test's own, with a pair `m1`; without it the simulator brings one.
    static func start(_ scripts: [String], sound: SoundServer? = nil) async throws -> SimulatedModems {
        let folder = URL(fileURLWithPath: "/tmp/hotline-sim-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var arguments = ["modem", "simulate", "--folder", folder.path, "--trace-file", folder.path + "/trace.txt"]
        for (index, script) in scripts.enumerated() {
            let file = folder.appendingPathComponent("script\(index + 1).yaml")
            let speech = Repository.speech.path
            try Data(script.replacing("FIXTURES", with: speech).utf8).write(to: file)
            arguments += ["--script", file.path]
        }
        var environment: [String: String] = [:]
        if let sound {
            let far = SoundServer.far("m1")
            arguments += ["--capture", far.capture, "--playback", far.playback]
            environment["ALSA_CONFIG_PATH"] = sound.configurationFile.path
        }
        let child = try Child(
            "simulator", program: Repository.program, arguments: arguments, folder: folder, environment: environment)
        var found: [[String: String]] = []
        _ = try await eventually(within: 20) {
            found = child.output.split(separator: "\n").filter { $0.hasPrefix("ready ") }.map(Self.words)
            return found.count == scripts.count || !child.isRunning
        }
        guard found.count == scripts.count else {
            child.signal(SIGKILL)
            throw HarnessError("the simulator is not ready\n\(child.tail())")
        }
        let modems = found.map { words in
            let line = sound.map { _ in SoundServer.line("m1") }
            return Modem(
                name: words["modem"] ?? "", port: words["port"] ?? "", capture: line?.capture ?? words["capture"] ?? "",
                playback: line?.playback ?? words["playback"] ?? "")
        }
        return SimulatedModems(
            folder: folder, modems: modems, alsa: sound?.configurationFile.path ?? found[0]["alsa"] ?? "", child: child)
    }

    private init(folder: URL, modems: [Modem], alsa: String, child: Child) {
        self.folder = folder
        self.modems = modems
        self.alsa = alsa
        self.child = child
    }

    deinit {
        child.signal(SIGKILL)
        guard ProcessInfo.processInfo.environment["HOTLINE_KEEP"] == nil else { return }
        do { try FileManager.default.removeItem(at: folder) } catch { print("left behind: \(folder.path): \(error)") }
    }

    private static func words(_ line: Substring) -> [String: String] {
        let pairs = line.split(separator: " ").compactMap { word -> (String, String)? in
            let parts = word.split(separator: "=", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// A server whose lines these modems are.
    func options(_ options: ServerOptions = ServerOptions()) -> ServerOptions {
        var options = options
        options.environment["ALSA_CONFIG_PATH"] = alsa
        options.more += "\nmodems:\n"
        for modem in modems {
            options.more += """
                  - name: \(modem.name)
                    port: \(modem.port)
                    profile: quectel
                    capture: \(modem.capture)
                    playback: \(modem.playback)
                    number: "13900000001"

                """
        }
        return options
    }

    /// Whether the simulator has told this of a modem.
    func said(_ text: String, modem: String = "m1") -> Bool {
        child.output.split(separator: "\n").contains { $0.contains(" \(modem) ") && $0.contains(text) }
    }

    /// Waits until the scripts are over.
    /// - Returns: the exit code: 1 where something was not as a script expects.
    func finished(within seconds: Double) async throws -> Int32 { try await child.wait(seconds: seconds) }

    /// Ends it as Ctrl-C does.
    func stop() async throws {
        guard child.isRunning else { return }
        child.signal(SIGTERM)
        _ = try await child.wait(seconds: 10)
    }

    /// What it told, and what went over the ports last.
    var log: String {
        let trace = Child.text(folder.appendingPathComponent("trace.txt"))
        return child.tail(5000) + "\n--- ports ---\n" + trace.suffix(5000)
    }
}

/// Runs the test body with modems and a server of its own; where it fails, both sides' last words are added.
func withModems(
    _ scripts: [String], options: ServerOptions = ServerOptions(), sound: SoundServer? = nil,
    _ body: (RunningServer, SimulatedModems) async throws -> Void
) async throws {
    let modems = try await SimulatedModems.start(scripts, sound: sound)
    do {
        try await withServer(modems.options(options)) { try await body($0, modems) }
    } catch {
        print("the simulator's last words:\n\(modems.log)")
        throw error
    }
    try await modems.stop()
}
