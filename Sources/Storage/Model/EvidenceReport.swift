import Calls

/// What `evidence verify` found; keys as in docs/json.md.
public struct EvidenceReport: Sendable, Hashable, Encodable {
    /// What the finding can prove.
    public enum Standing: String, Sendable, Codable {
        /// Anchors kept elsewhere fit: nothing before the latest of them was altered.
        case anchored
        /// No anchors were given: the journal agrees with itself, which whoever writes the file could bring about.
        case selfConsistentOnly = "self_consistent_only"
    }

    /// The first place where a chain does not hold.
    public struct Break: Sendable, Hashable, Codable {
        /// The first event that does not hold.
        public var sequence: Int64
        /// `sequence`, `chain`, `body`, `hash`, `format`, `head`.
        public var kind: String
        public var message: String

        enum CodingKeys: String, CodingKey {
            case sequence = "seq"
            case kind, message
        }
    }

    /// One chain.
    public struct Chain: Sendable, Hashable, Encodable {
        public var chain: String
        public var events: Int64
        /// Events whose body was erased (personal data).
        public var erased: Int64
        /// Events that the tables could not take.
        public var unapplied: Int64
        public var headSequence: Int64
        /// Lower-case hex.
        public var headHash: String
        public var firstBreak: Break?

        enum CodingKeys: String, CodingKey {
            case chain
            case events
            case erased
            case unapplied
            case headSequence = "head_seq"
            case headHash = "head_hash"
            case firstBreak = "first_break"
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(chain, forKey: .chain)
            try fields.encode(events, forKey: .events)
            try fields.encode(erased, forKey: .erased)
            try fields.encode(unapplied, forKey: .unapplied)
            try fields.encode(headSequence, forKey: .headSequence)
            try fields.encode(headHash, forKey: .headHash)
            try fields.encode(firstBreak, forKey: .firstBreak)
        }
    }

    /// A row that does not follow from the journal.
    public struct Difference: Sendable, Hashable, Codable {
        public var table: String
        /// The row's key: ids as UUIDs.
        public var key: String
        public var message: String
    }

    /// True where every chain holds, every anchor is met and no row differs.
    public var ok: Bool
    public var standing: Standing
    public var chains: [Chain]
    /// Rows that were derived anew and compared.
    public var rows: Int64
    /// How many rows differ.
    public var differing: Int64
    /// The first of them, at most `maximumDifferences`.
    public var differences: [Difference]
    /// Anchored heads that were asked for.
    public var anchors: Int
    /// Events that wait in the spool for the database.
    public var spooled: Int

    public static let maximumDifferences = 50

    enum CodingKeys: String, CodingKey {
        case ok, standing, chains, rows, differing, differences, anchors, spooled
    }
}
