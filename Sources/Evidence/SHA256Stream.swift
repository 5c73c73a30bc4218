import Crypto

/// SHA-256 (FIPS 180-4) over bytes that come piece by piece.
public struct SHA256Stream: Sendable {
    private var hash = SHA256()

    public init() {}

    public mutating func update(bytes: [UInt8]) { hash.update(data: bytes) }

    public mutating func update(bytes: ArraySlice<UInt8>) { hash.update(data: bytes) }

    /// The digest of some bytes: 64 characters, lower-case hex.
    public static func hex(of bytes: [UInt8]) -> String {
        var hash = SHA256Stream()
        hash.update(bytes: bytes)
        return hash.finish()
    }

    /// The digest of everything given so far: 32 bytes.
    public consuming func finishBytes() -> [UInt8] { Array(hash.finalize()) }

    /// The digest of everything given so far: 64 characters, lower-case hex.
    public consuming func finish() -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in hash.finalize() {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
