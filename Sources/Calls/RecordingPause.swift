/// Who had the recording of a call paused.
public enum PauseOrigin: String, Sendable, Codable, CaseIterable {
    case flow, agent
}

/// What ended a pause of a recording.
public enum PauseEnd: String, Sendable, Codable, CaseIterable {
    case flow, agent
    /// Its time was up.
    case limit
    /// A voice message began: nobody is to leave silence.
    case message
    /// The recording ended in it.
    case recordingEnd = "recording_end"
    /// The program ended in it; told at the next start.
    case interrupted
}
