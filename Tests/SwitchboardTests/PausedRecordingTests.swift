import Calls
import Recordings
import Storage
import Switchboard
import Testing

/// A paused recording as it is checked, and as a start finds it that follows a crash.
@Suite struct PausedRecordingTests {
    private static func check(length: Int64, paused: Int64, talk: [Int64], hadAgent: Bool = true) -> CallCheck {
        let id = stageRecording
        var recording = RecordingCheck(
            id: id, callID: stageCall, purpose: "call", state: .finished, startedAt: UTCTime(at(1000)),
            file: "2026/11/18/a.flac", rate: 8000, frames: length * 8, bytes: 1, sha256: "ab", gaps: [],
            recovered: false, failure: nil, channelCount: 2,
            figures: RecordingMeasured(
                recording: id, call: stageCall, at: zero, lengthMilliseconds: length, silenceMilliseconds: paused,
                overtalkMilliseconds: 0, thresholdDecibels: -45,
                channels: [0, 1].map {
                    .init(
                        index: $0, missingMilliseconds: 0, talkMilliseconds: talk[$0], peak: 9000, level: -2000,
                        clippedSamples: 0)
                }), hadAgent: hadAgent)
        recording.pausedMilliseconds = paused
        return CallCheck(
            id: stageCall, offeredAt: UTCTime(at(0)), answeredAt: at(1000), releasedAt: at(1000 + length),
            outcome: .completed, recordings: [recording])
    }

    private func kinds(_ call: CallCheck) -> [RecordingAlarmKind] {
        RecordingRules.findings(call, now: UTCTime(at(3_600_000))).map(\.kind)
    }

    @Test func silenceThatWasWantedIsNoOneWayAudio() {
        // 60 s, of which 52 were paused: what is left is too short for silence to mean anything.
        #expect(kinds(Self.check(length: 60_000, paused: 52_000, talk: [0, 3000])).isEmpty)
        #expect(kinds(Self.check(length: 60_000, paused: 60_000, talk: [0, 0])).isEmpty)
        // Beside the pause there was time enough to say something.
        #expect(kinds(Self.check(length: 60_000, paused: 50_000, talk: [0, 3000])) == [.oneWay])
        #expect(kinds(Self.check(length: 60_000, paused: 0, talk: [0, 3000])) == [.oneWay])
    }

    private static func paused(_ archive: Archive, _ call: Archive.Call, at milliseconds: Int64) -> Fact {
        .recordingPaused(
            RecordingPaused(
                recording: call.recording, call: call.call, at: call.start.advanced(milliseconds: milliseconds),
                position: AudioPosition(milliseconds: milliseconds), by: .agent, agent: WorkNumber("1001"),
                reason: "card", limitMilliseconds: 180_000))
    }

    @Test func theReconcilerLeavesPausesOut() async throws {
        let archive = try await Archive(calls: 1)
        let call = archive.calls[0]
        try await archive.store.record([
            Self.paused(archive, call, at: 2000),
            .recordingResumed(
                RecordingResumed(
                    recording: call.recording, call: call.call, at: call.start.advanced(milliseconds: 5000),
                    position: AudioPosition(milliseconds: 5000), by: .limit)),
        ])
        let check = try #require(try await archive.store.reader.recordingCheck(call.recording))
        #expect(check.pausedMilliseconds == 3000)
        await archive.store.close()
    }

    /// Killed in a pause, 4 s into the recording; so much of it was in the audio log.
    @Test(arguments: [(6000 as Int64, 6000 as Int64), (3800, 4000)])
    func aCrashInAPauseIsTold(length: Int64, end: Int64) async throws {
        let archive = try await Archive(calls: 0)
        let store = archive.store
        let id = RecordingID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0005)
        try await store.record([
            .callOffered(
                CallOffered(
                    call: stageCall, leg: callerLeg, at: at(0), line: "trunk1", direction: .inbound,
                    caller: "13900000001", callerRaw: nil, callerSource: "from", called: "95598", diversion: nil,
                    peer: "192.0.2.10:5060", protocolCallID: "paused@example.invalid")),
            .recordingPlanned(
                RecordingPlanned(
                    recording: id, call: stageCall, at: at(1000),
                    channels: [.init(index: 0, leg: callerLeg, role: "caller", tap: "received")])),
            .recordingStarted(RecordingStarted(recording: id, call: stageCall, at: at(1000))),
            .recordingPaused(
                RecordingPaused(
                    recording: id, call: stageCall, at: at(5000), position: AudioPosition(milliseconds: 4000),
                    by: .flow, reason: "card", limitMilliseconds: 90_000)),
        ])
        let found = RecoveredRecording(
            recording: id, call: stageCall, isInterrupted: true, startedAt: at(1000),
            length: AudioPosition(milliseconds: length), logWrittenAt: nil)
        for round in 0..<2 {
            let recovery = CrashRecovery(
                found: [found], open: try await store.reader.unreleasedCalls(),
                unfinished: try await store.reader.unfinishedRecordings(), boot: "b0",
                statistics: RecordingStatistics(), at: at(60_000))
            // A start that is itself cut off says nothing twice.
            #expect(recovery.facts.contains { if case .recordingResumed = $0 { true } else { false } } == (round == 0))
            if round == 0 { try await store.record(recovery.facts) } else { #expect(recovery.facts.isEmpty) }
        }
        let summary = try #require(try await store.reader.recording(id))
        #expect(
            summary.pauses == [
                RecordingPause(
                    from: AudioPosition(milliseconds: 4000), to: AudioPosition(milliseconds: end), by: .flow,
                    agent: nil, reason: "card", endedBy: .interrupted, endedAgent: nil)
            ])
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }
}
