import Calls
import Evidence

/// One anchor as `evidence anchors list --json` shows it; keys as in docs/json.md.
public struct AnchorSummary: Sendable, Hashable, Encodable {
    /// One attempt to send it.
    public struct Delivery: Sendable, Hashable, Encodable {
        public var way: AnchorWay
        public var attempt: Int
        public var delivered: Bool
        public var message: String
        public var at: UTCTime
    }

    /// SHA-256 of `anchor`, lower-case hex.
    public var fingerprint: String
    /// `YYYY-MM-DD` in `zone`.
    public var date: String
    public var zone: String
    public var from: UTCTime
    public var to: UTCTime
    public var madeAt: UTCTime
    /// How many recordings the root covers.
    public var recordings: Int64
    /// Merkle root, lower-case hex.
    public var root: String
    /// The canonical line: what was sent.
    public var anchor: String
    /// Oldest first.
    public var deliveries: [Delivery]

    /// By which ways it left the machine.
    public var delivered: Set<AnchorWay> { Set(deliveries.filter(\.delivered).map(\.way)) }

    enum CodingKeys: String, CodingKey {
        case fingerprint
        case date
        case zone
        case from
        case to
        case madeAt = "made_at"
        case recordings
        case root
        case anchor
        case deliveries
    }
}

/// Which anchors; all conditions hold together.
public struct AnchorFilter: Sendable, Hashable {
    /// Days from this one on, `YYYY-MM-DD`.
    public var from: String?
    /// Days before this one.
    public var to: String?
    /// A day, or the beginning of a fingerprint.
    public var name: String?
    public var limit: Int

    public init(from: String? = nil, to: String? = nil, name: String? = nil, limit: Int = 50) {
        self.from = from
        self.to = to
        self.name = name
        self.limit = limit
    }
}

/// What a day's anchor is made of, as of one moment.
public struct AnchorBasis: Sendable, Hashable {
    public var heads: [ChainHead]
    /// The day's recordings, in the order of the tree.
    public var leafHashes: [[UInt8]]
}

/// An event as the journal has it.
public struct JournalRecord: Sendable, Hashable {
    public var sealed: SealedEvent
    /// The column, which repeats the body's.
    public var type: String
}

/// Which events and anchors an evidence bundle holds.
public struct BundlePlan: Sendable, Hashable {
    public var description: BundleDescription
    /// The anchors' canonical lines, in the order of their events.
    public var anchors: [String]
}
