import ArgumentParser
import Calls
import Storage

struct RecordingsTranscriptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transcript", abstract: "Shows what a machine wrote down of a recording.",
        discussion:
            "A machine mishears. What was said is told by the recording alone: every line names its place in it.")

    @Argument(help: "The recording's id.")
    var id: RecordingID
    @OptionGroup var query: QueryOptions

    func run() async throws {
        guard let transcript = try await query.ask({ try await $0.transcript(id) }) else {
            // Whether the id is wrong, or nothing was ever asked for.
            _ = try await query.recording(id)
            throw CommandError(
                "no transcript of \(id) was ever asked for; `\(Program.name) recordings transcribe \(id)` asks for one")
        }
        if query.json { return try query.printJSON(transcript) }
        print(Self.text(transcript))
    }

    private static func text(_ transcript: Transcript) -> String {
        var lines: [String] = []
        if let made = transcript.madeAt {
            let model = transcript.model.map { ", \($0)" } ?? ""
            lines.append(
                "机器转写 (a machine's): \(transcript.engine ?? "-")\(model), \(transcript.language ?? "-"), "
                    + "\(ScreenTime.text(made)) \(ScreenTime.zone(at: made))")
        }
        switch transcript.state {
        case .made: break
        case .asked:
            lines.append(
                "waits for \(transcript.madeAt == nil ? "its" : "another") transcript since "
                    + "\(ScreenTime.text(transcript.askedAt)), failed tries: \(transcript.attempts)"
                    + (transcript.failure.map { ", the last: \($0)" } ?? ""))
        case .givenUp:
            lines.append("given up after \(transcript.attempts) tries: \(transcript.failure ?? "-")")
        }
        var table = TextTable(["FROM", "TO", "CHANNEL", "WHO", "SURE", "TEXT"])
        let segments = transcript.channels.flatMap { channel in channel.segments.map { (channel.index, $0) } }
            .sorted { ($0.1.fromMilliseconds, $0.0) < ($1.1.fromMilliseconds, $1.0) }
        for (channel, segment) in segments {
            table.add([
                Screen.milliseconds(segment.fromMilliseconds), Screen.milliseconds(segment.toMilliseconds),
                channel == 0 ? "left" : channel == 1 ? "right" : String(channel), segment.role,
                segment.confidence.map { "\($0 / 10) %" } ?? "-", segment.text,
            ])
        }
        if !segments.isEmpty {
            lines += ["", table.text]
        } else if transcript.madeAt != nil {
            lines.append("nothing was heard in it")
        }
        if !transcript.flags.isEmpty {
            lines.append("")
            lines += transcript.flags.map {
                "\($0.flag.rawValue): \($0.word) (\($0.role), \(Screen.milliseconds($0.positionMilliseconds)))"
            }
        }
        return lines.map { $0.split(separator: "\n", omittingEmptySubsequences: false) }.joined()
            .map { TextTable.printable(String($0)) }.joined(separator: "\n")
    }
}

struct RecordingsTranscribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transcribe",
        abstract: "Asks for a machine's transcript of a recording, or for another one; a server must run.",
        discussion: "It is made when its turn comes; `recordings transcript` tells how far that is.")

    @Argument(help: "The recording's id.")
    var id: RecordingID
    @Option(help: "Who wants it: a work number.")
    var by: WorkNumber?
    @OptionGroup var data: DataOptions

    func run() async throws {
        var body: [String: JSONScalar] = [:]
        if let by { body["by"] = .text(by.text) }
        try await ServerClient(folder: data.folder).post("recordings/\(id)/transcript", body)
    }
}
