import Calls

/// Where an imported recording comes from; keys as in docs/json.md.
public struct RecordingOrigin: Sendable, Hashable, Codable {
    /// `asterisk`, `freepbx`, `freeswitch`, or a name of one's own.
    public var system: String
    /// The file's name below the folder that was imported.
    public var file: String
    /// Lower-case hex, of the file as it was found.
    public var sha256: String
    public var bytes: Int64
    /// `wav`, `flac`, `mp3`, `opus`, `vorbis`.
    public var format: String
    /// The file of records, and the line in it.
    public var recordFile: String
    public var recordLine: Int
    /// Lower-case hex, of what was read of that line.
    public var recordSHA256: String
    /// The other system's own name of the call.
    public var recordID: String?
    public var disposition: String?
    /// When it was taken in.
    public var importedAt: UTCTime

    public init(
        system: String, file: String, sha256: String, bytes: Int64, format: String, recordFile: String,
        recordLine: Int, recordSHA256: String, recordID: String?, disposition: String?, importedAt: UTCTime
    ) {
        self.system = system
        self.file = file
        self.sha256 = sha256
        self.bytes = bytes
        self.format = format
        self.recordFile = recordFile
        self.recordLine = recordLine
        self.recordSHA256 = recordSHA256
        self.recordID = recordID
        self.disposition = disposition
        self.importedAt = importedAt
    }

    enum CodingKeys: String, CodingKey {
        case system
        case file
        case sha256
        case bytes
        case format
        case recordFile = "record_file"
        case recordLine = "record_line"
        case recordSHA256 = "record_sha256"
        case recordID = "record_id"
        case disposition
        case importedAt = "imported_at"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(system, forKey: .system)
        try fields.encode(file, forKey: .file)
        try fields.encode(sha256, forKey: .sha256)
        try fields.encode(bytes, forKey: .bytes)
        try fields.encode(format, forKey: .format)
        try fields.encode(recordFile, forKey: .recordFile)
        try fields.encode(recordLine, forKey: .recordLine)
        try fields.encode(recordSHA256, forKey: .recordSHA256)
        try fields.encode(recordID, forKey: .recordID)
        try fields.encode(disposition, forKey: .disposition)
        try fields.encode(importedAt, forKey: .importedAt)
    }
}

/// A file that was imported before.
public struct KnownImport: Sendable, Hashable {
    public var recording: RecordingID
    public var origin: RecordingOrigin

    public init(recording: RecordingID, origin: RecordingOrigin) {
        self.recording = recording
        self.origin = origin
    }
}

/// What a list of recordings does not tell of a call, and an export needs.
public struct CallHead: Sendable, Hashable {
    public var direction: Direction
    public var called: String

    public init(direction: Direction, called: String) {
        self.direction = direction
        self.called = called
    }
}
