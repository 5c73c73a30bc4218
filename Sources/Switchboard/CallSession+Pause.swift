import Calls
import Media
import Storage

/// Pauses of the recording: silence in the file, keys told as `•`.
///
/// A pause is the call's, not an agent's: it goes on through hold, consultation and transfer, for every recording of the
/// call, and ends by whoever ends it, by its limit, with a voice message's beginning, or with the call.
extension CallSession {
    /// How a key is told that is not to be known.
    static let maskedKey = "•"
    /// A tone in the audio may go on behind its key, and reaches the recording through the jitter buffer: the recording
    /// goes on so long after the last key at the earliest.
    static let toneMilliseconds: Int64 = 1000
    /// A command that the media thread had no room for is given again after so long.
    static let retryMilliseconds: Int64 = 100

    /// There is a recording, and it has not ended.
    private var isBeingRecorded: Bool {
        settings.isRecorded && recordingPlannedAt != nil && machine.isEstablished && !machine.isOver
    }

    /// Somebody wants silence.
    /// - Returns: nil where nothing is being recorded.
    mutating func pauseRecording(_ pause: PauseMachine.Pause, at now: Instant) -> [Action]? {
        guard isBeingRecorded else { return nil }
        var actions: [Action] = []
        if pauses.isWanted {
            var data = ["by": pause.by.rawValue, "limit_ms": String(pause.limitMilliseconds), "reason": pause.reason]
            data["agent"] = pause.agent?.text
            actions.append(note("recording_pause_renewed", data, at: now))
        }
        if pauseEnding != nil { actions.append(cancel(.pauseTone)) }
        pauseEnding = nil
        actions.append(set(.pauseLimit, milliseconds: pause.limitMilliseconds, at: now))
        actions += command(pauses.begin(pause))
        _ = flow.handle(.recordingPaused(true))
        return actions
    }

    /// The recording is to go on, once the last key's tone is over; a message's beep has lasted longer.
    mutating func resumeRecording(_ end: PauseMachine.End, at now: Instant) -> [Action] {
        guard pauses.isWanted, pauseEnding == nil else { return [] }
        let left = lastMaskedKeyAt.map { Self.toneMilliseconds - now.milliseconds(since: $0) } ?? 0
        guard left > 0, end.by != .message else { return endPause(end, at: now) }
        pauseEnding = end
        return [cancel(.pauseLimit), set(.pauseTone, milliseconds: left, at: now)]
    }

    mutating func pauseToneOver(at now: Instant) -> [Action] {
        guard let end = pauseEnding else { return [] }
        return endPause(end, at: now)
    }

    private mutating func endPause(_ end: PauseMachine.End, at now: Instant) -> [Action] {
        pauseEnding = nil
        _ = flow.handle(.recordingPaused(false))
        return [cancel(.pauseLimit)] + command(pauses.stop(end))
    }

    /// It is paused, and nobody has let it go on yet.
    var isPauseWanted: Bool { pauses.isWanted && pauseEnding == nil }

    private func command(_ command: PauseMachine.Command?) -> [Action] {
        guard let command else { return [] }
        return [.pauseRecordings(command == .pause)]
    }

    /// The media thread had no room for the command.
    mutating func pauseRefused(at now: Instant) -> [Action] {
        pauses.pending == nil ? [] : [set(.pauseRetry, milliseconds: Self.retryMilliseconds, at: now)]
    }

    func pauseAgain() -> [Action] { machine.isOver ? [] : command(pauses.pending) }

    /// The media thread tells of a recording of this call, the call's own or one made apart.
    mutating func handle(pause event: MediaEvent, of id: RecordingID, isPaused: Bool) -> [Action] {
        var actions: [Action] = []
        if let position = event.position {
            if isPaused, let pause = pauses.pause, silenced.insert(id).inserted {
                actions.append(
                    .facts([
                        .recordingPaused(
                            RecordingPaused(
                                recording: id, call: call, at: event.at, position: position, by: pause.by,
                                agent: pause.agent, reason: pause.reason, limitMilliseconds: pause.limitMilliseconds))
                    ]))
            } else if !isPaused, let end = pauses.end, silenced.remove(id) != nil {
                actions.append(
                    .facts([
                        .recordingResumed(
                            RecordingResumed(
                                recording: id, call: call, at: event.at, position: position, by: end.by,
                                agent: end.agent))
                    ]))
            }
        }
        if id == recording { actions += command(pauses.told(isPaused: isPaused, at: event.at)) }
        return actions
    }

    /// A recording that ends in its pause ends the pause.
    mutating func endOfPause(_ id: RecordingID, at now: Instant, length: AudioPosition) -> [Fact] {
        guard silenced.remove(id) != nil else { return [] }
        return [
            .recordingResumed(
                RecordingResumed(recording: id, call: call, at: now, position: length, by: .recordingEnd))
        ]
    }

    // MARK: - Agents

    /// - Returns: nil where it cannot be done.
    mutating func pause(by agent: WorkNumber, reason: String?, at now: Instant) -> [Action]? {
        pauseRecording(
            PauseMachine.Pause(
                by: .agent, agent: agent, reason: reason ?? "", limitMilliseconds: settings.pauseMilliseconds), at: now)
    }

    /// By the agent's key: on, and off again.
    mutating func togglePause(by agent: WorkNumber, at now: Instant) -> [Action] {
        isPauseWanted
            ? resumeRecording(PauseMachine.End(by: .agent, agent: agent), at: now)
            : pause(by: agent, reason: nil, at: now) ?? []
    }
}
