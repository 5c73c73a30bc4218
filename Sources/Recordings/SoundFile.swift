import CSndFile
import Glibc

/// Writes an audio file through libsndfile onto a descriptor of ours, so that a full disk is known by its errno and a
/// crash leaves nothing but a draft under another name.
final class SoundFileWriter {
    /// What libsndfile's callbacks work on.
    private final class Target {
        let file: OpenFile
        let calls: DiskCalls
        var position: Int64 = 0
        var length: Int64 = 0
        var failure: FileFailure?

        init(file: OpenFile, calls: DiskCalls) {
            self.file = file
            self.calls = calls
        }
    }

    private let target: Target
    private let channels: Int
    private var handle: OpaquePointer?

    /// - Parameter tags: title, date and comment, where the format keeps them.
    init(
        path: String, format: SoundFormat, rate: Int64, channels: Int, tags: SoundFileTags, calls: DiskCalls
    ) throws(FileFailure) {
        target = Target(file: try OpenFile(path, O_RDWR | O_CREAT | O_TRUNC), calls: calls)
        self.channels = channels
        var info = SF_INFO()
        info.samplerate = Int32(rate)
        info.channels = Int32(channels)
        switch format {
        case .flac: info.format = Int32(SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
        case .wav: info.format = Int32(SF_FORMAT_WAV | SF_FORMAT_PCM_16)
        case .wavALaw: info.format = Int32(SF_FORMAT_WAV | SF_FORMAT_ALAW)
        case .opus: info.format = Int32(SF_FORMAT_OGG | SF_FORMAT_OPUS)
        }
        var callbacks = SF_VIRTUAL_IO(
            get_filelen: { SoundFileWriter.target($0).length },
            seek: { offset, whence, context in
                let target = SoundFileWriter.target(context)
                switch whence {
                case SEEK_SET: target.position = offset
                case SEEK_CUR: target.position += offset
                default: target.position = target.length + offset
                }
                return target.position
            },
            read: { buffer, count, context in
                let target = SoundFileWriter.target(context)
                guard target.failure == nil else { return 0 }
                do throws(FileFailure) {
                    let read = try target.file.read(
                        into: UnsafeMutableRawBufferPointer(start: buffer, count: Int(count)), at: target.position)
                    target.position += Int64(read)
                    return sf_count_t(read)
                } catch {
                    target.failure = error
                    return 0
                }
            },
            write: { buffer, count, context in
                let target = SoundFileWriter.target(context)
                // After a failure nothing more is written; the file is given up as a whole.
                guard target.failure == nil else { return 0 }
                do throws(FileFailure) {
                    try target.file.write(
                        UnsafeRawBufferPointer(start: buffer, count: Int(count)), at: target.position,
                        calls: target.calls)
                } catch {
                    target.failure = error
                    return 0
                }
                target.position += count
                target.length = max(target.length, target.position)
                return count
            },
            tell: { SoundFileWriter.target($0).position })
        handle = sf_open_virtual(&callbacks, Int32(SFM_WRITE), &info, Unmanaged.passUnretained(target).toOpaque())
        guard let handle else {
            throw target.failure ?? FileFailure(path: path, operation: "sf_open", errno: EINVAL)
        }
        // libsndfile's scale runs from 0 to 1 over FLAC's levels 0 to 8. Level 5 is 1 % smaller than 3 on telephone
        // speech and costs a quarter more. For Opus it runs down from 256 kbit/s a channel to 6: here 24.
        var level = format == .opus ? 0.928 : 3.0 / 8.0
        sf_command(handle, Int32(SFC_SET_COMPRESSION_LEVEL), &level, Int32(MemoryLayout<Double>.size))
        sf_set_string(handle, Int32(SF_STR_TITLE), tags.title)
        sf_set_string(handle, Int32(SF_STR_DATE), tags.date)
        sf_set_string(handle, Int32(SF_STR_COMMENT), tags.comment)
    }

    deinit { if let handle { sf_close(handle) } }

    private static func target(_ context: UnsafeMutableRawPointer?) -> Target {
        // The context is the pointer given to sf_open_virtual, and lives as long as the handle.
        Unmanaged<Target>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
    }

    /// Writes frames, interleaved.
    func write(_ samples: UnsafeBufferPointer<Int16>) throws(FileFailure) {
        guard let handle, let base = samples.baseAddress, !samples.isEmpty else { return }
        let frames = sf_count_t(samples.count / channels)
        let written = sf_writef_short(handle, base, frames)
        guard written == frames, target.failure == nil else {
            throw target.failure ?? FileFailure(path: target.file.path, operation: "sf_writef", errno: EIO)
        }
    }

    /// Completes the file and makes it durable.
    /// - Returns: its length in bytes.
    func finish() throws(FileFailure) -> Int64 {
        guard let open = handle else { throw FileFailure(path: target.file.path, operation: "sf_close", errno: EBADF) }
        handle = nil
        let status = sf_close(open)
        guard status == 0, target.failure == nil else {
            throw target.failure ?? FileFailure(path: target.file.path, operation: "sf_close", errno: EIO)
        }
        try target.file.sync(calls: target.calls)
        return try target.file.length()
    }
}

/// What libsndfile is asked to write.
enum SoundFormat: Sendable {
    case flac, wav, wavALaw
    /// In Ogg (RFC 7845); 8, 12, 16, 24 or 48 kHz.
    case opus
}

extension RecordingFormat {
    var soundFormat: SoundFormat {
        switch self {
        case .flac: .flac
        case .wav: .wav
        case .wavALaw: .wavALaw
        }
    }
}

/// What a finished file says of itself, in FLAC as Vorbis comments, in WAV as a LIST INFO chunk.
struct SoundFileTags: Sendable, Hashable {
    var title: String
    var date: String
    var comment: String
}

/// What a finished audio file is, as libsndfile reads it.
struct SoundFileInfo: Sendable, Hashable {
    var frames: Int64
    var channels: Int
    var rate: Int
    var comment: String?

    /// - Throws: `.read`.
    init(path: String) throws(RecordingError) {
        var info = SF_INFO()
        guard let handle = sf_open(path, Int32(SFM_READ), &info) else {
            throw RecordingError(.read, "\(path) cannot be read as audio: \(String(cString: sf_strerror(nil)))")
        }
        defer { sf_close(handle) }
        frames = info.frames
        channels = Int(info.channels)
        rate = Int(info.samplerate)
        comment = sf_get_string(handle, Int32(SF_STR_COMMENT)).map { String(cString: $0) }
    }
}
