import Calls
import Foundation
import Logging
import Recordings
import Storage
import Switchboard
import Synchronization
import Testing

/// Calls, recordings and files beside each other, with damage made by hand.
@Suite struct ReconcilerTests {
    private func alarms(_ archive: Archive, _ told: Told? = nil) -> RecordingAlarms {
        RecordingAlarms(
            store: archive.store, webhook: told?.queue, node: "node1", time: archive.time, log: Logger(label: "test"))
    }

    private func reconciliation(_ archive: Archive, _ alarms: RecordingAlarms, bytes: Int64 = 0) throws
        -> Reconciliation
    {
        Reconciliation(
            store: archive.store, folder: archive.folder, alarms: alarms,
            settings: .init(minuteOfDay: 210, bytesPerDay: bytes), clock: try LocalClock(zone: "Asia/Shanghai"),
            time: archive.time, log: Logger(label: "test"))
    }

    /// A webhook that keeps what it is told.
    private final class Told: Sendable {
        let queue: WebhookQueue
        private let sink: Sink
        private let running: Task<Void, Never>

        private final class Sink: Sendable {
            let messages = Mutex<[WebhookMessage]>([])
            func take(_ message: WebhookMessage) { messages.withLock { $0.append(message) } }
        }

        init() {
            let sink = Sink()
            self.sink = sink
            let queue = WebhookQueue(log: Logger(label: "test")) { (message) throws(SwitchboardError) in
                sink.take(message)
            }
            self.queue = queue
            running = Task { await queue.run() }
        }

        deinit { running.cancel() }

        /// Waits until everything is delivered; the texts of each message.
        func delivered() async throws -> [[String: String]] {
            while queue.statistics.waiting > 0 { try await Task.sleep(for: .milliseconds(2)) }
            return try sink.messages.withLock { $0 }.map { message in
                let object = try JSONSerialization.jsonObject(with: Data(message.body)) as? [String: Any]
                return (object ?? [:]).compactMapValues { $0 as? String }
            }
        }
    }

    @Test func whatIsInOrderIsFoundInOrder() async throws {
        let archive = try await Archive(calls: 3)
        let report = try await reconciliation(archive, alarms(archive)).run(from: nil, to: nil, all: true)
        #expect(report.isAllOK, "\(report.findings)")
        #expect(report.calls == 3 && report.recordings == 3 && report.hashed == 3)
        // Audio, peaks and figures of each.
        #expect(report.files == 9)
        #expect(report.opened == 0 && report.cleared == 0)
        await archive.store.close()
    }

    @Test func everyDamageIsFoundToldOnceAndClearedOnce() async throws {
        let archive = try await Archive(calls: 6)
        let told = Told()
        let alarms = alarms(archive, told)
        let reconciliation = try reconciliation(archive, alarms)
        let files = FileManager.default
        func bytes(_ index: Int) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: archive.path(index))) }
        func write(_ data: Data, _ path: String) throws { try data.write(to: URL(fileURLWithPath: path)) }

        // One byte changed; cut short; gone; a file too many; a call that was never recorded.
        let original = try (0..<6).map(bytes)
        var changed = original[0]
        changed[changed.count / 2] ^= 1
        try write(changed, archive.path(0))
        try write(original[1].prefix(1000), archive.path(1))
        try files.removeItem(atPath: archive.path(2))
        let stray = "\(archive.folder.recordings)/2026/11/22/stray.flac"
        try write(original[3], stray)
        try files.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_795_316_645)], ofItemAtPath: stray)
        let lost = CallID(high: archive.calls[5].call.high + 0x10_0000, low: 0x8000_0000_0000_9999)
        let start = archive.calls[5].start.advanced(milliseconds: 15_000)
        try await archive.store.record([
            .callOffered(
                CallOffered(
                    call: lost, leg: LegID(high: lost.high, low: 1), at: start, line: "trunk1", direction: .inbound,
                    caller: nil, callerRaw: nil, callerSource: "from", called: "95598", diversion: nil, peer: "",
                    protocolCallID: "lost")),
            .callAnswered(
                CallAnswered(
                    call: lost, at: start, rings: 1, ringMilliseconds: 0, basis: .nominal180, flowVersion: "test@1")),
            .callReleased(
                CallReleased(
                    call: lost, at: start.advanced(milliseconds: 5000), releasedBy: .caller,
                    evidence: ReleaseEvidence(firstLeg: nil, message: "BYE received"), outcome: .completed,
                    statistics: [:])),
        ])

        let report = try await reconciliation.run(from: nil, to: nil, all: true)
        let found = Set(report.findings.map { "\($0.kind.rawValue) \($0.subject)" })
        #expect(
            found == [
                "altered \(archive.calls[0].recording)", "altered \(archive.calls[1].recording)",
                "missing_file \(archive.calls[2].recording)", "stray_file 2026/11/22/stray.flac",
                "missing_recording \(lost)",
            ])
        #expect(report.counts["altered"] == 2 && report.counts["gaps"] == 0)
        #expect(report.opened == 5 && report.cleared == 0)
        #expect(alarms.counts[.altered] == 2)
        #expect(alarms.counts.count == RecordingAlarmKind.allCases.count)
        var messages = try await told.delivered()
        #expect(messages.count == 5)
        #expect(messages.allSatisfy { $0["type"] == "recording_alarm" && $0["state"] == "opened" })

        // Found again, told no more; after a restart neither.
        let again = try await reconciliation.run(from: nil, to: nil, all: true)
        #expect(again.findings.count == 5 && again.opened == 0)
        let restarted = self.alarms(archive)
        try await restarted.load()
        #expect(restarted.counts == alarms.counts)
        let afterwards = try await self.reconciliation(archive, restarted).run(from: nil, to: nil, all: true)
        #expect(afterwards.opened == 0 && afterwards.cleared == 0)
        #expect(try await archive.store.reader.openRecordingAlarms().count == 5)

        // Mended: each is cleared once. What only a reader of the whole file knows waits for one.
        for index in 0..<3 { try write(original[index], archive.path(index)) }
        try files.removeItem(atPath: stray)
        let quick = try await reconciliation.run(
            from: UTCTime(archive.calls[5].start), to: UTCTime(archive.time.now()), all: false)
        // The day's budget is nothing: alterations stay, what was looked at goes.
        #expect(quick.cleared == 2, "\(quick.findings)")
        #expect(alarms.counts[.altered] == 2 && alarms.counts[.strayFile] == 0 && alarms.counts[.missingFile] == 0)
        let whole = try await reconciliation.run(from: nil, to: nil, all: true)
        #expect(whole.findings.map(\.kind) == [.missingRecording])
        #expect(whole.cleared == 2)
        messages = try await told.delivered()
        #expect(messages.count { $0["state"] == "cleared" } == 4)
        #expect(try await archive.store.reader.openRecordingAlarms().map(\.kind) == [.missingRecording])
        #expect(try await archive.store.reader.verifyEvidence().ok)
        await archive.store.close()
    }

    @Test func theBudgetGoesRoundAllRecordings() async throws {
        let archive = try await Archive(calls: 5)
        let size = Int64(try Data(contentsOf: URL(fileURLWithPath: archive.path(0))).count)
        let reconciliation = try reconciliation(archive, alarms(archive), bytes: size + size / 2)
        // Two a day, round and round.
        var hashed: [Int] = []
        for _ in 0..<5 { hashed.append(try await reconciliation.run(from: nil, to: nil, all: false).hashed) }
        #expect(hashed == [2, 2, 2, 2, 2])
        let folder = archive.folder.reconciliation
        #expect(FileManager.default.fileExists(atPath: folder))
        // A damage is met within a round.
        try Data([1]).write(to: URL(fileURLWithPath: archive.path(4)), options: [])
        var found = false
        for _ in 0..<3 {
            found = try await reconciliation.run(from: nil, to: nil, all: false).findings.contains {
                $0.kind == .altered
            }
        }
        #expect(found)
        await archive.store.close()
    }

    @Test func aDamageUnseenByLengthIsFoundByTheRound() async throws {
        let archive = try await Archive(calls: 3)
        let reconciliation = try reconciliation(archive, alarms(archive), bytes: 1)
        var changed = try Data(contentsOf: URL(fileURLWithPath: archive.path(2)))
        changed[changed.count - 20] ^= 4
        try changed.write(to: URL(fileURLWithPath: archive.path(2)))
        var days: [Int] = []
        for _ in 0..<3 { days.append(try await reconciliation.run(from: nil, to: nil, all: false).findings.count) }
        // The third day reads it.
        #expect(days == [0, 0, 1])
        await archive.store.close()
    }

    @Test func whatWasNeverMeasuredIsMeasuredWhenItIsRead() async throws {
        let archive = try await Archive(calls: 1, measured: false)
        let reconciliation = try reconciliation(archive, alarms(archive))
        let id = archive.calls[0].recording
        #expect(try await archive.store.reader.recordingCheck(id)?.figures == nil)
        #expect(try await reconciliation.run(from: nil, to: nil, all: true).isAllOK)
        let figures = try #require(try await archive.store.reader.recordingCheck(id)?.figures)
        #expect(figures.channels.map(\.talkMilliseconds) == [12_000, 12_000])
        #expect(figures.overtalkMilliseconds == 12_000)
        await archive.store.close()
    }

    @Test func aPeriodThatEndsBeforeItBeginsIsRefused() async throws {
        let archive = try await Archive(calls: 0)
        let reconciliation = try reconciliation(archive, alarms(archive))
        let now = UTCTime(archive.time.now())
        await #expect { try await reconciliation.run(from: now, to: now, all: false) } throws: {
            ($0 as? SwitchboardError)?.code == .argument
        }
        await archive.store.close()
    }

    @Test func withoutAServerItIsOnlyTold() async throws {
        let archive = try await Archive(calls: 2)
        try FileManager.default.removeItem(atPath: archive.path(1))
        let now = UTCTime(archive.time.now())
        let report = try await Reconciler(reader: archive.store.reader, folder: archive.folder.recordings).run(
            ReconciliationQuestion(
                from: UTCTime(microseconds: 0), to: now, hashing: .all), now: now)
        #expect(report.findings.map(\.kind) == [.missingFile])
        #expect(report.opened == nil)
        #expect(try await archive.store.reader.openRecordingAlarms().isEmpty)
        let text = String(decoding: try QueryJSON.encode(report), as: UTF8.self)
        for key in ["ok", "from", "to", "calls", "recordings", "files", "hashed", "hashed_bytes", "counts", "findings"]
        {
            #expect(text.contains("\"\(key)\" :"), "\(key)")
        }
        #expect(text.contains("\"opened\" : null"))
        #expect(try JSONDecoder().decode(ReconciliationReport.self, from: Data(text.utf8)) == report)
        await archive.store.close()
    }

    // MARK: replay

    private func replay(_ archive: Archive, limit: Int64 = 100_000_000) throws -> Replay {
        Replay(
            store: archive.store, folder: archive.folder.recordings,
            cache: try AudioCache(folder: archive.folder.cache, limitBytes: limit, minimumFreeBytes: 0),
            alarms: alarms(archive), time: archive.time)
    }

    private func replays(_ archive: Archive) async throws -> Int {
        try #require(try await archive.store.reader.call(archive.calls[0].call)).timeline
            .count { $0.kind == "recording_replayed" }
    }

    @Test func oneReplayAMinuteIsJournalled() async throws {
        let archive = try await Archive(calls: 1)
        let replay = try replay(archive)
        let audio = try await replay.audio(archive.calls[0].recording, format: nil, channel: .both)
        #expect(audio.tag == (try Archive.sha256()))
        for _ in 0..<5 { try await replay.note(audio, token: "api", by: nil, reason: "质检") }
        #expect(try await replays(archive) == 1)
        // Another listener is another replay.
        try await replay.note(audio, token: "api", by: WorkNumber("1001"), reason: nil)
        #expect(try await replays(archive) == 2)
        archive.time.move(milliseconds: 59_999)
        try await replay.note(audio, token: "api", by: nil, reason: nil)
        #expect(try await replays(archive) == 2)
        archive.time.move(milliseconds: 1)
        try await replay.note(audio, token: "api", by: nil, reason: nil)
        #expect(try await replays(archive) == 3)
        let detail = try #require(try await archive.store.reader.call(archive.calls[0].call))
        #expect(detail.timeline.first { $0.kind == "recording_replayed" }?.data["reason"] == "质检")
        await archive.store.close()
        // Nothing is given out that cannot be written down.
        archive.time.move(milliseconds: 60_000)
        await #expect(throws: StorageError.self) { try await replay.note(audio, token: "api", by: nil, reason: nil) }
    }

    @Test func peaksAndFiguresAreMadeWhereThereAreNone() async throws {
        let archive = try await Archive(calls: 1, measured: false)
        let other = try await Archive(calls: 1)
        let (one, two) = (try replay(archive), try replay(other))
        let id = archive.calls[0].recording
        let made = try await one.peaks(id, samplesPerPixel: 512)
        let others = try await two.peaks(id, samplesPerPixel: 512)
        #expect(made == others)
        #expect(made.count == 24 + 4 * 188)
        let figures = try await (one.figures(id).figures, two.figures(id).figures)
        #expect(figures.0 == figures.1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: archive.folder.cache).count == 2)
        await #expect { try await one.peaks(id, samplesPerPixel: 300) } throws: {
            ($0 as? SwitchboardError)?.code == .argument
        }
        await archive.store.close()
        await other.store.close()
    }
}
