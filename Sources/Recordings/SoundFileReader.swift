import CSndFile
import Glibc

/// Reads an audio file from its beginning to its end, in pieces. Used by one thread.
public final class SoundFileReader {
    /// Samples a second.
    public let rate: Int
    public let channels: Int
    /// Samples of each channel.
    public let frames: Int64
    /// Container and encoding in libsndfile's numbers.
    let format: Int
    private let handle: OpaquePointer
    private let path: String
    /// What the handle reads through.
    private let file: AnyObject

    /// What libsndfile's callbacks work on.
    private final class Source {
        let file: StoredFile
        var position: Int64 = 0
        var failure: FileFailure?

        init(_ file: StoredFile) { self.file = file }
    }

    /// Opens a file of the store.
    /// - Parameter keys: nil: there are none, and an encrypted file cannot be read.
    /// - Throws: `RecordingError` with code `.read` where it is no audio file, or has more than eight channels;
    ///   `.key` where its key is not there; `.altered` where it is not what was encrypted.
    public convenience init(path: String, keys: RecordingKeys? = nil) throws(RecordingError) {
        let source: Source
        do throws(FileFailure) {
            source = Source(try StoredFile(path, keys: keys))
        } catch {
            throw error.errno == ENOENT
                ? RecordingError(.read, error.text, errno: ENOENT) : RecordingError(error, or: .read)
        }
        var info = SF_INFO()
        var callbacks = SF_VIRTUAL_IO(
            get_filelen: { SoundFileReader.source($0).file.length },
            seek: { offset, whence, context in
                let source = SoundFileReader.source(context)
                switch whence {
                case SEEK_SET: source.position = offset
                case SEEK_CUR: source.position += offset
                default: source.position = source.file.length + offset
                }
                return source.position
            },
            read: { buffer, count, context in
                let source = SoundFileReader.source(context)
                guard source.failure == nil, count > 0 else { return 0 }
                do throws(FileFailure) {
                    let read = try source.file.read(
                        into: UnsafeMutableRawBufferPointer(start: buffer, count: Int(count)), at: source.position)
                    source.position += Int64(read)
                    return sf_count_t(read)
                } catch {
                    source.failure = error
                    return 0
                }
            },
            write: { _, _, _ in 0 },
            tell: { SoundFileReader.source($0).position })
        let opened = sf_open_virtual(&callbacks, Int32(SFM_READ), &info, Unmanaged.passUnretained(source).toOpaque())
        if opened == nil, let failure = source.failure { throw RecordingError(failure, or: .read) }
        try self.init(opened, info, path: path, file: source)
    }

    private static func source(_ context: UnsafeMutableRawPointer?) -> Source {
        // The context is the pointer given to sf_open_virtual, and lives as long as the handle.
        Unmanaged<Source>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
    }

    /// Why the file could not be read to its end: it was altered, or the disk failed; nil where nothing was wrong.
    public var failure: RecordingError? { fileFailure.map { RecordingError($0, or: .read) } }
    var fileFailure: FileFailure? { (file as? Source)?.failure }

    /// Reads through an open file, whose position is this reader's from then on.
    convenience init(_ file: OpenFile) throws(RecordingError) {
        var info = SF_INFO()
        lseek(file.descriptor, 0, SEEK_SET)
        let opened = sf_open_fd(file.descriptor, Int32(SFM_READ), &info, 0)
        try self.init(opened, info, path: file.path, file: file)
    }

    private init(_ opened: OpaquePointer?, _ info: SF_INFO, path: String, file: AnyObject) throws(RecordingError) {
        guard let opened else {
            throw RecordingError(.read, "\(path) cannot be read as audio: \(String(cString: sf_strerror(nil)))")
        }
        guard (1...8).contains(info.channels), info.samplerate > 0 else {
            sf_close(opened)
            throw RecordingError(.read, "\(path) has \(info.channels) channels; one to eight can be read")
        }
        handle = opened
        self.path = path
        self.file = file
        format = Int(info.format)
        rate = Int(info.samplerate)
        channels = Int(info.channels)
        frames = info.frames
    }

    deinit { sf_close(handle) }

    /// What the file says of itself, where it does.
    var title: String? { text(SF_STR_TITLE) }
    var date: String? { text(SF_STR_DATE) }
    var comment: String? { text(SF_STR_COMMENT) }

    private func text(_ kind: Int) -> String? { sf_get_string(handle, Int32(kind)).map { String(cString: $0) } }

    /// The next frames, interleaved; empty at the end, and where nothing more can be read (`failure`).
    /// - Parameter count: of frames, at most.
    public func read(frames count: Int) -> [Int16] {
        var samples = [Int16](repeating: 0, count: count * channels)
        let read = samples.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { sf_readf_short(handle, $0, sf_count_t(count)) } ?? 0
        }
        samples.removeLast(samples.count - Int(read) * channels)
        return samples
    }

    /// Goes to a frame, counted from 0; beyond the end, to the end.
    /// - Throws: `.read` where the file cannot be sought in.
    public func seek(to frame: Int64) throws(RecordingError) {
        guard sf_seek(handle, min(max(0, frame), frames), Int32(SEEK_SET)) >= 0 else {
            throw RecordingError(.read, "\(path) cannot be sought in: \(String(cString: sf_strerror(handle)))")
        }
    }
}
