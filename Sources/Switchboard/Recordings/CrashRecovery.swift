import AudioLog
import Calls
import Recordings
import Storage

/// What a start journals about the run before it, where that one did not come to its end: every call that was cut off is
/// released as interrupted, every recording that was cut off has its length, and what it may lack is told with its length.
///
/// It says nothing twice: a start that was itself cut off is followed by one that finds some of it journalled.
public struct CrashRecovery: Sendable {
    /// In their order; empty where there is nothing to tell.
    public private(set) var facts: [Fact] = []

    /// - Parameters:
    ///   - found: what the audio log and the partial files hold.
    ///   - open: calls without a release.
    ///   - unfinished: recordings that the journal has as planned, started or stopped.
    ///   - boot: the boot that this start runs in.
    ///   - statistics: of the recovery's reading.
    public init(
        found: [RecoveredRecording], open: [OpenCall], unfinished: [RecordingSummary], boot: String,
        statistics: RecordingStatistics, at now: Instant
    ) {
        let calls = Dictionary(open.map { ($0.call, $0) }, uniquingKeysWith: { first, _ in first })
        let states = Dictionary(unfinished.map { ($0.id, $0.state) }, uniquingKeysWith: { first, _ in first })
        for recording in found where recording.isInterrupted {
            // Stopped already: by a start that was cut off itself.
            guard let state = states[recording.recording], state == .planned || state == .started else { continue }
            let end = recording.startedAt.advanced(milliseconds: recording.length.milliseconds)
            facts.append(
                .recordingStopped(
                    RecordingStopped(
                        recording: recording.recording, call: recording.call, at: end, length: recording.length)))
            facts.append(.callNoted(Self.cut(recording, at: end, call: calls[recording.call], boot: boot)))
        }
        facts += Self.pauses(unfinished, found, at: now)
        for call in open {
            facts.append(
                .callReleased(
                    CallReleased(
                        call: call.call, at: call.lastSeenAt, releasedBy: .unknown,
                        evidence: ReleaseEvidence(
                            firstLeg: call.legs.first, message: "the program ended in mid-call; found at the next start"
                        ),
                        outcome: .interrupted, statistics: [:])))
        }
        let known = Set(found.map(\.recording))
        for summary in unfinished where !known.contains(summary.id) {
            facts.append(
                .recordingFailed(
                    RecordingFailed(
                        recording: summary.id, call: summary.callID, at: now,
                        message: "no audio of it reached the audio log before the program ended")))
        }
        guard !facts.isEmpty else { return }
        facts.append(
            .serverNoted(
                ServerNoted(
                    at: now, kind: "recovered",
                    data: [
                        "recordings": String(found.count),
                        "interrupted": String(found.count { $0.isInterrupted }),
                        "torn_bytes": String(statistics.bytesTorn), "damaged_bytes": String(statistics.bytesDamaged),
                    ])))
    }

    /// What was paused when the program ended is silent to its end, and says that it was cut off in the pause.
    private static func pauses(
        _ unfinished: [RecordingSummary], _ found: [RecoveredRecording], at now: Instant
    ) -> [Fact] {
        let lengths = Dictionary(found.map { ($0.recording, $0.length) }, uniquingKeysWith: { first, _ in first })
        return unfinished.compactMap { summary in
            guard let pause = summary.pauses.last, pause.to == nil else { return nil }
            // The pause may be journalled whose first silence never reached the audio log.
            let end = max(pause.from, lengths[summary.id] ?? pause.from)
            return .recordingResumed(
                RecordingResumed(
                    recording: summary.id, call: summary.callID, at: now, position: end, by: .interrupted))
        }
    }

    /// What the recording may lack behind its end: from there to the last sign of life, and then what the audio log's
    /// writer may hold back.
    private static func cut(
        _ recording: RecoveredRecording, at end: Instant, call: OpenCall?, boot: String
    ) -> CallNoted {
        let alive = max(recording.logWrittenAt ?? end.wall, call?.lastSeenAt.wall ?? end.wall)
        // Where the call is released the boot is not known here, and the greater loss is told.
        let sameBoot = call?.boot == boot
        let held = sameBoot ? AudioLogFormat.flushMilliseconds : AudioLogFormat.syncMilliseconds
        let lost = max(0, (alive - end.wall + 999) / 1000) + Int64(held)
        return CallNoted(
            call: recording.call, at: end, position: recording.length, kind: "recording_cut",
            data: [
                "recording": recording.recording.description, "lost_ms_at_most": String(lost),
                "cause": sameBoot ? "process_ended" : "machine_stopped",
            ])
    }
}
