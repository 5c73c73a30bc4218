import Glibc

/// In which form a recording is replayed.
public struct ReplayForm: Sendable, Hashable {
    public enum Format: String, Sendable, CaseIterable {
        case flac, wav
        /// Opus in Ogg, 24 kbit/s a channel.
        case opus

        /// The media type.
        public var mediaType: String {
            switch self {
            case .flac: "audio/flac"
            case .wav: "audio/wav"
            case .opus: "audio/ogg; codecs=opus"
            }
        }

        /// The file name's ending.
        public var fileExtension: String { self == .opus ? "opus" : rawValue }

        var soundFormat: SoundFormat {
            switch self {
            case .flac: .flac
            case .wav: .wav
            case .opus: .opus
            }
        }
    }

    public enum Side: String, Sendable, CaseIterable {
        case both, left, right
    }

    public var format: Format
    public var channel: Side

    public init(format: Format, channel: Side = .both) {
        self.format = format
        self.channel = channel
    }
}

/// Makes an audio file of another form from a recording.
public enum Transcoder {
    private static let chunkFrames = 32_768

    /// Reads one file and writes another; memory does not grow with the length. Blocks.
    /// - Parameters:
    ///   - source: the recording's file.
    ///   - frames: samples in each channel that it must have: a file cut short is not passed on as whole.
    ///   - target: written over.
    ///   - keys: opens the source; nil: there are none.
    ///   - isSealed: the target is encrypted where there are keys: it stays in the store. Otherwise it is given out, in the
    ///     clear.
    /// - Throws: `.read`, `.altered` where the source is not as long as it was, `.room` where the disk is full; `.key`.
    public static func write(
        _ source: String, frames: Int64, as form: ReplayForm, to target: String, keys: RecordingKeys? = nil,
        isSealed: Bool = false
    ) throws(RecordingError) {
        let reader = try SoundFileReader(path: source, keys: keys)
        let picked: Int? =
            switch form.channel {
            case .both: nil
            case .left: 0
            case .right: 1
            }
        guard picked ?? 0 < reader.channels else {
            throw RecordingError(.altered, "\(source) has \(reader.channels) channel, and no right one")
        }
        guard frames > 0 || form.format != .flac else {
            throw RecordingError(.read, "\(source) has no audio, and FLAC cannot say that; ask for WAV")
        }
        do throws(FileFailure) {
            let writer = try SoundFileWriter(
                path: target, format: form.format.soundFormat, rate: Int64(reader.rate),
                channels: picked == nil ? reader.channels : 1,
                tags: SoundFileTags(title: reader.title ?? "", date: reader.date ?? "", comment: reader.comment ?? ""),
                key: isSealed ? keys?.current : nil, calls: .system)
            var done: Int64 = 0
            while true {
                var samples = reader.read(frames: chunkFrames)
                if samples.isEmpty { break }
                done += Int64(samples.count / reader.channels)
                if let picked {
                    samples = stride(from: picked, to: samples.count, by: reader.channels).map { samples[$0] }
                }
                try samples.withUnsafeBufferPointer { (buffer) throws(FileFailure) in try writer.write(buffer) }
            }
            if let failure = reader.fileFailure { throw failure }
            guard done == frames else {
                throw FileFailure(
                    path: source, operation: "reading (\(done) samples, was finished with \(frames))", errno: EIO)
            }
            _ = try writer.finish()
        } catch {
            throw RecordingError(
                error.errno == ENOSPC ? .room : error.path == source ? .altered : .read,
                "No other form of the recording can be made: \(error.text)", errno: error.errno)
        }
    }
}
