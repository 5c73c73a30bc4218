import Calls
import Recordings
import Storage

/// How far an import is.
public struct ImportProgress: Sendable, Hashable {
    public var done = 0
    public var total: Int
    public var placed = 0
    public var known = 0
    public var refused = 0

    public init(total: Int) { self.total = total }
}

/// Takes another system's recordings in: reads each file, keeps it as FLAC in the data folder, and hands it to whoever
/// journals it, a batch at a time. Names and identifiers follow from the audio and its record alone, so that after an end
/// at any point the same command goes on: what is journalled is passed over, what was only placed is placed again.
public struct RecordingImporter: Sendable {
    private let folder: ImportFolder
    private let recordings: String
    private let keys: RecordingKeys?
    private let mapping: CallRecordMapping
    private let recordFile: String
    private let minimumFreeBytes: Int64
    private let known: @Sendable ([String]) async throws -> [String: KnownImport]
    private let hand: (@Sendable ([ImportedRecording]) async throws -> [TakenRecording])?

    /// - Parameters:
    ///   - recordings: the folder of recordings.
    ///   - keys: what recordings are encrypted with; nil: they are not.
    ///   - recordFile: the name of the file of records, without its folder.
    ///   - minimumFreeBytes: where the disk has less free, the import ends: the room is kept for calls.
    ///   - known: which files, by their SHA-256, were imported before.
    ///   - hand: journals a batch; nil: a dry run, in which nothing is written anywhere.
    public init(
        folder: ImportFolder, recordings: String, keys: RecordingKeys? = nil, mapping: CallRecordMapping,
        recordFile: String,
        minimumFreeBytes: Int64, known: @escaping @Sendable ([String]) async throws -> [String: KnownImport],
        hand: (@Sendable ([ImportedRecording]) async throws -> [TakenRecording])?
    ) {
        self.folder = folder
        self.recordings = recordings
        self.keys = keys
        self.mapping = mapping
        self.recordFile = recordFile
        self.minimumFreeBytes = minimumFreeBytes
        self.known = known
        self.hand = hand
    }

    /// - Parameter progress: told after each batch.
    /// - Throws: `RecordingError` for a folder that cannot be listed and a disk that is full; what `known` and `hand` throw;
    ///   `CancellationError`. What was done until then is done.
    public func run(
        _ records: CallRecordFile, progress: @Sendable (ImportProgress) -> Void
    ) async throws -> ImportReport {
        let source = folder
        let listing = await DiskWork.run { () -> Result<ImportFolder.Listing, RecordingError> in
            do throws(RecordingError) { return .success(try source.list()) } catch { return .failure(error) }
        }
        let plan = ImportPlan(records, try listing.get(), mapping)
        var report = ImportReport(isDryRun: hand == nil)
        report.records = plan.records
        report.files = plan.files
        report.passedOver = plan.passedOver
        report.refused = plan.refused
        var state = ImportProgress(total: plan.items.count)
        state.refused = plan.refused.count
        progress(state)
        // Which line each audio belongs to: the same audio under two names is one recording.
        var lines: [String: Int] = [:]
        for first in stride(from: 0, to: plan.items.count, by: RecordingBook.mostAtOnce) {
            try Task.checkCancellation()
            let batch = Array(plan.items[first..<min(first + RecordingBook.mostAtOnce, plan.items.count)])
            try await take(batch, &lines, &report)
            state.done += batch.count
            state.placed = report.placed
            state.known = report.known
            state.refused = report.refused.count
            progress(state)
        }
        return report
    }

    /// A file that is open, or why it is not.
    private struct Opened: Sendable {
        var item: ImportPlan.Item
        var source: Result<ImportSource, RecordingError>
    }

    /// A recording that was placed, or why it was not.
    private struct Placed: Sendable {
        var item: ImportPlan.Item
        var result: Result<(recording: ImportedRecording, audio: PlacedAudio), RecordingError>
    }

    private func take(_ batch: [ImportPlan.Item], _ lines: inout [String: Int], _ report: inout ImportReport)
        async throws
    {
        let path = folder.path
        let opened = await DiskWork.run {
            batch.map { item in
                Opened(
                    item: item,
                    source: Result { () throws(RecordingError) in
                        try ImportSource(folder: path, name: item.file)
                    })
            }
        }
        let hashes = opened.compactMap { one -> String? in
            if case .success(let source) = one.source { source.sha256 } else { nil }
        }
        let before = try await hashes.isEmpty ? [:] : known(hashes)
        var fresh: [(item: ImportPlan.Item, source: ImportSource)] = []
        for one in opened {
            switch one.source {
            case .failure(let error): refuse(one.item, .audio, error.message, &report)
            case .success(let source):
                let sha256 = source.sha256
                let own = identifiers(one.item.record, source)
                if let line = lines[sha256] {
                    refuse(one.item, .duplicate, "it is the same audio as that of line \(line)", &report)
                } else if let known = before[sha256] {
                    lines[sha256] = one.item.record.line
                    if known.recording == own.recording {
                        report.known += 1
                    } else {
                        refuse(one.item, .duplicate, RecordingBook.duplicate(known), &report)
                    }
                } else {
                    lines[sha256] = one.item.record.line
                    fresh.append((one.item, source))
                }
            }
        }
        try await place(fresh, &report)
    }

    private func place(
        _ fresh: [(item: ImportPlan.Item, source: ImportSource)], _ report: inout ImportReport
    ) async throws {
        guard !fresh.isEmpty else { return }
        let isDry = hand == nil
        let placer = ImportPlacer(recordings: recordings, keys: keys)
        let (columns, table, room) = (mapping, recordFile, (folder: recordings, bytes: minimumFreeBytes))
        let work = fresh.map { (item: $0.item, source: $0.source, identifiers: identifiers($0.item.record, $0.source)) }
        let placed = await DiskWork.run { () -> Result<[Placed], RecordingError> in
            do throws(RecordingError) {
                if !isDry { try Self.checkRoom(room.folder, room.bytes) }
                var placed: [Placed] = []
                for (item, source, identifiers) in work {
                    placed.append(
                        Placed(
                            item: item,
                            result: Result { () throws(RecordingError) in
                                try Self.place(item, source, identifiers, columns, table, isDry ? nil : placer)
                            }))
                }
                try placer.sync(
                    placed.compactMap { one -> String? in
                        if !isDry, case .success(let done) = one.result { done.audio.file } else { nil }
                    })
                return .success(placed)
            } catch {
                return .failure(error)
            }
        }
        var handed: [Placed] = []
        for one in try placed.get() {
            switch one.result {
            case .success: handed.append(one)
            case .failure(let error) where error.code == .room || error.code == .finish: throw error
            case .failure(let error):
                refuse(one.item, error.code == Self.lengthCode ? .length : .audio, error.message, &report)
            }
        }
        if let taker = hand {
            try await journal(handed, taker, placer, &report)
        } else {
            report.placed += handed.count
        }
    }

    private func journal(
        _ handed: [Placed], _ hand: @Sendable ([ImportedRecording]) async throws -> [TakenRecording],
        _ placer: ImportPlacer, _ report: inout ImportReport
    ) async throws {
        let recordings = try handed.map { try $0.result.get() }
        guard !recordings.isEmpty else { return }
        let answers = try await hand(recordings.map(\.recording))
        guard answers.map(\.recording) == recordings.map(\.recording.imported.recording) else {
            throw SwitchboardError(.damaged, "the server answered to other recordings than were handed to it")
        }
        for (index, answer) in answers.enumerated() {
            switch answer.state {
            case .new: report.placed += 1
            case .known: report.known += 1
            case .refused:
                refuse(handed[index].item, .refused, answer.message ?? "the server refused it", &report)
                // Its file is nobody's, unless another import brought the same meanwhile.
                let (imported, audio) = (recordings[index].recording.imported, recordings[index].audio)
                let now = try await known([imported.source.sha256])[imported.source.sha256]
                if now?.recording != imported.recording {
                    let result = await DiskWork.run { () -> Result<Void, RecordingError> in
                        do throws(RecordingError) { return .success(try placer.remove(audio)) } catch {
                            return .failure(error)
                        }
                    }
                    try result.get()
                }
            }
        }
    }

    private func refuse(
        _ item: ImportPlan.Item, _ reason: ImportRefusal.Reason, _ message: String, _ report: inout ImportReport
    ) {
        report.refused.append(ImportRefusal(reason, file: item.file, line: item.record.line, message))
    }

    private func identifiers(_ record: CallRecord, _ source: ImportSource) -> ImportIdentifiers {
        ImportIdentifiers(source: source.sha256, record: record.sha256, wall: record.answered)
    }

    // MARK: on the disk

    private static let lengthCode = RecordingError.Code("length")

    private static func checkRoom(_ recordings: String, _ minimum: Int64) throws(RecordingError) {
        // The folder of recordings is made with the first of them.
        let parent = recordings.lastIndex(of: "/").map { String(recordings[..<$0]) } ?? "."
        let free = try DiskSpace(of: parent.isEmpty ? "/" : parent).freeBytes
        guard free >= minimum else {
            throw RecordingError(
                .room,
                "only \(free / 1_000_000) MB are free, and \(minimum / 1_000_000) MB are kept for calls: make room, "
                    + "then give the same command again, which goes on where it ended")
        }
    }

    /// - Parameter placer: nil: nothing is written.
    private static func place(
        _ item: ImportPlan.Item, _ source: ImportSource, _ identifiers: ImportIdentifiers, _ mapping: CallRecordMapping,
        _ recordFile: String, _ placer: ImportPlacer?
    ) throws(RecordingError) -> (recording: ImportedRecording, audio: PlacedAudio) {
        let record = item.record
        let sound = try source.look()
        if mapping.checksLength, let complaint = complaint(record, milliseconds: sound.milliseconds) {
            throw RecordingError(lengthCode, complaint)
        }
        let audio: PlacedAudio
        if let placer {
            audio = try placer.place(
                source, recording: identifiers.recording, call: identifiers.call, start: record.answered)
        } else {
            audio = PlacedAudio(
                file: ImportPlacer.file(start: record.answered, call: identifiers.call), rate: sound.rate,
                channels: sound.channels, frames: sound.frames, bytes: 0, sha256: "", sourceFormat: "",
                figures: SoundFigures(
                    rate: sound.rate, frames: sound.frames, silenceMilliseconds: 0, overtalkMilliseconds: 0,
                    channels: []))
        }
        let none = Instant(wall: 0, mono: 0)
        let roles = audio.channels == 1 ? ["mixed"] : mapping.channels
        let channels = roles.enumerated().map { index, role in
            RecordingPlanned.Channel(index: index, leg: identifiers.legs[index], role: role, tap: "imported")
        }
        let imported = RecordingImported(
            recording: identifiers.recording, call: identifiers.call, at: none, system: mapping.system,
            direction: record.direction, caller: record.caller, called: record.called, agent: record.agent,
            began: record.began, answered: record.answered, seconds: record.seconds, channels: channels,
            file: audio.file, format: "flac", rate: audio.rate, frames: audio.frames, bytes: audio.bytes,
            sha256: audio.sha256,
            source: .init(
                file: item.file, sha256: source.sha256, bytes: source.bytes, format: audio.sourceFormat),
            record: .init(
                file: recordFile, line: record.line, sha256: record.sha256, id: record.id,
                disposition: record.disposition))
        let measured = RecordingMeasured(
            audio.figures, recording: identifiers.recording, call: identifiers.call, at: none)
        return (ImportedRecording(imported: imported, measured: measured), audio)
    }

    /// A recorder may begin late and end late; what is less than half of the talk, or a minute more than it, belongs to
    /// another call or was cut off.
    static func complaint(_ record: CallRecord, milliseconds: Int64) -> String? {
        let talk = Int64(record.seconds) * 1000
        let waited = (record.answered - record.began) / 1000
        let shown = { (value: Int64) in "\(value / 1000).\(value % 1000 / 100) s" }
        if milliseconds > talk + waited + 60_000 {
            return "it lasts \(shown(milliseconds)), and the record tells of \(record.seconds) s: is it this call's?"
        }
        if milliseconds < talk / 2 - 5000 {
            return
                "it lasts \(shown(milliseconds)) of the \(record.seconds) s that the record tells of: was it cut off?"
        }
        return nil
    }
}
