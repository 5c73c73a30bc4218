import Crypto

/// One member of a bundle, as a line of the manifest has it: `{"bytes":…,"name":"…","sha256":"…"}`.
public struct BundleMember: Sendable, Hashable {
    public var name: String
    public var bytes: Int64
    /// 32 bytes.
    public var sha256: [UInt8]

    public init(name: String, bytes: Int64, sha256: [UInt8]) {
        self.name = name
        self.bytes = bytes
        self.sha256 = sha256
    }

    /// Without the line's end.
    public var line: [UInt8] {
        CanonicalValue.object([
            "bytes": .integer(bytes), "name": .text(name), "sha256": .text(Hexadecimal.text(sha256)),
        ]).bytes
    }
}

/// The manifest's signature: `{"key":"…","manifest":"…","signature":"…"}`, Ed25519 over
/// "hotline/bundle/1" (16 bytes) ‖ SHA-256 of `manifest.jsonl` (32 bytes).
public struct BundleSignature: Sendable, Hashable {
    public var key: [UInt8]
    /// SHA-256 of the manifest.
    public var manifest: [UInt8]
    public var signature: [UInt8]

    private static func statement(_ manifest: [UInt8]) -> [UInt8] { Array("hotline/bundle/1".utf8) + manifest }

    /// - Parameter privateKey: an Ed25519 seed, 32 bytes.
    /// - Throws: `EvidenceError` with code `.key`.
    public init(manifest: [UInt8], privateKey: [UInt8]) throws(EvidenceError) {
        do {
            let signing = try Curve25519.Signing.PrivateKey(rawRepresentation: privateKey)
            key = Array(signing.publicKey.rawRepresentation)
            signature = Array(try signing.signature(for: Self.statement(manifest)))
        } catch {
            throw EvidenceError(.key, "the anchor key cannot be used: 32 bytes of Ed25519 are needed")
        }
        self.manifest = manifest
    }

    /// Whether the signature was made with the key named inside.
    public var holds: Bool {
        do {
            return try Curve25519.Signing.PublicKey(rawRepresentation: key).isValidSignature(
                signature, for: Self.statement(manifest))
        } catch {
            return false  // bytes that are no key sign nothing
        }
    }

    public var bytes: [UInt8] {
        CanonicalValue.object([
            "key": .text(Hexadecimal.text(key)), "manifest": .text(Hexadecimal.text(manifest)),
            "signature": .text(Hexadecimal.text(signature)),
        ]).bytes
    }

    /// - Throws: `EvidenceError` with code `.syntax`.
    public init(bytes: [UInt8]) throws(EvidenceError) {
        let value = try CanonicalValue(canonical: bytes)
        guard case .object(let fields) = value, fields.count == 3,
            let key = fields["key"]?.textValue.flatMap(Hexadecimal.bytes), key.count == 32,
            let manifest = fields["manifest"]?.textValue.flatMap(Hexadecimal.bytes),
            manifest.count == ChainHash.length,
            let signature = fields["signature"]?.textValue.flatMap(Hexadecimal.bytes), signature.count == 64
        else { throw EvidenceError(.syntax, "the signature has not key, manifest and signature") }
        self.key = key
        self.manifest = manifest
        self.signature = signature
        guard self.bytes == bytes else { throw EvidenceError(.syntax, "the signature is spelled in another way") }
    }
}
