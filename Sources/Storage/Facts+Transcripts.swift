import Calls

// What a machine made of the speech in recordings, by the rules of Facts.swift.

/// A transcript of a recording is wanted: at its end, or again when a person asks.
public struct TranscriptAsked: Sendable, Codable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    /// Who asked for it again; nil: it follows from the recording's end.
    public var by: WorkNumber?

    public init(recording: RecordingID, call: CallID, at: Instant, by: WorkNumber? = nil) {
        self.recording = recording
        self.call = call
        self.at = at
        self.by = by
    }
}

/// A stretch of speech as a machine heard it.
public struct TranscriptSegment: Sendable, Codable, Hashable {
    /// From the recording's beginning.
    public var fromMilliseconds: Int64
    public var toMilliseconds: Int64
    /// Who spoke there: `caller`, `agent`, …
    public var role: String
    public var text: String
    /// How sure the machine was of it, 0 to 1,000; nil where it does not say.
    public var confidence: Int?

    public init(
        fromMilliseconds: Int64, toMilliseconds: Int64, role: String, text: String, confidence: Int? = nil
    ) {
        self.fromMilliseconds = fromMilliseconds
        self.toMilliseconds = toMilliseconds
        self.role = role
        self.text = text
        self.confidence = confidence
    }
}

/// A machine wrote down what people say in a recording. A later one takes the place of an earlier one, its flags too.
public struct TranscriptMade: Sendable, Codable, Hashable {
    public struct Channel: Sendable, Codable, Hashable {
        /// 0: left, 1: right.
        public var index: Int
        /// In the order of time.
        public var segments: [TranscriptSegment]

        public init(index: Int, segments: [TranscriptSegment]) {
            self.index = index
            self.segments = segments
        }
    }

    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    /// The recogniser, as it names itself or as it was configured.
    public var engine: String
    /// As told by the recogniser.
    public var model: String?
    /// As asked for: `zh`.
    public var language: String
    /// Those on which a person could be heard.
    public var channels: [Channel]

    public init(
        recording: RecordingID, call: CallID, at: Instant, engine: String, model: String?, language: String,
        channels: [Channel]
    ) {
        self.recording = recording
        self.call = call
        self.at = at
        self.engine = engine
        self.model = model
        self.language = language
        self.channels = channels
    }
}

/// A try to make a transcript failed by something about the recording, not for want of the recogniser.
public struct TranscriptFailed: Sendable, Codable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    /// From 1, since it was asked for.
    public var attempt: Int
    /// It is not tried again.
    public var isGivenUp: Bool
    public var message: String

    public init(recording: RecordingID, call: CallID, at: Instant, attempt: Int, isGivenUp: Bool, message: String) {
        self.recording = recording
        self.call = call
        self.at = at
        self.attempt = attempt
        self.isGivenUp = isGivenUp
        self.message = message
    }
}

/// Why a recording wants a reviewer's ear.
public enum QAFlagKind: String, Sendable, Codable, CaseIterable {
    case complaint, threat, injury
}

/// A word that is watched for stands in a machine's transcript: a pointer for the reviewer, not a finding.
public struct QAFlagged: Sendable, Codable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    public var flag: QAFlagKind
    /// As the list of words has it.
    public var word: String
    /// 0: left, 1: right.
    public var channel: Int
    /// Who spoke there.
    public var role: String
    /// Where the stretch of speech with the word begins.
    public var position: AudioPosition

    public init(
        recording: RecordingID, call: CallID, at: Instant, flag: QAFlagKind, word: String, channel: Int, role: String,
        position: AudioPosition
    ) {
        self.recording = recording
        self.call = call
        self.at = at
        self.flag = flag
        self.word = word
        self.channel = channel
        self.role = role
        self.position = position
    }
}
