import Calls
import Glibc

/// Audio of another system, kept as a recording.
public struct PlacedAudio: Sendable, Hashable {
    /// Below the folder of recordings.
    public var file: String
    /// Samples a second, as in the source.
    public var rate: Int
    public var channels: Int
    /// Samples in each channel.
    public var frames: Int64
    public var bytes: Int64
    /// Lower-case hex.
    public var sha256: String
    /// Of the source: `wav`, `flac`, `mp3`, `opus`, `vorbis`.
    public var sourceFormat: String
    public var figures: SoundFigures

    public var lengthMilliseconds: Int64 { figures.lengthMilliseconds }

    public init(
        file: String, rate: Int, channels: Int, frames: Int64, bytes: Int64, sha256: String, sourceFormat: String,
        figures: SoundFigures
    ) {
        self.file = file
        self.rate = rate
        self.channels = channels
        self.frames = frames
        self.bytes = bytes
        self.sha256 = sha256
        self.sourceFormat = sourceFormat
        self.figures = figures
    }
}

/// Makes recordings' files of other systems' audio: FLAC, with peaks and figures beside it, as finishing does. The same
/// source gives the same bytes under the same name, so that an import that was ended anywhere is simply begun again.
public struct ImportPlacer: Sendable {
    private static let chunkFrames = 32_768
    static let longestSeconds: Int64 = 86_400

    /// The folder of recordings, without a slash at its end.
    private let recordings: String
    private let keys: RecordingKeys?

    /// - Parameters:
    ///   - recordings: without a slash at its end.
    ///   - keys: what files are encrypted with; nil: they are not.
    public init(recordings: String, keys: RecordingKeys? = nil) {
        self.recordings = recordings
        self.keys = keys
    }

    /// The file that a recording will have, below the folder of recordings.
    /// - Parameter start: of the audio, Unix time in microseconds.
    public static func file(start: Int64, call: CallID) -> String {
        let name = RecordingName(start: Instant(wall: start, mono: 0), call: call)
        return "\(name.folder)/\(name.stem).flac"
    }

    /// Decodes the source and writes its file: whole, synced and under its name, or not at all. Its folder is synced by
    /// `sync`. Blocks.
    /// - Throws: `.unusable` where the source is; `.room` where the disk is full; `.read`, `.finish`.
    public func place(
        _ source: ImportSource, recording: RecordingID, call: CallID, start: Int64
    ) throws(RecordingError) -> PlacedAudio {
        let (reader, format) = try source.reader()
        let name = RecordingName(start: Instant(wall: start, mono: 0), call: call)
        let folder = "\(recordings)/\(name.folder)"
        let draft = "\(folder)/.\(name.stem).flac.tmp"
        do throws(FileFailure) {
            try Files.makeFolder(folder)
            let key = keys?.current
            var work = Work(reader: reader)
            let writer = try SoundFileWriter(
                path: draft, format: .flac, rate: Int64(reader.rate), channels: reader.channels,
                tags: SoundFileTags(
                    title: "imported call \(call)", date: name.startText,
                    comment: "recording=\(recording) call=\(call) start=\(name.startText) imported=\(source.sha256)"),
                key: key, calls: .system)
            if let complaint = try work.copy(reader, to: writer) {
                try Files.remove(draft)
                throw FileFailure(path: complaint, operation: Self.complaint, errno: 0)
            }
            let bytes = try writer.finish()
            guard try source.isUnchanged() else {
                try Files.remove(draft)
                throw FileFailure(
                    path: "it was changed while it was read", operation: Self.complaint, errno: 0)
            }
            let sha256 = try FileHash.sha256(draft, keys: keys)
            let (peaks, figures) = work.finish()
            // Both can be made again from the audio: they are not worth waiting for the disk.
            try Files.write(peaks, to: "\(folder)/\(name.stem).dat", key: key)
            let figuresPath = "\(folder)/\(name.stem).silence.json"
            try Files.write(try DerivedFiles.encode(figures, path: figuresPath), to: figuresPath, key: key)
            try Files.rename(draft, to: "\(folder)/\(name.stem).flac")
            return PlacedAudio(
                file: "\(name.folder)/\(name.stem).flac", rate: reader.rate, channels: reader.channels,
                frames: figures.frames, bytes: bytes, sha256: sha256, sourceFormat: format, figures: figures)
        } catch {
            if error.operation == Self.complaint { throw RecordingError(.unusable, error.path) }
            throw RecordingError(
                error.errno == ENOSPC ? .room : .finish, "it cannot be kept: \(error.text)", errno: error.errno)
        }
    }

    /// Takes back what `place` made and nobody journalled. Blocks.
    /// - Throws: `.finish`.
    public func remove(_ placed: PlacedAudio) throws(RecordingError) {
        do throws(FileFailure) {
            for file in RecordingVerifier.files(placed.file) { try Files.remove("\(recordings)/\(file)") }
        } catch {
            throw RecordingError(.finish, "it cannot be taken back: \(error.text)", errno: error.errno)
        }
    }

    /// Makes the names of placed files durable. Blocks.
    /// - Throws: `.finish`.
    public func sync(_ files: [String]) throws(RecordingError) {
        let folders = Set(files.compactMap { file in file.lastIndex(of: "/").map { String(file[..<$0]) } })
        do throws(FileFailure) {
            for folder in folders.sorted() { try Files.syncFolder("\(recordings)/\(folder)") }
        } catch {
            throw RecordingError(.finish, "a folder cannot be synced: \(error.text)", errno: error.errno)
        }
    }

    /// Marks a complaint about the source on its way through the file operations.
    private static let complaint = "complaint"

    /// What is measured while the audio passes.
    private struct Work {
        var peaks: Peaks
        var meter: SoundMeter

        init(reader: SoundFileReader) {
            peaks = Peaks(rate: Int64(reader.rate), channels: reader.channels)
            meter = SoundMeter(rate: Int64(reader.rate), channels: reader.channels)
        }

        /// - Returns: what is wrong with the source.
        mutating func copy(_ reader: SoundFileReader, to writer: SoundFileWriter) throws(FileFailure) -> String? {
            let most = ImportPlacer.longestSeconds * Int64(reader.rate)
            var done: Int64 = 0
            while true {
                let samples = reader.read(frames: ImportPlacer.chunkFrames)
                if samples.isEmpty { break }
                done += Int64(samples.count / reader.channels)
                guard done <= most else { return "it is longer than 24 hours" }
                try samples.withUnsafeBufferPointer { (buffer) throws(FileFailure) in
                    try writer.write(buffer)
                    peaks.add(buffer)
                    meter.add(buffer)
                }
            }
            guard done > 0 else { return "it holds no audio" }
            // What libsndfile cannot count in a damaged file is the greatest number there is.
            guard done == reader.frames else {
                return reader.frames > most
                    ? "it was cut off, or is damaged, after \(done) samples"
                    : "it was cut off, or is damaged: \(done) of \(reader.frames) samples can be read"
            }
            return nil
        }

        consuming func finish() -> ([UInt8], SoundFigures) { (peaks.finish(), meter.finish()) }
    }
}
