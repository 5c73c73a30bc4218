import Calls

// What is written down about pauses of recordings, by the rules of Facts.swift.

/// From `position` on the recording holds digital silence: somebody says or keys what is not to be kept.
public struct RecordingPaused: Sendable, Codable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    /// The first silent sample.
    public var position: AudioPosition
    public var by: PauseOrigin
    /// Nil where the flow pauses.
    public var agent: WorkNumber?
    /// As the flow or the agent gave it; may be empty.
    public var reason: String
    /// Then the recording goes on by itself.
    public var limitMilliseconds: Int64

    public init(
        recording: RecordingID, call: CallID, at: Instant, position: AudioPosition, by: PauseOrigin,
        agent: WorkNumber? = nil, reason: String, limitMilliseconds: Int64
    ) {
        self.recording = recording
        self.call = call
        self.at = at
        self.position = position
        self.by = by
        self.agent = agent
        self.reason = reason
        self.limitMilliseconds = limitMilliseconds
    }
}

/// The recording's pause is over.
public struct RecordingResumed: Sendable, Codable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    /// The first sample that is kept again, or the recording's length where it ended in the pause.
    public var position: AudioPosition
    public var by: PauseEnd
    /// Nil where no agent ended it.
    public var agent: WorkNumber?

    public init(
        recording: RecordingID, call: CallID, at: Instant, position: AudioPosition, by: PauseEnd,
        agent: WorkNumber? = nil
    ) {
        self.recording = recording
        self.call = call
        self.at = at
        self.position = position
        self.by = by
        self.agent = agent
    }
}
