import ArgumentParser
import Dispatch
import Foundation
import Glibc

/// `hotline call`: a telephone for testing.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Place a test call, and tell what happened.",
        discussion: """
            The script of --digits is followed once the call is answered, one character a step:

              0-9 * # A-D   press the key          s   say the file of --say to its end
              w             wait 1 s               t   send the tone of --tone for 1 s
              p             pause 0.2 s            h   hang up
              W             wait until the far end was heard and then is silent for 0.7 s

            Without an `s` (or `t`) the file (or tone) comes after the script. The caller then stays on the line until
            the far end hangs up or --duration is over. Ctrl-C hangs up.

            Exit status: 0 where the call was answered, 1 where it was not.

            Example: hotline call sip:95598@127.0.0.1:5060 --say fault.wav --digits "www2Ws#"
            """)

    @Argument(help: "sip:number@host:port, the host a numeric address ([::1] for IPv6).")
    var target: String

    @Option(help: ArgumentHelp("Audio file to say.", valueName: "wav"))
    var say: String?

    @Option(help: ArgumentHelp("What to do after the answer, e.g. \"w2w1#\".", valueName: "script"))
    var digits = ""

    @Option(help: ArgumentHelp("Stereo WAV to write: left what was heard, right what was said.", valueName: "wav"))
    var record: String?

    @Flag(help: "Report as JSON.")
    var json = false

    @Option(help: ArgumentHelp("Hang up so many seconds after the answer, at the latest.", valueName: "seconds"))
    var duration = 60.0

    @Option(help: ArgumentHelp("Give up after so many seconds of ringing.", valueName: "seconds"))
    var ring = 60.0

    @Option(help: ArgumentHelp("The calling number.", valueName: "number"))
    var from: String?

    @Option(help: ArgumentHelp("User for digest authentication.", valueName: "name"))
    var user: String?

    @Option(help: ArgumentHelp("File that holds the user's password alone.", valueName: "file"))
    var passwordFile: String?

    @Option(help: ArgumentHelp("udp or tcp.", valueName: "transport"))
    var transport: Transport?

    @Option(help: ArgumentHelp("Frequency of the tone.", valueName: "hz"))
    var tone: Int?

    enum Transport: String, ExpressibleByArgument { case udp, tcp }

    func validate() throws {
        do { _ = try CallScript(digits) } catch { throw ValidationError("--digits: \(error)") }
        guard (0.1...86_400).contains(duration), (0.1...600).contains(ring) else {
            throw ValidationError("--duration is 0.1…86400 s, --ring 0.1…600 s")
        }
        if let tone, !(100...3400).contains(tone) { throw ValidationError("--tone is 100…3400 Hz") }
        if (user == nil) != (passwordFile == nil) {
            throw ValidationError("--user and --password-file go together")
        }
    }

    func run() async throws {
        let caller = TestCaller(try options())
        // Ctrl-C hangs up first, so that the report is still told.
        signal(SIGINT, SIG_IGN)
        let interrupt = DispatchSource.makeSignalSource(signal: SIGINT)
        interrupt.setEventHandler { caller.hangUp() }
        interrupt.resume()
        defer { interrupt.cancel() }
        let report = try await caller.place()
        if json {
            print(try report.json())
        } else {
            for line in report.lines { print(line) }
        }
        if report.outcome != .answered { throw ExitCode(1) }
    }

    private func options() throws -> CallerOptions {
        var options = CallerOptions(target: target)
        if let transport, !target.contains(";transport=") { options.target += ";transport=\(transport.rawValue)" }
        options.from = from
        options.username = user
        options.password = try passwordFile.map { path in
            do { return try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .newlines) } catch {
                throw CommandError("\(path): the password cannot be read: \(error.localizedDescription)")
            }
        }
        options.script = try CallScript(digits).completed(say: say != nil, tone: tone != nil)
        options.say = say
        if options.script.steps.contains(.say), say == nil {
            throw CommandError("the script has an `s`, but no --say names the file")
        }
        options.tone = tone ?? 1000
        options.record = record
        options.limitMilliseconds = Int64(duration * 1000)
        options.ringMilliseconds = Int(ring * 1000)
        return options
    }
}

extension CallReport {
    /// One object, its keys in snake case and sorted; what did not happen is left out.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
