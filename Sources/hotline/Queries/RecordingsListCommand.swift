import ArgumentParser
import Calls
import Storage

struct RecordingsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Finds recordings: all options that are given must hold. The newest first.",
        discussion: """
            A range is N, N.., ..M or N..M. The list goes on after a recording with `--cursor` and the cursor that stands \
            beside it in JSON, or below the table.
            """)

    @OptionGroup var query: QueryOptions
    @OptionGroup var list: ListOptions
    @OptionGroup var search: RecordingSearchOptions
    @Flag(help: "Counts them instead: exact to 10,000.")
    var count = false

    func run() async throws {
        let filter = try search.filter(list)
        if count {
            let count = try await query.ask { try await $0.recordingCount(filter) }
            if query.json { return try query.printJSON(count) }
            return print(count)
        }
        let page = try await query.ask { try await $0.recordingPage(filter) }
        if query.json { return try query.printJSON(page.recordings) }
        guard let first = page.recordings.first else { return print("No recordings.") }
        var table = TextTable([
            "PLANNED (\(ScreenTime.zone(at: first.recording.plannedAt)))", "STATE", "LENGTH", "CALLER", "LINE", "RINGS",
            "KEYS", "OUTCOME", "BY", "AGENT", "ORDERS", "RATED", "MARKS", "FLAGS", "FOUND IN", "RECORDING", "CALL",
            "FILE",
        ])
        for found in page.recordings { table.add(Self.row(found)) }
        print(table.text)
        if let next = page.next { print("\nMore: --cursor \(next)") }
    }

    private static func row(_ found: FoundRecording) -> [String] {
        let recording = found.recording
        func list(_ items: [String]) -> String { items.isEmpty ? "-" : items.joined(separator: ",") }
        return [
            ScreenTime.text(recording.plannedAt),
            recording.state.rawValue + (recording.recovered ? " (recovered)" : "")
                + (recording.imported == nil ? "" : " (imported)"),
            Screen.seconds(recording.seconds), found.caller ?? "withheld", found.line,
            found.rings.map(String.init) ?? "-", found.digits.isEmpty ? "-" : found.digits,
            found.outcome?.rawValue ?? "running", found.releasedBy?.rawValue ?? "-", list(found.answeredBy.map(\.text)),
            list(recording.orders), found.rating.map(String.init) ?? "-", list(found.marks), list(found.flags),
            Self.place(found), recording.id.description,
            recording.callID.description, Self.file(recording),
        ]
    }

    /// Where the file is, or why there is none.
    static func file(_ recording: RecordingSummary) -> String {
        if let deleted = recording.deletedAt {
            return "deleted on \(ScreenTime.text(deleted)) because \(recording.deletedBecause ?? "it had to be")"
        }
        let archived = recording.archivedAt == nil ? "" : " (archived)"
        return recording.file.map { $0 + archived } ?? recording.failure ?? "-"
    }

    /// Whose text was found: a machine's (机器转写) is a pointer, not what was said.
    private static func place(_ found: FoundRecording) -> String {
        guard let isMachines = found.machine else { return "-" }
        guard isMachines else { return "notes" }
        return found.hits.first.map { "机器转写 \(Screen.milliseconds($0.fromMilliseconds))" } ?? "机器转写"
    }
}

/// What recordings are found by. Values are read as the API reads them, so that both complain alike.
struct RecordingSearchOptions: ParsableArguments {
    @Option(help: "Linked to this work order, by its number.")
    var order: String?
    @Option(help: "Calls of this number, as normalised.")
    var caller: String?
    @Option(help: "Answered by this agent, by work number.")
    var agent: String?
    @Option(help: "Calls on this line.")
    var line: String?
    @Option(help: "Linked to an order of this category: fault, complaint, …")
    var category: String?
    @Option(help: "Calls that ended so.")
    var outcome: String?
    @Option(help: "So many seconds long: a range.")
    var length: String?
    @Option(help: "Who hung up first: caller, agent, flow, supervisor, network, unknown.")
    var releasedBy: String?
    @Option(help: "Rings until the answer: a range.")
    var rings: String?
    @Option(help: "The keys that the caller pressed begin so.")
    var digits: String?
    @Option(help: "Marked as nuisance, wrong_number, angry or dropped.")
    var mark: String?
    @Option(help: "Flagged by a word of its transcript: complaint, threat, injury.")
    var flag: String?
    @Option(help: "The caller's rating, 1 to 5: a range.")
    var rating: String?
    @Option(help: "Words in notes, in the orders' texts and in transcripts; parts between spaces must all occur.")
    var text: String?
    @Option(help: "In this state: planned, started, stopped, finished, failed, deleted.")
    var state: String?
    @Option(help: "call, or consultation.")
    var purpose: String?
    @Option(help: "Of this call.")
    var call: String?
    @Option(help: "Of calls that broke this rule, such as yq-rings; any: whatever rule.")
    var normBroken: String?
    @Option(help: "By time, length or rings.")
    var sort: String?
    @Flag(help: "The oldest, shortest, least rung first.")
    var ascending = false
    @Option(help: "Goes on after the recording that this cursor belongs to.")
    var cursor: String?

    /// - Throws: `CommandError` that names option, value and what is allowed.
    func filter(_ list: ListOptions) throws -> RecordingFilter {
        try filter(from: list.from?.time, to: list.to?.time, limit: list.limit)
    }

    func filter(from: UTCTime?, to: UTCTime?, limit: Int) throws -> RecordingFilter {
        var filter = RecordingFilter(from: from, to: to, limit: limit)
        filter.descending = !ascending
        let options = [
            ("order", order), ("caller", caller), ("agent", agent), ("line", line), ("category", category),
            ("outcome", outcome), ("length", length), ("released_by", releasedBy), ("rings", rings),
            ("digits", digits), ("mark", mark), ("flag", flag), ("rating", rating), ("text", text), ("state", state),
            ("purpose", purpose), ("call", call), ("norm_broken", normBroken), ("sort", sort), ("cursor", cursor),
        ]
        do {
            for (name, value) in options {
                guard let value else { continue }
                try RecordingParameters.set(
                    name, to: value, in: &filter, shown: "--\(name.replacing("_", with: "-"))")
            }
            try RecordingParameters.check(filter)
        } catch {
            throw CommandError(error.message)
        }
        return filter
    }
}
