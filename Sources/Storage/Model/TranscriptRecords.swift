import Calls

/// How far a transcript is.
public enum TranscriptState: String, Sendable, Codable, CaseIterable {
    case asked, made
    case givenUp = "given_up"
}

/// What a machine wrote down of a recording; keys as in docs/json.md.
public struct Transcript: Sendable, Hashable, Encodable {
    public struct Segment: Sendable, Hashable, Encodable {
        public var fromMilliseconds: Int64
        public var toMilliseconds: Int64
        public var role: String
        public var text: String
        /// Thousandths; nil where the machine does not say.
        public var confidence: Int?

        enum CodingKeys: String, CodingKey {
            case fromMilliseconds = "from_ms"
            case toMilliseconds = "to_ms"
            case role
            case text
            case confidence
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(fromMilliseconds, forKey: .fromMilliseconds)
            try fields.encode(toMilliseconds, forKey: .toMilliseconds)
            try fields.encode(role, forKey: .role)
            try fields.encode(text, forKey: .text)
            try fields.encode(confidence.map { Double($0) / 1000 }, forKey: .confidence)
        }
    }

    public struct Channel: Sendable, Hashable, Encodable {
        /// 0: left, 1: right.
        public var index: Int
        public var segments: [Segment]
    }

    /// A word that is watched for.
    public struct Flag: Sendable, Hashable, Encodable {
        public var flag: QAFlagKind
        public var word: String
        public var channel: Int
        public var role: String
        public var positionMilliseconds: Int64
        public var at: UTCTime

        enum CodingKeys: String, CodingKey {
            case flag
            case word
            case channel
            case role
            case positionMilliseconds = "position_ms"
            case at
        }
    }

    public var recording: RecordingID
    public var call: CallID
    public var state: TranscriptState
    public var askedAt: UTCTime
    /// Failed tries since then.
    public var attempts: Int
    /// Why the last try failed.
    public var failure: String?
    /// Nil: none was made yet. Asked for again, the earlier one stands here.
    public var madeAt: UTCTime?
    public var engine: String?
    public var model: String?
    public var language: String?
    public var channels: [Channel]
    public var flags: [Flag]

    enum CodingKeys: String, CodingKey {
        case recording = "recording_id"
        case call = "call_id"
        case machine
        case state
        case askedAt = "asked_at"
        case attempts
        case failure
        case madeAt = "made_at"
        case engine
        case model
        case language
        case channels
        case flags
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(recording, forKey: .recording)
        try fields.encode(call, forKey: .call)
        // No person wrote any of it.
        try fields.encode(true, forKey: .machine)
        try fields.encode(state, forKey: .state)
        try fields.encode(askedAt, forKey: .askedAt)
        try fields.encode(attempts, forKey: .attempts)
        try fields.encode(failure, forKey: .failure)
        try fields.encode(madeAt, forKey: .madeAt)
        try fields.encode(engine, forKey: .engine)
        try fields.encode(model, forKey: .model)
        try fields.encode(language, forKey: .language)
        try fields.encode(channels, forKey: .channels)
        try fields.encode(flags, forKey: .flags)
    }
}

/// Where in a transcript what was searched for stands.
public struct TranscriptHit: Sendable, Hashable, Encodable {
    public var channel: Int
    public var fromMilliseconds: Int64
    public var role: String
    public var text: String

    /// Of one recording in a list, at most.
    static let most = 3

    enum CodingKeys: String, CodingKey {
        case channel
        case fromMilliseconds = "from_ms"
        case role
        case text
    }
}

/// A recording that waits for its transcript.
public struct PendingTranscript: Sendable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    /// Failed tries so far.
    public var attempts: Int
    public var askedAt: UTCTime
}
