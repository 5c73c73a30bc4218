import FoundationEssentials
import Glibc

/// What follows from a recording's audio alone: its peaks and its figures. Made at finishing; for recordings that have
/// none, made again from the file.
public enum DerivedFiles {
    /// Peaks (audiowaveform, `PeaksFile`) and figures of an audio file. Reads all of it; blocks.
    /// - Throws: `.read` where it is no audio file; `.key`, `.altered`.
    public static func measure(
        _ path: String, keys: RecordingKeys? = nil
    ) throws(RecordingError) -> (peaks: [UInt8], figures: SoundFigures) {
        let reader = try SoundFileReader(path: path, keys: keys)
        var peaks = Peaks(rate: Int64(reader.rate), channels: reader.channels)
        var meter = SoundMeter(rate: Int64(reader.rate), channels: reader.channels)
        while true {
            let samples = reader.read(frames: 32_768)
            if samples.isEmpty { break }
            samples.withUnsafeBufferPointer { buffer in
                peaks.add(buffer)
                meter.add(buffer)
            }
        }
        if let failure = reader.failure { throw failure }
        return (peaks.finish(), meter.finish())
    }

    /// Writes the peaks, or the figures, of an audio file that has none to a path. Blocks.
    /// - Parameters:
    ///   - frames: samples in each channel that the audio must have.
    ///   - keys: opens the audio, and encrypts what is written; nil: there are none.
    /// - Throws: `.read`, `.altered` where it is not as long as it was; `.key`.
    public static func write(
        _ kind: Kind, of path: String, frames: Int64, to target: String, keys: RecordingKeys? = nil
    ) throws(RecordingError) {
        let (peaks, figures) = try measure(path, keys: keys)
        guard figures.frames == frames else {
            throw RecordingError(.altered, "\(path) has \(figures.frames) samples, was finished with \(frames)")
        }
        do throws(FileFailure) {
            let bytes = kind == .peaks ? peaks : try encode(figures, path: target)
            try Files.write(bytes, to: target, key: keys?.current)
        } catch {
            throw RecordingError(error.errno == ENOSPC ? .room : .read, error.text, errno: error.errno)
        }
    }
    public enum Kind: String, Sendable { case peaks, figures }

    /// Reads figures as they are kept; nil where the bytes are none.
    public static func figures(_ bytes: [UInt8]) -> SoundFigures? {
        try? JSONDecoder().decode(SoundFigures.self, from: Data(bytes))  // what is wrong with them helps nobody
    }

    /// The peaks that stand beside a recording; nil where there are none, or none that fit it.
    /// - Parameters:
    ///   - file: the recording, below `folder`.
    ///   - frames: its samples in each channel.
    public static func storedPeaks(
        folder: String, file: String, frames: Int64, keys: RecordingKeys? = nil
    ) -> PeaksFile? {
        guard let bytes = stored(folder: folder, file: file, ending: ".dat", keys: keys),
            let peaks = PeaksFile(bytes: bytes),
            peaks.fits(frames: frames)
        else { return nil }
        return peaks
    }

    /// The figures that stand beside a recording; nil where there are none, or none that fit it.
    public static func storedFigures(
        folder: String, file: String, frames: Int64, keys: RecordingKeys? = nil
    ) -> SoundFigures? {
        guard let bytes = stored(folder: folder, file: file, ending: ".silence.json", keys: keys) else { return nil }
        guard let figures = figures(bytes), figures.version == SoundFigures.version, figures.frames == frames else {
            return nil
        }
        return figures
    }

    private static func stored(folder: String, file: String, ending: String, keys: RecordingKeys?) -> [UInt8]? {
        guard RecordingVerifier.isInside(file), let dot = file.lastIndex(of: ".") else { return nil }
        // What cannot be read is made again from the audio, which tells of the disk's trouble.
        return try? StoredFile.contents(
            of: "\(folder)/\(file[..<dot])\(ending)", limit: 64 * 1_048_576, keys: keys)
    }

    static func encode(_ figures: SoundFigures, path: String) throws(FileFailure) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        do {
            return Array(try encoder.encode(figures)) + [10]
        } catch {
            throw FileFailure(path: path, operation: "encode", errno: EINVAL)
        }
    }
}
