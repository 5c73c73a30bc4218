import AudioLog
import Crypto
import Glibc

/// Encrypts the tracks of a recording under way, which are written by position, in any order, and the same stretch
/// perhaps twice: byte n of the file is byte n of the audio, XOR byte n of a stream that follows from the key and the
/// track's name. It is AES in counter mode, taken from GCM (NIST SP 800-38D 6.5: what GCM makes of zeros) in cells of
/// 1,024 bytes whose number is the nonce.
///
/// There is no tag: as without encryption, what of a track is valid stands in the recording's index. The stream is used
/// twice only where the audio log holds two different blocks for one stretch of one track, which its writer makes never.
struct TrackCipher: Sendable {
    private static let cell = 1024
    private static let zeros = [UInt8](repeating: 0, count: cell)

    private let key: SymmetricKey
    private let path: String

    /// - Parameter name: the track's file name.
    init(_ key: RecordingKey, name: String, path: String) {
        self.key = key.ofTrack(named: name)
        self.path = path
    }

    /// Encrypts what goes to an offset of the file, or decrypts what comes from there.
    func apply(to bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileFailure) {
        var done = 0
        while done < bytes.count {
            let place = offset + Int64(done)
            let number = place / Int64(Self.cell)
            let nonce = (0..<12).map { $0 < 8 ? UInt8(truncatingIfNeeded: number >> ($0 * 8)) : 0 }
            guard let stream = Cipher.seal(Self.zeros, with: key, nonce: nonce, authenticating: []) else {
                throw FileFailure(path: path, operation: "encrypt", errno: EINVAL)
            }
            let first = Int(place % Int64(Self.cell))
            let count = min(Self.cell - first, bytes.count - done)
            for index in 0..<count { bytes[done + index] ^= stream[first + index] }
            done += count
        }
    }
}

/// The cipher of a recording's tracks.
extension PartialFolder {
    /// - Returns: nil where the recording's tracks are not encrypted.
    /// - Throws: `ENOKEY` where its key is not there.
    func cipher(_ partial: Partial, _ track: Partial.Track) throws(FileFailure) -> TrackCipher? {
        guard let id = partial.key else { return nil }
        let path = trackPath(partial, track)
        guard let key = keys?.key(id) else {
            throw FileFailure(
                path: path,
                operation: "it is encrypted with key \(id), "
                    + (keys.map { "which is not in \($0.path)" } ?? "and there is no key file"),
                errno: ENOKEY)
        }
        return TrackCipher(key, name: partial.fileName(track), path: path)
    }
}

extension RecordingKeys {
    /// What seals the audio of a segment of the audio log, for its writer.
    /// - Parameter tag: the segment's.
    public func audioLogSealer(tag: UInt64) -> AudioLogSealer {
        let current = current
        let key = current.ofSegment(tag: tag)
        return AudioLogSealer(key: current.id.number) { (payload, seal) throws(AudioLogError) in
            guard let sealed = Cipher.seal(payload, with: key, nonce: seal.nonce, authenticating: seal.header) else {
                throw AudioLogError(.field, "the payload cannot be encrypted")
            }
            return sealed
        }
    }
}

/// Opens the payloads of one segment of the audio log.
struct SegmentOpener {
    private let keys: RecordingKeys?
    private let path: String
    /// Those that may fit; once one did, it alone.
    private var candidates: [SymmetricKey] = []

    init(keys: RecordingKeys?, path: String) {
        self.keys = keys
        self.path = path
    }

    /// A sealed block's audio.
    /// - Parameters:
    ///   - window: bytes of the segment.
    ///   - payload: the block's place in it; its header stands before.
    ///   - header: the segment's; nil where that is damaged: then every key is tried.
    /// - Returns: nil where it is not what was written.
    /// - Throws: `.key` where the key is not there.
    mutating func open(
        _ window: UnsafeRawBufferPointer, payload: Range<Int>, header: AudioLogSegmentHeader?
    ) throws(RecordingError) -> [UInt8]? {
        let before = payload.lowerBound - AudioLogFormat.blockHeaderSize
        guard before >= 0, let seal = AudioLogSeal(reading: window.bytes.extracting(before..<payload.lowerBound)) else {
            return nil
        }
        if candidates.isEmpty { candidates = try keys(of: header, tag: seal.tag) }
        let sealed = seal.nonce + Array(window[payload])
        for key in candidates {
            if let bytes = Cipher.open(sealed[...], with: key, authenticating: seal.header) {
                candidates = [key]
                return bytes
            }
        }
        return nil
    }

    private func keys(of header: AudioLogSegmentHeader?, tag: UInt64) throws(RecordingError) -> [SymmetricKey] {
        guard let keys else {
            let named = header.map { " \(RecordingKeyID(number: $0.key))" } ?? ""
            throw RecordingError(.key, "\(path) is encrypted with key\(named), and there is no key file", errno: ENOKEY)
        }
        guard let header, header.key != 0 else { return keys.all.map { $0.ofSegment(tag: tag) } }
        let id = RecordingKeyID(number: header.key)
        guard let key = keys.key(id) else {
            throw RecordingError(
                .key, "\(path) is encrypted with key \(id), which is not in \(keys.path)", errno: ENOKEY)
        }
        return [key.ofSegment(tag: tag)]
    }
}
