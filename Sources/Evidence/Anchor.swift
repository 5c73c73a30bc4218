import Crypto

/// A signed statement of where every chain stood: signed daily, and sent off the machine. With anchors that were kept
/// elsewhere an auditor proves that nothing before them was altered since; a chain alone is only self-consistent.
public struct Anchor: Sendable, Hashable {
    /// When it was made: Unix time in microseconds, UTC.
    public var wall: Int64
    /// The node that made it.
    public var node: String
    /// Every chain's head, sorted by the chain's name.
    public var heads: [ChainHead]
    /// The recordings of the day that it was made for; nil in anchors of version 1.
    public var day: AnchoredDay?
    /// The Ed25519 public key (RFC 8032), 32 bytes.
    public var publicKey: [UInt8]
    /// The Ed25519 signature over `statement`, 64 bytes.
    public var signature: [UInt8]

    /// What is signed: canonical JSON without the signature. Version 2 has the field `day`, version 1 has not.
    public static func statement(
        wall: Int64, node: String, heads: [ChainHead], day: AnchoredDay? = nil, publicKey: [UInt8]
    ) -> [UInt8] {
        fields(wall: wall, node: node, heads: heads, day: day, publicKey: publicKey).bytes
    }

    /// Signs the heads, and the day's recordings where a day is given.
    /// - Parameter privateKey: an Ed25519 seed, 32 bytes.
    /// - Throws: `EvidenceError` with code `.key`.
    public init(
        heads: [ChainHead], day: AnchoredDay? = nil, wall: Int64, node: String, privateKey: [UInt8]
    ) throws(EvidenceError) {
        let sorted = heads.sorted { $0.chain.utf8.lexicographicallyPrecedes($1.chain.utf8) }
        self.day = day
        do {
            let key = try Curve25519.Signing.PrivateKey(rawRepresentation: privateKey)
            publicKey = Array(key.publicKey.rawRepresentation)
            signature = Array(
                try key.signature(
                    for: Self.statement(wall: wall, node: node, heads: sorted, day: day, publicKey: publicKey)))
        } catch {
            throw EvidenceError(.key, "the anchor key cannot be used: 32 bytes of Ed25519 are needed")
        }
        self.wall = wall
        self.node = node
        self.heads = sorted
    }

    /// Checks the signature against a key that the auditor knows from elsewhere, never against the key inside.
    /// - Throws: `EvidenceError` with code `.key` or `.signature`.
    public func verify(trusted: [UInt8]) throws(EvidenceError) {
        guard publicKey == trusted else {
            throw EvidenceError(
                .signature,
                "the anchor is signed with key \(Hexadecimal.text(publicKey.prefix(8)))…, not with the trusted one")
        }
        let key: Curve25519.Signing.PublicKey
        do {
            key = try Curve25519.Signing.PublicKey(rawRepresentation: trusted)
        } catch {
            throw EvidenceError(.key, "the trusted key is not an Ed25519 public key of 32 bytes")
        }
        let statement = Self.statement(wall: wall, node: node, heads: heads, day: day, publicKey: publicKey)
        guard key.isValidSignature(signature, for: statement) else {
            throw EvidenceError(
                .signature, "the anchor's signature does not fit: it was altered, or made with another key")
        }
    }

    /// The whole anchor in canonical JSON, one line for mail, webhook or print.
    public var bytes: [UInt8] {
        guard case .object(var all) = Self.fields(wall: wall, node: node, heads: heads, day: day, publicKey: publicKey)
        else { return [] }
        all["signature"] = .text(Hexadecimal.text(signature))
        return CanonicalValue.object(all).bytes
    }

    /// SHA-256 of `bytes`: what is printed, read aloud and compared. 64 characters, lower-case hex.
    public var fingerprint: String { Hexadecimal.text(SHA256.hash(data: bytes)) }

    /// Reads what `bytes` wrote, with exactly its fields. The signature is not checked here.
    /// - Throws: `EvidenceError` with code `.syntax` or `.anchor`.
    public init(bytes: [UInt8]) throws(EvidenceError) {
        let value = try CanonicalValue(canonical: bytes)
        guard case .object(let fields) = value, let version = value["anchor"]?.integerValue,
            version == 1 || version == 2, fields.count == 5 + version, (fields["day"] != nil) == (version == 2),
            let wall = value["wall"]?.integerValue,
            let node = value["node"]?.textValue, case .list(let list)? = value["heads"],
            let key = value["key"]?.textValue.flatMap(Hexadecimal.bytes), key.count == 32,
            let signature = value["signature"]?.textValue.flatMap(Hexadecimal.bytes), signature.count == 64
        else { throw EvidenceError(.anchor, "the text has not the fields of an anchor of version 1 or 2") }
        var heads: [ChainHead] = []
        for item in list {
            guard case .object(let parts) = item, parts.count == 3, let chain = item["chain"]?.textValue,
                let sequence = item["seq"]?.integerValue, sequence >= 0,
                let hash = item["hash"]?.textValue.flatMap(Hexadecimal.bytes), hash.count == ChainHash.length
            else { throw EvidenceError(.anchor, "a head of the anchor has not chain, seq and hash") }
            heads.append(ChainHead(chain: chain, sequence: sequence, hash: hash))
        }
        self.wall = wall
        self.node = node
        self.heads = heads
        self.day = if let day = fields["day"] { try AnchoredDay(day) } else { nil }
        self.publicKey = key
        self.signature = signature
        // One anchor has one spelling: upper-case digits would be another text with the same signature.
        guard self.bytes == bytes else { throw EvidenceError(.anchor, "the anchor is spelled in another way") }
    }

    private static func fields(
        wall: Int64, node: String, heads: [ChainHead], day: AnchoredDay?, publicKey: [UInt8]
    ) -> CanonicalValue {
        let list = heads.map { head in
            CanonicalValue.object([
                "chain": .text(head.chain), "seq": .integer(head.sequence), "hash": .text(Hexadecimal.text(head.hash)),
            ])
        }
        var fields: [String: CanonicalValue] = [
            "anchor": .integer(day == nil ? 1 : 2), "wall": .integer(wall), "node": .text(node), "heads": .list(list),
            "key": .text(Hexadecimal.text(publicKey)),
        ]
        if let day { fields["day"] = day.value }
        return .object(fields)
    }
}
