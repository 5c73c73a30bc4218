import Crypto

/// SHA-512 (FIPS 180-4) over bytes that come piece by piece, as vCon's content hashes want it.
public struct SHA512Stream: Sendable {
    private var hash = SHA512()

    public init() {}

    public mutating func update(bytes: ArraySlice<UInt8>) { hash.update(data: bytes) }

    /// The digest of everything given so far: 64 bytes.
    public consuming func finishBytes() -> [UInt8] { Array(hash.finalize()) }
}
