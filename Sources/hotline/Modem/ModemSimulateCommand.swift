import ArgumentParser
import Dispatch
import Foundation
import Glibc
import Lines
import Media
import Synchronization

/// `hotline modem simulate`: 4G voice modems without hardware.
struct ModemSimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Play 4G voice modems that callers ring, as scripts say.",
        discussion: """
            Each script becomes a modem on a serial port of its own, with a sound card and somebody at the far end who \
            calls, speaks and presses keys (docs/modem-simulator.md; examples in modems/scripts). The modems are named \
            m1, m2, … in the order of the scripts.

            The sound cards come from a PulseAudio server of the program's own. A server that uses the modems needs the \
            environment and the configuration that are printed at the start.

            It ends with its scripts, or with Ctrl-C. Exit status: 0, or 1 where something was not as a script expects.

            Example: hotline modem simulate --script modems/scripts/fault-report.yaml --once
            """)

    enum Sound: String, ExpressibleByArgument, CaseIterable { case pulse, none }

    @Option(help: ArgumentHelp("Script of one modem; once for each.", valueName: "file"))
    var script: [String]

    @Option(help: ArgumentHelp("Where ports, sound and recordings are. Left out: a temporary one.", valueName: "dir"))
    var folder: String?

    @Option(help: "pulse: sound cards from a PulseAudio server; none: nobody speaks.")
    var sound: Sound = .pulse

    @Option(
        help: ArgumentHelp("ALSA device in which the far end hears, in place of the sound server.", valueName: "pcm"))
    var capture: String?

    @Option(help: ArgumentHelp("ALSA device in which the far end speaks.", valueName: "pcm"))
    var playback: String?

    @Flag(help: "End after the last call, also where a script repeats or waits for calls.")
    var once = false

    @Flag(help: "Show what goes over the serial ports.")
    var trace = false

    @Option(help: ArgumentHelp("Write what goes over the serial ports to a file.", valueName: "file"))
    var traceFile: String?

    func validate() throws {
        guard !script.isEmpty, script.count <= 16 else { throw ValidationError("--script is given 1 to 16 times") }
        guard (capture == nil) == (playback == nil) else {
            throw ValidationError("--capture and --playback go together")
        }
        guard capture == nil || script.count == 1 else {
            throw ValidationError("--capture and --playback are one far end's: give one --script")
        }
    }

    func run() async throws {
        let scripts = try script.map { try ModemScript(file: $0) }
        let place = try SimulatorFolder(folder)
        defer { place.remove() }
        let cards = try SimulatorCards(sound: sound, capture: capture, playback: playback, count: scripts.count, place)
        defer { cards.stop() }
        let screen = try SimulatorScreen(trace: trace, file: traceFile)
        var simulators: [ModemSimulator] = []
        // Whatever was started is stopped, in an error too.
        defer { for simulator in simulators { simulator.stop() } }
        for (index, script) in scripts.enumerated() {
            let name = "m\(index + 1)"
            var options = ModemSimulator.Options(
                link: "\(place.path)/\(name)", folder: place.path, sound: cards.farEnd(index) { screen.say(name, $0) })
            options.once = once
            let simulator = try ModemSimulator(
                script, options, events: { event in screen.event(name, event) }, trace: screen.tracer(name))
            try simulator.start()
            simulators.append(simulator)
            print(cards.readyLine(name, script: script.name, link: options.link))
        }
        for line in cards.instructions(scripts, folder: place.path) { print(line) }
        fflush(nil)
        let interrupted = Mutex(false)
        let signals = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { interrupted.withLock { $0 = true } }
            source.resume()
            return source
        }
        defer { for source in signals { source.cancel() } }
        while !simulators.allSatisfy(\.isOver), !interrupted.withLock({ $0 }) {
            try await Task.sleep(for: .milliseconds(100))
        }
        let failures = zip(1..., simulators).flatMap { number, simulator in
            simulator.failures.map { "m\(number): \($0)" }
        }
        for failure in failures { print("not as expected: \(failure)") }
        guard failures.isEmpty, !screen.failed else { throw ExitCode(1) }
    }
}
