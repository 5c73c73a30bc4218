import Calls
import Evidence

// What is journalled of anchors: that they were made, and what came of sending them off the machine.

/// A day's anchor was made.
public struct AnchorMade: Sendable, Codable, Hashable {
    public var at: Instant
    /// The anchor, canonical (`Anchor.bytes`).
    public var anchor: String
    /// The leaf hashes of the day's recordings in the order of the tree, hex: where a recording's event is erased later,
    /// its leaf stays, and the root can still be computed.
    public var leaves: [String]

    public init(at: Instant, anchor: String, leaves: [String]) {
        self.at = at
        self.anchor = anchor
        self.leaves = leaves
    }

    public init(at: Instant, anchor: Anchor, leafHashes: [[UInt8]]) {
        self.init(
            at: at, anchor: String(decoding: anchor.bytes, as: UTF8.self),
            leaves: leafHashes.map { Hexadecimal.text($0) })
    }
}

/// An anchor was sent off the machine, or could not be.
public struct AnchorSent: Sendable, Codable, Hashable {
    public var at: Instant
    /// Which: SHA-256 of its canonical bytes, hex.
    public var fingerprint: String
    public var way: AnchorWay
    /// From 1, since the server started.
    public var attempt: Int
    public var delivered: Bool
    /// What the other side answered, or why it could not be reached.
    public var message: String

    public init(
        at: Instant, fingerprint: String, way: AnchorWay, attempt: Int, delivered: Bool, message: String
    ) {
        self.at = at
        self.fingerprint = fingerprint
        self.way = way
        self.attempt = attempt
        self.delivered = delivered
        self.message = message
    }
}
