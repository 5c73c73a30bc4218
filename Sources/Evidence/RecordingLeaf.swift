/// A finished recording as a day's Merkle tree has it: one leaf. The leaves of a day stand in the order of their
/// recordings' ids (ascending by the bytes of the lower-case text, which is the order of the ids themselves).
public struct RecordingLeaf: Sendable, Hashable {
    /// UUID, 36 characters.
    public var recording: String
    public var call: String
    /// Of the file, lower-case hex.
    public var sha256: String
    /// Samples in each channel.
    public var frames: Int64

    /// The type of the journal's events that finish a recording.
    public static let eventType = "recording_finished"

    public init(recording: String, call: String, sha256: String, frames: Int64) {
        self.recording = recording
        self.call = call
        self.sha256 = sha256
        self.frames = frames
    }

    /// Nil for events that finish no recording, or that the tables did not take.
    /// - Throws: `EvidenceError` with code `.syntax` where the event lacks a field.
    public init?(event: JournalEvent) throws(EvidenceError) {
        guard event.type == Self.eventType, event.unapplied == nil else { return nil }
        guard let recording = event.data["recording"]?.textValue, let call = event.data["call"]?.textValue,
            let sha256 = event.data["sha256"]?.textValue, let frames = event.data["frames"]?.integerValue
        else { throw EvidenceError(.syntax, "event \(event.id) lacks recording, call, sha256 or frames") }
        self.init(recording: recording, call: call, sha256: sha256, frames: frames)
    }

    /// Canonical JSON: `{"call":…,"frames":…,"recording":…,"sha256":…}`.
    public var bytes: [UInt8] {
        CanonicalValue.object([
            "call": .text(call), "frames": .integer(frames), "recording": .text(recording), "sha256": .text(sha256),
        ]).bytes
    }

    public var leafHash: [UInt8] { MerkleTree.leafHash(bytes) }

    /// Hashes in the order of the tree.
    public static func hashes(_ leaves: [RecordingLeaf]) -> [[UInt8]] {
        leaves.sorted { $0.recording.utf8.lexicographicallyPrecedes($1.recording.utf8) }.map(\.leafHash)
    }
}

/// What an anchor says of one local day's recordings: those whose finishing was written to the journal on that day
/// (the event's `wall`), at or before the anchored heads.
public struct AnchoredDay: Sendable, Hashable {
    /// `2026-11-22`, in `zone`.
    public var date: String
    /// A name of the tz database.
    public var zone: String
    /// The day's begin: Unix time in microseconds, UTC.
    public var from: Int64
    /// The next day's begin.
    public var to: Int64
    /// How many recordings.
    public var count: Int64
    /// The Merkle root, 32 bytes.
    public var root: [UInt8]

    public init(date: String, zone: String, from: Int64, to: Int64, leafHashes: [[UInt8]]) {
        let tree = MerkleTree(leafHashes: leafHashes)
        self.init(date: date, zone: zone, from: from, to: to, count: tree.count, root: tree.root)
    }

    init(date: String, zone: String, from: Int64, to: Int64, count: Int64, root: [UInt8]) {
        self.date = date
        self.zone = zone
        self.from = from
        self.to = to
        self.count = count
        self.root = root
    }

    var value: CanonicalValue {
        .object([
            "count": .integer(count), "date": .text(date), "from": .integer(from),
            "root": .text(Hexadecimal.text(root)), "to": .integer(to), "zone": .text(zone),
        ])
    }

    init(_ value: CanonicalValue) throws(EvidenceError) {
        guard case .object(let fields) = value, fields.count == 6, let date = value["date"]?.textValue,
            let zone = value["zone"]?.textValue, let from = value["from"]?.integerValue,
            let to = value["to"]?.integerValue, from < to, let count = value["count"]?.integerValue, count >= 0,
            let root = value["root"]?.textValue.flatMap(Hexadecimal.bytes), root.count == ChainHash.length
        else { throw EvidenceError(.anchor, "the anchor's day has not count, date, from, root, to and zone") }
        self.init(date: date, zone: zone, from: from, to: to, count: count, root: root)
    }
}
