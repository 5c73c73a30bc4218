import Calls
import Glibc

/// One recording on its way to its file, step by step. After any step the process may end: the next run begins with the
/// same partial files at the first step, and comes to the same bytes under the same name.
///
/// Memory does not grow with the recording's length, but for four bytes of peaks every 256 samples and one of figures
/// every 20 ms.
package struct Finishing: Sendable {
    /// In this order.
    package enum Step: String, Sendable, CaseIterable {
        /// The day's folder is there.
        case folder
        /// The audio stands in a draft whose name is nobody's recording, and is durable.
        case audio
        /// The draft's length was read back.
        case readBack
        case hash
        /// The drafts of what follows from the audio are there.
        case peaks
        case figures
        case namePeaks
        case nameFigures
        case nameAudio
        /// The names are durable.
        case syncFolder
    }

    /// Nil: done.
    package private(set) var next: Step? = .folder
    /// Once it is done.
    package private(set) var finished: FinishedRecording?

    private let partial: Partial
    private let isInterrupted: Bool
    private let rate: Int64
    private let unit: Int64
    private let frames: Int64
    private let format: RecordingFormat
    private let name: RecordingName
    private let folder: String
    private let missing: [IntervalSet]
    private let partials: PartialFolder
    private let keys: RecordingKeys?
    /// What the files are encrypted with; nil: they are not.
    private let key: RecordingKey?
    private let calls: DiskCalls

    /// Chosen with the folder: another recording may have the first choice.
    private var stem = ""
    private var bytes: Int64 = 0
    private var sha256 = ""
    private var peaks: [UInt8] = []
    private var figures: SoundFigures?

    /// - Throws: `.codec` where the recording has audio of several rates.
    init(
        _ ended: Demultiplexer.Ended, recordings: String, partials: PartialFolder, format: RecordingFormat,
        keys: RecordingKeys?, calls: DiskCalls
    ) throws(RecordingError) {
        partial = ended.partial
        isInterrupted = ended.isInterrupted
        self.partials = partials
        self.keys = keys
        key = keys?.current
        self.calls = calls
        rate = try partial.rate()
        unit = AudioPosition.unitsPerSecond / rate
        frames = partial.currentLength / unit
        // FLAC cannot say "no samples": its zero means an unknown number.
        self.format = frames == 0 && format == .flac ? .wav : format
        name = RecordingName(start: partial.start, call: partial.call)
        folder = "\(recordings)/\(name.folder)"
        missing = partial.missing(frames: frames)
    }

    private var file: String { "\(stem).\(format.fileExtension)" }
    /// A name that begins with a dot is nobody's recording.
    private var draft: String { "\(folder)/.\(file).tmp" }
    private var peaksDraft: String { "\(folder)/.\(stem).dat.tmp" }
    private var figuresDraft: String { "\(folder)/.\(stem).silence.json.tmp" }

    /// Does the next step; nothing where it is done. A step that failed is not passed.
    /// - Throws: `.finish`, with the system's errno.
    package mutating func advance() throws(RecordingError) {
        guard let step = next else { return }
        do throws(FileFailure) {
            try perform(step)
        } catch {
            throw RecordingError(
                .finish,
                "Recording \(partial.recording) cannot be finished: \(error.text). Its partial files stay; "
                    + "free some room or mend the disk.",
                errno: error.errno, recording: partial.recording, call: partial.call)
        }
        let place = Step.allCases.firstIndex(of: step) ?? 0
        next = place + 1 < Step.allCases.count ? Step.allCases[place + 1] : nil
        if next == nil { finished = result }
    }

    /// Does all steps that are left.
    package mutating func run() throws(RecordingError) {
        while next != nil { try advance() }
    }

    private mutating func perform(_ step: Step) throws(FileFailure) {
        switch step {
        case .folder:
            try Files.makeFolder(folder, calls: calls)
            stem = try freeStem()
        case .audio: try writeAudio()
        case .readBack: try readBack()
        case .hash: sha256 = try FileHash.sha256(draft, keys: keys)
        case .peaks:
            try Files.replace(
                peaksDraft, with: try Files.stored(peaks, path: peaksDraft, key: key), calls: calls)
        case .figures:
            guard let figures else { break }
            let bytes = try DerivedFiles.encode(figures, path: figuresDraft)
            try Files.replace(
                figuresDraft, with: try Files.stored(bytes, path: figuresDraft, key: key), calls: calls)
        case .namePeaks: try Files.rename(peaksDraft, to: "\(folder)/\(stem).dat")
        case .nameFigures: try Files.rename(figuresDraft, to: "\(folder)/\(stem).silence.json")
        case .nameAudio: try Files.rename(draft, to: "\(folder)/\(file)")
        case .syncFolder: try Files.syncFolder(folder, calls: calls)
        }
    }

    private var result: FinishedRecording? {
        guard let figures else { return nil }
        let all = missing.reduce(into: IntervalSet()) { $0.formUnion($1) }
        return FinishedRecording(
            recording: partial.recording, call: partial.call, file: "\(name.folder)/\(file)",
            format: format.fileExtension, rate: Int(rate), frames: frames, bytes: bytes, sha256: sha256,
            gaps: all.pairs(times: unit), channelGaps: missing.map { $0.pairs(times: unit) },
            recovered: isInterrupted, startedAt: partial.start, length: AudioPosition(units: frames * unit),
            channels: partial.channels, figures: figures)
    }

    private mutating func writeAudio() throws(FileFailure) {
        var peaks = Peaks(rate: rate, channels: partial.channelCount)
        var meter = SoundMeter(rate: rate, channels: partial.channelCount)
        let writer = try SoundFileWriter(
            path: draft, format: format.soundFormat, rate: rate, channels: partial.channelCount, tags: tags,
            key: key, calls: calls)
        let decoder = TrackDecoder(partial: partial, partials: partials)
        try decoder.decode(frames: frames) { (samples) throws(FileFailure) in
            try writer.write(samples)
            peaks.add(samples)
            meter.add(samples)
        }
        bytes = try writer.finish()
        self.peaks = peaks.finish()
        figures = meter.finish(missing: missing)
    }

    private var tags: SoundFileTags {
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
    private func freeStem() throws(FileFailure) -> String {
        let path = "\(folder)/\(name.stem).\(format.fileExtension)"
        let longer = "\(name.stem)-\(partial.recording)"
        // Made before, when the other one was there first.
        if try Files.kind("\(folder)/\(longer).\(format.fileExtension)") != nil { return longer }
        guard try Files.kind(path) != nil else { return name.stem }
        let found: SoundFileInfo
        do throws(RecordingError) {
            found = try SoundFileInfo(path: path, keys: keys)
        } catch {
            // Unreadable: whatever it is, it is not overwritten.
            return longer
        }
        guard found.comment?.contains("recording=\(partial.recording)") == true else {
            return longer
        }
        // What is left of a recording whose file is made must not take that file's place.
        guard found.frames <= frames else {
            throw FileFailure(path: path, operation: "replacing it by a shorter copy", errno: EEXIST)
        }
        return name.stem
    }

    /// What was written is read back before it gets its name.
    private func readBack() throws(FileFailure) {
        do throws(RecordingError) {
            let info = try SoundFileInfo(path: draft, keys: keys)
            if info.frames == frames && info.channels == partial.channelCount { return }
        } catch {
            throw FileFailure(path: draft, operation: "reading back (\(error.message))", errno: EIO)
        }
        throw FileFailure(path: draft, operation: "reading back (wrong length)", errno: EIO)
    }
}
