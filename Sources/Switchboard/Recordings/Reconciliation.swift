import Calls
import Foundation
import Logging
import Recordings
import Storage
import Synchronization

/// The checking of recordings in a running server: once a day, and when asked; one at a time. What it finds goes to the
/// alarms.
public final class Reconciliation: Sendable {
    public struct Settings: Sendable {
        /// Minutes after local midnight.
        public var minuteOfDay: Int
        /// Bytes that are read from end to end on a day.
        public var bytesPerDay: Int64

        public init(minuteOfDay: Int, bytesPerDay: Int64) {
            self.minuteOfDay = minuteOfDay
            self.bytesPerDay = bytesPerDay
        }
    }

    /// What outlives a restart.
    private struct Progress: Codable {
        /// `20261127`, local: the day of the last daily check.
        var day: String?
        var hashedUpTo: RecordingID?

        enum CodingKeys: String, CodingKey {
            case day
            case hashedUpTo = "hashed_up_to"
        }
    }

    private let store: Store
    private let folder: DataFolder
    private let keys: RecordingKeys?
    private let alarms: RecordingAlarms
    private let settings: Settings
    private let clock: LocalClock
    private let time: any TimeSource
    private let log: Logger
    private let isRunning = Mutex(false)

    public init(
        store: Store, folder: DataFolder, alarms: RecordingAlarms, settings: Settings, clock: LocalClock,
        keys: RecordingKeys? = nil, time: any TimeSource, log: Logger
    ) {
        self.keys = keys
        self.store = store
        self.folder = folder
        self.alarms = alarms
        self.settings = settings
        self.clock = clock
        self.time = time
        self.log = log
    }

    /// Checks a period now.
    /// - Parameters:
    ///   - from: nil: the last week's beginning, or with `all` the very beginning.
    ///   - to: nil: now.
    ///   - all: reads every file of the period.
    /// - Throws: `SwitchboardError` with code `.refused` while another check runs; `StorageError`, `RecordingError`.
    public func run(from: UTCTime?, to: UTCTime?, all: Bool) async throws -> ReconciliationReport {
        let now = UTCTime(time.now())
        let begin = from ?? UTCTime(microseconds: all ? 0 : now.microseconds - ReconciliationQuestion.usualMicroseconds)
        let end = to ?? now
        guard begin < end else { throw SwitchboardError(.argument, "`from` must lie before `to` (default: now)") }
        return try await run(all: all) { progress in
            ReconciliationQuestion(
                from: begin, to: end,
                hashing: all ? .all : .budget(bytes: self.settings.bytesPerDay, after: progress.hashedUpTo))
        }
    }

    /// Runs the daily check when it is due, until cancelled.
    public func runDaily() async {
        while !Task.isCancelled {
            let local = clock.civil(time.now())
            if local.minuteOfDay >= settings.minuteOfDay, progress().day != local.compactDate {
                do {
                    let report = try await run(from: nil, to: nil, all: false)
                    log.notice(
                        "recordings checked",
                        metadata: [
                            "calls": "\(report.calls)", "hashed": "\(report.hashed)",
                            "findings": "\(report.findings.count)",
                        ])
                    var progress = progress()
                    progress.day = local.compactDate
                    try save(progress)
                } catch is CancellationError {
                    return
                } catch let error as SwitchboardError where error.code == .refused {
                    // Somebody's own check is under way; the day's follows it.
                } catch {
                    log.error(
                        "the daily check of recordings failed; it is tried again", metadata: ["error": "\(error)"])
                }
            }
            do {
                try await Task.sleep(for: .seconds(60))
            } catch {
                return  // the server stops
            }
        }
    }

    private func run(
        all: Bool, _ question: (Progress) -> ReconciliationQuestion
    ) async throws -> ReconciliationReport {
        let isFree = isRunning.withLock { isRunning in
            defer { isRunning = true }
            return !isRunning
        }
        guard isFree else { throw SwitchboardError(.refused, "another check of the recordings is under way") }
        defer { isRunning.withLock { $0 = false } }
        var progress = progress()
        let reconciler = Reconciler(
            reader: store.reader, folder: folder.recordings, archive: folder.archive, keys: keys)
        let now = time.now()
        let outcome = try await reconciler.check(question(progress), now: UTCTime(now))
        for measured in outcome.measured {
            var measured = measured
            measured.at = now
            try await store.record([.recordingMeasured(measured)])
        }
        var report = outcome.report
        let changes = try await alarms.settle(report.findings, examined: outcome.examined)
        (report.opened, report.cleared) = changes
        if !all {
            progress.hashedUpTo = outcome.hashedUpTo
            try save(progress)
        }
        return report
    }

    private func progress() -> Progress {
        // Without it, or where it cannot be read, the round begins anew; nothing is lost by that.
        guard let data = FileManager.default.contents(atPath: folder.reconciliation),
            let progress = try? JSONDecoder().decode(Progress.self, from: data)
        else { return Progress() }
        return progress
    }

    private func save(_ progress: Progress) throws {
        try JSONEncoder().encode(progress).write(to: URL(fileURLWithPath: folder.reconciliation), options: .atomic)
    }
}
