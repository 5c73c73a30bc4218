import ArgumentParser
import Foundation
import Media
import Synchronization

struct LineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "line", abstract: "Tests what a line hears and plays.", subcommands: [LineTestCommand.self])
}

/// `hotline line test`: plays a tone and a sweep on a sound card, and reports what came back.
struct LineTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Plays a tone and records: level, delay, drift, xruns, echo.",
        discussion: """
            Tests the sound card of a configured modem, or any two ALSA devices. With a cable from output to input, or a \
            far end that repeats what it hears, the delay is that of the way there and back. Without either nothing \
            comes back: then levels and the card's own figures are told. Not while the line takes calls. Exits with 1 \
            where the card could not be opened, was lost, or lost frames.
            """)

    @Argument(help: "The modem's name in the configuration.")
    var line: String?
    @OptionGroup var options: ConfigurationOptions
    @Option(help: "An ALSA capture device, instead of a line.")
    var capture: String?
    @Option(help: "An ALSA playback device, instead of a line.")
    var playback: String?
    @Option(help: "Samples a second of the card; without it the card's own choice.")
    var rate: Int?
    @Option(help: "The tone's frequency, Hz (200 to 3400).")
    var frequency = 1000.0
    @Option(help: "The tone's level, dBFS (-60 to -3).")
    var level = -20.0
    @Option(help: "How long the tone stands, seconds (2 to 600).")
    var seconds = 5.0
    @Option(help: ArgumentHelp("Keep what was heard as a WAV file.", valueName: "file"))
    var record: String?
    @Flag(help: "As one JSON object.")
    var json = false

    func validate() throws {
        guard (200...3400).contains(frequency) else { throw ValidationError("--frequency takes 200 to 3400 Hz.") }
        guard (-60 ... -3).contains(level) else { throw ValidationError("--level takes -60 to -3 dBFS.") }
        guard (2...600).contains(seconds) else { throw ValidationError("--seconds takes 2 to 600.") }
        guard (line == nil) != (capture == nil && playback == nil) else {
            throw ValidationError("Give a line's name, or --capture and --playback.")
        }
        guard (capture == nil) == (playback == nil) else {
            throw ValidationError("--capture and --playback go together.")
        }
    }

    func run() async throws {
        let card = try card()
        let test = LineTest(frequency: frequency, level: level, seconds: seconds)
        let run = try await LineTestRun(card: card, test: test).result()
        if let record { try AudioFile(samples: run.heard, rate: LineTest.rate, channels: 1).writeWAV(to: record) }
        let report = LineTestReport(card: run.statistics, found: test.examine(run.heard))
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
            for line in report.lines { print(line) }
        }
        if let trouble = run.trouble { throw CommandError(trouble) }
        if !report.isSound { throw ExitCode(1) }
    }

    private func card() throws -> SoundCardConfiguration {
        var card: SoundCardConfiguration
        if let capture, let playback {
            card = SoundCardConfiguration(capture: capture, playback: playback)
        } else {
            let (_, configuration) = try options.load()
            guard let modem = configuration.modems.first(where: { $0.name == line }) else {
                let names = configuration.modems.map(\.name).joined(separator: ", ")
                throw CommandError(
                    "no modem `\(line ?? "")` is configured"
                        + (names.isEmpty ? "; give --config, or --capture and --playback" : "; there are: \(names)"))
            }
            card = modem.card
        }
        if let rate { card.rate = rate }
        return card
    }
}

/// One run of a test on a card.
struct LineTestRun {
    let card: SoundCardConfiguration
    let test: LineTest

    struct Result {
        var heard: [Int16]
        var statistics: SoundCardStatistics
        /// The card was lost or never there.
        var trouble: String?
    }

    private struct Progress {
        var place = 0
        var heard: [Int16] = []
        var isOpen = false
        var trouble: String?
    }

    /// Waits for the card at most five seconds, then as long as the signal is.
    func result() async throws -> Result {
        let progress = Mutex(Progress())
        let terminal = SoundTerminal(configuration: card, time: SystemTime()) { event in
            progress.withLock { progress in
                switch event {
                case .opened: progress.isOpen = true
                case .lost(let reason):
                    progress.isOpen = false
                    if progress.trouble == nil { progress.trouble = reason }
                }
            }
        }
        let test = test
        try terminal.start { heard in
            progress.withLock { progress in
                guard progress.isOpen || progress.place > 0, progress.place < test.length else { return [] }
                progress.heard += heard ?? [Int16](repeating: 0, count: 160)
                defer { progress.place += 160 }
                return (progress.place..<progress.place + 160).map { test.sample($0) }
            }
        }
        defer { terminal.stop() }
        // Twice the signal's time, for a machine that is busy.
        let limit = ContinuousClock.now + .seconds(5 + 2 * test.length / LineTest.rate)
        var statistics = terminal.statistics
        while ContinuousClock.now < limit {
            try await Task.sleep(for: .milliseconds(50))
            let (place, trouble) = progress.withLock { ($0.place, $0.trouble) }
            if place >= test.length || trouble != nil { break }
            statistics = terminal.statistics
        }
        return progress.withLock {
            let isSilent = $0.trouble == nil && $0.place == 0 && !$0.isOpen
            return Result(
                heard: $0.heard, statistics: statistics,
                trouble: isSilent
                    ? "\(card.capture), \(card.playback): did not open in time; try again, or look at the sound server"
                    : $0.trouble)
        }
    }
}

/// What is told of a test.
struct LineTestReport: Codable {
    var card: SoundCardStatistics
    var found: LineTest.Findings

    /// Nothing was lost on the way.
    var isSound: Bool { card.capture.xruns == 0 && card.playback.xruns == 0 && card.losses == 0 }

    private static func format(_ direction: SoundCardStatistics.Direction) -> String {
        "\(direction.rate) Hz in \(direction.channels) channel\(direction.channels == 1 ? "" : "s")"
    }

    var lines: [String] {
        func decibels(_ value: Double) -> String { value <= -120 ? "nothing" : String(format: "%.1f dBFS", value) }
        func ppm(_ value: Double?) -> String { value.map { String(format: "%+.0f ppm", $0) } ?? "not yet known" }
        return [
            "card       capture \(Self.format(card.capture)), playback \(Self.format(card.playback))",
            "noise      \(decibels(found.noise))",
            "heard      \(decibels(found.heard)) at the tone's frequency",
            "echo       " + (found.echo.map { String(format: "%+.1f dB against what was played", $0) } ?? "none"),
            "delay      "
                + (found.delay.map { String(format: "%.0f ms there and back", $0) } ?? "the sweep did not come back"),
            "drift      capture \(ppm(card.capture.drift)), playback \(ppm(card.playback.drift))",
            "xruns      capture \(card.capture.xruns), playback \(card.playback.xruns)",
        ]
    }
}
