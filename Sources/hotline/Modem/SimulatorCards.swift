import Calls
import Foundation
import Glibc
import Lines
import Media

/// The sound cards of simulated modems: from a sound server of our own, from named ALSA devices, or none.
struct SimulatorCards {
    private let server: SoundServer?
    /// The far ends' devices, one a modem; empty: nobody speaks.
    private let far: [SoundCardConfiguration]
    /// The modems' own devices, where we know them.
    private let line: [SoundCardConfiguration]

    /// - Throws: `MediaError` where the sound server cannot be started; it says which package is missing.
    init(
        sound: ModemSimulateCommand.Sound, capture: String?, playback: String?, count: Int, _ place: SimulatorFolder
    ) throws {
        if let capture, let playback {
            server = nil
            far = [SoundCardConfiguration(capture: capture, playback: playback)]
            line = []
        } else if sound == .none {
            server = nil
            far = []
            line = []
        } else {
            let names = (1...count).map { "m\($0)" }
            let server = try SoundServer(folder: URL(fileURLWithPath: place.path + "/sound"), pairs: names)
            self.server = server
            far = names.map { SoundServer.far($0) }
            line = names.map { SoundServer.line($0) }
            // ALSA reads it when the first device is opened.
            setenv("ALSA_CONFIG_PATH", server.configurationFile.path, 1)
        }
    }

    func stop() { server?.stop() }

    /// The telephone at the far end of one modem; nil: nobody is there.
    func farEnd(_ index: Int, say: @escaping @Sendable (String) -> Void) -> SoundTerminal? {
        guard far.indices.contains(index) else { return nil }
        return SoundTerminal(configuration: far[index], time: SystemTime()) { event in
            switch event {
            case .opened(let rate, _): say("far end's sound card runs at \(rate) Hz")
            case .lost(let reason): say("far end's sound card is lost: \(reason)")
            }
        }
    }

    /// `ready modem=… script=… port=… capture=… playback=… alsa=…`; `-` stands for what there is not.
    func readyLine(_ name: String, script: String, link: String) -> String {
        let card = card(name)
        return "ready modem=\(name) script=\(script) port=\(link) capture=\(card?.capture ?? "-") "
            + "playback=\(card?.playback ?? "-") alsa=\(server?.configurationFile.path ?? "-")"
    }

    /// What a server needs that is to use these modems, as comment lines.
    func instructions(_ scripts: [ModemScript], folder: String) -> [String] {
        var lines: [String] = []
        if let server {
            lines.append("# environment of the server:")
            lines.append("export ALSA_CONFIG_PATH=\(server.configurationFile.path)")
        }
        lines.append("# configuration of the server:")
        lines.append("modems:")
        for (index, script) in scripts.enumerated() {
            let name = "m\(index + 1)"
            let card = card(name) ?? SoundCardConfiguration(capture: "null", playback: "null")
            var fields = [
                ("name", name), ("port", "\(folder)/\(name)"), ("profile", script.modem.kind.rawValue),
                ("capture", card.capture), ("playback", card.playback), ("number", "\"1390000000\(index % 10)\""),
            ]
            // The server reads it from a file of the operator's.
            if let pin = script.modem.pin { fields.append(("pin_file", "FILE   # whose first line is \(pin)")) }
            for (place, field) in fields.enumerated() {
                lines.append("\(place == 0 ? "  - " : "    ")\(field.0): \(field.1)")
            }
        }
        return lines
    }

    private func card(_ name: String) -> SoundCardConfiguration? {
        line.isEmpty ? nil : SoundServer.line(name)
    }
}
