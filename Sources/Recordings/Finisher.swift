import Calls
import Evidence
import Glibc

/// Makes the file of one recording: decodes its tracks, interleaves the channels, fills what is missing with silence,
/// writes the audio, its peaks and its figures under other names, syncs, renames. Made again, it gives the same bytes at
/// the same place. Its memory does not grow with the recording's length, but for four bytes of peaks every 256 samples
/// and one of figures every 20 ms.
struct Finisher: Sendable {
    let recordings: String
    let partials: PartialFolder
    let format: RecordingFormat
    let calls: DiskCalls

    private static let chunkFrames: Int64 = 32_768

    func finish(_ ended: Demultiplexer.Ended) throws(RecordingError) -> FinishedRecording {
        let partial = ended.partial
        let rate = try partial.rate()
        do throws(FileFailure) {
            return try write(partial, isInterrupted: ended.isInterrupted, rate: rate)
        } catch {
            throw RecordingError(
                .finish,
                "Recording \(partial.recording) cannot be finished: \(error.text). Its partial files stay; "
                    + "free some room or mend the disk.",
                errno: error.errno, recording: partial.recording, call: partial.call)
        }
    }

    private func write(_ partial: Partial, isInterrupted: Bool, rate: Int64) throws(FileFailure) -> FinishedRecording {
        let unit = AudioPosition.unitsPerSecond / rate
        let frames = partial.currentLength / unit
        // FLAC cannot say "no samples": its zero means an unknown number.
        let format = frames == 0 && format == .flac ? .wav : format
        let missing = partial.missing(frames: frames)
        let name = RecordingName(start: partial.start, call: partial.call)
        let folder = "\(recordings)/\(name.folder)"
        try Files.makeFolder(folder)
        let stem = try freeStem(name, in: folder, for: partial.recording, format: format)
        let file = "\(stem).\(format.fileExtension)"
        // A name that begins with a dot is nobody's recording.
        let draft = "\(folder)/.\(file).tmp"
        let peaksDraft = "\(folder)/.\(stem).dat.tmp"
        let figuresDraft = "\(folder)/.\(stem).silence.json.tmp"

        var peaks = Peaks(rate: rate, channels: partial.channelCount)
        var meter = SoundMeter(rate: rate, channels: partial.channelCount)
        let writer = try SoundFileWriter(
            path: draft, format: format.soundFormat, rate: rate, channels: partial.channelCount,
            tags: tags(partial, name),
            calls: calls)
        try decode(partial, frames: frames) { (samples) throws(FileFailure) in
            try writer.write(samples)
            peaks.add(samples)
            meter.add(samples)
        }
        let bytes = try writer.finish()
        try check(draft, frames: frames, channels: partial.channelCount)
        let sha256 = try FileHash.sha256(draft)
        try Files.replace(peaksDraft, with: peaks.finish(), calls: calls)
        let figures = meter.finish(missing: missing)
        try Files.replace(figuresDraft, with: try DerivedFiles.encode(figures, path: figuresDraft), calls: calls)
        try Files.rename(peaksDraft, to: "\(folder)/\(stem).dat")
        try Files.rename(figuresDraft, to: "\(folder)/\(stem).silence.json")
        try Files.rename(draft, to: "\(folder)/\(file)")
        try Files.syncFolder(folder)

        let all = missing.reduce(into: IntervalSet()) { $0.formUnion($1) }
        return FinishedRecording(
            recording: partial.recording, call: partial.call, file: "\(name.folder)/\(file)",
            format: format.fileExtension, rate: Int(rate), frames: frames, bytes: bytes, sha256: sha256,
            gaps: all.pairs(times: unit), channelGaps: missing.map { $0.pairs(times: unit) },
            recovered: isInterrupted, startedAt: partial.start, length: AudioPosition(units: frames * unit),
            channels: partial.channels, figures: figures)
    }

    /// Gives the interleaved samples of the whole recording, chunk by chunk.
    private func decode(
        _ partial: Partial, frames: Int64, to sink: (UnsafeBufferPointer<Int16>) throws(FileFailure) -> Void
    ) throws(FileFailure) {
        struct Source {
            var file: OpenFile
            var table: [Int16]
            var track: Partial.Track
        }
        var sources: [Source] = []
        for track in partial.tracks {
            guard let table = G711.table(codec: track.codec) else { continue }
            let file = try OpenFile(partials.trackPath(partial, track), O_RDONLY)
            sources.append(Source(file: file, table: table, track: track))
        }
        let channels = partial.channelCount
        let chunk = Int(Self.chunkFrames)
        let samples = UnsafeMutableBufferPointer<Int16>.allocate(capacity: chunk * channels)
        let encoded = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 8)
        defer {
            samples.deallocate()
            encoded.deallocate()
        }
        var first: Int64 = 0
        while first < frames {
            let count = min(Self.chunkFrames, frames - first)
            samples.update(repeating: 0)
            for source in sources {
                let intervals = source.track.present.intervals
                var index = source.track.present.firstIndex(reaching: first)
                while index < intervals.count, intervals[index].from < first + count {
                    let from = max(first, intervals[index].from)
                    let to = min(first + count, intervals[index].to)
                    index += 1
                    guard from < to else { continue }
                    let bytes = UnsafeMutableRawBufferPointer(rebasing: encoded[..<Int(to - from)])
                    guard try source.file.read(into: bytes, at: from) == bytes.count else {
                        // The index never names what was not made durable: somebody shortened the file.
                        throw FileFailure(path: source.file.path, operation: "read to the end", errno: EIO)
                    }
                    var place = Int(from - first) * channels + Int(source.track.channel)
                    for byte in bytes {
                        samples[place] = source.table[Int(byte)]
                        place += channels
                    }
                }
            }
            try sink(UnsafeBufferPointer(rebasing: samples[..<(Int(count) * channels)]))
            first += count
        }
    }

    private func tags(_ partial: Partial, _ name: RecordingName) -> SoundFileTags {
        let channels = partial.channels.map { channel in
            let side = channel.index == 0 ? "left" : channel.index == 1 ? "right" : "channel \(channel.index)"
            return "\(side)=\(channel.tap):\(channel.leg)"
        }
        return SoundFileTags(
            title: "call \(partial.call)", date: name.startText,
            comment: (["recording=\(partial.recording)", "call=\(partial.call)", "start=\(name.startText)"] + channels)
                .joined(separator: " "))
    }

    /// The stem, or, where another recording of the same call and second has that name, a longer one.
    private func freeStem(
        _ name: RecordingName, in folder: String, for recording: RecordingID, format: RecordingFormat
    ) throws(FileFailure) -> String {
        let path = "\(folder)/\(name.stem).\(format.fileExtension)"
        guard try Files.kind(path) != nil else { return name.stem }
        do throws(RecordingError) {
            let comment = try SoundFileInfo(path: path).comment ?? ""
            if comment.contains("recording=\(recording)") { return name.stem }
        } catch {
            // Unreadable: whatever it is, it is not overwritten.
        }
        return "\(name.stem)-\(recording)"
    }

    /// What was written is read back before it gets its name.
    private func check(_ path: String, frames: Int64, channels: Int) throws(FileFailure) {
        do throws(RecordingError) {
            let info = try SoundFileInfo(path: path)
            if info.frames == frames && info.channels == channels { return }
        } catch {
            throw FileFailure(path: path, operation: "reading back (\(error.message))", errno: EIO)
        }
        throw FileFailure(path: path, operation: "reading back (wrong length)", errno: EIO)
    }

}

/// SHA-256 of files.
enum FileHash {
    /// 64 characters, lower-case hex.
    static func sha256(_ path: String) throws(FileFailure) -> String {
        let file = try OpenFile(path, O_RDONLY)
        var hash = SHA256Stream()
        var bytes = [UInt8](repeating: 0, count: 262_144)
        var place: Int64 = 0
        while true {
            var span = bytes.mutableSpan
            let count = try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in
                try file.read(into: buffer, at: place)
            }
            if count == 0 { return hash.finish() }
            hash.update(bytes: bytes[..<count])
            place += Int64(count)
        }
    }
}
