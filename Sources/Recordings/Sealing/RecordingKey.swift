import Crypto
import Evidence

/// Which key: the first four bytes of a hash of it, so that an id with another key behind it is a mistake that shows.
public struct RecordingKeyID: Sendable, Hashable, Codable, CustomStringConvertible {
    /// As it stands in files, little-endian; never 0 there, which is nobody's.
    let number: UInt32

    init(number: UInt32) { self.number = number }

    /// Eight hexadecimal digits; nil for anything else.
    public init?(_ text: String) {
        guard text.utf8.count == 8, let bytes = Hexadecimal.bytes(text), bytes.count == 4 else { return nil }
        number = bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Eight lower-case hexadecimal digits, the first byte first.
    public var description: String {
        Hexadecimal.text([0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) })
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "`\(text)` is no key's id")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A 256-bit key of the key file. What it is used for takes keys of its own from it (HKDF, RFC 5869), so that no two uses
/// meet.
package struct RecordingKey: Sendable {
    package let id: RecordingKeyID
    private let key: SymmetricKey
    /// Wraps the data keys of files.
    private let wrapping: SymmetricKey

    static let size = 32
    static let nonceSize = 12
    static let tagSize = 16

    /// - Parameter bytes: 32 of them.
    init(_ bytes: [UInt8]) {
        var hash = SHA256Stream()
        hash.update(bytes: Array("hotline/recording-key/1".utf8) + bytes)
        id = RecordingKeyID(number: hash.finishBytes().prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) })
        key = SymmetricKey(data: bytes)
        wrapping = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("hotline/recording/1".utf8), outputByteCount: Self.size)
    }

    /// The key of one segment of the audio log.
    func ofSegment(tag: UInt64) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, salt: (0..<8).map { UInt8(truncatingIfNeeded: tag >> UInt64($0 * 8)) },
            info: Array("hotline/audio-log/1".utf8), outputByteCount: Self.size)
    }

    /// The key of one track of a recording under way.
    func ofTrack(named name: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("hotline/track/1/\(name)".utf8), outputByteCount: Self.size)
    }

    /// Seals a data key.
    /// - Returns: nonce, sealed key and tag, 60 bytes.
    func wrap(_ data: [UInt8], authenticating header: [UInt8]) -> [UInt8]? {
        Cipher.seal(data, with: wrapping, authenticating: header)
    }

    /// Nil where it was sealed with another key, or was altered.
    func unwrap(_ sealed: [UInt8], authenticating header: [UInt8]) -> [UInt8]? {
        Cipher.open(sealed[...], with: wrapping, authenticating: header)
    }
}

/// AES-256-GCM (NIST SP 800-38D) with the errors of this room.
enum Cipher {
    /// With a random nonce.
    /// - Returns: nonce, ciphertext, tag; nil where the library refuses, which it does for no input of ours.
    static func seal(_ bytes: [UInt8], with key: SymmetricKey, authenticating: [UInt8]) -> [UInt8]? {
        do {
            return try AES.GCM.seal(bytes, using: key, authenticating: authenticating).combined.map { Array($0) }
        } catch {
            return nil
        }
    }

    /// With a nonce that stands elsewhere.
    /// - Returns: ciphertext, tag.
    static func seal(
        _ bytes: [UInt8], with key: SymmetricKey, nonce: [UInt8], authenticating: [UInt8]
    ) -> [UInt8]? {
        do {
            let box = try AES.GCM.seal(
                bytes, using: key, nonce: try AES.GCM.Nonce(data: nonce), authenticating: authenticating)
            return Array(box.ciphertext) + Array(box.tag)
        } catch {
            return nil
        }
    }

    /// - Parameter sealed: nonce, ciphertext, tag.
    /// - Returns: nil where it is not what was sealed.
    static func open(_ sealed: ArraySlice<UInt8>, with key: SymmetricKey, authenticating: [UInt8]) -> [UInt8]? {
        do {
            return Array(
                try AES.GCM.open(try AES.GCM.SealedBox(combined: sealed), using: key, authenticating: authenticating))
        } catch {
            return nil
        }
    }
}
