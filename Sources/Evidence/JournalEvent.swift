/// One fact as it is written to the journal: who wrote it when, and what. All of it is in the canonical body, so that
/// all of it is hashed; a store's columns only repeat it for searching.
public struct JournalEvent: Sendable, Hashable {
    /// UUIDv7, 36 characters.
    public var id: String
    /// The fact's stable name: `call_offered`.
    public var type: String
    /// When it was written down: Unix time in microseconds, UTC.
    public var wall: Int64
    /// CLOCK_MONOTONIC in nanoseconds, within `boot`.
    public var mono: Int64
    /// The boot's id (`/proc/sys/kernel/random/boot_id`).
    public var boot: String
    /// The node's name.
    public var node: String
    /// The fact's fields.
    public var data: CanonicalValue
    /// Why the tables could not take the fact (it contradicts them); nil where they did.
    public var unapplied: String?

    public init(
        id: String, type: String, wall: Int64, mono: Int64, boot: String, node: String, data: CanonicalValue,
        unapplied: String? = nil
    ) {
        self.id = id
        self.type = type
        self.wall = wall
        self.mono = mono
        self.boot = boot
        self.node = node
        self.data = data
        self.unapplied = unapplied
    }

    /// The canonical bytes: `{"boot":…,"data":…,"id":…,"mono":…,"node":…,"type":…,"wall":…}`, with `"unapplied":…`
    /// before `"wall"` where it is set.
    public var body: [UInt8] {
        Self.body(
            id: id, type: type, wall: wall, mono: mono, boot: boot, node: node, data: data.bytes, unapplied: unapplied)
    }

    /// `body`, where the fields of the fact are spelled out already.
    /// - Parameter data: canonical bytes.
    public static func body(
        id: String, type: String, wall: Int64, mono: Int64, boot: String, node: String, data: [UInt8],
        unapplied: String? = nil
    ) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(256 + data.count)
        output.append(contentsOf: "{\"boot\":".utf8)
        CanonicalText.write(boot, to: &output)
        output.append(contentsOf: ",\"data\":".utf8)
        output.append(contentsOf: data)
        output.append(contentsOf: ",\"id\":".utf8)
        CanonicalText.write(id, to: &output)
        output.append(contentsOf: ",\"mono\":".utf8)
        CanonicalText.write(mono, to: &output)
        output.append(contentsOf: ",\"node\":".utf8)
        CanonicalText.write(node, to: &output)
        output.append(contentsOf: ",\"type\":".utf8)
        CanonicalText.write(type, to: &output)
        if let unapplied {
            output.append(contentsOf: ",\"unapplied\":".utf8)
            CanonicalText.write(unapplied, to: &output)
        }
        output.append(contentsOf: ",\"wall\":".utf8)
        CanonicalText.write(wall, to: &output)
        output.append(UInt8(ascii: "}"))
        return output
    }

    /// Reads a body back.
    /// - Throws: `EvidenceError` with code `.syntax` where the bytes are not a canonical body with exactly its fields.
    public init(body: [UInt8]) throws(EvidenceError) {
        let value = try CanonicalValue(canonical: body)
        guard case .object(let fields) = value, fields.count == (fields["unapplied"] == nil ? 7 : 8),
            let id = fields["id"]?.textValue, let type = fields["type"]?.textValue,
            let wall = fields["wall"]?.integerValue, let mono = fields["mono"]?.integerValue,
            let boot = fields["boot"]?.textValue, let node = fields["node"]?.textValue, let data = fields["data"],
            fields["unapplied"] == nil || fields["unapplied"]?.textValue != nil
        else { throw EvidenceError(.syntax, "the body has not the fields of a journal event") }
        self.init(
            id: id, type: type, wall: wall, mono: mono, boot: boot, node: node, data: data,
            unapplied: fields["unapplied"]?.textValue)
    }
}

/// An event sealed into its chain: what a store keeps.
public struct SealedEvent: Sendable, Hashable {
    /// One chain a node.
    public var chain: String
    /// 1 for the chain's first event, rising by one.
    public var sequence: Int64
    /// Nil where the body was erased.
    public var salt: [UInt8]?
    /// Nil where it was erased (personal data); its hash stays.
    public var body: [UInt8]?
    public var bodyHash: [UInt8]
    public var hash: [UInt8]

    public init(
        chain: String, sequence: Int64, salt: [UInt8]?, body: [UInt8]?, bodyHash: [UInt8], hash: [UInt8]
    ) {
        self.chain = chain
        self.sequence = sequence
        self.salt = salt
        self.body = body
        self.bodyHash = bodyHash
        self.hash = hash
    }

    /// Seals a body as the event after `previous`.
    /// - Parameter salt: `ChainHash.saltLength` bytes that nobody can guess.
    public init(body: [UInt8], salt: [UInt8], after previous: ChainHead) {
        let bodyHash = ChainHash.body(salt: salt, body: body)
        let sequence = previous.sequence + 1
        self.init(
            chain: previous.chain, sequence: sequence, salt: salt, body: body, bodyHash: bodyHash,
            hash: ChainHash.link(
                chain: previous.chain, sequence: sequence, previous: previous.hash, bodyHash: bodyHash))
    }

    /// The chain's head once this event is its last.
    public var head: ChainHead { ChainHead(chain: chain, sequence: sequence, hash: hash) }
}

/// The end of a chain: what an anchor signs, and what the next event is sealed to.
public struct ChainHead: Sendable, Hashable {
    public var chain: String
    /// 0 for a chain without events.
    public var sequence: Int64
    public var hash: [UInt8]

    public init(chain: String, sequence: Int64, hash: [UInt8]) {
        self.chain = chain
        self.sequence = sequence
        self.hash = hash
    }

    /// The head of a chain without events.
    public init(emptyChain chain: String) {
        self.init(chain: chain, sequence: 0, hash: ChainHash.genesis)
    }
}
