import CSndFile
import Glibc

/// Writes an audio file through libsndfile onto a descriptor of ours, so that a full disk is known by its errno, a crash
/// leaves nothing but a draft under another name, and nothing lies in the clear where there is a key.
final class SoundFileWriter {
    /// What libsndfile's callbacks work on.
    private final class Target {
        let file: StoredFileWriter
        var position: Int64 = 0
        var failure: FileFailure?

        init(file: StoredFileWriter) { self.file = file }
    }

    private let target: Target
    private let channels: Int
    private var handle: OpaquePointer?

    /// - Parameters:
    ///   - tags: title, date and comment, where the format keeps them.
    ///   - key: encrypts the file; nil: it is written in the clear.
    init(
        path: String, format: SoundFormat, rate: Int64, channels: Int, tags: SoundFileTags, key: RecordingKey?,
        calls: DiskCalls
    ) throws(FileFailure) {
        target = Target(file: try StoredFileWriter(path, key: key, calls: calls))
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
            get_filelen: { SoundFileWriter.target($0).file.length },
            seek: { offset, whence, context in
                let target = SoundFileWriter.target(context)
                switch whence {
                case SEEK_SET: target.position = offset
                case SEEK_CUR: target.position += offset
                default: target.position = target.file.length + offset
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
                        UnsafeRawBufferPointer(start: buffer, count: Int(count)), at: target.position)
                } catch {
                    target.failure = error
                    return 0
                }
                target.position += count
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
            throw target.failure ?? FileFailure(path: path, operation: "sf_writef", errno: EIO)
        }
    }

    /// Completes the file and makes it durable.
    /// - Returns: its length in bytes, before it is encrypted.
    func finish() throws(FileFailure) -> Int64 {
        guard let open = handle else { throw FileFailure(path: path, operation: "sf_close", errno: EBADF) }
        handle = nil
        let status = sf_close(open)
        guard status == 0, target.failure == nil else {
            throw target.failure ?? FileFailure(path: path, operation: "sf_close", errno: EIO)
        }
        return try target.file.finish()
    }

    private var path: String { target.file.file.path }
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

    /// - Throws: as `SoundFileReader`.
    init(path: String, keys: RecordingKeys?) throws(RecordingError) {
        let reader = try SoundFileReader(path: path, keys: keys)
        frames = reader.frames
        channels = reader.channels
        rate = reader.rate
        comment = reader.comment
    }
}
