import Crypto

/// The Merkle tree of RFC 9162 §2.1 over SHA-256, built leaf by leaf:
///
///     leaf hash = SHA-256( 0x00 ‖ leaf )
///     node      = SHA-256( 0x01 ‖ left ‖ right )
///
/// A list of n > 1 leaves is split after the largest power of two below n; a list of none has SHA-256 of nothing.
public struct MerkleTree: Sendable {
    /// Roots of whole subtrees, each at least twice as large as the next.
    private var peaks: [(leaves: Int64, hash: [UInt8])] = []
    /// How many leaves were added.
    public private(set) var count: Int64 = 0

    public init() {}

    public init(leafHashes: some Sequence<[UInt8]>) {
        for hash in leafHashes { append(leafHash: hash) }
    }

    public static func leafHash(_ leaf: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: [0])
        hash.update(data: leaf)
        return Array(hash.finalize())
    }

    /// - Parameter leafHash: 32 bytes, from `leafHash(_:)`.
    public mutating func append(leafHash: [UInt8]) {
        count += 1
        var peak = (leaves: Int64(1), hash: leafHash)
        while let left = peaks.last, left.leaves == peak.leaves {
            peaks.removeLast()
            peak = (left.leaves * 2, Self.node(left.hash, peak.hash))
        }
        peaks.append(peak)
    }

    /// 32 bytes.
    public var root: [UInt8] {
        guard let last = peaks.last else { return Array(SHA256.hash(data: [UInt8]())) }
        return peaks.dropLast().reversed().reduce(last.hash) { right, left in Self.node(left.hash, right) }
    }

    private static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: [1])
        hash.update(data: left)
        hash.update(data: right)
        return Array(hash.finalize())
    }
}
