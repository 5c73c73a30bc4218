import AudioLog
import Crypto
import Glibc

/// The form in which a file of the store lies encrypted on the disk (docs/encryption.md):
///
/// - 128 bytes of header,
/// - chunks of 64 KiB of the plain file, the last one shorter, each nonce (12), ciphertext, tag (16), AES-256-GCM with the
///   file's own data key; authenticated beside it: the chunk's number and whether it is the last,
/// - the header again.
///
/// The nonces are random, since a chunk may be sealed twice while the file is being written: libsndfile goes back to its
/// header. The header stands there twice so that a new key can be put in without ever risking the only one: the last
/// first, then the first.
package enum SealedFormat {
    static let magic = Array("HLSEALED".utf8)
    static let version: UInt8 = 1
    package static let headerSize = 128
    package static let chunkSize = 65_536
    /// Bytes by which a chunk is longer on the disk.
    package static let chunkOverhead = RecordingKey.nonceSize + RecordingKey.tagSize
    /// Where in the header the authenticated fields end and the wrapped data key begins.
    static let authenticated = 32
    static let wrappedSize = RecordingKey.nonceSize + RecordingKey.size + RecordingKey.tagSize

    static func chunks(_ length: Int64) -> Int64 { (length + Int64(chunkSize) - 1) / Int64(chunkSize) }

    /// The length on the disk of a file of such a plain length.
    package static func fileSize(_ length: Int64) -> Int64 {
        length + chunks(length) * Int64(chunkOverhead) + 2 * Int64(headerSize)
    }

    /// Where a chunk begins on the disk.
    package static func place(ofChunk index: Int64) -> Int64 {
        Int64(headerSize) + index * Int64(chunkSize + chunkOverhead)
    }

    /// Bytes of the plain file in a chunk.
    static func size(ofChunk index: Int64, length: Int64) -> Int {
        Int(max(0, min(Int64(chunkSize), length - index * Int64(chunkSize))))
    }

    private static func bound(_ index: Int64, isLast: Bool) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: index >> ($0 * 8)) } + [isLast ? 1 : 0]
    }

    static func seal(chunk index: Int64, isLast: Bool, _ bytes: [UInt8], with key: SymmetricKey) -> [UInt8]? {
        Cipher.seal(bytes, with: key, authenticating: bound(index, isLast: isLast))
    }

    /// - Returns: nil where it is not what was sealed there.
    static func open(chunk index: Int64, isLast: Bool, _ sealed: [UInt8], with key: SymmetricKey) -> [UInt8]? {
        Cipher.open(sealed[...], with: key, authenticating: bound(index, isLast: isLast))
    }

    /// A whole small file in this form.
    package static func file(_ bytes: [UInt8], with key: RecordingKey) -> [UInt8]? {
        let data = DataKey()
        guard let header = SealedHeader(length: Int64(bytes.count), data: data, key: key) else { return nil }
        var file = header.bytes
        let count = chunks(Int64(bytes.count))
        for index in 0..<count {
            let from = Int(index) * chunkSize
            let piece = Array(bytes[from..<min(from + chunkSize, bytes.count)])
            guard let sealed = seal(chunk: index, isLast: index == count - 1, piece, with: data.key) else { return nil }
            file += sealed
        }
        return file + header.bytes
    }
}

/// What one file's chunks are sealed with: random, and used for nothing else.
struct DataKey: Sendable {
    let bytes: [UInt8]
    let key: SymmetricKey

    init() {
        var generator = SystemRandomNumberGenerator()
        self.init((0..<RecordingKey.size).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        key = SymmetricKey(data: bytes)
    }
}

/// The header, little-endian: magic (8), version (1), zeros (3), chunk size (4), key id (4), zeros (4), plain length (8); the
/// data key wrapped with the key named, with all of that authenticated: nonce (12), key (32), tag (16); zeros (32), CRC-32C
/// of what stands before (4). The checksum tells a torn header from an altered one.
struct SealedHeader: Sendable, Equatable {
    let bytes: [UInt8]
    let key: RecordingKeyID
    /// Of the plain file, bytes.
    let length: Int64

    /// - Returns: nil where the library refuses, which it does for no input of ours.
    init?(length: Int64, data: DataKey, key: RecordingKey) {
        func little(_ number: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64($0 * 8)) }
        }
        var bytes = SealedFormat.magic + [SealedFormat.version, 0, 0, 0]
        bytes += little(UInt64(SealedFormat.chunkSize), 4) + little(UInt64(key.id.number), 4) + little(0, 4)
        bytes += little(UInt64(length), 8)
        guard let wrapped = key.wrap(data.bytes, authenticating: bytes) else { return nil }
        bytes += wrapped
        bytes += [UInt8](repeating: 0, count: SealedFormat.headerSize - 4 - bytes.count)
        var crc = CRC32C()
        crc.update(bytes.span.bytes)
        bytes += little(UInt64(crc.value), 4)
        self.bytes = bytes
        self.key = key.id
        self.length = length
    }

    /// What stands in a file where a header has to be.
    enum Reading {
        case header(SealedHeader)
        /// No header of ours, of any version.
        case other
        /// One that was cut off or torn, or of another version; for people.
        case damaged(String)
    }

    static func read(_ bytes: [UInt8]) -> Reading {
        guard bytes.count >= SealedFormat.magic.count, bytes.starts(with: SealedFormat.magic) else { return .other }
        guard bytes.count == SealedFormat.headerSize else { return .damaged("its header was cut off") }
        func little(_ place: Int, _ count: Int) -> UInt64 {
            bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        var crc = CRC32C()
        crc.update(Array(bytes[..<124]).span.bytes)
        guard UInt64(crc.value) == little(124, 4) else { return .damaged("its header is damaged") }
        let length = little(24, 8)
        guard bytes[8] == SealedFormat.version, little(12, 4) == UInt64(SealedFormat.chunkSize), length < 1 << 48 else {
            return .damaged("it is encrypted in a form that this version does not know")
        }
        return .header(
            SealedHeader(
                bytes: bytes, key: RecordingKeyID(number: UInt32(little(16, 4))), length: Int64(length)))
    }

    private init(bytes: [UInt8], key: RecordingKeyID, length: Int64) {
        self.bytes = bytes
        self.key = key
        self.length = length
    }

    /// The data key; nil where it was wrapped with another key, or anything of the header was altered.
    func open(with key: RecordingKey) -> DataKey? {
        let end = SealedFormat.authenticated + SealedFormat.wrappedSize
        return key.unwrap(
            Array(bytes[SealedFormat.authenticated..<end]),
            authenticating: Array(bytes[..<SealedFormat.authenticated])
        ).map(DataKey.init)
    }
}
