import Calls

/// How far a recording is.
public enum RecordingState: String, Sendable, Codable, CaseIterable {
    /// Its row is durable; no sample was taken yet.
    case planned
    /// Samples are being taken.
    case started
    /// The last sample was taken; the file is not made yet.
    case stopped
    /// The file is made and hashed.
    case finished
    /// No file could be made.
    case failed
    /// It was finished; its file is gone by the rules of retention, or at a person's wish.
    case deleted
}

/// One recording as `recordings list --json` shows it; keys as in docs/json.md.
public struct RecordingSummary: Sendable, Hashable, Encodable {
    /// A stretch without audio.
    public struct Gap: Sendable, Hashable, Codable {
        public var fromMilliseconds: Int64
        public var toMilliseconds: Int64

        public init(fromMilliseconds: Int64, toMilliseconds: Int64) {
            self.fromMilliseconds = fromMilliseconds
            self.toMilliseconds = toMilliseconds
        }

        enum CodingKeys: String, CodingKey {
            case fromMilliseconds = "from_ms"
            case toMilliseconds = "to_ms"
        }
    }

    public var id: RecordingID
    public var callID: CallID
    public var node: String
    /// `call`, `consultation`.
    public var purpose: String
    public var state: RecordingState
    public var plannedAt: UTCTime
    public var startedAt: UTCTime?
    public var stoppedAt: UTCTime?
    public var finishedAt: UTCTime?
    /// What the finished file must have; nil until it stopped.
    public var length: AudioPosition?
    /// Below the data folder's `recordings/`.
    public var file: String?
    /// `flac` or `wav`.
    public var format: String?
    /// Samples a second.
    public var rate: Int?
    /// Samples in each channel.
    public var frames: Int64?
    public var bytes: Int64?
    /// Lower-case hex.
    public var sha256: String?
    public var gaps: [Gap]
    /// Made from the audio log after a crash.
    public var recovered: Bool
    /// Why no file could be made.
    public var failure: String?
    public var channels: [RecordingPlanned.Channel]
    /// Numbers of the work orders that it is linked to.
    public var orders: [String]
    /// Stretches of silence that somebody asked for, in order.
    public var pauses: [RecordingPause] = []
    /// Where it comes from; nil: our own capture.
    public var imported: RecordingOrigin?
    /// Its file stands in the archive since.
    public var archivedAt: UTCTime?
    /// Its file is gone since.
    public var deletedAt: UTCTime?
    /// Why it was deleted.
    public var deletedBecause: String?

    /// Length in seconds: of the file where it is made, else as stopped; nil while it runs.
    public var seconds: Double? {
        if let frames, let rate, rate > 0 { return Double(frames) / Double(rate) }
        return length?.seconds
    }

    enum CodingKeys: String, CodingKey {
        case id
        case callID = "call_id"
        case node
        case purpose
        case state
        case plannedAt = "planned_at"
        case startedAt = "started_at"
        case stoppedAt = "stopped_at"
        case finishedAt = "finished_at"
        case seconds
        case file
        case format
        case rate
        case frames
        case bytes
        case sha256
        case gaps
        case recovered
        case failure
        case channels
        case orders
        case pauses
        case imported
        case archivedAt = "archived_at"
        case deletedAt = "deleted_at"
        case deletedBecause = "deleted_because"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(callID, forKey: .callID)
        try fields.encode(node, forKey: .node)
        try fields.encode(purpose, forKey: .purpose)
        try fields.encode(state, forKey: .state)
        try fields.encode(plannedAt, forKey: .plannedAt)
        try fields.encode(startedAt, forKey: .startedAt)
        try fields.encode(stoppedAt, forKey: .stoppedAt)
        try fields.encode(finishedAt, forKey: .finishedAt)
        try fields.encode(seconds, forKey: .seconds)
        try fields.encode(file, forKey: .file)
        try fields.encode(format, forKey: .format)
        try fields.encode(rate, forKey: .rate)
        try fields.encode(frames, forKey: .frames)
        try fields.encode(bytes, forKey: .bytes)
        try fields.encode(sha256, forKey: .sha256)
        try fields.encode(gaps, forKey: .gaps)
        try fields.encode(recovered, forKey: .recovered)
        try fields.encode(failure, forKey: .failure)
        try fields.encode(channels, forKey: .channels)
        try fields.encode(orders, forKey: .orders)
        try fields.encode(pauses, forKey: .pauses)
        try fields.encode(imported, forKey: .imported)
        try fields.encode(archivedAt, forKey: .archivedAt)
        try fields.encode(deletedAt, forKey: .deletedAt)
        try fields.encode(deletedBecause, forKey: .deletedBecause)
    }
}
