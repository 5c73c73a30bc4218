/// A verb that concerns the call's recording: it says nothing, takes no keys and goes on at once.
protocol RecordingVerb: Verb {}

/// Pauses the call's recording: silence in the file, keys told as `•`, until `resume_recording`, at most for so long. For
/// card and identity numbers.
///
///     quiet: {verb: pause_recording, limit: 90s, reason: card, next: card}
///
/// The pause is in effect before anything that follows is said. Passed again in its pause, it counts the limit anew. What
/// was typed ahead and told is dropped, as before a secret entry.
struct PauseRecordingVerb: RecordingVerb {
    static let name = "pause_recording"
    /// Milliseconds.
    static let limits = 5000...600_000
    private static let longestReason = 100
    private let limit: Int
    private let reason: String
    private let next: Target

    init?(_ step: StepReader) {
        limit = step.reader.milliseconds("limit", in: Self.limits, default: 120_000)
        reason = step.reader.optionalString("reason") ?? step.name
        if reason.count > Self.longestReason {
            step.reader.complain(
                about: "reason", "reason in \(step.reader.place) is longer than \(Self.longestReason) characters")
        }
        guard let next = step.target("next") else { return nil }
        self.next = next
    }

    var exits: [Exit] { [Exit("next", next, .automatic)] }
    var needs: Need { .media }
    var isSecret: Bool { true }

    mutating func enter(_ state: inout FlowState) {
        state.isPaused = true
        state.perform(.pauseRecording(limitMilliseconds: limit, reason: reason))
        state.go(to: next)
    }
}

/// Lets the recording go on, whoever paused it; nothing where it does.
///
///     heard: {verb: resume_recording, next: bill}
struct ResumeRecordingVerb: RecordingVerb {
    static let name = "resume_recording"
    private let next: Target

    init?(_ step: StepReader) {
        guard let next = step.target("next") else { return nil }
        self.next = next
    }

    var exits: [Exit] { [Exit("next", next, .automatic)] }
    var needs: Need { .media }

    mutating func enter(_ state: inout FlowState) {
        state.isPaused = false
        state.perform(.resumeRecording)
        state.go(to: next)
    }
}
