/// What a bundle covers: the object in `bundle.json`.
public struct BundleDescription: Sendable, Hashable {
    /// A chain's part in the bundle.
    public struct Chain: Sendable, Hashable {
        /// The event before the first one of the bundle: where an earlier anchor stands, or the chain's beginning.
        public var start: ChainHead
        /// Events of the period, whole; those before and after have their links only. Empty where the period has none.
        public var from: Int64
        public var to: Int64
        /// The last event when the bundle was made.
        public var head: ChainHead

        public var name: String { head.chain }

        public init(start: ChainHead, from: Int64, to: Int64, head: ChainHead) {
            self.start = start
            self.from = from
            self.to = to
            self.head = head
        }

        /// Whether an event lies within the period.
        public func holds(_ sequence: Int64) -> Bool { sequence >= from && sequence <= to }
    }

    /// When the bundle was made: Unix time in microseconds, UTC.
    public var exported: Int64
    /// The period, Unix time in microseconds, UTC.
    public var from: Int64
    /// Not after `exported`.
    public var to: Int64
    /// Sorted by name.
    public var chains: [Chain]

    public init(exported: Int64, from: Int64, to: Int64, chains: [Chain]) {
        self.exported = exported
        self.from = from
        self.to = to
        self.chains = chains
    }

    public var bytes: [UInt8] {
        CanonicalValue.object([
            "bundle": .integer(BundleFormat.version), "exported": .integer(exported), "from": .integer(from),
            "to": .integer(to),
            "chains": .list(
                chains.map { chain in
                    .object([
                        "chain": .text(chain.name), "start": Self.value(chain.start), "from": .integer(chain.from),
                        "to": .integer(chain.to), "head": Self.value(chain.head),
                    ])
                }),
        ]).bytes
    }

    /// - Throws: `EvidenceError` with code `.syntax`, also for a version that is not known.
    public init(bytes: [UInt8]) throws(EvidenceError) {
        let value = try CanonicalValue(canonical: bytes)
        guard let version = value["bundle"]?.integerValue else {
            throw EvidenceError(.syntax, "it is no description of a bundle")
        }
        guard version == BundleFormat.version else {
            throw EvidenceError(.syntax, "version \(version) of bundles is not known to this program; use a newer one")
        }
        guard case .object(let fields) = value, fields.count == 5, let exported = value["exported"]?.integerValue,
            let from = value["from"]?.integerValue, let to = value["to"]?.integerValue, from < to, to <= exported,
            case .list(let list)? = value["chains"]
        else { throw EvidenceError(.syntax, "the description has not bundle, chains, exported, from and to") }
        var chains: [Chain] = []
        for item in list {
            guard case .object(let parts) = item, parts.count == 5, let name = item["chain"]?.textValue,
                !name.isEmpty, name.utf8.count <= ChainHash.maximumChainLength,
                let start = Self.head(item["start"], chain: name), let head = Self.head(item["head"], chain: name),
                let from = item["from"]?.integerValue, let to = item["to"]?.integerValue,
                start.sequence <= head.sequence, to <= head.sequence, from > start.sequence, from <= to + 1
            else { throw EvidenceError(.syntax, "a chain of the description has not chain, from, head, start and to") }
            if let last = chains.last, !last.name.utf8.lexicographicallyPrecedes(name.utf8) {
                throw EvidenceError(.syntax, "the chains are not sorted by their names")
            }
            chains.append(Chain(start: start, from: from, to: to, head: head))
        }
        self.init(exported: exported, from: from, to: to, chains: chains)
        guard self.bytes == bytes else { throw EvidenceError(.syntax, "the description is spelled in another way") }
    }

    private static func value(_ head: ChainHead) -> CanonicalValue {
        .object(["hash": .text(Hexadecimal.text(head.hash)), "seq": .integer(head.sequence)])
    }

    private static func head(_ value: CanonicalValue?, chain: String) -> ChainHead? {
        guard case .object(let fields)? = value, fields.count == 2, let sequence = fields["seq"]?.integerValue,
            sequence >= 0, sequence < Int64.max, let hash = fields["hash"]?.textValue.flatMap(Hexadecimal.bytes),
            hash.count == ChainHash.length, sequence > 0 || hash == ChainHash.genesis
        else { return nil }
        return ChainHead(chain: chain, sequence: sequence, hash: hash)
    }
}

/// The object in `keys.json`: `{"keys":["…",…]}`.
public enum BundleKeys {
    /// - Parameter keys: Ed25519 public keys, 32 bytes each.
    public static func bytes(_ keys: [[UInt8]]) -> [UInt8] {
        CanonicalValue.object(["keys": .list(keys.map { .text(Hexadecimal.text($0)) })]).bytes
    }

    /// - Throws: `EvidenceError` with code `.syntax`.
    public static func read(_ bytes: [UInt8]) throws(EvidenceError) -> [[UInt8]] {
        let value = try CanonicalValue(canonical: bytes)
        guard case .object(let fields) = value, fields.count == 1, case .list(let list)? = fields["keys"],
            !list.isEmpty
        else { throw EvidenceError(.syntax, "it is no list of keys") }
        var keys: [[UInt8]] = []
        for item in list {
            guard let key = item.textValue.flatMap(Hexadecimal.bytes), key.count == 32 else {
                throw EvidenceError(.syntax, "a key has not 64 hexadecimal digits")
            }
            keys.append(key)
        }
        return keys
    }
}
