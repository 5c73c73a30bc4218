import ArgumentParser
import Console
import Foundation
import Media

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Looks at everything the server needs; each finding says what to do next.",
        discussion: "Exits with 1 where something would keep calls from being taken or recorded.")

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var data: DataOptions
    @Option(help: "Hours of calls a day, for how long the disk lasts.")
    var hoursPerDay: Double = 24
    @Option(
        help: ArgumentHelp(
            "Also opens this sound card, plays a tone for two seconds and listens: an ALSA device, or capture,playback.",
            valueName: "device"))
    var card: String?
    @Flag(help: "As a JSON list.")
    var json = false

    func run() async throws {
        let chosen = try card.map { try SoundCardConfiguration(argument: $0, option: "--card") }
        let findings = try await findings(card: chosen)
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(findings), as: UTF8.self))
        } else {
            for finding in findings {
                let state = finding.state.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
                let check = finding.check.padding(toLength: 12, withPad: " ", startingAt: 0)
                print("\(state) \(check) \(finding.message)")
                if !finding.next.isEmpty { print("                      -> \(finding.next)") }
            }
        }
        if findings.contains(where: { $0.state == .error }) { throw ExitCode(1) }
    }

    private func findings(card: SoundCardConfiguration?) async throws -> [Finding] {
        let configuration: ServerConfiguration
        do {
            (_, configuration) = try options.load()
        } catch {
            return [
                Finding(
                    check: "config", state: .error, message: "\(error)",
                    next: "Correct it; `hotline config example` prints a commented one")
            ]
        }
        return try await Doctor(
            configuration: configuration, dataFolder: data.folder, hoursPerDay: hoursPerDay, card: card
        ).examine()
    }
}
