import Calls
import Foundation
import Logging
import Norms
import Recordings
import Storage
import Synchronization

/// Keeping and letting go in a running server: once a day, and when asked; one at a time. Holds, and the erasing of a
/// person's data, go the same way (`Retention+Holds`, `Retention+Person`).
///
/// Whatever is deleted is deleted by its fact: from then on it is not given out. Its files are removed after that, and the
/// fact `recording_removed` says when that is done; what a crash leaves between the two is finished by the next start.
public final class Retention: Sendable {
    public struct Settings: Sendable {
        /// Nil: nothing is moved or deleted by itself.
        public var policy: RetentionPolicy?
        /// Minutes after local midnight; 1440: never.
        public var minuteOfDay: Int
        /// Bytes that are moved or deleted on a day.
        public var bytesPerDay: Int64
        /// Bytes of recordings, archived ones left out, above which an alarm is raised; 0: none.
        public var quotaBytes: Int64
        /// Bytes free on the recordings' volume below which an alarm is raised; 0: none.
        public var floorBytes: Int64

        public init(
            policy: RetentionPolicy?, minuteOfDay: Int, bytesPerDay: Int64, quotaBytes: Int64 = 0, floorBytes: Int64 = 0
        ) {
            self.policy = policy
            self.minuteOfDay = minuteOfDay
            self.bytesPerDay = bytesPerDay
            self.quotaBytes = quotaBytes
            self.floorBytes = floorBytes
        }
    }

    /// What outlives a restart.
    private struct Progress: Codable {
        /// `20261127`, local: the day of the last daily run.
        var day: String?
    }

    /// What this needs of the rest of the exchange.
    public struct Surroundings: Sendable {
        /// Drops every other form of a recording.
        public var forget: @Sendable (RecordingID) async -> Void
        /// Raises an alarm of a kind, or with nil clears it.
        public var alarm: @Sendable (_ kind: String, _ message: String?) -> Void
        public var makeID: @Sendable () -> HoldID

        public init(
            forget: @escaping @Sendable (RecordingID) async -> Void,
            alarm: @escaping @Sendable (_ kind: String, _ message: String?) -> Void,
            makeID: @escaping @Sendable () -> HoldID
        ) {
            self.forget = forget
            self.alarm = alarm
            self.makeID = makeID
        }
    }

    let store: Store
    let places: RecordingPlaces
    public let settings: Settings
    let clock: LocalClock
    let time: any TimeSource
    let surroundings: Surroundings
    private let folder: DataFolder
    private let log: Logger
    private let isRunning = Mutex(false)

    public init(
        store: Store, folder: DataFolder, keys: RecordingKeys? = nil, settings: Settings, clock: LocalClock,
        surroundings: Surroundings,
        time: any TimeSource, log: Logger
    ) {
        self.store = store
        self.folder = folder
        places = RecordingPlaces(folder: folder.recordings, archive: folder.archive, keys: keys)
        self.settings = settings
        self.clock = clock
        self.surroundings = surroundings
        self.time = time
        self.log = log
    }

    /// The planner by the server's own policy.
    /// - Throws: `SwitchboardError` with code `.refused` where there is none.
    public func planner() throws(SwitchboardError) -> RetentionPlanner {
        guard let policy = settings.policy else {
            throw SwitchboardError(
                .refused, "no policy is set: name one with `retention.policy` (docs/retention.md)")
        }
        return RetentionPlanner(reader: store.reader, policy: policy, clock: clock)
    }

    /// What a run would do now.
    /// - Throws: as `planner`; `StorageError`.
    public func plan() async throws -> RetentionPlan { try await planner().plan(at: UTCTime(time.now())) }

    /// Moves and deletes what is due, as far as the day's budget goes; where the quota or the floor is broken, all of it.
    /// - Throws: as `planner`; `.refused` while another run is under way; `StorageError`, `CancellationError`.
    public func run() async throws -> RetentionReport {
        let planner = try planner()
        return try await exclusively { try await self.run(planner) }
    }

    /// Removes the files that an earlier run, a wish or a crash left to be removed. To be called at the start.
    /// - Returns: bytes freed, and what failed, in words.
    @discardableResult
    public func removeDue() async throws -> (freed: Int64, failures: [String]) {
        var freed: Int64 = 0
        var failed: Set<RecordingID> = []
        var failures: [String] = []
        var isGoingOn = true
        while isGoingOn {
            isGoingOn = false
            for due in try await store.reader.dueRemovals() where !failed.contains(due.recording) {
                switch await removal(due) {
                case .success(let bytes):
                    freed += bytes
                    isGoingOn = true
                case .failure(let error):
                    failed.insert(due.recording)
                    failures.append(error.message)
                }
            }
        }
        return (freed, failures)
    }

    private func removal(_ due: DueRemoval) async -> Result<Int64, RecordingError> {
        do throws(RecordingError) {
            return .success(try await remove(due))
        } catch {
            return .failure(error)
        }
    }

    /// Runs the daily job when it is due, and watches quota and floor, until cancelled.
    public func runDaily() async {
        var minutes = 0
        while !Task.isCancelled {
            await watch(quota: minutes % 60 == 0)
            minutes += 1
            let local = clock.civil(time.now())
            if settings.policy != nil, local.minuteOfDay >= settings.minuteOfDay, lastDay() != local.compactDate {
                do {
                    let report = try await run()
                    log.notice(
                        "retention",
                        metadata: [
                            "archived": "\(report.archived.recordings)", "deleted": "\(report.deleted.recordings)",
                            "left": "\(report.left.recordings)", "failures": "\(report.failures.count)",
                        ])
                    try save(Progress(day: local.compactDate))
                } catch is CancellationError {
                    return
                } catch let error as SwitchboardError where error.code == .refused {
                    // Somebody's own run is under way; the day's follows it.
                } catch {
                    log.error("the daily retention failed; it is tried again", metadata: ["error": "\(error)"])
                }
            }
            do {
                try await Task.sleep(for: .seconds(60))
            } catch {
                return  // the server stops
            }
        }
    }

    /// Looks at the recordings' volume, and raises or clears the alarms.
    /// - Returns: whether quota or floor is broken.
    @discardableResult
    package func watch(quota: Bool = true) async -> Bool {
        var isPressed = false
        do {
            if quota, settings.quotaBytes > 0 {
                let used = try await store.reader.recordingBytes()
                let isOver = used > settings.quotaBytes
                isPressed = isOver
                surroundings.alarm(
                    "recordings_quota",
                    isOver
                        ? "recordings take \(used / 1_000_000) MB of the \(settings.quotaBytes / 1_000_000) MB of "
                            + "`retention.quota`: archive sooner, keep shorter, or give them more" : nil)
            }
            if settings.floorBytes > 0 {
                let places = places
                let free = try await DiskWork.run { Result { try DiskSpace(of: places.folder).freeBytes } }.get()
                let isUnder = free < settings.floorBytes
                isPressed = isPressed || isUnder
                surroundings.alarm(
                    "recordings_floor",
                    isUnder
                        ? "\(free / 1_000_000) MB are free in \(places.folder), `retention.free_floor` wants "
                            + "\(settings.floorBytes / 1_000_000): archive to another volume, or make room" : nil)
            }
        } catch {
            log.warning("the recordings' volume cannot be looked at", metadata: ["error": "\(error)"])
        }
        return isPressed
    }

    // MARK: a run

    private func run(_ planner: RetentionPlanner) async throws -> RetentionReport {
        let isPressed = await watch()
        var report = RetentionReport(at: UTCTime(time.now()))
        let left = try await removeDue()
        report.freedBytes += left.freed
        report.failures += left.failures
        var spent: Int64 = 0
        var last: RecordingID?
        while case let page = try await planner.page(after: last, at: report.at), !page.isEmpty {
            for (recording, decision) in page where decision.action != .keep {
                let bytes = recording.bytes ?? 0
                if isPressed || spent < settings.bytesPerDay {
                    spent += bytes
                    try await perform(decision, on: recording, planner, &report)
                } else {
                    report.left.add(bytes)
                }
            }
            last = page.last?.recording.id
        }
        surroundings.alarm(
            "retention",
            report.failures.first.map { "\(report.failures.count) recordings could not be moved or deleted; \($0)" })
        if isPressed { await watch() }
        return report
    }

    /// What goes wrong with one recording keeps no other; a store that is away ends the run.
    private func perform(
        _ decision: RetentionDecision, on recording: RetentionRecording, _ planner: RetentionPlanner,
        _ report: inout RetentionReport
    ) async throws {
        do {
            switch decision.action {
            case .delete: try await delete(recording, decision, planner, &report)
            case .archive: try await archive(recording, decision, &report)
            case .keep: break
            }
        } catch let error as CancellationError {
            throw error
        } catch let error as StorageError where error.code != .conflict {
            throw error
        } catch {
            report.failures.append("\(recording.file ?? recording.id.description): \(error)")
        }
    }

    private func delete(
        _ recording: RetentionRecording, _ decision: RetentionDecision, _ planner: RetentionPlanner,
        _ report: inout RetentionReport
    ) async throws {
        guard let fact = deletion(of: recording, cause: .retention, decision) else { return }
        var facts: [Fact] = [.recordingDeleted(fact)]
        if let erased = try await callData(of: recording, planner, at: report.at) {
            facts.append(.personalDataErased(erased))
        }
        try await store.record(facts)
        report.deleted.add(fact.bytes)
        report.callsErased += facts.count - 1
        report.freedBytes += try await remove(
            DueRemoval(
                recording: fact.recording, call: fact.call, file: fact.file, bytes: fact.bytes, isDeleted: true,
                isArchived: recording.subject.isArchived))
    }

    /// The numbers and keys of a call whose last recording goes, where the policy lets them go and nothing needs them.
    private func callData(
        of recording: RetentionRecording, _ planner: RetentionPlanner, at now: UTCTime
    ) async throws -> PersonalDataErased? {
        guard settings.policy?.callData == .erase,
            let subject = try await store.reader.retentionSubject(of: recording.callID),
            planner.decideErasure(subject, at: now).action == .delete
        else { return nil }
        let others = try await store.reader.retentionRecordings(of: recording.callID).filter { other in
            other.id != recording.id && other.state != .deleted && other.state != .failed
        }
        let wishes = try await store.reader.callBacks(
            filter: CallBackFilter(call: recording.callID, openOnly: true, limit: 1))
        guard others.isEmpty, wishes.isEmpty else { return nil }
        return PersonalDataErased(
            at: time.now(), call: recording.callID, reason: "the last recording of the call was deleted")
    }

    private func archive(
        _ recording: RetentionRecording, _ decision: RetentionDecision, _ report: inout RetentionReport
    ) async throws {
        guard let file = recording.file, let sha256 = recording.sha256 else { return }
        let places = places
        try await IdleWork.run { _ -> Result<Void, RecordingError> in
            do throws(RecordingError) {
                return .success(try places.archive(file, sha256: sha256))
            } catch {
                return .failure(error)
            }
        }.get()
        try await store.record([
            .recordingArchived(
                RecordingArchived(
                    recording: recording.id, call: recording.callID, at: time.now(), reason: decision.reason))
        ])
        report.archived.add(recording.bytes ?? 0)
        report.freedBytes += try await remove(
            DueRemoval(
                recording: recording.id, call: recording.callID, file: file, bytes: recording.bytes ?? 0,
                isDeleted: false, isArchived: true))
    }

    /// The fact that deletes a recording; nil for one that has no file.
    func deletion(
        of recording: RetentionRecording, cause: RecordingDeleted.Cause, _ decision: RetentionDecision,
        by: WorkNumber? = nil
    ) -> RecordingDeleted? {
        guard recording.state == .finished, let file = recording.file, let frames = recording.frames,
            let bytes = recording.bytes, let sha256 = recording.sha256
        else { return nil }
        return RecordingDeleted(
            recording: recording.id, call: recording.callID, at: time.now(), cause: cause, rule: decision.rule,
            reason: decision.reason, by: by, file: file, frames: frames, bytes: bytes, sha256: sha256)
    }

    private func remove(_ due: DueRemoval) async throws(RecordingError) -> Int64 {
        await surroundings.forget(due.recording)
        let places = places
        let freed = try await IdleWork.run { _ -> Result<Int64, RecordingError> in
            do throws(RecordingError) {
                return .success(try places.remove(due.file, isDeleted: due.isDeleted, isArchived: due.isArchived))
            } catch {
                return .failure(error)
            }
        }.get()
        do {
            try await store.record([
                .recordingRemoved(
                    RecordingRemoved(recording: due.recording, call: due.call, at: time.now(), bytes: freed))
            ])
        } catch {
            // The files are gone; the next start finds them gone, and says so.
            throw RecordingError(.folder, "the removal of \(due.file) could not be journalled: \(error)")
        }
        return freed
    }

    /// One at a time: a run, a hold and an erasure would each see half of the other.
    func exclusively<Answer>(_ work: () async throws -> Answer) async throws -> Answer {
        let isFree = isRunning.withLock { isRunning in
            defer { isRunning = true }
            return !isRunning
        }
        guard isFree else {
            throw SwitchboardError(.refused, "another run of retention, or an erasure, is under way: try again later")
        }
        defer { isRunning.withLock { $0 = false } }
        return try await work()
    }

    /// The local day of the last daily run, `20261127`; nil where there was none yet. Reads a small file.
    public func lastDay() -> String? {
        // Without it, or where it cannot be read, the day's run is done once more; nothing is lost by that.
        guard let data = FileManager.default.contents(atPath: folder.retention),
            let progress = try? JSONDecoder().decode(Progress.self, from: data)
        else { return nil }
        return progress.day
    }

    private func save(_ progress: Progress) throws {
        try JSONEncoder().encode(progress).write(to: URL(fileURLWithPath: folder.retention), options: .atomic)
    }
}
