import Calls
import Recordings
import Storage
import Switchboard
import Testing

/// What a start journals of a run that was cut off; the facts go into a real store, as the server's do.
@Suite struct CrashRecoveryTests {
    private static let leg = LegID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0002)
    private static let recording = RecordingID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0005)

    /// An answered call that is being recorded, and was last heard of after 6 s.
    private static let running: [Fact] = [
        .callOffered(
            CallOffered(
                call: stageCall, leg: leg, at: at(0), line: "trunk1", direction: .inbound, caller: "13900000001",
                callerRaw: nil, callerSource: "from", called: "95598", diversion: nil, peer: "192.0.2.10:5060",
                protocolCallID: "cut@example.invalid")),
        .callAnswered(
            CallAnswered(
                call: stageCall, at: at(1000), rings: 1, ringMilliseconds: 1000, basis: .nominal180, flowVersion: "t@1")
        ),
        .recordingPlanned(
            RecordingPlanned(
                recording: recording, call: stageCall, at: at(1000),
                channels: [
                    .init(index: 0, leg: leg, role: "caller", tap: "received"),
                    .init(index: 1, leg: leg, role: "system", tap: "sent"),
                ])),
        .recordingStarted(RecordingStarted(recording: recording, call: stageCall, at: at(1000))),
        .callNoted(CallNoted(call: stageCall, leg: leg, at: at(6000), kind: "key", data: ["key": "1"])),
    ]

    /// An empty store whose clock stands at the call's last event.
    private static func archive() async throws -> Archive {
        let archive = try await Archive(calls: 0)
        archive.time.move(milliseconds: (at(6000).wall - archive.time.now().wall) / 1000)
        return archive
    }

    private static func found(
        _ milliseconds: Int64, writtenAt: Int64?, isInterrupted: Bool = true
    ) -> RecoveredRecording {
        RecoveredRecording(
            recording: recording, call: stageCall, isInterrupted: isInterrupted, startedAt: at(1000),
            length: AudioPosition(milliseconds: milliseconds), logWrittenAt: writtenAt.map { at($0).wall })
    }

    private static func recovery(
        _ store: Store, _ found: [RecoveredRecording], boot: String = "b0"
    ) async throws -> CrashRecovery {
        CrashRecovery(
            found: found, open: try await store.reader.unreleasedCalls(),
            unfinished: try await store.reader.unfinishedRecordings(), boot: boot, statistics: RecordingStatistics(),
            at: at(60_000))
    }

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var length: Int64
        var writtenAt: Int64?
        var boot = "b0"
        var lost: String
        var cause = "process_ended"
    }

    /// The recording begins 1 s after the offer; the flush holds back 200 ms, the sync 500.
    static let cases = [
        Case(testDescription: "killed", length: 8000, writtenAt: 9000, lost: "200"),
        Case(testDescription: "killed, the last block torn", length: 7800, writtenAt: 9000, lost: "400"),
        Case(
            testDescription: "power failed", length: 7600, writtenAt: 7600, boot: "b1", lost: "500",
            cause: "machine_stopped"),
        Case(
            testDescription: "power failed, what was written last is gone", length: 7600, writtenAt: 8800, boot: "b1",
            lost: "700", cause: "machine_stopped"),
        Case(testDescription: "nothing behind the partial files", length: 4000, writtenAt: nil, lost: "1200"),
        Case(testDescription: "the disk refused before", length: 2000, writtenAt: 3000, lost: "3200"),
        Case(testDescription: "the clock went back", length: 8000, writtenAt: 500, lost: "200"),
    ]

    @Test(arguments: cases) func whatIsLostIsToldWithItsLength(_ example: Case) async throws {
        let archive = try await Self.archive()
        let store = archive.store
        try await store.record(Self.running)
        let recovery = try await Self.recovery(
            store, [Self.found(example.length, writtenAt: example.writtenAt)], boot: example.boot)
        try await store.record(recovery.facts)
        let detail = try #require(try await store.reader.call(stageCall))
        #expect(detail.summary.outcome == .interrupted)
        #expect(detail.summary.releasedBy == .unknown)
        let cut = try #require(detail.timeline.first { $0.kind == "recording_cut" })
        #expect(
            cut.data == [
                "recording": Self.recording.description, "lost_ms_at_most": example.lost, "cause": example.cause,
            ])
        #expect(cut.at == UTCTime(at(1000 + example.length)))
        let summary = try #require(try await store.reader.recording(Self.recording))
        #expect(summary.state == .stopped)
        #expect(summary.length == AudioPosition(milliseconds: example.length))
        await store.close()
    }

    /// A start that is itself cut off at any point is followed by another, which says nothing twice.
    @Test func aStartCutOffIsFollowedByAnother() async throws {
        let archive = try await Self.archive()
        let store = archive.store
        try await store.record(Self.running)
        let found = [Self.found(8000, writtenAt: 9000)]
        let first = try await Self.recovery(store, found)
        #expect(first.facts.count == 4)
        try await store.record(first.facts)
        // Cut off before the file was made, then after it was journalled and before it was confirmed.
        #expect(try await Self.recovery(store, found).facts.isEmpty)
        try await store.record([
            .recordingFinished(
                RecordingFinished(
                    recording: Self.recording, call: stageCall, at: at(61_000), file: "2026/11/18/a.flac",
                    format: "flac", rate: 8000, frames: 64_000, bytes: 9, sha256: "ab", gaps: [], recovered: true))
        ])
        #expect(try await Self.recovery(store, found).facts.isEmpty)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func whatNeverReachedTheLogIsAFailure() async throws {
        let archive = try await Self.archive()
        let store = archive.store
        try await store.record(Self.running)
        try await store.record(try await Self.recovery(store, []).facts)
        let summary = try #require(try await store.reader.recording(Self.recording))
        #expect(summary.state == .failed)
        #expect(summary.failure?.contains("no audio of it reached the audio log") == true)
        // Found after all, at the next start: no fact that the store would refuse.
        #expect(try await Self.recovery(store, [Self.found(8000, writtenAt: 9000)]).facts.isEmpty)
        await store.close()
    }

    /// The store is older than the audio log, as after restoring a backup.
    @Test func aRecordingThatTheStoreDoesNotKnowStopsNothing() async throws {
        let archive = try await Self.archive()
        let recovery = try await Self.recovery(archive.store, [Self.found(8000, writtenAt: 9000)])
        #expect(recovery.facts.isEmpty)
        await archive.store.close()
    }

    /// Ended in the log, only the file was not made: nothing is lost, and nothing is told.
    @Test func aRecordingThatEndedIsNotCut() async throws {
        let archive = try await Self.archive()
        let store = archive.store
        try await store.record(Self.running)
        let recovery = try await Self.recovery(store, [Self.found(8000, writtenAt: 9000, isInterrupted: false)])
        #expect(
            recovery.facts.allSatisfy { fact in
                switch fact {
                case .callReleased, .serverNoted: true
                default: false
                }
            })
        #expect(recovery.facts.count == 2)
        await store.close()
    }
}
