import Foundation
import Lines
import Media
import Synchronization

/// The demonstration by a modem: a simulated one on a pseudo-terminal, two ALSA devices as its sound card, a far end
/// that calls, presses a key and speaks, and a server that knows nothing of all that.
struct DemoModem {
    let share: ShareFolder
    let folder: URL
    let say: (String, String) -> Void

    /// - Returns: what the call left behind, and the server's exit code.
    func run() async throws -> (DemoStory, Int32?) {
        let script = try ModemScript(file: share.path + "/modems/scripts/fault-report.yaml")
        // Short: a socket's path has its limit.
        let place = FileManager.default.temporaryDirectory.appendingPathComponent(
            "hotline-modem-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: place) } catch {
                FileHandle.standardError.write(Data("hotline demo: \(place.path) stays behind: \(error)\n".utf8))
            }
        }
        let sound = try SoundServer(folder: place.appendingPathComponent("sound"), pairs: ["m1"])
        defer { sound.stop() }
        // ALSA reads it when the first device is opened.
        setenv("ALSA_CONFIG_PATH", sound.configurationFile.path, 1)
        say("sound", "two ALSA devices of a PulseAudio server of our own")
        let link = place.appendingPathComponent("m1").path
        let telephone = SoundTerminal(configuration: SoundServer.far("m1"), time: SystemTime(), events: { _ in })
        var options = ModemSimulator.Options(link: link, folder: place.path, sound: telephone)
        options.once = true
        let screen = DemoModemScreen()
        let simulator = try ModemSimulator(script, options, events: { screen.show($0) })
        try simulator.start()
        defer { simulator.stop() }
        say("modem", "a simulated \(script.modem.kind.rawValue) on \(link)")
        let configuration = folder.appendingPathComponent("demo-modem.yaml")
        try Data(yaml(link).utf8).write(to: configuration)
        let server = try await DemoServer.start(
            data: folder, options: ["--config", configuration.path],
            environment: ["ALSA_CONFIG_PATH": sound.configurationFile.path])
        say("server", "ready; the modem is its line m1, web on http://\(server.http)/healthz")
        do {
            try await wait(for: simulator)
            let story = try await DemoStory.read(folder: folder)
            for (head, text) in story.lines { say(head, text) }
            return (story, try await server.stop())
        } catch {
            _ = try await server.stop()
            throw error
        }
    }

    private func yaml(_ link: String) -> String {
        let card = SoundServer.line("m1")
        return """
            modems:
              - name: m1
                port: \(link)
                profile: quectel
                capture: \(card.capture)
                playback: \(card.playback)
                number: "13900000001"

            """
    }

    /// The script takes about a minute; a machine that is busy may take longer.
    private func wait(for simulator: ModemSimulator) async throws {
        for _ in 0..<1800 where !simulator.isOver { try await Task.sleep(for: .milliseconds(100)) }
        guard simulator.isOver else { throw CommandError("the simulated call did not end within three minutes") }
        guard simulator.failures.isEmpty else {
            throw CommandError("not as the script expects: \(simulator.failures.joined(separator: "; "))")
        }
    }
}

/// Tells what the far end of the modem does. Called on the simulator's thread.
private final class DemoModemScreen: Sendable {
    func show(_ event: SimulatorEvent) {
        let head = "caller" + String(repeating: " ", count: 6)
        FileHandle.standardOutput.write(Data("\(head)\(event.text)\n".utf8))
    }
}
