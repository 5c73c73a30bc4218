/// What an evidence bundle is made of (docs/evidence.md): a tar whose members stand in this order.
public enum BundleFormat {
    /// In `bundle.json`.
    public static let version: Int64 = 1
    /// What the bundle covers: one object.
    public static let description = "bundle.json"
    /// The public keys that signed the anchors and the bundle: one object.
    public static let keys = "keys.json"
    /// The anchors kept for the events of the bundle, one a line.
    public static let anchors = "anchors.jsonl"
    /// `chains/1.jsonl`, …: the events of a chain, one a line, in the order of `bundle.json`.
    public static let chains = "chains/"
    /// `recordings/YYYY/MM/DD/….flac`: the files, in the order in which the chains finish them.
    public static let recordings = "recordings/"
    /// Length and SHA-256 of every member before it, one a line.
    public static let manifest = "manifest.jsonl"
    /// The manifest's signature: one object.
    public static let signature = "manifest.sig"

    /// The member that holds a chain's events.
    /// - Parameter index: from 0.
    public static func chain(_ index: Int) -> String { "\(chains)\(index + 1).jsonl" }

    /// The longest line, bytes.
    public static let longestLine = 16 << 20
    /// The largest member that is one object, bytes.
    public static let largestObject: Int64 = 1 << 20
    /// The most members.
    public static let mostMembers = 1_000_000
    /// The most events.
    public static let mostEvents = 50_000_000
    /// The most anchors: a century of days.
    public static let mostAnchors = 40_000

    /// Types of events whose bodies are in the bundle also outside of its period: without them the anchors could not be
    /// compared with the journal.
    public static func isAnchoring(type: String) -> Bool { type.hasPrefix("anchor_") }

    /// Whether a name may stand in a bundle: ASCII letters, digits and `-_.`, in parts between slashes of which none is
    /// empty or begins with a dot. Such a name never leads out of a folder.
    public static func isPlain(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= 255 else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.utf8.first, first != UInt8(ascii: ".") else { return false }
            return part.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
        }
    }
}

/// The files of rows: the journalled facts of the period, one a line, for those who read tables rather than chains.
/// A row says nothing that its event does not say, and is checked against it.
public enum BundleRows: String, Sendable, Hashable, CaseIterable {
    case calls, recordings, orders

    /// The member that holds them.
    public var name: String { "rows/\(rawValue).jsonl" }

    /// Where an event's row stands: by its type's first word, everything else that names a call with the calls. Nil for
    /// events that are about none of the three.
    public init?(event: JournalEvent) {
        if event.type.hasPrefix("recording_") {
            self = .recordings
        } else if event.type.hasPrefix("order_") {
            self = .orders
        } else if event.data["call"]?.textValue != nil {
            self = .calls
        } else {
            return nil
        }
    }

    /// The row of an event, canonical, without the line's end: `{"chain","data","id","seq","type","wall"}`, and
    /// `unapplied` where the tables did not take it.
    public static func line(_ event: JournalEvent, chain: String, sequence: Int64) -> [UInt8] {
        var fields: [String: CanonicalValue] = [
            "chain": .text(chain), "data": event.data, "id": .text(event.id), "seq": .integer(sequence),
            "type": .text(event.type), "wall": .integer(event.wall),
        ]
        if let unapplied = event.unapplied { fields["unapplied"] = .text(unapplied) }
        return CanonicalValue.object(fields).bytes
    }
}

/// An event as a bundle has it, one line of a chain's member.
///
///     {"body":"…","body_hash":"…","hash":"…","salt":"…","seq":7}     an event
///     {"body_hash":"…","erased":true,"hash":"…","seq":7}             its body was erased (personal data)
///     {"body_hash":"…","hash":"…","omitted":true,"seq":7}            outside of the period: the link alone
///
/// `body` is a text whose UTF-8 bytes are the canonical body: what was hashed.
public struct BundleEvent: Sendable, Hashable {
    public var sealed: SealedEvent
    /// Outside of the period.
    public var isOmitted: Bool

    public init(_ sealed: SealedEvent, isOmitted: Bool) {
        self.sealed = sealed
        self.isOmitted = isOmitted
        if isOmitted {
            self.sealed.body = nil
            self.sealed.salt = nil
        }
    }

    /// Without the line's end.
    public var bytes: [UInt8] {
        var fields: [String: CanonicalValue] = [
            "body_hash": .text(Hexadecimal.text(sealed.bodyHash)), "hash": .text(Hexadecimal.text(sealed.hash)),
            "seq": .integer(sealed.sequence),
        ]
        if let body = sealed.body {
            fields["body"] = .text(String(decoding: body, as: UTF8.self))
            fields["salt"] = .text(Hexadecimal.text(sealed.salt ?? []))
        } else {
            fields[isOmitted ? "omitted" : "erased"] = .bool(true)
        }
        return CanonicalValue.object(fields).bytes
    }

    /// - Throws: `EvidenceError` with code `.syntax`.
    public init(chain: String, line: [UInt8]) throws(EvidenceError) {
        let value = try CanonicalValue(canonical: line)
        guard case .object(let fields) = value, let sequence = fields["seq"]?.integerValue, sequence > 0,
            let hash = fields["hash"]?.textValue.flatMap(Hexadecimal.bytes), hash.count == ChainHash.length,
            let bodyHash = fields["body_hash"]?.textValue.flatMap(Hexadecimal.bytes),
            bodyHash.count == ChainHash.length
        else { throw EvidenceError(.syntax, "the line has not seq, hash and body_hash") }
        if let body = fields["body"] {
            guard fields.count == 5, let text = body.textValue,
                let salt = fields["salt"]?.textValue.flatMap(Hexadecimal.bytes)
            else { throw EvidenceError(.syntax, "an event with a body has body, body_hash, hash, salt and seq") }
            sealed = SealedEvent(
                chain: chain, sequence: sequence, salt: salt, body: Array(text.utf8), bodyHash: bodyHash, hash: hash)
            isOmitted = false
        } else {
            isOmitted = fields["omitted"] == .bool(true)
            guard fields.count == 4, isOmitted || fields["erased"] == .bool(true) else {
                throw EvidenceError(.syntax, "an event without a body is either erased or omitted")
            }
            sealed = SealedEvent(
                chain: chain, sequence: sequence, salt: nil, body: nil, bodyHash: bodyHash, hash: hash)
        }
        guard self.bytes == line else { throw EvidenceError(.syntax, "the line is spelled in another way") }
    }
}
