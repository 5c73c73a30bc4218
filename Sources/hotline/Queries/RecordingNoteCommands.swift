import ArgumentParser
import Calls
import Storage

struct RecordingsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one recording with its orders, marks and notes.")

    @Argument(help: "The recording's id.")
    var id: RecordingID
    @OptionGroup var query: QueryOptions

    func run() async throws {
        let detail = try await query.recording(id)
        if query.json { return try query.printJSON(detail) }
        let (found, recording) = (detail.found, detail.found.recording)
        func list(_ items: [String]) -> String { items.isEmpty ? "-" : items.joined(separator: ", ") }
        let lines: [(String, String)] = [
            ("recording", recording.id.description), ("call", recording.callID.description),
            ("purpose", recording.purpose), ("state", recording.state.rawValue),
            ("planned", "\(ScreenTime.text(recording.plannedAt)) \(ScreenTime.zone(at: recording.plannedAt))"),
            ("length", Screen.seconds(recording.seconds)), ("file", RecordingsListCommand.file(recording)),
            (
                "imported",
                recording.imported.map { "\($0.system): \($0.file), \($0.recordFile) line \($0.recordLine)" } ?? "-"
            ),
            ("original", recording.imported?.sha256 ?? "-"), ("sha256", recording.sha256 ?? "-"),
            ("channels", list(recording.channels.map(\.role))),
            ("line", found.line), ("caller", found.caller ?? "withheld"),
            ("rings", found.rings.map(String.init) ?? "-"), ("keys", found.digits.isEmpty ? "-" : found.digits),
            ("outcome", found.outcome?.rawValue ?? "running"), ("ended by", found.releasedBy?.rawValue ?? "-"),
            ("agents", list(found.answeredBy.map(\.text))), ("orders", list(recording.orders)),
            ("categories", list(found.categories)), ("rating", found.rating.map(String.init) ?? "-"),
            ("marks", list(found.marks)), ("paused", list(recording.pauses.map(Self.text))),
        ]
        print(lines.map { TextTable.padded($0.0, to: 14) + TextTable.printable($0.1) }.joined(separator: "\n"))
        if !detail.notes.isEmpty { print("\n" + RecordingsNotesCommand.table(detail.notes)) }
    }

    /// `62.000 s–100.000 s by 1001 (card), ended by limit`
    private static func text(_ pause: RecordingPause) -> String {
        let to = pause.to.map { Screen.milliseconds($0.milliseconds) } ?? ""
        let span = "\(Screen.milliseconds(pause.from.milliseconds))–\(to)"
        let reason = pause.reason.isEmpty ? "" : " (\(pause.reason))"
        let end = pause.endedBy.map { ", ended by \(pause.endedAgent?.text ?? $0.rawValue)" } ?? ", goes on"
        return "\(span) by \(pause.agent?.text ?? pause.by.rawValue)\(reason)\(end)"
    }
}

struct RecordingsNotesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notes", abstract: "Shows the notes to a recording, the oldest first.")

    @Argument(help: "The recording's id.")
    var id: RecordingID
    @OptionGroup var query: QueryOptions

    func run() async throws {
        let notes = try await query.recording(id).notes
        if query.json { return try query.printJSON(notes) }
        print(notes.isEmpty ? "No notes." : Self.table(notes))
    }

    static func table(_ notes: [RecordingNote]) -> String {
        let zone = notes.first.map { " (\(ScreenTime.zone(at: $0.at)))" } ?? ""
        var table = TextTable(["NOTED\(zone)", "BY", "AT", "NOTE"])
        for note in notes {
            table.add([
                ScreenTime.text(note.at), note.by.text, Screen.milliseconds(note.positionMilliseconds), note.text,
            ])
        }
        return table.text
    }
}

struct RecordingsNoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "note", abstract: "Writes a note to a recording; a server must run on the data folder.")

    @Argument(help: "The recording's id.")
    var id: RecordingID
    @Option(help: "Who writes it: a work number.")
    var by: WorkNumber
    @Option(help: "What in the recording it is about, in milliseconds from its beginning; without it the whole.")
    var atMs: Int?
    @OptionGroup var data: DataOptions
    @Argument(help: "The note, at most 6,000 bytes of UTF-8.")
    var text: String

    func validate() throws {
        if let complaint = RecordingNoted.complaint(about: text) { throw ValidationError("TEXT: \(complaint).") }
        if let atMs, atMs < 0 { throw ValidationError("--at-ms: '\(atMs)' is not allowed; give 0 or more.") }
    }

    func run() async throws {
        var body: [String: JSONScalar] = ["by": .text(by.text), "text": .text(text)]
        if let atMs { body["at_ms"] = .number(atMs) }
        try await ServerClient(folder: data.folder).post("recordings/\(id)/notes", body)
    }
}

extension QueryOptions {
    /// - Throws: `CommandError` where there is none.
    func recording(_ id: RecordingID) async throws -> RecordingDetail {
        guard let detail = try await ask({ try await $0.recordingDetail(id) }) else {
            throw CommandError("there is no recording \(id) in \(data.folder).")
        }
        return detail
    }
}
