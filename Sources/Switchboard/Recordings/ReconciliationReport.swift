import Calls
import Storage

/// What of calls and recordings is to be checked.
public struct ReconciliationQuestion: Sendable, Hashable {
    /// Which files are read from end to end.
    public enum Hashing: Sendable, Hashable {
        /// At most so many bytes, going on behind that recording, round and round through all there are.
        case budget(bytes: Int64, after: RecordingID?)
        /// Every recording of the period's calls.
        case all
    }

    /// Calls offered in this period.
    public var from: UTCTime
    public var to: UTCTime
    public var hashing: Hashing

    public init(from: UTCTime, to: UTCTime, hashing: Hashing) {
        self.from = from
        self.to = to
        self.hashing = hashing
    }

    /// How far back is looked where nothing else is asked for.
    public static let usualMicroseconds: Int64 = 7 * 86_400_000_000
}

/// What a check found; the form of `hotline recordings reconcile --json` (docs/json.md).
public struct ReconciliationReport: Sendable, Hashable, Codable {
    public var from: UTCTime
    public var to: UTCTime
    /// Answered calls looked at, and their recordings.
    public var calls = 0
    public var recordings = 0
    /// Files found below the folder of recordings, in the period's days.
    public var files = 0
    /// Files read from end to end, and their bytes.
    public var hashed = 0
    public var hashedBytes: Int64 = 0
    public var findings: [RecordingFinding] = []
    /// Alarms opened and cleared by it; nil where nothing was journalled.
    public var opened: Int?
    public var cleared: Int?

    public init(from: UTCTime, to: UTCTime) {
        self.from = from
        self.to = to
    }

    public var isAllOK: Bool { findings.isEmpty }

    /// Findings by kind; every kind has a number.
    public var counts: [String: Int] {
        Dictionary(
            RecordingAlarmKind.allCases.map { kind in (kind.rawValue, findings.count { $0.kind == kind }) }
        ) { first, _ in first }
    }

    enum CodingKeys: String, CodingKey {
        case isAllOK = "ok"
        case from
        case to
        case calls
        case recordings
        case files
        case hashed
        case hashedBytes = "hashed_bytes"
        case counts
        case findings
        case opened
        case cleared
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        from = try fields.decode(UTCTime.self, forKey: .from)
        to = try fields.decode(UTCTime.self, forKey: .to)
        calls = try fields.decode(Int.self, forKey: .calls)
        recordings = try fields.decode(Int.self, forKey: .recordings)
        files = try fields.decode(Int.self, forKey: .files)
        hashed = try fields.decode(Int.self, forKey: .hashed)
        hashedBytes = try fields.decode(Int64.self, forKey: .hashedBytes)
        findings = try fields.decode([RecordingFinding].self, forKey: .findings)
        opened = try fields.decodeIfPresent(Int.self, forKey: .opened)
        cleared = try fields.decodeIfPresent(Int.self, forKey: .cleared)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(isAllOK, forKey: .isAllOK)
        try fields.encode(from, forKey: .from)
        try fields.encode(to, forKey: .to)
        try fields.encode(calls, forKey: .calls)
        try fields.encode(recordings, forKey: .recordings)
        try fields.encode(files, forKey: .files)
        try fields.encode(hashed, forKey: .hashed)
        try fields.encode(hashedBytes, forKey: .hashedBytes)
        try fields.encode(counts, forKey: .counts)
        try fields.encode(findings, forKey: .findings)
        try fields.encode(opened, forKey: .opened)
        try fields.encode(cleared, forKey: .cleared)
    }
}
