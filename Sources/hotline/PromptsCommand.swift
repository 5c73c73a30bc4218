import ArgumentParser
import Evidence
import Foundation
import Media

/// `hotline prompts …`: what the hotline says, and the files it says it with.
struct PromptsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prompts", abstract: "Looks after the prompts: what is said, and its audio files.",
        subcommands: [List.self, Check.self, Build.self, Import.self])

    /// Which catalog, and how to print.
    struct Options: ParsableArguments {
        @Option(help: "The folder that holds catalog.yaml. Default: the shipped prompts of --locale.")
        var folder: String?
        @Option(help: "Which of the shipped prompts.")
        var locale = "zh-CN"
        @Flag(help: "Prints JSON.")
        var json = false

        func catalog() throws -> PromptCatalog {
            if let folder { return try PromptCatalog(folder: folder) }
            return try PromptCatalog(folder: ShareFolder().resolve(locale, in: "prompts"))
        }
    }

    /// Lower-case hex of the bytes' SHA-256.
    @Sendable static func sha256(_ bytes: [UInt8]) -> String {
        var hash = SHA256Stream()
        hash.update(bytes: bytes)
        return hash.finish()
    }

    static func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    static func seconds(_ milliseconds: Int) -> Double { Double(milliseconds) / 1000 }
}

extension PromptsCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists every prompt with its length and its words.")
        @OptionGroup var options: Options

        private struct Row: Encodable {
            var id: String
            var text: String
            var file: String
            /// Nil where the file cannot be read.
            var seconds: Double?
            var voice: String?
            var licence: String?
            var sha256: String?
        }

        func run() throws {
            let catalog = try options.catalog()
            let rows = catalog.entries.map { entry in
                Row(
                    id: entry.id, text: entry.text, file: entry.file, seconds: seconds(catalog.path(of: entry)),
                    voice: entry.voice, licence: entry.licence, sha256: entry.sha256)
            }
            guard !options.json else { return try PromptsCommand.printJSON(rows) }
            let width = rows.map(\.id.count).max() ?? 0
            for row in rows {
                let length = row.seconds.map { String(format: "%6.2f s", $0) } ?? "      – "
                print(row.id.padding(toLength: width, withPad: " ", startingAt: 0), length, row.text)
            }
        }

        private func seconds(_ path: String) -> Double? {
            switch Result(catching: { try AudioFile(reading: path) }) {
            case .success(let audio): PromptsCommand.seconds(audio.milliseconds)
            case .failure: nil
            }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Finds missing, silent, clipped, wrong-rate, altered and unlisted files.",
            discussion: "Exits with 1 where there is an error, with --strict also for warnings.")
        @OptionGroup var options: Options
        @Flag(help: "Warnings count as errors.")
        var strict = false
        @Option(help: "Longer prompts are reported, in seconds.")
        var longest = 60

        private struct Report: Encodable {
            var catalog: String
            var prompts: Int
            var findings: [PromptFinding]
        }

        func run() throws {
            let catalog = try options.catalog()
            let findings = PromptCheck(maximumSeconds: longest, sha256: PromptsCommand.sha256).findings(in: catalog)
            if options.json {
                try PromptsCommand.printJSON(
                    Report(catalog: catalog.path, prompts: catalog.entries.count, findings: findings))
            } else {
                for finding in findings {
                    let place = finding.place.map { "\($0): " } ?? ""
                    print("\(place)\(finding.severity.rawValue): \(finding.message); \(finding.advice)")
                }
                let errors = findings.count { $0.severity == .error }
                print("\(catalog.entries.count) prompts, \(errors) errors, \(findings.count - errors) warnings")
            }
            if findings.contains(where: { strict || $0.severity == .error }) { throw ExitCode(1) }
        }
    }

    struct Build: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Renders missing prompts, and those whose text was changed, with a voice.",
            discussion: """
                The voice is a program of your choice, run once a prompt and without a shell; in its arguments {text}, \
                {out} and {voice} stand for the words, the WAV file to write and --voice. A recording by a person is \
                never replaced unless its id is given.
                """)
        @OptionGroup var options: Options
        @Argument(help: "Prompts to render in any case. Default: what is missing or whose text was changed.")
        var ids: [String] = []
        @Option(help: "The voice's command, e.g. 'speak --voice {voice} -o {out} {text}'. Or HOTLINE_TTS.")
        var tts: String?
        @Option(help: "What {voice} stands for. Or HOTLINE_TTS_VOICE.")
        var voice: String?
        @Option(help: "What the catalog says of the voice: model and voice. Default: --voice. Or HOTLINE_TTS_CREDIT.")
        var credit: String?
        @Option(help: "SPDX identifier of what the voice's audio may be used under. Or HOTLINE_TTS_LICENCE.")
        var licence: String?
        @Option(help: "The command is stopped after so many seconds.")
        var timeout = 120
        @Flag(help: "Only says what would be rendered.")
        var dryRun = false

        private struct Row: Encodable {
            var id: String
            var reason: PromptBuilder.Reason
            var seconds: Double?
        }

        func run() throws {
            var catalog = try options.catalog()
            let builder = PromptBuilder(sha256: PromptsCommand.sha256)
            let command = try self.command()
            let steps = try builder.plan(for: catalog, voice: command, asked: Set(ids))
            var rows: [Row] = []
            for step in steps {
                var row = Row(id: step.id, reason: step.reason)
                if !dryRun {
                    row.seconds = PromptsCommand.seconds(
                        try builder.render(step.id, of: &catalog, voice: command).milliseconds)
                }
                if !options.json {
                    let length = row.seconds.map { String(format: " %.2f s", $0) } ?? ""
                    print("\(row.id)\(length) (\(row.reason.rawValue.replacing("_", with: " ")))")
                }
                rows.append(row)
            }
            if options.json { return try PromptsCommand.printJSON(rows) }
            if rows.isEmpty { print("nothing to render: all \(catalog.entries.count) prompts are there") }
        }

        private func command() throws -> VoiceCommand {
            let environment = ProcessInfo.processInfo.environment
            let voice = self.voice ?? environment["HOTLINE_TTS_VOICE"] ?? ""
            let credit = self.credit ?? environment["HOTLINE_TTS_CREDIT"] ?? voice
            let licence = self.licence ?? environment["HOTLINE_TTS_LICENCE"] ?? ""
            guard let template = tts ?? environment["HOTLINE_TTS"] else {
                throw CommandError("no voice is configured: give --tts or set HOTLINE_TTS (docs/prompts.md names one)")
            }
            guard !credit.isEmpty, !licence.isEmpty else {
                throw CommandError(
                    "give --credit (or --voice) and --licence: the catalog says whose voice each file is")
            }
            guard (1...3600).contains(timeout) else { throw CommandError("--timeout must be 1 to 3600 seconds") }
            return VoiceCommand(
                arguments: try VoiceCommand.words(of: template), voice: voice, credit: credit, licence: licence,
                timeoutSeconds: timeout)
        }
    }

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes a recording as a prompt.",
            discussion: """
                Reads WAV, FLAC and what else libsndfile knows, at 8,000 samples a second or more; converts, trims and \
                levels it, replaces the prompt's file and writes voice, licence and hashes to the catalog. The file that \
                was there is kept in the folder .earlier beside the catalog.
                """)
        @OptionGroup var options: Options
        @Argument(help: "The prompt.")
        var id: String
        @Argument(help: "The recording.")
        var file: String
        @Option(help: "Whose voice it is.")
        var voice: String
        @Option(help: "SPDX identifier of what it may be used under, or `proprietary`.")
        var licence: String

        private struct Row: Encodable {
            var id: String
            var file: String
            var seconds: Double
        }

        func run() throws {
            var catalog = try options.catalog()
            guard let entry = catalog.entries.first(where: { $0.id == id }) else {
                throw CommandError("\(catalog.path) has no prompt `\(id)`")
            }
            let installed = try PromptBuilder(sha256: PromptsCommand.sha256).install(
                PreparedPrompt(try AudioFile(reading: file), as: entry), as: id, of: &catalog, voice: voice,
                licence: licence,
                keeping: PromptVersions.Note(by: "command", at: Int64(Date().timeIntervalSince1970 * 1_000_000)))
            let row = Row(
                id: id, file: catalog.path(of: entry), seconds: PromptsCommand.seconds(installed.milliseconds))
            if options.json { return try PromptsCommand.printJSON(row) }
            print(String(format: "%@: %.2f s in %@", id, row.seconds, row.file))
        }
    }
}
