import ArgumentParser
import Console
import Foundation
import Lines
import Media

/// Looks at sound cards and modem ports.
struct SoundDoctor {
    let modems: [ModemLineConfiguration]
    /// To be tried: opened, played on, listened to.
    let card: SoundCardConfiguration?
    /// A server holds the ports and opens the cards.
    let isRunning: Bool

    func examine() async throws -> [Finding] {
        var findings = [cards()]
        for modem in modems {
            findings.append(port(modem))
            if !isRunning { findings.append(try await opened(modem.card, name: "card \(modem.name)")) }
        }
        if let card { findings.append(try await tried(card)) }
        return findings
    }

    private func cards() -> Finding {
        let hardware = SoundDevices.hardware()
        do throws(MediaError) {
            let devices = try SoundDevices.list().filter { $0.captures || $0.plays }.map(\.name)
            let cards = hardware.map { "\($0.id) (\($0.name))" }.joined(separator: ", ")
            let known = cards.isEmpty ? "the kernel knows no sound card" : cards
            let names = devices.filter { $0.hasPrefix("plughw:") || $0.hasPrefix("hw:") || !$0.contains(":") }
            let named = names.isEmpty ? "" : "; ALSA names: \(names.prefix(24).joined(separator: ", "))"
            return Finding(
                check: "cards", state: hardware.isEmpty && !modems.isEmpty ? .warning : .ok, message: known + named,
                next: hardware.isEmpty && !modems.isEmpty
                    ? "A modem's card comes with its USB plug: look at lsusb and dmesg, or give the right ALSA names"
                    : "")
        } catch {
            return Finding(check: "cards", state: .warning, message: error.message, next: "Install libasound2")
        }
    }

    private func port(_ modem: ModemLineConfiguration) -> Finding {
        let check = "port \(modem.name)"
        var status = stat()
        guard stat(modem.port, &status) == 0 else {
            return Finding(
                check: check, state: .error, message: "\(modem.port): \(String(cString: strerror(errno)))",
                next: "Plug the modem in; ls -l /dev/serial/by-id names its ports")
        }
        guard status.st_mode & S_IFMT == S_IFCHR else {
            return Finding(
                check: check, state: .error, message: "\(modem.port) is no serial port",
                next: "Take the modem's port for AT commands; ls -l /dev/serial/by-id names its ports")
        }
        guard access(modem.port, R_OK | W_OK) == 0 else {
            return Finding(
                check: check, state: .error, message: "\(modem.port) may not be used by this user",
                next: "Put the user into the group dialout, or run as the server's user")
        }
        return Finding(
            check: check, state: .ok, message: modem.port + (isRunning ? ", held by the running server" : ""), next: "")
    }

    /// Whether both devices can be opened.
    private func opened(_ card: SoundCardConfiguration, name: String) async throws -> Finding {
        // A second of silence is enough to know.
        let run = try await LineTestRun(card: card, test: LineTest(frequency: 1000, level: -120, seconds: 0)).result()
        if let text = run.trouble { return trouble(named: name, text) }
        return Finding(
            check: name, state: .ok,
            message: "\(card.capture), \(card.playback): \(run.statistics.capture.rate) Hz", next: "")
    }

    private func trouble(named name: String, _ trouble: String) -> Finding {
        Finding(
            check: name, state: .error, message: trouble,
            next: "hotline doctor lists the cards' names; hotline line test tries one")
    }

    private func tried(_ card: SoundCardConfiguration) async throws -> Finding {
        let test = LineTest(frequency: 1000, level: -20, seconds: 2)
        let run = try await LineTestRun(card: card, test: test).result()
        if let text = run.trouble { return trouble(named: "card", text) }
        let report = LineTestReport(card: run.statistics, found: test.examine(run.heard))
        return Finding(
            check: "card", state: report.isSound ? .ok : .warning,
            message: report.lines.map { $0.split(separator: " ").joined(separator: " ") }.joined(separator: "; "),
            next: report.isSound ? "" : "It loses frames: free the processor, or give `rate` the card's own rate")
    }
}

extension SoundCardConfiguration {
    /// `device`, or `capture,playback`.
    init(argument text: String, option: String) throws {
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(names.count), !names.contains("") else {
            throw ValidationError("\(option) takes an ALSA device, or two as capture,playback.")
        }
        self.init(capture: names[0], playback: names[names.count - 1])
    }
}
