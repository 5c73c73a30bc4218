import Evidence
import Glibc

/// Files given out to other programs: whole or not at all, and nothing that is there is written over.
public enum RecordingCopy {
    public enum Outcome: Sendable, Hashable {
        case written
        /// The same content was there already.
        case same
    }

    /// Copies a recording's file, in the clear, hashing what is copied. Blocks.
    /// - Parameters:
    ///   - sha256: what the file was finished with, lower-case hex.
    ///   - keys: opens it; nil: there are none.
    /// - Throws: `.missing`, `.altered` where the file is not as it was finished, `.exists` where the target is another
    ///   file, `.room`, `.read`, `.key`.
    public static func copy(
        _ source: String, sha256: String, to target: String, keys: RecordingKeys? = nil
    ) throws(RecordingError) -> Outcome {
        try place(target) { (draft) throws(FileFailure) in
            var hash = SHA256Stream()
            var place: Int64 = 0
            try StoredFile(source, keys: keys).readAll { (bytes) throws(FileFailure) in
                hash.update(bytes: bytes)
                try bytes.span.withUnsafeBytes { (buffer) throws(FileFailure) in
                    try draft.write(buffer, at: place, calls: .system)
                }
                place += Int64(bytes.count)
            }
            let found = hash.finish()
            guard found == sha256 else {
                throw FileFailure(path: source, operation: "SHA-256 is \(found), was \(sha256)", errno: 0)
            }
            return sha256
        }
    }

    /// Writes a file. Blocks.
    /// - Throws: `.exists`, `.room`, `.read`.
    public static func write(_ bytes: [UInt8], to target: String) throws(RecordingError) -> Outcome {
        try place(target) { (draft) throws(FileFailure) in
            try bytes.span.withUnsafeBytes { (buffer) throws(FileFailure) in
                try draft.write(buffer, at: 0, calls: .system)
            }
            var hash = SHA256Stream()
            hash.update(bytes: bytes)
            return hash.finish()
        }
    }

    /// The SHA-512 of a file: 64 bytes. Blocks.
    /// - Throws: `.read`.
    public static func sha512(of path: String) throws(RecordingError) -> [UInt8] {
        do throws(FileFailure) {
            let file = try OpenFile(path, O_RDONLY | O_NOFOLLOW)
            var hash = SHA512Stream()
            var bytes = [UInt8](repeating: 0, count: 262_144)
            var place: Int64 = 0
            while true {
                var span = bytes.mutableSpan
                let count = try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in
                    try file.read(into: buffer, at: place)
                }
                if count == 0 { return hash.finishBytes() }
                hash.update(bytes: bytes[..<count])
                place += Int64(count)
            }
        } catch {
            throw RecordingError(.read, error.text, errno: error.errno)
        }
    }

    /// - Parameter fill: writes the draft; returns the SHA-256 of what it wrote.
    private static func place(
        _ target: String, _ fill: (OpenFile) throws(FileFailure) -> String
    ) throws(RecordingError) -> Outcome {
        let slash = target.lastIndex(of: "/")
        let folder = slash.map { String(target[..<$0]) } ?? "."
        let name = slash.map { String(target[target.index(after: $0)...]) } ?? target
        let draft = "\(folder)/.\(name).tmp"
        do throws(FileFailure) {
            let file = try OpenFile(draft, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW)
            let sha256 = try fill(file)
            if try Files.kind(target) == nil {
                try file.sync(calls: .system)
                try Files.rename(draft, to: target)
                return .written
            }
            // Whatever else it is (a link, a folder), it has no such hash.
            if try Files.kind(target) == .file, try FileHash.sha256(target, keys: nil) == sha256 {
                try Files.remove(draft)
                return .same
            }
            throw FileFailure(path: target, operation: "exists", errno: EEXIST)
        } catch {
            _ = try? Files.remove(draft)  // what went wrong first is told
            switch error.errno {
            case EEXIST:
                throw RecordingError(.exists, "\(target) is there already and is another file: it is not written over")
            case ENOENT, ENOKEY, EBADMSG: throw RecordingError(error, or: .read)
            case 0: throw RecordingError(.altered, "\(error.path): \(error.operation)")
            case ENOSPC: throw RecordingError(.room, error.text, errno: ENOSPC)
            default: throw RecordingError(.read, error.text, errno: error.errno)
            }
        }
    }
}

extension RecordingCopy {
    /// Writes a recording's audio as WAV, 16 bits, all channels: for programs that read no FLAC. Blocks.
    /// - Parameters:
    ///   - frames: samples in each channel that the recording has.
    ///   - keys: opens it; nil: there are none.
    /// - Throws: `.altered` where it is not as long as it was; `.exists`, `.room`, `.read`, `.key`.
    public static func wave(
        of source: String, frames: Int64, to target: String, keys: RecordingKeys? = nil
    ) throws(RecordingError) -> Outcome {
        var failure: RecordingError?
        do throws(RecordingError) {
            return try place(target) { (draft) throws(FileFailure) in
                do throws(RecordingError) {
                    try Transcoder.write(
                        source, frames: frames, as: ReplayForm(format: .wav), to: draft.path, keys: keys)
                } catch {
                    failure = error
                    throw FileFailure(path: source, operation: error.message, errno: EIO)
                }
                return try FileHash.sha256(draft.path, keys: nil)
            }
        } catch {
            throw failure ?? error
        }
    }

    /// The same as bytes.
    /// - Parameters:
    ///   - scratch: a path where the file stands meanwhile; written over, and removed.
    ///   - limit: bytes, of the WAV.
    ///   - keys: opens the recording; nil: there are none.
    /// - Throws: `.busy` where it would be larger than the limit; as `wave`.
    public static func waveBytes(
        of source: String, frames: Int64, scratch: String, limit: Int, keys: RecordingKeys? = nil
    ) throws(RecordingError) -> [UInt8] {
        let reader = try SoundFileReader(path: source, keys: keys)
        guard frames * 2 * Int64(reader.channels) <= Int64(limit) else {
            throw RecordingError(
                .busy, "its WAV would be larger than \(limit / 1_048_576) MiB, too large to stand within a document")
        }
        let result: Result<[UInt8], RecordingError>
        do throws(RecordingError) {
            try Transcoder.write(source, frames: frames, as: ReplayForm(format: .wav), to: scratch, keys: keys)
            do throws(FileFailure) {
                result = .success(try Files.contents(of: scratch, limit: limit + 1024))
            } catch {
                result = .failure(RecordingError(.read, error.text, errno: error.errno))
            }
        } catch {
            result = .failure(error)
        }
        _ = try? Files.remove(scratch)  // a hidden draft at worst
        return try result.get()
    }
}
