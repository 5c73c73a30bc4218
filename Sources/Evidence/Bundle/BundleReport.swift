/// The first thing in a bundle that does not hold: where it is, what was expected there and what was found.
public struct BundleFinding: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Verdict: String, Sendable, Codable {
        /// Something was changed, added or taken away.
        case altered
        /// It cannot be judged: no bundle, cut off, damaged as a tar, or made to harm its reader.
        case unusable
    }
    public var verdict: Verdict
    /// The bundle's member; empty where the bundle as a whole is meant.
    public var member: String
    /// The line in it, from 1.
    public var line: Int64?
    /// The event that it is about.
    public var chain: String?
    public var sequence: Int64?
    /// For people.
    public var message: String
    public var expected: String?
    public var found: String?
    /// The row as it was found, for comparing it with its event.
    package var row: [UInt8]?

    public init(
        _ verdict: Verdict, member: String, line: Int64? = nil, chain: String? = nil, sequence: Int64? = nil,
        _ message: String, expected: String? = nil, found: String? = nil
    ) {
        self.verdict = verdict
        self.member = member
        self.line = line
        self.chain = chain
        self.sequence = sequence
        self.message = message
        self.expected = expected
        self.found = found
    }

    public var description: String {
        var place = member.isEmpty ? "the bundle" : member
        if let line { place += " line \(line)" }
        if let chain, let sequence { place += " (chain \(chain), event \(sequence))" }
        var text = "\(place): \(message)"
        if let expected { text += "; expected \(expected)" }
        if let found { text += "; found \(found)" }
        return text
    }
}

/// What the auditor brings: kept elsewhere, and therefore worth more than anything inside a bundle.
public struct BundleTrust: Sendable, Hashable {
    /// An anchor that the auditor kept.
    public struct KeptAnchor: Sendable, Hashable {
        public var anchor: Anchor
        /// Where it stands: `anchors.txt:3`.
        public var origin: String

        public init(_ anchor: Anchor, origin: String) {
            self.anchor = anchor
            self.origin = origin
        }
    }
    /// Ed25519 public keys, 32 bytes each; whatever is signed with another one is refused.
    public var keys: [[UInt8]]
    public var anchors: [KeptAnchor]

    public init(keys: [[UInt8]] = [], anchors: [KeptAnchor] = []) {
        self.keys = keys
        self.anchors = anchors
    }

    /// Reads a file of anchors, one a line, and checks each signature: against the trusted keys where there are some,
    /// against the key in the anchor where there are none. Empty lines are passed over.
    /// - Throws: `EvidenceError`, naming the line.
    public mutating func addAnchors(_ text: [UInt8], file: String) throws(EvidenceError) {
        let before = anchors.count
        for (index, line) in text.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            let line = line.last == 13 ? line.dropLast() : line
            guard !line.isEmpty else { continue }
            let origin = "\(file):\(index + 1)"
            do {
                let anchor = try Anchor(bytes: Array(line))
                let isTrusted = keys.isEmpty || keys.contains(anchor.publicKey)
                try anchor.verify(trusted: isTrusted ? anchor.publicKey : keys[0])
                anchors.append(KeptAnchor(anchor, origin: origin))
            } catch {
                throw EvidenceError(error.code, "\(origin): \(error.message)")
            }
        }
        guard anchors.count > before else { throw EvidenceError(.anchor, "\(file) holds no anchor") }
    }
}

/// What a bundle holds and what its verification can prove.
public struct BundleReport: Sendable, Hashable {
    public enum Standing: String, Sendable, Codable {
        /// Neither key nor anchors were brought: whoever made the bundle could have made all of it up.
        case selfConsistentOnly = "self_consistent_only"
        /// The auditor's key signed it: whoever holds that key made it, and nobody changed it afterwards.
        case signed
        /// Anchors that the auditor kept are met: nothing before the latest of them was altered since it was made.
        case anchored
    }

    public struct Chain: Sendable, Hashable {
        public var chain: String
        /// Events and links walked.
        public var events: Int64 = 0
        /// Events of the period.
        public var inside: Int64 = 0
        /// Those of them whose body was erased (personal data).
        public var erased: Int64 = 0
        /// Events outside of the period of which the bundle has the link only.
        public var omitted: Int64 = 0
        public var start: ChainHead
        public var head: ChainHead
    }

    public var standing: Standing = .selfConsistentOnly
    /// Nil until `bundle.json` was read.
    public var description: BundleDescription?
    public var chains: [Chain] = []
    /// Rows compared, by kind.
    public var rows: [BundleRows: Int64] = [:]
    /// Recordings compared with their events.
    public var recordings: Int64 = 0
    public var recordingBytes: Int64 = 0
    /// Recordings in the anchors' trees whose event was erased.
    public var recordingsErased: Int64 = 0
    /// Anchors inside the bundle.
    public var anchors: Int64 = 0
    /// Days whose Merkle root was computed anew.
    public var days: Int64 = 0
    /// Keys inside the bundle.
    public var keys: [[UInt8]] = []
    /// The auditor's anchors that the chains meet.
    public var anchorsMet: Int64 = 0
    /// Those that say nothing of this bundle: made later, before its first event, or of other chains.
    public var anchorsUnchecked: Int64 = 0
    /// When the latest anchor met was made: Unix time in microseconds, UTC.
    public var anchoredUntil: Int64?
    /// Members read.
    public var members: Int64 = 0
    /// The first thing that does not hold; nil where all of it does.
    public var finding: BundleFinding?

    public init() {}
}
