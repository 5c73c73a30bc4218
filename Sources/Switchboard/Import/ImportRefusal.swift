import Audit
import Storage

/// Something of an import that could not be placed, and why; keys as in docs/json.md.
public struct ImportRefusal: Sendable, Hashable, Encodable {
    public enum Reason: String, Sendable, Encodable, CaseIterable {
        /// The line of the file of records has a mistake.
        case record
        /// The line names a file in a way that leads out of the folder, or nowhere.
        case name
        /// There is no such file.
        case noFile = "no_file"
        /// Several files fit.
        case ambiguous
        /// The file, or the same audio, belongs to another line, or was imported with another record.
        case duplicate
        /// A file that no line names.
        case noRecord = "no_record"
        /// A link, or a name that cannot be used.
        case folder
        /// Empty, cut off, damaged, or of a kind that cannot be read.
        case audio
        /// The audio is much shorter or longer than its record says.
        case length
        /// It could not be written, or the server did not take it.
        case refused
    }

    /// Below the folder; nil where none was found.
    public var file: String?
    /// In the file of records; nil where no line belongs to it.
    public var line: Int?
    public var reason: Reason
    /// For people.
    public var message: String

    public init(_ reason: Reason, file: String? = nil, line: Int? = nil, _ message: String) {
        self.file = file
        self.line = line
        self.reason = reason
        self.message = message
    }

    enum CodingKeys: String, CodingKey {
        case file, line, reason, message
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(file, forKey: .file)
        try fields.encode(line, forKey: .line)
        try fields.encode(reason, forKey: .reason)
        try fields.encode(message, forKey: .message)
    }
}

/// What came of an import; keys as in docs/json.md.
public struct ImportReport: Sendable, Hashable, Encodable {
    public var isDryRun: Bool
    /// Lines of calls that may have a recording.
    public var records = 0
    /// Audio files in the folder.
    public var files = 0
    /// Taken in now; in a dry run: would be.
    public var placed = 0
    /// Taken in before.
    public var known = 0
    /// Lines of calls that were not answered, or that name no recording.
    public var passedOver = 0
    public var refused: [ImportRefusal] = []

    public init(isDryRun: Bool) { self.isDryRun = isDryRun }

    enum CodingKeys: String, CodingKey {
        case isDryRun = "dry_run"
        case records, files, placed, known
        case passedOver = "passed_over"
        case refused
    }

    /// The refusals as comma-separated values.
    public var table: CommaSeparatedText {
        var table = CommaSeparatedText(["file", "line", "reason", "message"])
        for one in refused {
            table.add([one.file ?? "", one.line.map { String($0) } ?? "", one.reason.rawValue, one.message])
        }
        return table
    }
}
