import CSndFile
import Evidence
import Glibc

/// An audio file of another system, opened once: what is hashed is what is decoded.
public final class ImportSource: Sendable {
    /// Below the folder that is imported.
    public let name: String
    /// Lower-case hex.
    public let sha256: String
    public let bytes: Int64
    let file: OpenFile
    private let writtenAt: Int64

    private static let largest: Int64 = 8 << 30

    /// Opens a file, not through a symbolic link, and reads all of it. Blocks.
    /// - Parameter name: below `folder`, as `ImportFolder` lists it.
    /// - Throws: `.unusable` where it is no file, or empty; `.read`.
    public init(folder: String, name: String) throws(RecordingError) {
        self.name = name
        do throws(FileFailure) {
            let file = try OpenFile("\(folder)/\(name)", O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            let state = try Self.state(of: file)
            guard state.bytes > 0 else { throw FileFailure(path: name, operation: "it is empty", errno: 0) }
            guard state.bytes <= Self.largest else {
                throw FileFailure(path: name, operation: "it is larger than 8 GiB", errno: 0)
            }
            self.sha256 = try FileHash.sha256(of: file)
            self.file = file
            bytes = state.bytes
            writtenAt = state.writtenAt
        } catch {
            throw error.errno == 0
                ? RecordingError(.unusable, error.operation)
                : RecordingError(.read, "it cannot be read: \(Files.text(error.errno))", errno: error.errno)
        }
    }

    /// Whether the file is still as it was when it was hashed.
    func isUnchanged() throws(FileFailure) -> Bool { try Self.state(of: file) == (bytes, writtenAt) }

    private static func state(of file: OpenFile) throws(FileFailure) -> (bytes: Int64, writtenAt: Int64) {
        var status = stat()
        guard fstat(file.descriptor, &status) == 0 else {
            throw FileFailure(path: file.path, operation: "fstat", errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileFailure(path: file.path, operation: "it is no file", errno: 0)
        }
        return (
            Int64(status.st_size), Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        )
    }

    /// What a file says that it holds.
    public struct Sound: Sendable, Hashable {
        public var rate: Int
        public var channels: Int
        /// Samples in each channel.
        public var frames: Int64

        public var milliseconds: Int64 { frames * 1000 / Int64(rate) }
    }

    /// Looks at the file's header and its end, without decoding it. Blocks.
    /// - Throws: `.unusable`.
    public func look() throws(RecordingError) -> Sound {
        let reader = try reader().reader
        guard reader.frames > 0 else { throw RecordingError(.unusable, "it holds no audio") }
        guard reader.frames <= ImportPlacer.longestSeconds * Int64(reader.rate) else {
            throw RecordingError(
                .unusable, "it is longer than 24 hours, or its end is damaged so that its length cannot be told")
        }
        return Sound(rate: reader.rate, channels: reader.channels, frames: reader.frames)
    }

    // MARK: what the containers say of their own end

    /// Opens it as audio.
    /// - Throws: `.unusable`.
    func reader() throws(RecordingError) -> (reader: SoundFileReader, format: String) {
        let complaint: String?
        do throws(FileFailure) {
            complaint = try self.complaint()
        } catch {
            throw RecordingError(.read, "it cannot be read: \(Files.text(error.errno))", errno: error.errno)
        }
        if let complaint { throw RecordingError(.unusable, complaint) }
        let reader: SoundFileReader
        do throws(RecordingError) {
            reader = try SoundFileReader(file)
        } catch {
            throw RecordingError(.unusable, "it is no audio that can be read: \(error.message)")
        }
        guard let format = Self.format(reader.format) else {
            throw RecordingError(.unusable, "it is neither WAV, FLAC, MP3 nor Opus, whatever its name says")
        }
        guard (1...2).contains(reader.channels) else {
            throw RecordingError(.unusable, "it has \(reader.channels) channels; one or two can be taken in")
        }
        guard (4000...96_000).contains(reader.rate) else {
            throw RecordingError(.unusable, "\(reader.rate) samples a second; 4,000 to 96,000 can be taken in")
        }
        return (reader, format)
    }

    private static func format(_ code: Int) -> String? {
        switch code & SF_FORMAT_TYPEMASK {
        case SF_FORMAT_WAV, SF_FORMAT_WAVEX, SF_FORMAT_RF64: "wav"
        case SF_FORMAT_FLAC: "flac"
        case SF_FORMAT_MPEG: "mp3"
        case SF_FORMAT_OGG:
            switch code & SF_FORMAT_SUBMASK {
            case SF_FORMAT_OPUS: "opus"
            case SF_FORMAT_VORBIS: "vorbis"
            default: nil
            }
        default: nil
        }
    }

    /// Where the file is shorter than it says itself; libsndfile passes over that in WAV and Ogg.
    private func complaint() throws(FileFailure) -> String? {
        let head = try bytes(at: 0, count: 12)
        if head.starts(with: Array("RIFF".utf8)) { return try complaintOfWAV() }
        if head.starts(with: Array("OggS".utf8)) { return try complaintOfOgg() }
        return nil
    }

    /// RIFF: chunks of a name, a length and as many bytes, padded to an even number.
    private func complaintOfWAV() throws(FileFailure) -> String? {
        var place: Int64 = 12
        for _ in 0..<64 {
            let head = try bytes(at: place, count: 8)
            guard head.count == 8 else { return "its header has no audio behind it: it was cut off" }
            let length = head[4..<8].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
            if head.starts(with: Array("data".utf8)) {
                let there = bytes - place - 8
                if length == 0 {
                    return there == 0
                        ? "it holds no audio" : "its header says that it is empty: the recorder did not finish it"
                }
                // Of a recorder that could not go back to its header: whatever is there.
                if length >= 0x7FFF_F000 { return nil }
                return length > there ? "it was cut off: \(there) of \(length) bytes of audio are there" : nil
            }
            place += 8 + length + length % 2
        }
        return "it has more than 64 parts before its audio"
    }

    /// RFC 3533: the last page says that it is the last.
    private func complaintOfOgg() throws(FileFailure) -> String? {
        let tail = try bytes(at: max(0, bytes - 70_000), count: 70_000)
        let mark = Array("OggS".utf8)
        var place = tail.count - 27
        while place >= 0 {
            if tail[place..<place + 4].elementsEqual(mark) {
                return tail[place + 5] & 4 == 0 ? "it was cut off: its last page is missing" : nil
            }
            place -= 1
        }
        return "it was cut off: no page is whole"
    }

    private func bytes(at place: Int64, count: Int) throws(FileFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        let read = try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in
            try file.read(into: buffer, at: place)
        }
        bytes.removeLast(count - read)
        return bytes
    }
}

extension RecordingError.Code {
    /// A file of another system that cannot be taken in.
    public static let unusable = RecordingError.Code("unusable")
    /// Another file of the name is there, and is not overwritten.
    public static let exists = RecordingError.Code("exists")
}
