import Calls
import Norms

/// A hold as `holds list --json` shows it; keys as in docs/json.md.
public struct HoldSummary: Sendable, Hashable, Codable {
    public var id: HoldID
    public var scope: HoldScope
    public var recording: RecordingID?
    public var call: CallID?
    public var order: OrderID?
    /// The order's number.
    public var orderNumber: String?
    public var reason: String
    public var placedBy: WorkNumber
    public var placedAt: UTCTime
    /// Nil: in force.
    public var releasedAt: UTCTime?
    public var releasedBy: WorkNumber?
    public var releaseReason: String?

    enum CodingKeys: String, CodingKey {
        case id
        case scope
        case recording = "recording_id"
        case call = "call_id"
        case order = "order_id"
        case orderNumber = "order"
        case reason
        case placedBy = "placed_by"
        case placedAt = "placed_at"
        case releasedAt = "released_at"
        case releasedBy = "released_by"
        case releaseReason = "release_reason"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(scope, forKey: .scope)
        try fields.encode(recording, forKey: .recording)
        try fields.encode(call, forKey: .call)
        try fields.encode(order, forKey: .order)
        try fields.encode(orderNumber, forKey: .orderNumber)
        try fields.encode(reason, forKey: .reason)
        try fields.encode(placedBy, forKey: .placedBy)
        try fields.encode(placedAt, forKey: .placedAt)
        try fields.encode(releasedAt, forKey: .releasedAt)
        try fields.encode(releasedBy, forKey: .releasedBy)
        try fields.encode(releaseReason, forKey: .releaseReason)
    }
}

/// A recording as it is decided about.
public struct RetentionRecording: Sendable, Hashable {
    public var id: RecordingID
    public var callID: CallID
    public var state: RecordingState
    /// Below the folder of recordings, or of the archive; nil until finished.
    public var file: String?
    public var frames: Int64?
    public var bytes: Int64?
    public var sha256: String?
    public var subject: RetentionSubject
}

/// Files of an archived or deleted recording that wait to be removed.
public struct DueRemoval: Sendable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var file: String
    public var bytes: Int64
    /// Nothing of it is to stay.
    public var isDeleted: Bool
    /// It was moved to the archive.
    public var isArchived: Bool

    public init(
        recording: RecordingID, call: CallID, file: String, bytes: Int64, isDeleted: Bool, isArchived: Bool
    ) {
        self.recording = recording
        self.call = call
        self.file = file
        self.bytes = bytes
        self.isDeleted = isDeleted
        self.isArchived = isArchived
    }
}

/// What the store has of a person, by ids.
public struct PersonIndex: Sendable, Hashable {
    public struct Order: Sendable, Hashable {
        public var id: OrderID
        public var number: String

        public init(id: OrderID, number: String) {
            self.id = id
            self.number = number
        }
    }

    public var calls: [CallID]
    public var orders: [Order]
    /// Of the list of blocked numbers, in force or not.
    public var blocked: [BlockedNumber]
    /// Every event that blocked or unblocked the number.
    public var blockEvents: [JournalPlace]
    /// The carrier's records of the number.
    public var carrierRecords: [CarrierImported.Record]
    /// The events that brought them.
    public var carrierImports: [JournalPlace]
    /// There are more calls or orders than were looked for.
    public var isCut: Bool
}
