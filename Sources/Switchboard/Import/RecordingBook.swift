import Calls
import Recordings
import Storage

/// A recording that was placed in the data folder, and what it measures to: what an import hands to the server.
public struct ImportedRecording: Sendable, Codable, Hashable {
    public var imported: RecordingImported
    public var measured: RecordingMeasured

    public init(imported: RecordingImported, measured: RecordingMeasured) {
        self.imported = imported
        self.measured = measured
    }
}

/// What became of a recording that was handed over.
public struct TakenRecording: Sendable, Codable, Hashable {
    public enum State: String, Sendable, Codable {
        case new
        /// Taken in before.
        case known
        case refused
    }

    public var recording: RecordingID
    public var state: State
    /// Why it was refused.
    public var message: String?

    public init(recording: RecordingID, state: State, message: String? = nil) {
        self.recording = recording
        self.state = state
        self.message = message
    }

    enum CodingKeys: String, CodingKey {
        case recording = "recording_id"
        case state, message
    }
}

/// Takes imported recordings into the store, and writes down which recordings are given out. What is handed over is
/// believed in nothing that can be looked at: name, identifiers, length and hash are checked against the file.
public struct RecordingBook: Sendable {
    /// Recordings that may be handed over at once: what fits into a request.
    public static let mostAtOnce = 20
    /// Recordings whose giving out may be written down at once.
    public static let mostNoted = 500

    private let store: Store
    private let folder: String
    private let keys: RecordingKeys?
    private let time: any TimeSource

    /// - Parameters:
    ///   - folder: of the recordings.
    ///   - keys: what opens encrypted ones; nil: there are none.
    public init(store: Store, folder: String, keys: RecordingKeys? = nil, time: any TimeSource) {
        self.keys = keys
        self.store = store
        self.folder = folder
        self.time = time
    }

    /// - Returns: one answer a recording, in their order.
    /// - Throws: `SwitchboardError` with code `.argument` for too many; `StorageError` where the store is away.
    public func take(_ recordings: [ImportedRecording]) async throws -> [TakenRecording] {
        guard (1...Self.mostAtOnce).contains(recordings.count) else {
            throw SwitchboardError(.argument, "1 to \(Self.mostAtOnce) recordings at once")
        }
        let known = try await store.reader.knownImports(recordings.map(\.imported.source.sha256))
        var taken: [TakenRecording] = []
        var seen: Set<String> = []
        var writing: [(index: Int, recording: ImportedRecording)] = []
        for recording in recordings {
            let imported = recording.imported
            var answer = TakenRecording(recording: imported.recording, state: .new)
            if let before = known[imported.source.sha256] {
                if before.recording == imported.recording {
                    answer.state = .known
                } else {
                    answer = refused(imported, Self.duplicate(before))
                }
            } else if let complaint = Self.complaint(recording, now: time.now()) {
                answer = refused(imported, complaint)
            } else if !seen.insert(imported.source.sha256).inserted {
                answer = refused(imported, "the same audio is handed over twice")
            } else if let complaint = await complaint(aboutFileOf: imported) {
                answer = refused(imported, complaint)
            } else {
                writing.append((taken.count, recording))
            }
            taken.append(answer)
        }
        // Side by side, so that the store commits them together.
        try await withThrowingTaskGroup(of: (Int, StorageError?).self) { group in
            for (index, recording) in writing {
                group.addTask { (index, try await write(recording)) }
            }
            for try await (index, conflict) in group {
                if let conflict { taken[index] = refused(recordings[index].imported, conflict.message) }
            }
        }
        return taken
    }

    /// Writes down that recordings are given out to other programs.
    /// - Throws: `SwitchboardError`: `.argument`, `.notFound`; `StorageError`: then nothing may be given out.
    public func noteExport(
        of recordings: [RecordingID], format: String, token: String, by: WorkNumber?, reason: String?
    ) async throws {
        guard (1...Self.mostNoted).contains(recordings.count) else {
            throw SwitchboardError(.argument, "1 to \(Self.mostNoted) recordings at once")
        }
        let now = time.now()
        var facts: [Fact] = []
        for id in recordings {
            guard let recording = try await store.reader.recording(id) else {
                throw SwitchboardError(.notFound, "there is no recording \(id)")
            }
            facts.append(
                .recordingReplayed(
                    RecordingReplayed(
                        recording: id, call: recording.callID, at: now, token: token, by: by, format: format,
                        channel: "both", reason: reason.map { "export: \($0)" } ?? "export")))
        }
        try await store.record(facts)
    }

    /// - Returns: why the tables do not take it.
    private func write(_ recording: ImportedRecording) async throws -> StorageError? {
        var recording = recording
        let now = time.now()
        recording.imported.at = now
        recording.measured.at = now
        do {
            try await store.record([.recordingImported(recording.imported), .recordingMeasured(recording.measured)])
            return nil
        } catch {
            guard error.code == .conflict || error.code == .argument else { throw error }
            return StorageError(error.code, "it contradicts what is stored")
        }
    }

    private func refused(_ imported: RecordingImported, _ message: String) -> TakenRecording {
        TakenRecording(recording: imported.recording, state: .refused, message: message)
    }

    static func duplicate(_ known: KnownImport) -> String {
        "the same audio was imported with another record, \(known.origin.recordFile) line \(known.origin.recordLine): "
            + "it is recording \(known.recording)"
    }

    private func complaint(aboutFileOf imported: RecordingImported) async -> String? {
        let verifier = RecordingVerifier(folder: folder, keys: keys)
        let row = RecordingVerifier.Row(
            id: imported.recording, file: imported.file, sha256: imported.sha256, frames: imported.frames,
            channels: imported.channels.count)
        let bytes = imported.bytes
        return await DiskWork.run { () -> String? in
            for finding in [verifier.look(row.file, bytes: bytes), verifier.check(row)] {
                switch finding {
                case .ok: continue
                case .missing: return "\(row.file) is not in the data folder"
                case .altered(let what): return "\(row.file): \(what)"
                }
            }
            return nil
        }
    }

    /// What cannot be, whatever the file holds. Pure.
    static func complaint(_ recording: ImportedRecording, now: Instant) -> String? {
        let (one, measured) = (recording.imported, recording.measured)
        func isHash(_ text: String) -> Bool {
            text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        }
        func isText(_ text: String, _ most: Int) -> Bool {
            (1...most).contains(text.utf8.count)
                && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
        }
        guard isHash(one.sha256), isHash(one.source.sha256), isHash(one.record.sha256) else {
            return "a hash is not 64 lower-case hexadecimal digits"
        }
        let identifiers = ImportIdentifiers(
            source: one.source.sha256, record: one.record.sha256, wall: one.answered)
        guard one.recording == identifiers.recording, one.call == identifiers.call else {
            return "its identifiers do not follow from the audio and the record"
        }
        guard one.file == ImportPlacer.file(start: one.answered, call: one.call), one.format == "flac" else {
            return "its file is not where an imported recording's is"
        }
        guard (1...2).contains(one.channels.count), one.channels.map(\.index) == Array(0..<one.channels.count),
            one.channels.allSatisfy({ identifiers.legs.contains($0.leg) && isText($0.role, 16) && isText($0.tap, 16) })
        else { return "its channels are not one or two, numbered from 0" }
        guard isText(one.system, 32), isText(one.called, 64), one.caller.map({ isText($0, 64) }) ?? true,
            isText(one.source.file, ImportFolder.longestPath), isText(one.source.format, 16),
            isText(one.record.file, 255), one.record.id.map({ isText($0, 128) }) ?? true,
            one.record.disposition.map({ isText($0, 128) }) ?? true
        else { return "a text in it is empty, too long, or holds control characters" }
        let day: Int64 = 86_400_000_000
        guard one.began >= 631_152_000_000_000, one.began <= now.wall + day, one.answered >= one.began,
            one.answered <= one.began + day, (0...86_400).contains(one.seconds), one.record.line >= 1,
            (4000...96_000).contains(one.rate), one.frames > 0, one.frames <= 86_400 * Int64(one.rate), one.bytes > 0,
            one.source.bytes > 0
        else { return "a time, a length or a number in it cannot be" }
        guard measured.recording == one.recording, measured.call == one.call,
            measured.lengthMilliseconds == one.frames * 1000 / Int64(one.rate),
            measured.silenceMilliseconds >= 0, measured.overtalkMilliseconds >= 0,
            measured.channels.map(\.index) == one.channels.map(\.index),
            measured.channels.allSatisfy({
                $0.missingMilliseconds >= 0 && $0.talkMilliseconds >= 0 && (0...32_768).contains($0.peak)
                    && $0.clippedSamples >= 0
            })
        else { return "its figures are not those of the recording" }
        return nil
    }
}
