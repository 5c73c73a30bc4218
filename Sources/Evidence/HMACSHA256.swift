import Crypto

/// HMAC-SHA-256 (RFC 2104, FIPS 198-1): proves to a receiver who knows the same secret who sent a message.
public enum HMACSHA256 {
    /// 64 characters, lower-case hex.
    public static func text(key: [UInt8], message: [UInt8]) -> String {
        Hexadecimal.text(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    }
}
