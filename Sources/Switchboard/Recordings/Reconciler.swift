import Calls
import Recordings
import Storage

/// Lays calls, recordings and files beside each other. Reads only; beside a running server or without one.
public struct Reconciler: Sendable {
    /// What a check brought, and what it looked at.
    package struct Outcome: Sendable {
        package var report: ReconciliationReport
        /// The last recording that the budget reached; nil: from the first again.
        package var hashedUpTo: RecordingID?
        /// Of recordings that had no figures.
        package var measured: [RecordingMeasured] = []
        var calls: Set<CallID> = []
        var recordings: Set<RecordingID> = []
        var intact: Set<RecordingID> = []
        var strays: Set<String> = []

        /// Whether the check would have found this alarm's cause, if it were still there.
        package func examined(_ alarm: RecordingAlarm) -> Bool {
            switch alarm.kind {
            case .missingRecording, .length: alarm.call.map(calls.contains) ?? false
            // Only who reads the file knows that it is as it was.
            case .altered: alarm.recording.map(intact.contains) ?? false
            case .strayFile: strays.contains(alarm.subject)
            default: alarm.recording.map(recordings.contains) ?? false
            }
        }
    }

    /// A file that was read.
    private struct Hashed: Sendable {
        var recording: RecordingCheck
        var finding: RecordingVerifier.Finding
        var figures: SoundFigures?
    }

    /// A file so young may wait for its row.
    private static let youngMicroseconds: Int64 = 600_000_000

    private let reader: StoreReader
    private let verifier: RecordingVerifier

    /// - Parameters:
    ///   - folder: of the recordings.
    ///   - archive: of the archived ones; nil: there is none.
    ///   - keys: what opens encrypted ones; nil: there are none.
    public init(reader: StoreReader, folder: String, archive: String? = nil, keys: RecordingKeys? = nil) {
        self.reader = reader
        verifier = RecordingVerifier(folder: folder, archive: archive, keys: keys)
    }

    /// - Parameter now: wall time.
    /// - Throws: `StorageError`, `RecordingError`, `CancellationError`.
    public func run(_ question: ReconciliationQuestion, now: UTCTime) async throws -> ReconciliationReport {
        try await check(question, now: now).report
    }

    package func check(_ question: ReconciliationQuestion, now: UTCTime) async throws -> Outcome {
        var outcome = Outcome(report: ReconciliationReport(from: question.from, to: question.to))
        let alarms = try await reader.openRecordingAlarms()
        var rows: [RecordingCheck] = []
        var after: CallID?
        while true {
            try Task.checkCancellation()
            let page = try await reader.callChecks(from: question.from, to: question.to, after: after, limit: 500)
            try await take(page, now: now, into: &outcome)
            rows += page.flatMap(\.recordings).filter { $0.state == .finished }
            guard page.count == 500, let last = page.last else { break }
            after = last.id
        }
        // What is open from before the period may be mended meanwhile.
        var reopened: [RecordingCheck] = []
        for alarm in alarms {
            if let id = alarm.call, !outcome.calls.contains(id), let call = try await reader.callCheck(id) {
                try await take([call], now: now, into: &outcome)
            }
            guard alarm.kind == .altered, let id = alarm.recording,
                let row = try await reader.recordingCheck(id), row.state == .finished
            else { continue }
            reopened.append(row)
        }
        try await listFiles(question, alarms, now: now, into: &outcome)
        try await hash(question.hashing, rows, reopened, into: &outcome)
        outcome.report.findings = outcome.report.findings.reduce(into: []) { findings, finding in
            // A file cut short is found by its length and by its hash.
            if !findings.contains(where: { $0.kind == finding.kind && $0.subject == finding.subject }) {
                findings.append(finding)
            }
        }
        return outcome
    }

    // MARK: rows

    private func take(_ calls: [CallCheck], now: UTCTime, into outcome: inout Outcome) async throws {
        for call in calls {
            outcome.report.findings += RecordingRules.findings(call, now: now)
            outcome.calls.insert(call.id)
            for recording in call.recordings { outcome.recordings.insert(recording.id) }
        }
        outcome.report.calls += calls.count
        let finished = calls.flatMap(\.recordings).filter { $0.state == .finished }
        outcome.report.recordings += calls.reduce(0) { $0 + $1.recordings.count }
        let looked = try await IdleWork.run { [verifier] _ in
            finished.map {
                ($0, $0.file.map { [bytes = $0.bytes] file in verifier.look(file, bytes: bytes) } ?? .missing)
            }
        }
        for (recording, finding) in looked { report(recording, finding, into: &outcome) }
    }

    private func report(
        _ recording: RecordingCheck, _ finding: RecordingVerifier.Finding, into outcome: inout Outcome
    ) {
        switch finding {
        case .ok: break
        case .missing: outcome.report.findings.append(Self.missing(recording))
        case .altered(let reason): outcome.report.findings.append(RecordingFinding(.altered, recording, reason))
        }
    }

    static func missing(_ recording: RecordingCheck) -> RecordingFinding {
        RecordingFinding(.missingFile, recording, "\(recording.file ?? "the file") is gone")
    }

    // MARK: files

    private func listFiles(
        _ question: ReconciliationQuestion, _ alarms: [RecordingAlarm], now: UTCTime, into outcome: inout Outcome
    ) async throws {
        let before = alarms.filter { $0.kind == .strayFile }.map(\.subject)
        let days = Self.days(from: question.from, to: question.to)
        let listed = try await IdleWork.run { [verifier] isCancelled -> Result<[String], RecordingError> in
            var files: [String] = []
            do throws(RecordingError) {
                for day in days where !isCancelled() { try verifier.list(below: day) { files.append($0) } }
            } catch {
                return .failure(error)
            }
            let old = files.filter { file in
                verifier.writtenAt(file).map { now.microseconds - $0 > Self.youngMicroseconds } ?? false
            }
            return .success(old + before.filter { verifier.writtenAt($0) != nil })
        }
        try Task.checkCancellation()
        let files = Set(try listed.get())
        outcome.report.files = files.count
        outcome.strays = Set(before)
        for file in files.sorted() {
            guard try await reader.knownFiles(Self.candidates(file)).isEmpty else { continue }
            outcome.strays.remove(file)
            outcome.report.findings.append(
                RecordingFinding(.strayFile, subject: file, file: file, "no recording names this file"))
        }
    }

    /// What a recording of this file, or with this file beside it, would be called.
    private static func candidates(_ file: String) -> [String] {
        for ending in [".silence.json", ".dat"] where file.hasSuffix(ending) {
            let stem = file.dropLast(ending.count)
            return ["\(stem).flac", "\(stem).wav"]
        }
        return [file]
    }

    /// The folders of a period's days, and of the day on either side: `2026/11/22`; the whole folder for a long period.
    private static func days(from: UTCTime, to: UTCTime) -> [String] {
        let day: Int64 = 86_400_000_000
        guard to.microseconds - from.microseconds <= 400 * day else { return [""] }
        return stride(from: from.microseconds - day, through: to.microseconds + day, by: Int(day)).map { moment in
            UTCTime(microseconds: moment).description.prefix(10).split(separator: "-").joined(separator: "/")
        }
    }

    // MARK: hashes

    private func hash(
        _ hashing: ReconciliationQuestion.Hashing, _ rows: [RecordingCheck], _ reopened: [RecordingCheck],
        into outcome: inout Outcome
    ) async throws {
        var left = Int64.max
        var after: RecordingID?
        if case .budget(let bytes, let behind) = hashing { (left, after) = (bytes, behind) }
        _ = try await read(reopened, left: &left, into: &outcome)
        guard case .budget = hashing else {
            _ = try await read(rows, left: &left, into: &outcome)
            return
        }
        let begin = after
        var hasTurned = after == nil
        while left > 0 {
            var page = try await reader.finishedRecordings(after: after, limit: 50)
            if page.isEmpty {
                if hasTurned {
                    after = nil
                    break
                }
                hasTurned = true
                after = nil
                continue
            }
            // Once round is enough.
            if hasTurned, let begin { page.removeAll { $0.id > begin } }
            if page.isEmpty { break }
            let reached = try await read(page, left: &left, into: &outcome)
            after = reached ?? after
            if reached != page.last?.id { break }
        }
        outcome.hashedUpTo = after
    }

    /// - Returns: the last one read; nil where the budget was spent before the first.
    private func read(
        _ rows: [RecordingCheck], left: inout Int64, into outcome: inout Outcome
    ) async throws -> RecordingID? {
        var reached: RecordingID?
        for row in rows {
            try Task.checkCancellation()
            guard left > 0 else { break }
            if !outcome.intact.contains(row.id) {
                let hashed = try await IdleWork.run { [verifier] _ in Self.read(row, verifier) }
                take(hashed, into: &outcome)
                left -= row.bytes ?? 0
            }
            reached = row.id
        }
        return reached
    }

    private func take(_ hashed: Hashed, into outcome: inout Outcome) {
        let row = hashed.recording
        outcome.report.hashed += 1
        outcome.report.hashedBytes += row.bytes ?? 0
        if hashed.finding == .ok { outcome.intact.insert(row.id) }
        report(row, hashed.finding, into: &outcome)
        if let figures = hashed.figures {
            // Its instant is given by whoever journals it.
            outcome.measured.append(
                RecordingMeasured(figures, recording: row.id, call: row.callID, at: Instant(wall: 0, mono: 0)))
        }
    }

    private static func read(_ row: RecordingCheck, _ verifier: RecordingVerifier) -> Hashed {
        guard let file = row.file, let sha256 = row.sha256, let frames = row.frames else {
            return Hashed(recording: row, finding: .missing)
        }
        let finding = verifier.check(
            RecordingVerifier.Row(
                id: row.id, file: file, sha256: sha256, frames: frames, channels: row.channelCount))
        var hashed = Hashed(recording: row, finding: finding)
        if finding == .ok, row.figures == nil {
            // A file just read whole can be measured; where not, the next time tells.
            hashed.figures = try? DerivedFiles.measure(verifier.places.path(of: file), keys: verifier.places.keys)
                .figures
        }
        return hashed
    }
}

extension RecordingMeasured {
    /// The figures as the journal keeps them.
    public init(_ figures: SoundFigures, recording: RecordingID, call: CallID, at: Instant) {
        self.init(
            recording: recording, call: call, at: at, lengthMilliseconds: figures.lengthMilliseconds,
            silenceMilliseconds: figures.silenceMilliseconds, overtalkMilliseconds: figures.overtalkMilliseconds,
            thresholdDecibels: figures.thresholdDecibels,
            channels: figures.channels.map {
                Channel(
                    index: $0.index, missingMilliseconds: $0.missingMilliseconds, talkMilliseconds: $0.talkMilliseconds,
                    peak: $0.peak, level: $0.level, clippedSamples: $0.clippedSamples)
            })
    }
}
