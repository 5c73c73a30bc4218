import Calls
import Recordings
import Storage
import Synchronization

/// Gives recordings out to be heard: as stored, in another form, one side alone; and what is drawn beside them. Each
/// replay is journalled before its first byte goes out.
public final class Replay: Sendable {
    /// Audio ready to be sent.
    public struct Audio: Sendable {
        public var recording: RecordingID
        public var call: CallID
        public var file: RecordingFile
        public var form: ReplayForm
        /// Names these bytes and no others, without quotes.
        public var tag: String
        /// For who saves it.
        public var name: String
    }

    private struct Listener: Hashable {
        var recording: RecordingID
        var token: String
        var by: WorkNumber?
    }

    private let store: Store
    private let places: RecordingPlaces
    private let cache: AudioCache
    private let alarms: RecordingAlarms
    private let time: any TimeSource
    /// When each listener's last fact was written, CLOCK_MONOTONIC nanoseconds.
    private let noted = Mutex<[Listener: Int64]>([:])

    private static let minute: Int64 = 60_000_000_000

    /// - Parameters:
    ///   - folder: of the recordings.
    ///   - archive: of the archived ones; nil: there is none.
    ///   - keys: what opens encrypted ones, and encrypts what is made of any; nil: there are none.
    public init(
        store: Store, folder: String, archive: String? = nil, cache: AudioCache, alarms: RecordingAlarms,
        keys: RecordingKeys? = nil, time: any TimeSource
    ) {
        self.store = store
        places = RecordingPlaces(folder: folder, archive: archive, keys: keys)
        self.cache = cache
        self.alarms = alarms
        self.time = time
    }

    /// A finished recording's audio.
    /// - Parameter format: nil: as stored.
    /// - Throws: `SwitchboardError`: `.notFound`, `.refused` where it is not finished, `.damaged`, `.unavailable`.
    public func audio(
        _ id: RecordingID, format: ReplayForm.Format?, channel: ReplayForm.Side
    ) async throws -> Audio {
        let row = try await finished(id)
        let stored: ReplayForm.Format = row.format == "wav" ? .wav : .flac
        let form = ReplayForm(format: format ?? stored, channel: channel)
        let name = String(row.file.split(separator: "/").last?.prefix { $0 != "." } ?? "recording")
        let side = channel == .both ? "" : "-\(channel.rawValue)"
        let original = try await open(row)
        var audio = Audio(
            recording: id, call: row.call, file: original, form: form, tag: row.sha256,
            name: "\(name)\(side).\(form.format.fileExtension)")
        guard form != ReplayForm(format: stored) else { return audio }
        let path = places.path(of: row.file)
        let keys = places.keys
        audio.file = try await make(
            row, "\(row.sha256.prefix(16))\(side).\(form.format.fileExtension)"
        ) { (target) throws(RecordingError) in
            try Transcoder.write(path, frames: row.frames, as: form, to: target, keys: keys, isSealed: true)
        }
        // Ogg numbers its streams at random: each making is another file.
        audio.tag = "\(row.sha256)\(side)-\(form.format.rawValue)-\(audio.file.length)-\(audio.file.writtenAt)"
        return audio
    }

    /// Writes down that somebody listens; requests of one minute are one replay.
    /// - Throws: `StorageError`: then nothing may be given out.
    public func note(_ audio: Audio, token: String, by: WorkNumber?, reason: String?) async throws {
        let now = time.now()
        let listener = Listener(recording: audio.recording, token: token, by: by)
        let isNew = noted.withLock { noted in
            if let last = noted[listener], now.mono - last < Self.minute { return false }
            if noted.count > 1000 { noted = noted.filter { now.mono - $0.value < Self.minute } }
            noted[listener] = now.mono
            return true
        }
        guard isNew else { return }
        do {
            try await store.record([
                .recordingReplayed(
                    RecordingReplayed(
                        recording: audio.recording, call: audio.call, at: now, token: token, by: by,
                        format: audio.form.format.rawValue, channel: audio.form.channel.rawValue, reason: reason))
            ])
        } catch {
            noted.withLock { $0[listener] = nil }
            throw error
        }
    }

    /// The waveform's peaks, as a file of audiowaveform's form.
    /// - Parameter samplesPerPixel: a multiple of 256, at most 2^24.
    /// - Throws: as `audio`; `.input` for another number.
    public func peaks(_ id: RecordingID, samplesPerPixel: Int) async throws -> [UInt8] {
        let row = try await finished(id)
        let (folder, keys) = (places.folder, places.keys)
        var peaks = await DiskWork.run {
            DerivedFiles.storedPeaks(folder: folder, file: row.file, frames: row.frames, keys: keys)
        }
        if peaks == nil { peaks = PeaksFile(bytes: try await derived(row, .peaks)) }
        guard let peaks else { throw SwitchboardError(.damaged, "the peaks of recording \(id) cannot be made") }
        guard let bytes = peaks.bytes(samplesPerPixel: samplesPerPixel) else {
            throw SwitchboardError(
                .argument, "`samples_per_pixel` must be a multiple of 256, at most \(PeaksFile.maximumSamplesPerPixel)")
        }
        return bytes
    }

    /// Talk, silence and level.
    /// - Throws: as `audio`.
    public func figures(_ id: RecordingID) async throws -> (summary: RecordingSummary, figures: SoundFigures) {
        let row = try await finished(id)
        let (folder, keys) = (places.folder, places.keys)
        var figures = await DiskWork.run {
            DerivedFiles.storedFigures(folder: folder, file: row.file, frames: row.frames, keys: keys)
        }
        if figures == nil { figures = DerivedFiles.figures(try await derived(row, .figures)) }
        guard let figures else { throw SwitchboardError(.damaged, "the figures of recording \(id) cannot be made") }
        return (row.summary, figures)
    }

    /// What happened while it ran; of an unfinished one, too.
    /// - Throws: `SwitchboardError` with code `.notFound`; `StorageError`.
    public func timeline(_ id: RecordingID) async throws -> RecordingTimeline {
        guard let summary = try await store.reader.recording(id),
            let detail = try await store.reader.call(summary.callID)
        else { throw SwitchboardError(.notFound, "there is no recording \(id)") }
        return RecordingTimeline(summary, of: detail)
    }

    /// Forgets every other form of a recording: it is deleted.
    public func forget(_ id: RecordingID) async { await cache.remove(id) }

    // MARK: rows and files

    private struct Row: Sendable {
        var summary: RecordingSummary
        var id: RecordingID
        var call: CallID
        var file: String
        var format: String
        var frames: Int64
        var bytes: Int64
        var sha256: String
    }

    private func finished(_ id: RecordingID) async throws -> Row {
        guard let summary = try await store.reader.recording(id) else {
            throw SwitchboardError(.notFound, "there is no recording \(id)")
        }
        if summary.state == .deleted {
            let when = summary.deletedAt.map { " on \($0)" } ?? ""
            throw SwitchboardError(
                .refused, "recording \(id) was deleted\(when) because \(summary.deletedBecause ?? "it had to be")")
        }
        if summary.state == .failed {
            throw SwitchboardError(
                .refused, "recording \(id) has no file: \(summary.failure ?? "none could be made")")
        }
        guard summary.state == .finished, let file = summary.file, let frames = summary.frames,
            let bytes = summary.bytes, let sha256 = summary.sha256
        else {
            throw SwitchboardError(
                .refused,
                "recording \(id) is not finished (\(summary.state.rawValue)): its file is made after the call; ask again "
                    + "then")
        }
        return Row(
            summary: summary, id: id, call: summary.callID, file: file, format: summary.format ?? "flac",
            frames: frames, bytes: bytes, sha256: sha256)
    }

    /// Opens the stored file, which must be as long as it was finished.
    private func open(_ row: Row) async throws -> RecordingFile {
        let (path, keys) = (places.path(of: row.file), places.keys)
        guard RecordingVerifier.isInside(row.file) else {
            throw await damaged(row, .altered, "the file's name leads out of the folder")
        }
        let result = await DiskWork.run { () -> Result<RecordingFile, RecordingError> in
            do throws(RecordingError) {
                return .success(try RecordingFile(path: path, keys: keys))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let file) where file.length == row.bytes: return file
        case .success(let file):
            throw await damaged(row, .altered, "\(file.length) bytes long, was \(row.bytes)")
        case .failure(let error) where error.code == .missing:
            throw await damaged(row, .missingFile, "\(row.file) is gone")
        case .failure(let error) where error.code == .key:
            // It is not the file that is wrong.
            throw SwitchboardError(.unavailable, error.message)
        case .failure(let error):
            throw await damaged(row, .altered, "cannot be read: \(error.message)")
        }
    }

    private func damaged(_ row: Row, _ kind: RecordingAlarmKind, _ message: String) async -> SwitchboardError {
        await alarms.raise(
            RecordingFinding(
                kind, subject: row.id.description, call: row.call, recording: row.id, file: row.file, message))
        return SwitchboardError(
            .damaged, "the file of recording \(row.id) is not as it was finished: \(message). An alarm is raised")
    }

    private func derived(_ row: Row, _ kind: DerivedFiles.Kind) async throws -> [UInt8] {
        _ = try await open(row)
        let (path, keys) = (places.path(of: row.file), places.keys)
        let file = try await make(row, "\(row.sha256.prefix(16)).\(kind.rawValue)") {
            (target) throws(RecordingError) in
            try DerivedFiles.write(kind, of: path, frames: row.frames, to: target, keys: keys)
        }
        do {
            return try await file.read(at: 0, count: Int(file.length))
        } catch {
            throw SwitchboardError(.unavailable, error.message)
        }
    }

    private func make(
        _ row: Row, _ name: String, _ make: @escaping @Sendable (String) throws(RecordingError) -> Void
    ) async throws -> RecordingFile {
        do {
            return try await cache.file(of: row.id, name, make: make)
        } catch {
            if error.code == .altered { throw await damaged(row, .altered, error.message) }
            throw SwitchboardError(
                [.room, .busy].contains(error.code) ? .unavailable : .damaged, error.message)
        }
    }
}
