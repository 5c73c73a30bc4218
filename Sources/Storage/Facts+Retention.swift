import Calls

// What is written down about keeping, moving, deleting and erasing, by the rules of Facts.swift. No fact of these names a
// person: they stay when what they are about is gone.

public enum HoldKind: Sendable {}
/// A hold (保全) on recordings.
public typealias HoldID = Identifier<HoldKind>

/// What a hold is about.
public enum HoldScope: String, Sendable, Codable, CaseIterable {
    /// One recording.
    case recording
    /// All recordings of a call.
    case call
    /// All recordings linked to a work order, and those of its calls.
    case order
}

/// Recordings are to be kept, whatever the rules say, until the hold is released.
public struct HoldPlaced: Sendable, Codable, Hashable {
    public var hold: HoldID
    public var at: Instant
    public var scope: HoldScope
    /// Of the scope `recording`.
    public var recording: RecordingID?
    /// Of the scopes `call` and `recording`.
    public var call: CallID?
    /// Of the scope `order`.
    public var order: OrderID?
    public var reason: String
    public var by: WorkNumber

    public init(
        hold: HoldID, at: Instant, scope: HoldScope, recording: RecordingID? = nil, call: CallID? = nil,
        order: OrderID? = nil, reason: String, by: WorkNumber
    ) {
        self.hold = hold
        self.at = at
        self.scope = scope
        self.recording = recording
        self.call = call
        self.order = order
        self.reason = reason
        self.by = by
    }
}

/// A hold is over: the rules count again.
public struct HoldReleased: Sendable, Codable, Hashable {
    public var hold: HoldID
    public var at: Instant
    public var recording: RecordingID?
    public var call: CallID?
    public var order: OrderID?
    public var reason: String
    public var by: WorkNumber

    public init(
        hold: HoldID, at: Instant, recording: RecordingID? = nil, call: CallID? = nil, order: OrderID? = nil,
        reason: String, by: WorkNumber
    ) {
        self.hold = hold
        self.at = at
        self.recording = recording
        self.call = call
        self.order = order
        self.reason = reason
        self.by = by
    }
}

/// The file stands in the archive, with the same name below it and the same bytes; the first one is to be removed.
public struct RecordingArchived: Sendable, Codable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    public var reason: String

    public init(recording: RecordingID, call: CallID, at: Instant, reason: String) {
        self.recording = recording
        self.call = call
        self.at = at
        self.reason = reason
    }
}

/// The recording is not given out any more, its notes and the body of its `recording_finished` are erased, its files are
/// to be removed. Hash and length stay here: what is brought forward later can be told to be it.
public struct RecordingDeleted: Sendable, Codable, Hashable {
    public enum Cause: String, Sendable, Codable, CaseIterable {
        /// Its time was over.
        case retention
        /// The person it is of wished so.
        case person
    }

    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    public var cause: Cause
    /// The rule of the policy that kept it longest.
    public var rule: String
    public var reason: String
    /// Nil: the program by itself.
    public var by: WorkNumber?
    /// Below the folder of recordings.
    public var file: String
    public var frames: Int64
    public var bytes: Int64
    /// Lower-case hex.
    public var sha256: String

    public init(
        recording: RecordingID, call: CallID, at: Instant, cause: Cause, rule: String, reason: String,
        by: WorkNumber? = nil, file: String, frames: Int64, bytes: Int64, sha256: String
    ) {
        self.recording = recording
        self.call = call
        self.at = at
        self.cause = cause
        self.rule = rule
        self.reason = reason
        self.by = by
        self.file = file
        self.frames = frames
        self.bytes = bytes
        self.sha256 = sha256
    }
}

/// The files that a recording's archiving or deletion left to be removed are gone, and their folder is synchronised.
public struct RecordingRemoved: Sendable, Codable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    /// What was freed.
    public var bytes: Int64

    public init(recording: RecordingID, call: CallID, at: Instant, bytes: Int64) {
        self.recording = recording
        self.call = call
        self.at = at
        self.bytes = bytes
    }
}

/// Where an event stands in the journal.
public struct JournalPlace: Sendable, Codable, Hashable {
    public var chain: String
    public var sequence: Int64

    public init(chain: String, sequence: Int64) {
        self.chain = chain
        self.sequence = sequence
    }
}

/// Personal data is erased: the bodies of events that name a person, with their salt, and the same in the tables. The
/// events stay with their hashes, so that the chain holds; what they were about is told by their ids.
public struct PersonalDataErased: Sendable, Codable, Hashable {
    public var at: Instant
    /// Numbers, keys, notes and texts of this call; its times and its outcome stay.
    public var call: CallID?
    /// Callers, codes and fields of these orders.
    public var orders: [OrderID]
    /// Single events that belong to no call: of the list of blocked numbers, of the carrier's records.
    public var events: [JournalPlace]
    public var reason: String
    /// Nil: the program by itself, with the last recording of the call.
    public var by: WorkNumber?

    public init(
        at: Instant, call: CallID? = nil, orders: [OrderID] = [], events: [JournalPlace] = [], reason: String,
        by: WorkNumber? = nil
    ) {
        self.at = at
        self.call = call
        self.orders = orders
        self.events = events
        self.reason = reason
        self.by = by
    }
}
