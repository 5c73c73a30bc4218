import Crypto

/// The two hashes of the journal, byte for byte:
///
///     body hash = SHA-256( salt (16 bytes) ‖ body )
///     hash      = SHA-256( "hotline/1" (9 bytes)
///                        ‖ length of the chain's name (2 bytes, big-endian) ‖ the name (UTF-8)
///                        ‖ sequence (8 bytes, big-endian)
///                        ‖ previous hash (32 bytes; zeros before sequence 1)
///                        ‖ body hash (32 bytes) )
///
/// Every part has a fixed length or its length before it, so that no two inputs give the same bytes. The hash takes
/// the body's hash, not the body: a body and its salt can be erased, and the chain still holds; the salt keeps a short
/// body (a telephone number) from being guessed back from its hash.
public enum ChainHash {
    public static let length = 32
    public static let saltLength = 16
    /// Stands for the event before the first.
    public static let genesis = [UInt8](repeating: 0, count: length)
    /// The longest name of a chain, in UTF-8 bytes.
    public static let maximumChainLength = 255

    public static func body(salt: [UInt8], body: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: salt)
        hash.update(data: body)
        return Array(hash.finalize())
    }

    /// - Parameters:
    ///   - chain: at most `maximumChainLength` bytes count.
    ///   - sequence: 1 for the first event.
    public static func link(chain: String, sequence: Int64, previous: [UInt8], bodyHash: [UInt8]) -> [UInt8] {
        let name = Array(chain.utf8.prefix(maximumChainLength))
        var input: [UInt8] = Array("hotline/1".utf8)
        input.reserveCapacity(9 + 2 + name.count + 8 + 2 * length)
        input.append(UInt8(truncatingIfNeeded: name.count >> 8))
        input.append(UInt8(truncatingIfNeeded: name.count))
        input.append(contentsOf: name)
        for shift in stride(from: 56, through: 0, by: -8) {
            input.append(UInt8(truncatingIfNeeded: sequence >> Int64(shift)))
        }
        input.append(contentsOf: previous)
        input.append(contentsOf: bodyHash)
        return Array(SHA256.hash(data: input))
    }
}
