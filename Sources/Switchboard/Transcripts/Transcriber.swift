import Calls
import Foundation
import Logging
import Recordings
import Storage
import Synchronization

/// Has machines' transcripts made of finished recordings, one at a time and at idle priority. What waits stands in the
/// store: a restart goes on with it.
public final class Transcriber: Sendable {
    /// What was done in this run of the program.
    public struct Statistics: Sendable, Hashable {
        public var waiting = 0
        public var made = 0
        /// Tries that failed.
        public var failures = 0
        public var givenUp = 0
        /// Recordings for which none was asked, since too many waited.
        public var passedOver = 0
        /// Flags raised.
        public var flags = 0
        public init() {}
    }

    /// Raises an alarm by its kind, or with nil for a message clears it.
    public typealias Alarm = @Sendable (_ kind: String, _ message: String?) -> Void

    /// How often the queue is looked at; tests put their own in.
    package struct Rhythm: Sendable {
        package var lookMilliseconds: Int64 = 1000
        package init() {}
    }

    /// Kinds of alarms.
    static let awayAlarm = "transcripts"
    static let givenUpAlarm = "transcripts_given_up"
    static let queueAlarm = "transcripts_queue"

    private struct State {
        var pace = TranscriptPace()
        var statistics = Statistics()
        var isFull = false
    }

    private let store: Store
    /// Of the recordings.
    private let folder: String
    private let keys: RecordingKeys?
    private let settings: TranscriptSettings
    private let alarm: Alarm
    private let time: any TimeSource
    private let log: Logger
    private let rhythm: Rhythm
    private let state = Mutex(State())

    /// - Parameters:
    ///   - folder: of the recordings.
    ///   - keys: what opens encrypted ones; nil: there are none.
    public convenience init(
        store: Store, folder: String, keys: RecordingKeys? = nil, settings: TranscriptSettings, time: any TimeSource,
        log: Logger, alarm: @escaping Alarm
    ) {
        self.init(
            store: store, folder: folder, keys: keys, settings: settings, time: time, log: log, rhythm: Rhythm(),
            alarm: alarm)
    }

    package init(
        store: Store, folder: String, keys: RecordingKeys? = nil, settings: TranscriptSettings, time: any TimeSource,
        log: Logger, rhythm: Rhythm, alarm: @escaping Alarm
    ) {
        self.keys = keys
        self.store = store
        self.folder = folder
        self.settings = settings
        self.time = time
        self.log = log
        self.rhythm = rhythm
        self.alarm = alarm
    }

    public var statistics: Statistics { state.withLock { $0.statistics } }

    /// The fact by which a recording that was just finished gets into the queue, to be written down with its finishing;
    /// nil where too many wait.
    public func asked(_ recording: RecordingID, of call: CallID, at now: Instant) -> Fact? {
        let isTaken = state.withLock { state in
            guard state.statistics.waiting < settings.queueLimit else {
                state.statistics.passedOver += 1
                state.isFull = true
                return false
            }
            state.statistics.waiting += 1
            return true
        }
        guard isTaken else {
            alarm(
                Self.queueAlarm,
                "\(settings.queueLimit) recordings wait for their transcripts (`transcripts.queue_limit`): of further "
                    + "ones none is made unless it is asked for. The recogniser is slower than the calls")
            return nil
        }
        return .transcriptAsked(TranscriptAsked(recording: recording, call: call, at: now))
    }

    /// Somebody wants a transcript, or another one.
    /// - Throws: `SwitchboardError` with code `.notFound` or, where the recording is not finished, `.refused`;
    ///   `StorageError`.
    public func ask(_ recording: RecordingID, by: WorkNumber?) async throws {
        guard let summary = try await store.reader.recording(recording) else {
            throw SwitchboardError(.notFound, "there is no recording \(recording)")
        }
        guard summary.state == .finished else {
            throw SwitchboardError(
                .refused,
                "recording \(recording) has no file to be heard (\(summary.state.rawValue)): no transcript can "
                    + "be made of it")
        }
        try await store.record([
            .transcriptAsked(
                TranscriptAsked(recording: recording, call: summary.callID, at: time.now(), by: by))
        ])
        perform(state.withLock { $0.pace.asked(recording) })
        try await count()
    }

    // MARK: - The queue

    /// Works until cancelled. To be run once.
    public func run() async {
        while !Task.isCancelled {
            do {
                if try await work() { continue }
            } catch is CancellationError {
                return
            } catch {
                log.error("transcripts: the queue cannot be read; it is tried again", metadata: ["error": "\(error)"])
            }
            do {
                try await Task.sleep(for: .milliseconds(rhythm.lookMilliseconds))
            } catch {
                return  // the server stops
            }
        }
    }

    /// - Returns: whether there was anything to do.
    private func work() async throws -> Bool {
        try await count()
        let pending = try await store.reader.pendingTranscripts().map {
            PendingJob(recording: $0.recording, call: $0.call, attempts: $0.attempts)
        }
        let now = time.now().mono / 1_000_000
        guard let job = state.withLock({ $0.pace.next(of: pending, at: now) }) else { return false }
        let outcome = try await attempt(job)
        try Task.checkCancellation()
        let end = time.now()
        switch outcome {
        case .success(let made):
            try await keep(made, job)
        case .failure(let failure):
            let actions = state.withLock { state in
                state.statistics.failures += 1
                return state.pace.failed(
                    job.recording, attempts: job.attempts, by: failure.reason, at: end.mono / 1_000_000)
            }
            log.warning(
                "transcript failed",
                metadata: ["recording": "\(job.recording)", "reason": "\(failure.reason)"])
            for case .failed(let attempt, let isGivenUp, let message) in actions {
                if isGivenUp { state.withLock { $0.statistics.givenUp += 1 } }
                // Where it was erased meanwhile, nobody waits for it.
                _ = try await isRecorded([
                    .transcriptFailed(
                        TranscriptFailed(
                            recording: job.recording, call: job.call, at: end, attempt: attempt, isGivenUp: isGivenUp,
                            message: message))
                ])
            }
            perform(actions)
        }
        try await count()
        return true
    }

    private func keep(_ made: TranscriptMade, _ job: PendingJob) async throws {
        let hits = settings.keywords.hits(in: made.channels)
        let flags = hits.map { hit in
            Fact.qaFlagged(
                QAFlagged(
                    recording: made.recording, call: made.call, at: made.at, flag: hit.flag, word: hit.word,
                    channel: hit.channel, role: hit.role, position: AudioPosition(milliseconds: hit.fromMilliseconds)))
        }
        guard try await isRecorded([.transcriptMade(made)] + flags) else {
            // The recording was erased while it was listened to: what was heard is forgotten.
            log.notice("a transcript is not kept: its recording is gone", metadata: ["recording": "\(job.recording)"])
            return perform(state.withLock { $0.pace.made(job.recording) })
        }
        let actions = state.withLock { state in
            state.statistics.made += 1
            state.statistics.flags += flags.count
            return state.pace.made(job.recording)
        }
        perform(actions)
        log.info(
            "transcript made",
            metadata: [
                "recording": "\(made.recording)", "segments": "\(made.channels.reduce(0) { $0 + $1.segments.count })",
                "flags": "\(flags.count)",
            ])
    }

    /// - Returns: false where the store knows no such recording any more.
    private func isRecorded(_ facts: [Fact]) async throws -> Bool {
        do throws(StorageError) {
            try await store.record(facts)
            return true
        } catch {
            guard error.code == .conflict else { throw error }
            return false
        }
    }

    private func count() async throws {
        let waiting = try await store.reader.pendingTranscriptCount()
        let isRoom = state.withLock { state in
            state.statistics.waiting = waiting
            guard state.isFull, waiting < settings.queueLimit else { return false }
            state.isFull = false
            return true
        }
        if isRoom { alarm(Self.queueAlarm, nil) }
    }

    private func perform(_ actions: [TranscriptPace.Action]) {
        for action in actions {
            switch action {
            case .failed: break
            case .raiseAway(let message):
                alarm(
                    Self.awayAlarm,
                    "no transcripts are made: \(message). Look after `transcripts.command` or `transcripts.url`; it is "
                        + "tried again every 5 minutes at least")
            case .clearAway: alarm(Self.awayAlarm, nil)
            case .raiseGivenUp(let message):
                alarm(
                    Self.givenUpAlarm, "\(message). It is not tried again unless asked for: `recordings transcribe ID`")
            case .clearGivenUp: alarm(Self.givenUpAlarm, nil)
            }
        }
    }

    // MARK: - One recording

    private func attempt(_ job: PendingJob) async throws -> Result<TranscriptMade, TranscriptFailure> {
        func hopeless(_ message: String) -> Result<TranscriptMade, TranscriptFailure> {
            .failure(TranscriptFailure(.hopeless(message)))
        }
        guard let detail = try await store.reader.recordingDetail(job.recording),
            let check = try await store.reader.recordingCheck(job.recording)
        else { return hopeless("there is no such recording") }
        guard check.state == .finished, let file = check.file, let frames = check.frames,
            let length = check.lengthMilliseconds
        else { return hopeless("the recording has no file (\(check.state.rawValue))") }
        guard RecordingVerifier.isInside(file) else { return hopeless("the file's name leads out of the folder") }
        let owners = TranscriptOwners(detail)
        var made = TranscriptMade(
            recording: job.recording, call: job.call, at: time.now(), engine: settings.engine.name, model: nil,
            language: settings.language, channels: [])
        // A machine has no more than two sides.
        for channel in owners.peoples where channel < 2 {
            let talk = check.figures?.channels.first { $0.index == channel }?.talkMilliseconds
            guard talk != 0, frames > 0 else {
                made.channels.append(TranscriptMade.Channel(index: channel, segments: []))
                continue
            }
            switch try await listen(file, frames: frames, channel: channel, lengthMilliseconds: length) {
            case .failure(let failure): return .failure(failure)
            case .success(let answer):
                made.engine = answer.engine ?? made.engine
                made.model = answer.model ?? made.model
                if answer.dropped > 0 {
                    log.warning(
                        "segments of a transcript are not kept: outside the recording, or too many",
                        metadata: ["recording": "\(job.recording)", "segments": "\(answer.dropped)"])
                }
                made.channels.append(Self.channel(channel, answer, owners))
            }
        }
        made.at = time.now()
        return .success(made)
    }

    private static func channel(
        _ index: Int, _ answer: TranscriptAnswer, _ owners: TranscriptOwners
    ) -> TranscriptMade.Channel {
        TranscriptMade.Channel(
            index: index,
            segments: answer.segments.compactMap { segment in
                let role = owners.role(channel: index, from: segment.fromMilliseconds, to: segment.toMilliseconds)
                guard role != TranscriptOwners.machine else { return nil }
                return TranscriptSegment(
                    fromMilliseconds: segment.fromMilliseconds, toMilliseconds: segment.toMilliseconds, role: role,
                    text: segment.text, confidence: segment.confidence)
            })
    }

    /// Writes one side to a file of its own and has it recognised.
    private func listen(
        _ file: String, frames: Int64, channel: Int, lengthMilliseconds: Int64
    ) async throws -> Result<TranscriptAnswer, TranscriptFailure> {
        let temporary = FileManager.default.temporaryDirectory.appendingPathComponent(
            "hotline-transcript-\(UUID().uuidString)")
        do {
            // What callers say is nobody else's.
            try FileManager.default.createDirectory(
                at: temporary, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            return .failure(
                TranscriptFailure(.recogniserAway("no temporary folder can be made: \(error.localizedDescription)")))
        }
        defer {
            do { try FileManager.default.removeItem(at: temporary) } catch {
                // The system's own cleaning of temporary files takes it.
            }
        }
        let wave = temporary.appendingPathComponent("channel-\(channel).wav").path
        let (source, keys) = ("\(folder)/\(file)", keys)
        let form = ReplayForm(format: .wav, channel: channel == 0 ? .left : .right)
        let written = try await IdleWork.run { _ -> RecordingError? in
            do throws(RecordingError) {
                try Transcoder.write(source, frames: frames, as: form, to: wave, keys: keys)
                return nil
            } catch {
                return error
            }
        }
        if let written {
            return .failure(
                TranscriptFailure(
                    written.code == .room ? .recogniserAway(written.message) : .recording(written.message)))
        }
        switch try await TranscriptEngine(settings: settings).recognise(wave) {
        case .failure(let failure): return .failure(failure)
        case .success(let bytes):
            do {
                return .success(try TranscriptAnswer(bytes, lengthMilliseconds: lengthMilliseconds))
            } catch {
                return .failure(TranscriptFailure(.recording("\(settings.engine.name): \(error.message)")))
            }
        }
    }
}
