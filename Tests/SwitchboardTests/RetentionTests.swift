import Calls
import Foundation
import Logging
import Norms
import Recordings
import Storage
import Switchboard
import Synchronization
import Testing

/// Retention over a data folder as a server leaves it, with the clock moved by hand.
@Suite struct RetentionTests {
    /// What the rest of the exchange is told.
    private final class Told: Sendable {
        let alarms = Mutex<[String: String]>([:])
        let forgotten = Mutex<[RecordingID]>([])
        let holds = Mutex<UInt64>(0)

        var surroundings: Retention.Surroundings {
            Retention.Surroundings(
                forget: { id in self.forgotten.withLock { $0.append(id) } },
                alarm: { kind, message in self.alarms.withLock { $0[kind] = message } },
                makeID: {
                    HoldID(
                        high: 7,
                        low: self.holds.withLock { count in
                            count += 1
                            return count
                        })
                })
        }

        func alarm(_ kind: String) -> String? { alarms.withLock { $0[kind] } }
    }

    private static let day: Int64 = 86_400_000
    private static let rest = RetentionPolicy.Rule(id: "otherwise", keep: CalendarPeriod(days: 365), clause: "test")

    private static func policy(archive: Int? = nil, callData: RetentionPolicy.CallData = .keep) -> RetentionPolicy {
        RetentionPolicy(
            name: "test", version: "1", rules: [], otherwise: rest,
            minima: [RetentionPolicy.Rule(id: "law", keep: CalendarPeriod(days: 180), clause: "a law")],
            assumeClosedAfter: CalendarPeriod(days: 90), archiveAfter: archive.map { CalendarPeriod(days: $0) },
            callData: callData)
    }

    private func retention(
        _ archive: Archive, _ told: Told, policy: RetentionPolicy? = policy(), budget: Int64 = 1_000_000_000,
        quota: Int64 = 0, floor: Int64 = 0
    ) throws -> Retention {
        Retention(
            store: archive.store, folder: archive.folder,
            settings: Retention.Settings(
                policy: policy, minuteOfDay: 270, bytesPerDay: budget, quotaBytes: quota, floorBytes: floor),
            clock: try LocalClock(zone: "Asia/Shanghai"), surroundings: told.surroundings, time: archive.time,
            log: Logger(label: "test"))
    }

    private func by() throws -> WorkNumber { try #require(WorkNumber("1001")) }

    private func files(_ path: String) -> [String] {
        guard let all = FileManager.default.enumerator(atPath: path) else { return [] }
        return all.compactMap { $0 as? String }.filter {
            $0.hasSuffix(".flac") || $0.hasSuffix(".json") || $0.hasSuffix(".dat")
        }
        .sorted()
    }

    private func reconciled(_ archive: Archive) async throws -> ReconciliationReport {
        let alarms = RecordingAlarms(
            store: archive.store, webhook: nil, node: "node1", time: archive.time, log: Logger(label: "test"))
        return try await Reconciliation(
            store: archive.store, folder: archive.folder, alarms: alarms,
            settings: .init(minuteOfDay: 210, bytesPerDay: 0), clock: try LocalClock(zone: "Asia/Shanghai"),
            time: archive.time, log: Logger(label: "test")
        ).run(from: nil, to: nil, all: true)
    }

    @Test func whatIsDueGoesWithItsFilesAndNothingIsMissed() async throws {
        let archive = try await Archive(calls: 4)
        let told = Told()
        let retention = try retention(archive, told)
        archive.time.move(milliseconds: 364 * Self.day)
        var plan = try await retention.plan()
        #expect(plan.recordings == 4 && plan.delete.recordings == 0 && plan.keptBy == ["otherwise": 4])
        archive.time.move(milliseconds: Self.day)
        let held = try await retention.place(on: .call(archive.calls[3].call), reason: "a court", by: try by())
        plan = try await retention.plan()
        #expect(plan.delete.recordings == 3 && plan.held.recordings == 1)
        #expect(plan.items.map(\.recording) == archive.calls[..<3].map(\.recording))
        #expect(plan.delete.bytes == plan.items.reduce(0) { $0 + $1.bytes })
        // A plan changes nothing.
        #expect(files(archive.folder.recordings).count == 12)

        let report = try await retention.run()
        #expect(report.deleted == plan.delete && report.failures.isEmpty && report.left.recordings == 0)
        #expect(report.freedBytes >= plan.delete.bytes)
        #expect(files(archive.folder.recordings).count == 3)
        #expect(told.forgotten.withLock { Set($0) } == Set(archive.calls[..<3].map(\.recording)))
        let gone = try #require(try await archive.store.reader.recording(archive.calls[0].recording))
        #expect(
            gone.deletedBecause?.contains("otherwise: 1 year") == true
                || gone.deletedBecause?.contains("365 days") == true)
        #expect(try await reconciled(archive).isAllOK)
        #expect(try await archive.store.reader.verifyEvidence().ok)
        #expect(try await archive.store.reader.dueRemovals().isEmpty)

        _ = try await retention.release(held.id, reason: "settled", by: try by())
        #expect(try await retention.run().deleted.recordings == 1)
        #expect(files(archive.folder.recordings).isEmpty)
        #expect(try await reconciled(archive).isAllOK)
        await archive.store.close()
    }

    @Test func theBudgetLeavesTheRestForTheNextDay() async throws {
        let archive = try await Archive(calls: 3)
        let told = Told()
        archive.time.move(milliseconds: 400 * Self.day)
        let retention = try retention(archive, told, budget: 1)
        let first = try await retention.run()
        #expect(first.deleted.recordings == 1 && first.left.recordings == 2)
        let second = try await retention.run()
        #expect(second.deleted.recordings == 1 && second.left.recordings == 1)
        // With the quota broken everything that is due goes.
        let pressed = try self.retention(archive, told, budget: 0, quota: 1)
        #expect(try await pressed.run().deleted.recordings == 1)
        #expect(told.alarm("recordings_quota") == nil)
        await archive.store.close()
    }

    @Test func quotaAndFloorAreToldAndClearedWhenTheyHold() async throws {
        let archive = try await Archive(calls: 1)
        let told = Told()
        #expect(try await retention(archive, told, quota: 1, floor: .max).watch())
        #expect(told.alarm("recordings_quota")?.contains("retention.quota") == true)
        #expect(told.alarm("recordings_floor")?.contains("retention.free_floor") == true)
        #expect(try await !retention(archive, told, quota: .max, floor: 1).watch())
        #expect(told.alarm("recordings_quota") == nil && told.alarm("recordings_floor") == nil)
        await archive.store.close()
    }

    @Test func withoutAPolicyNothingGoes() async throws {
        let archive = try await Archive(calls: 1)
        archive.time.move(milliseconds: 4000 * Self.day)
        let retention = try retention(archive, Told(), policy: nil)
        for refused in [
            { _ = try await retention.run() }, { _ = try await retention.plan() },
            { _ = try await retention.erase("13900000000", reason: "asked", by: try self.by(), isDryRun: false) },
        ] as [() async throws -> Void] {
            await #expect { try await refused() } throws: { ($0 as? SwitchboardError)?.code == .refused }
        }
        #expect(files(archive.folder.recordings).count == 3)
        await archive.store.close()
    }

    @Test func whatIsArchivedIsHeardFromThere() async throws {
        let archive = try await Archive(calls: 2)
        let told = Told()
        let retention = try retention(archive, told, policy: Self.policy(archive: 30))
        archive.time.move(milliseconds: 40 * Self.day)
        let original = try Data(contentsOf: URL(fileURLWithPath: archive.path(0)))
        let report = try await retention.run()
        #expect(report.archived.recordings == 2 && report.failures.isEmpty)
        #expect(files(archive.folder.recordings).isEmpty)
        #expect(files(archive.folder.archive) == archive.calls.map(\.file).sorted())
        #expect(try await retention.run().archived.recordings == 0)
        #expect(try await reconciled(archive).isAllOK)

        let alarms = RecordingAlarms(
            store: archive.store, webhook: nil, node: "node1", time: archive.time, log: Logger(label: "test"))
        let replay = Replay(
            store: archive.store, folder: archive.folder.recordings, archive: archive.folder.archive,
            cache: try AudioCache(folder: archive.folder.cache, limitBytes: 10_000_000, minimumFreeBytes: 0),
            alarms: alarms, time: archive.time)
        let audio = try await replay.audio(archive.calls[0].recording, format: nil, channel: .both)
        #expect(Data(try await audio.file.read(at: 0, count: Int(audio.file.length))) == original)
        let left = try await replay.audio(archive.calls[0].recording, format: .wav, channel: .left)
        #expect(left.file.length > 1000)
        #expect(try await !replay.peaks(archive.calls[0].recording, samplesPerPixel: 256).isEmpty)

        archive.time.move(milliseconds: 400 * Self.day)
        #expect(try await retention.run().deleted.recordings == 2)
        #expect(files(archive.folder.archive).isEmpty)
        await #expect { try await replay.audio(archive.calls[0].recording, format: nil, channel: .both) } throws: {
            ($0 as? SwitchboardError)?.code == .refused && "\($0)".contains("was deleted on")
        }
        #expect(try await archive.store.reader.verifyEvidence().ok)
        await archive.store.close()
    }

    /// The program may end after each step: the fact is written and no file is gone; some are gone; all are gone and nobody
    /// has written it down. The next start ends it, and once.
    @Test(arguments: [0, 1, 3])
    func aDeletionThatWasCutOffIsFinished(_ gone: Int) async throws {
        let archive = try await Archive(calls: 1)
        let told = Told()
        let one = archive.calls[0]
        let row = try #require(try await archive.store.reader.retentionRecordings().first)
        try await archive.store.record([
            .recordingDeleted(
                RecordingDeleted(
                    recording: one.recording, call: one.call, at: archive.time.now(), cause: .retention,
                    rule: "otherwise", reason: "test", file: one.file, frames: row.frames ?? 0, bytes: row.bytes ?? 0,
                    sha256: row.sha256 ?? ""))
        ])
        for file in RecordingVerifier.files(one.file).prefix(gone) {
            try FileManager.default.removeItem(atPath: "\(archive.folder.recordings)/\(file)")
        }
        // In between, nothing is missed and nothing given out.
        #expect(try await archive.store.reader.verifyEvidence().ok)
        let retention = try retention(archive, told)
        let removed = try await retention.removeDue()
        #expect(removed.failures.isEmpty && (removed.freed == 0) == (gone == 3))
        #expect(files(archive.folder.recordings).isEmpty)
        #expect(try await archive.store.reader.dueRemovals().isEmpty)
        #expect(try await retention.removeDue().freed == 0)
        #expect(try await reconciled(archive).isAllOK)
        #expect(try await archive.store.reader.verifyEvidence().ok)
        await archive.store.close()
    }

    /// The copy is made and the fact not written; the fact is written and the first file still there.
    @Test(arguments: [false, true])
    func anArchivingThatWasCutOffIsFinished(_ isWritten: Bool) async throws {
        let archive = try await Archive(calls: 1)
        let one = archive.calls[0]
        let row = try #require(try await archive.store.reader.retentionRecordings().first)
        let places = RecordingPlaces(folder: archive.folder.recordings, archive: archive.folder.archive)
        try places.archive(one.file, sha256: row.sha256 ?? "")
        if isWritten {
            try await archive.store.record([
                .recordingArchived(
                    RecordingArchived(
                        recording: one.recording, call: one.call, at: archive.time.now(), reason: "old"))
            ])
        }
        archive.time.move(milliseconds: 40 * Self.day)
        let report = try await retention(archive, Told(), policy: Self.policy(archive: 30)).run()
        #expect(report.failures.isEmpty && report.archived.recordings == (isWritten ? 0 : 1))
        #expect(files(archive.folder.recordings).isEmpty)
        #expect(files(archive.folder.archive) == [one.file])
        #expect(try await reconciled(archive).isAllOK)
        await archive.store.close()
    }

    @Test func anArchiveThatIsNotThereKeepsTheFileAndIsTold() async throws {
        let archive = try await Archive(calls: 1)
        let told = Told()
        archive.time.move(milliseconds: 40 * Self.day)
        // Something else stands at the archive's place.
        try Data("no folder".utf8).write(to: URL(fileURLWithPath: archive.folder.archive))
        let retention = try retention(archive, told, policy: Self.policy(archive: 30))
        let report = try await retention.run()
        #expect(report.archived.recordings == 0 && report.failures.count == 1)
        #expect(told.alarm("retention") != nil)
        #expect(files(archive.folder.recordings).count == 3)
        try FileManager.default.removeItem(atPath: archive.folder.archive)
        #expect(try await retention.run().archived.recordings == 1)
        #expect(told.alarm("retention") == nil)
        await archive.store.close()
    }

    @Test func theNumbersOfACallGoWithItsLastRecording() async throws {
        let archive = try await Archive(calls: 2)
        archive.time.move(milliseconds: 400 * Self.day)
        let report = try await retention(archive, Told(), policy: Self.policy(callData: .erase)).run()
        #expect(report.deleted.recordings == 2 && report.callsErased == 2)
        let call = try #require(try await archive.store.reader.call(archive.calls[0].call))
        #expect(call.summary.caller == nil && call.summary.digits.isEmpty && call.summary.outcome == .completed)
        #expect(try await archive.store.reader.verifyEvidence().ok)
        await archive.store.close()
    }

    @Test func aPersonIsFoundHandedOutAndErased() async throws {
        let archive = try await Archive(calls: 12)
        let told = Told()
        let retention = try retention(archive, told)
        let book = PersonBook(reader: archive.store.reader)
        // The numbers go round after ten calls.
        let (one, other) = (archive.calls[1], archive.calls[11])
        let number = "13900000001"
        #expect(try await book.find(number).calls.map(\.summary.callID) == [one.call, other.call])
        #expect(try await book.find("13900000099").isEmpty)
        let handed = try await retention.export(number, reason: "asked for", by: try by())
        #expect(handed.recordings.map(\.found.recording.id) == [one.recording, other.recording])
        let heard = try #require(try await archive.store.reader.call(one.call)).timeline
        #expect(heard.last?.type == "recording_replayed")

        // The law first.
        var erasure = try await retention.erase(number, reason: "asked for", by: try by(), isDryRun: false)
        #expect(erasure.erased.isEmpty && erasure.stays.count == 2)
        #expect(erasure.stays[0].stays?.contains("a law") == true && erasure.stays[0].until != nil)
        archive.time.move(milliseconds: 200 * Self.day)
        let hold = try await retention.place(on: .recording(other.recording), reason: "a court", by: try by())
        let dry = try await retention.erase(number, reason: "asked for", by: try by(), isDryRun: true)
        #expect(dry.isDryRun && dry.erased.map(\.subject) == [one.call.description])
        #expect(try await book.find(number).calls.count == 2)
        erasure = try await retention.erase(number, reason: "asked for", by: try by(), isDryRun: false)
        #expect(erasure.erased.map(\.subject) == [one.call.description] && erasure.erased[0].recordings == 1)
        #expect(erasure.stays.map(\.subject) == [other.call.description])
        #expect(erasure.stays[0].stays?.contains("a court") == true)
        #expect(erasure.freedBytes > 0 && erasure.failures.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: archive.path(1)))
        #expect(FileManager.default.fileExists(atPath: archive.path(11)))
        #expect(try await book.find(number).calls.map(\.summary.callID) == [other.call])
        #expect(try await reconciled(archive).isAllOK)
        #expect(try await archive.store.reader.verifyEvidence().ok)

        _ = try await retention.release(hold.id, reason: "settled", by: try by())
        #expect(try await retention.erase(number, reason: "asked for", by: try by(), isDryRun: false).stays.isEmpty)
        #expect(try await book.find(number).isEmpty)
        #expect(try await archive.store.reader.calls(filter: CallFilter(limit: 100)).count == 12)
        #expect(try await archive.store.reader.verifyEvidence().ok)
        await archive.store.close()
    }

    @Test func anOpenOrderKeepsThePersonsCall() async throws {
        let archive = try await Archive(calls: 1)
        let one = archive.calls[0]
        archive.time.move(milliseconds: 200 * Self.day)
        try await archive.store.record([
            .orderCreated(
                OrderCreated(
                    order: OrderID(high: one.call.high, low: 9), at: archive.time.now(), number: "20270610-0001",
                    code: "4711", category: "complaint", call: one.call, caller: "13900000000", fields: [:]))
        ])
        let retention = try retention(archive, Told())
        var erasure = try await retention.erase("13900000000", reason: "asked", by: try by(), isDryRun: false)
        #expect(erasure.stays.map(\.kind) == ["call"] && erasure.stays[0].stays?.contains("20270610-0001") == true)
        archive.time.move(milliseconds: 91 * Self.day)
        erasure = try await retention.erase("13900000000", reason: "asked", by: try by(), isDryRun: false)
        #expect(erasure.stays.isEmpty && erasure.erased.count == 1)
        #expect(try await archive.store.reader.order("20270610-0001")?.caller == nil)
        await archive.store.close()
    }

    @Test(arguments: ["", "12", "abc", "139 0000 0001", "1390000000113900000001"])
    func whatIsNoNumberIsRefused(_ number: String) async throws {
        let archive = try await Archive(calls: 0)
        let retention = try retention(archive, Told())
        await #expect { try await PersonBook(reader: archive.store.reader).find(number) } throws: {
            ($0 as? SwitchboardError)?.code == .argument
        }
        // The number does not stay in the journal as a reason.
        for reason in ["", " ", "of 13900000001", "a\u{7}", String(repeating: "长", count: 501)] {
            await #expect {
                try await retention.erase("13900000001", reason: reason, by: try self.by(), isDryRun: true)
            } throws: {
                ($0 as? SwitchboardError)?.code == .argument
            }
        }
        await archive.store.close()
    }

    @Test func theShippedPolicyIsSound() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("norms/retention.yaml").path
        let file = try RetentionFile(path: path)
        #expect(file.warnings.isEmpty)
        #expect(!file.policy.minima.isEmpty && file.policy.rules.allSatisfy { !$0.clause.isEmpty })
        // A complaint outlives the rest.
        let complaint = RetentionSubject(
            recordedAt: 0, outcome: "completed",
            orders: [.init(number: "1", category: "complaint", createdAt: 0, isClosed: true, closedAt: 0)],
            isArchived: true)
        let year: Int64 = 366 * 86_400_000_000
        #expect(file.policy.decide(complaint, now: 2 * year, offsetSeconds: 28_800).action == .keep)
        #expect(file.policy.decide(complaint, now: 3 * year, offsetSeconds: 28_800).action == .delete)
    }
}
