import AudioLog
import Calls
import Dispatch
import Synchronization

/// Turns the audio log into finished recordings: one thread takes segments apart, another, at idle priority, makes the
/// files.
///
/// The life of a recording here: its blocks move from the audio log to partial files; at its end block the file is
/// written, named, synced and hashed and told to `finished`; its owner journals that and calls `confirm`, and only then
/// do the partial files go. A crash anywhere in between makes the same file again at the next start, and tells it again:
/// the owner confirms a recording that it already knows.
public final class RecordingService: Sendable {
    /// Who asks the demultiplexing thread for something.
    private struct Inbox {
        var progress: [UInt64: AudioLogProgress] = [:]
        var confirmed: [RecordingID] = []
        /// `recover` left something to tell.
        var isCalled = false
        var isBusy = false
        var isStopping = false
    }

    /// One recording in the finisher's hands.
    private struct Job {
        var ended: Demultiplexer.Ended
        var attempts = 0
        /// CLOCK_MONOTONIC nanoseconds.
        var notBefore: Int64 = 0
        var isTold = false
    }

    private struct Shop {
        var jobs: [Job] = []
        var isBusy = false
        var isStopping = false
        var finished = 0
        var failed = 0
        var unconfirmed = Set<RecordingID>()
        var demultiplexed = RecordingStatistics()
    }

    /// Folders, and what tests vary.
    package struct Settings: Sendable {
        /// Where the writer puts segments.
        package var audioLogFolder: String
        package var partialFolder: String
        package var recordingFolder: String
        package var format: RecordingFormat
        /// How long a sealed segment waits for its recordings to be confirmed before their audio is made durable in
        /// partial files and the segment goes.
        package var segmentLifetimeMilliseconds: Int64 = 60_000
        /// Waits between attempts at finishing one recording; after the last one the failure is told.
        package var retryMilliseconds: [Int64] = [1_000, 2_000, 4_000, 8_000]
        /// The wait between attempts after that.
        package var laterRetryMilliseconds: Int64 = 300_000
        /// Nil: recordings are made in the clear.
        package var keys: RecordingKeys?
        package var calls = DiskCalls.system
        /// Takes a recording through the steps of its finishing.
        package var finish: @Sendable (inout Finishing) throws(RecordingError) -> Void = {
            (work) throws(RecordingError) in try work.run()
        }

        package init(dataFolder: String, format: RecordingFormat) {
            audioLogFolder = dataFolder + "/audio-log"
            partialFolder = dataFolder + "/partials"
            recordingFolder = dataFolder + "/recordings"
            self.format = format
        }
    }

    private let settings: Settings
    private let time: any TimeSource
    private let finished: @Sendable (Result<FinishedRecording, RecordingError>) -> Void
    private let finisher: Finisher
    private let demultiplexer: Mutex<Demultiplexer>
    private let inbox = Mutex(Inbox())
    private let shop = Mutex(Shop())
    private let inboxBell = Bell()
    private let shopBell = Bell()
    private let idleBell = Bell()
    private let threads = Mutex<[WorkerThread]>([])

    /// Makes the folders `audio-log/`, `partials/` and `recordings/` below `dataFolder` and starts both threads.
    /// - Parameters:
    ///   - keys: what recordings are encrypted with, and what of them lies on the disk before; nil: they are not.
    ///   - time: when segments have waited long enough, and failures are tried again.
    ///   - finished: each finished recording, and each failure once (a failure without `recording` concerns the audio
    ///     log). Called on the threads of this service, a result and a failure of the log perhaps at the same time. It
    ///     may block, but holds up the work.
    /// - Throws: `.folder`.
    public convenience init(
        dataFolder: String, format: RecordingFormat, keys: RecordingKeys? = nil, time: any TimeSource,
        finished: @escaping @Sendable (Result<FinishedRecording, RecordingError>) -> Void
    ) throws(RecordingError) {
        var settings = Settings(dataFolder: dataFolder, format: format)
        settings.keys = keys
        try self.init(settings: settings, time: time, finished: finished)
    }

    package init(
        settings: Settings, time: any TimeSource,
        finished: @escaping @Sendable (Result<FinishedRecording, RecordingError>) -> Void
    ) throws(RecordingError) {
        do throws(FileFailure) {
            for folder in [settings.audioLogFolder, settings.partialFolder, settings.recordingFolder] {
                try Files.makeFolder(folder, calls: settings.calls)
            }
        } catch {
            throw RecordingError(
                .folder, "The folder of recordings cannot be made: \(error.text). Check its rights.",
                errno: error.errno)
        }
        self.settings = settings
        self.time = time
        self.finished = finished
        let partials = PartialFolder(
            path: settings.partialFolder, calls: settings.calls, keys: settings.keys)
        finisher = Finisher(
            recordings: settings.recordingFolder, partials: partials, format: settings.format, keys: settings.keys,
            calls: settings.calls, run: settings.finish)
        demultiplexer = Mutex(
            Demultiplexer(
                folder: partials, segmentLifetimeMilliseconds: settings.segmentLifetimeMilliseconds,
                stuckRetryMilliseconds: settings.laterRetryMilliseconds))
        let started = [
            try WorkerThread("demultiplex", isIdle: false) { [self] in demultiplexLoop() },
            try WorkerThread("finish", isIdle: true) { [self] in finishLoop() },
        ]
        threads.withLock { $0 = started }
    }

    // MARK: what others call

    /// The audio log's writer has flushed, or sealed a segment. Any thread; returns at once.
    public func progress(_ progress: AudioLogProgress) {
        inbox.withLock { inbox in
            if var known = inbox.progress[progress.sequence] {
                known.flushedBytes = max(known.flushedBytes, progress.flushedBytes)
                known.isSealed = known.isSealed || progress.isSealed
                inbox.progress[progress.sequence] = known
            } else {
                inbox.progress[progress.sequence] = progress
            }
        }
        inboxBell.ring()
    }

    /// The finished recording is journalled; its partial files can go. Any thread; returns at once.
    public func confirm(_ recording: RecordingID) {
        inbox.withLock { $0.confirmed.append(recording) }
        inboxBell.ring()
    }

    /// Takes over what an earlier run left: reads all segments and partial files, and hands every recording to the
    /// finisher, whose results come through `finished` as ever. To be called once, before the audio log's writer
    /// begins. Blocks until all segments are read.
    /// - Returns: the recordings found, in the order of their identifiers, with those whose audio cannot be written yet. Where
    ///   a segment could not be read now (told to `finished`), its recordings are missing here and follow when it can.
    /// - Throws: `.folder` where the folders cannot be read.
    public func recover() throws(RecordingError) -> [RecoveredRecording] {
        let (ended, found) = try scan()
        begin(ended, except: [])
        return found
    }

    /// The same for an owner that keeps a journal: it is told what was found before any of it is made, and tells what it
    /// had journalled as finished before the process ended; that is confirmed, and not made again.
    /// - Parameter journal: called once. It journals what it makes of the recordings, and returns those finished.
    /// - Throws: `.folder`; what `journal` throws.
    public func recover(
        journal: @Sendable ([RecoveredRecording]) async throws -> Set<RecordingID>
    ) async throws {
        let (ended, found) = try scan()
        begin(ended, except: try await journal(found))
    }

    private func scan() throws(RecordingError) -> (ended: [Demultiplexer.Ended], found: [RecoveredRecording]) {
        let now = time.now()
        typealias Scanned = (
            ended: [Demultiplexer.Ended], waiting: [Demultiplexer.Ended], writtenAt: Int64?,
            statistics: RecordingStatistics
        )
        let outcome = demultiplexer.withLock { demultiplexer -> Result<Scanned, RecordingError> in
            do throws(RecordingError) {
                try demultiplexer.adopt(audioLogFolder: settings.audioLogFolder)
            } catch {
                return .failure(error)
            }
            let ended = demultiplexer.read(now: now)
            demultiplexer.retire(now: now)
            return .success((ended, demultiplexer.waiting, demultiplexer.oldWrittenAt, demultiplexer.statistics))
        }
        let scanned = try outcome.get()
        shop.withLock { $0.demultiplexed = scanned.statistics }
        // Those whose audio waits in the log are finished later; that they were found, and how far, is known now.
        let all = (scanned.ended + scanned.waiting).sorted { $0.partial.recording < $1.partial.recording }
        let found = all.map { ended in
            RecoveredRecording(
                recording: ended.partial.recording, call: ended.partial.call, isInterrupted: ended.isInterrupted,
                startedAt: ended.partial.start, length: AudioPosition(units: ended.partial.currentLength),
                logWrittenAt: scanned.writtenAt)
        }
        return (scanned.ended, found)
    }

    private func begin(_ ended: [Demultiplexer.Ended], except done: Set<RecordingID>) {
        handOver(ended.filter { !done.contains($0.partial.recording) })
        let waived = demultiplexer.withLock { demultiplexer in
            let waiting = demultiplexer.waiting.map(\.partial.recording).filter { done.contains($0) }
            demultiplexer.waive(Set(waiting))
            return waiting
        }
        inbox.withLock { inbox in
            inbox.confirmed += ended.map(\.partial.recording).filter { done.contains($0) } + waived
            inbox.isCalled = true
        }
        inboxBell.ring()
    }

    /// Waits until all that was published is read and all that ended is finished or told as failed, and every
    /// confirmation is carried out. For a stop, and for tests; not from `finished`.
    /// - Returns: false where that did not come about in time.
    public func waitUntilIdle(timeoutMilliseconds: Int64) -> Bool {
        wait(timeoutMilliseconds: timeoutMilliseconds) { isIdle }
    }

    /// The same, and until every finished recording is confirmed: for a server's stop, so that the next start has
    /// nothing to make again. Blocks no thread of the cooperative pool.
    /// - Returns: false where that did not come about in time.
    public func waitUntilConfirmed(timeoutMilliseconds: Int64) async -> Bool {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [self] in
                continuation.resume(
                    returning: wait(timeoutMilliseconds: timeoutMilliseconds) {
                        isIdle && shop.withLock { $0.unconfirmed.isEmpty }
                    })
            }
        }
    }

    private func wait(timeoutMilliseconds: Int64, until condition: () -> Bool) -> Bool {
        let limit = Bell.now() &+ timeoutMilliseconds
        while true {
            let rung = idleBell.count
            if condition() { return true }
            let left = limit &- Bell.now()
            guard left > 0 else { return false }
            idleBell.wait(since: rung, milliseconds: left)
        }
    }

    /// Ends both threads after the piece of work each is at; what is left is done after the next start. Blocks; not
    /// from `finished`.
    public func stop() {
        inbox.withLock { $0.isStopping = true }
        shop.withLock { $0.isStopping = true }
        inboxBell.ring()
        shopBell.ring()
        for thread in threads.withLock({ $0 }) { thread.join() }
    }

    /// What is going on. Any thread; returns at once.
    public var statistics: RecordingStatistics {
        shop.withLock { shop in
            var statistics = shop.demultiplexed
            statistics.finishing = shop.jobs.count + (shop.isBusy ? 1 : 0)
            statistics.unconfirmed = shop.unconfirmed.count
            statistics.finished = shop.finished
            statistics.failed = shop.failed
            return statistics
        }
    }

    /// The room where recordings are kept. May wait for the disk.
    public func diskSpace() throws(RecordingError) -> DiskSpace { try DiskSpace(of: settings.recordingFolder) }

    private var isIdle: Bool {
        // Work goes from the inbox to the shop, never back: looked at in this order, none slips by.
        let isReading = inbox.withLock { inbox in
            inbox.isBusy || inbox.isCalled || !inbox.progress.isEmpty || !inbox.confirmed.isEmpty
        }
        return !isReading && shop.withLock { shop in !shop.isBusy && shop.jobs.allSatisfy(\.isTold) }
    }

    // MARK: the thread that takes segments apart

    private func demultiplexLoop() {
        while true {
            let rung = inboxBell.count
            let (work, isStopping) = inbox.withLock { inbox in
                let work = inbox
                inbox.progress = [:]
                inbox.confirmed = []
                inbox.isCalled = false
                inbox.isBusy = true
                return (work, inbox.isStopping)
            }
            let began = Bell.now()
            let waits = demultiplex(work)
            let ended = Bell.now()
            inbox.withLock { $0.isBusy = false }
            idleBell.ring()
            if isStopping { return }
            rest(until: ended + Pace.rest(after: ended - began))
            // Something that failed, or a segment that waits for its time, is looked at again each second.
            inboxBell.wait(since: rung, milliseconds: waits ? 1_000 : 3_600_000)
        }
    }

    /// The audio log tells of each flush, several times a second: what lies in it is safe, and can wait.
    private func rest(until moment: Int64) {
        while true {
            let rung = inboxBell.count
            let left = moment - Bell.now()
            if left <= 0 || inbox.withLock({ $0.isStopping }) { return }
            inboxBell.wait(since: rung, milliseconds: left)
        }
    }

    /// - Returns: whether there is something to come back to without being called.
    private func demultiplex(_ work: Inbox) -> Bool {
        let now = time.now()
        var failedConfirmations: [RecordingID] = []
        let (ended, errors, statistics, waits) = demultiplexer.withLock { demultiplexer in
            for progress in work.progress.values { demultiplexer.advance(progress, now: now) }
            var errors: [RecordingError] = []
            do throws(RecordingError) {
                failedConfirmations = try demultiplexer.confirm(work.confirmed)
            } catch {
                failedConfirmations = work.confirmed
                errors.append(error)
            }
            let ended = demultiplexer.read(now: now)
            demultiplexer.retire(now: now)
            errors += demultiplexer.takeErrors()
            let waits = demultiplexer.hasUnread || demultiplexer.hasSealed || demultiplexer.hasStuck
            return (ended, errors, demultiplexer.statistics, waits)
        }
        shop.withLock { shop in
            shop.demultiplexed = statistics
            for recording in work.confirmed where !failedConfirmations.contains(recording) {
                shop.unconfirmed.remove(recording)
            }
        }
        handOver(ended)
        for error in errors { finished(.failure(error)) }
        if !failedConfirmations.isEmpty {
            inbox.withLock { $0.confirmed += failedConfirmations }
        }
        return waits || !failedConfirmations.isEmpty
    }

    private func handOver(_ ended: [Demultiplexer.Ended]) {
        guard !ended.isEmpty else { return }
        shop.withLock { $0.jobs += ended.map { Job(ended: $0) } }
        shopBell.ring()
    }

    // MARK: the thread that makes files

    private func finishLoop() {
        while true {
            let rung = shopBell.count
            let now = time.now().mono
            let (job, isStopping, waits) = shop.withLock { shop -> (Job?, Bool, Bool) in
                guard let index = shop.jobs.firstIndex(where: { $0.notBefore <= now }) else {
                    return (nil, shop.isStopping, !shop.jobs.isEmpty)
                }
                if shop.isStopping { return (nil, true, false) }
                shop.isBusy = true
                return (shop.jobs.remove(at: index), false, false)
            }
            if isStopping { return }
            if let job {
                attempt(job)
                shop.withLock { $0.isBusy = false }
                idleBell.ring()
            } else {
                shopBell.wait(since: rung, milliseconds: waits ? 200 : 3_600_000)
            }
        }
    }

    private func attempt(_ job: Job) {
        do throws(RecordingError) {
            let recording = try finisher.finish(job.ended)
            shop.withLock { shop in
                shop.finished += 1
                shop.unconfirmed.insert(recording.recording)
            }
            finished(.success(recording))
        } catch {
            let now = time.now().mono
            var job = job
            job.attempts += 1
            var isNews = false
            if job.attempts <= settings.retryMilliseconds.count && error.code != .codec {
                job.notBefore = now + settings.retryMilliseconds[job.attempts - 1] * 1_000_000
            } else {
                isNews = !job.isTold
                job.isTold = true
                job.notBefore = now + settings.laterRetryMilliseconds * 1_000_000
            }
            shop.withLock { shop in
                shop.jobs.append(job)
                if isNews { shop.failed += 1 }
            }
            if isNews { finished(.failure(error)) }
        }
    }
}
