import Calls

/// One recording of a list, with what it can be found by; keys as in docs/json.md.
public struct FoundRecording: Sendable, Hashable, Encodable {
    public var recording: RecordingSummary
    public var line: String
    /// Normalised; nil where withheld.
    public var caller: String?
    /// Every key pressed in the call, in order.
    public var digits: String
    /// The line's, until the answer.
    public var rings: Int?
    public var outcome: Outcome?
    public var releasedBy: ReleasedBy?
    /// The caller's, the last where several agents were rated.
    public var rating: Int?
    /// Sorted.
    public var marks: [String]
    /// Raised by words of its transcript, sorted.
    public var flags: [String]
    /// Whether the text asked for was found in a machine's transcript and not in what people wrote; nil where none was
    /// asked for.
    public var machine: Bool?
    /// Where in the transcript it stands.
    public var hits: [TranscriptHit]
    /// Of the orders that it is linked to, sorted.
    public var categories: [String]
    /// Agents who answered in the call, in the order of their answers.
    public var answeredBy: [WorkNumber]
    /// Goes on after it; nil where it was asked for by its id.
    public var cursor: RecordingCursor?

    enum CodingKeys: String, CodingKey {
        case line
        case caller
        case digits
        case rings
        case outcome
        case releasedBy = "released_by"
        case rating
        case marks
        case flags
        case machine
        case hits = "transcript_hits"
        case categories
        case answeredBy = "answered_by"
        case cursor
    }

    public func encode(to encoder: any Encoder) throws {
        try recording.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(line, forKey: .line)
        try fields.encode(caller, forKey: .caller)
        try fields.encode(digits, forKey: .digits)
        try fields.encode(rings, forKey: .rings)
        try fields.encode(outcome, forKey: .outcome)
        try fields.encode(releasedBy, forKey: .releasedBy)
        try fields.encode(rating, forKey: .rating)
        try fields.encode(marks, forKey: .marks)
        try fields.encode(flags, forKey: .flags)
        try fields.encode(machine, forKey: .machine)
        try fields.encode(hits, forKey: .hits)
        try fields.encode(categories, forKey: .categories)
        try fields.encode(answeredBy, forKey: .answeredBy)
        try fields.encode(cursor?.description, forKey: .cursor)
    }
}

/// A page of recordings.
public struct RecordingPage: Sendable, Hashable, Encodable {
    public var recordings: [FoundRecording]
    /// The next page begins here; nil: this is the last.
    public var next: RecordingCursor?

    enum CodingKeys: String, CodingKey {
        case recordings
        case next
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(recordings, forKey: .recordings)
        try fields.encode(next?.description, forKey: .next)
    }
}

/// How many recordings fit a filter: exact to 10,000.
public struct RecordingCount: Sendable, Hashable, Encodable, CustomStringConvertible {
    public static let maximum = 10_000

    /// At most `maximum`.
    public var count: Int
    /// There are more than `count`.
    public var more: Bool

    /// - Parameter found: what was counted, up to one more than `maximum`.
    package init(found: Int) {
        count = min(found, Self.maximum)
        more = found > Self.maximum
    }

    /// `1234`, `10,000+`.
    public var description: String { more ? "10,000+" : String(count) }
}

/// A note to a recording.
public struct RecordingNote: Sendable, Hashable, Encodable {
    public var at: UTCTime
    public var by: WorkNumber
    /// What in the recording it is about; nil: the whole.
    public var positionMilliseconds: Int64?
    public var text: String

    enum CodingKeys: String, CodingKey {
        case at
        case by
        case positionMilliseconds = "position_ms"
        case text
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(at, forKey: .at)
        try fields.encode(by, forKey: .by)
        try fields.encode(positionMilliseconds, forKey: .positionMilliseconds)
        try fields.encode(text, forKey: .text)
    }
}

/// One recording with its notes.
public struct RecordingDetail: Sendable, Hashable, Encodable {
    public var found: FoundRecording
    /// Oldest first.
    public var notes: [RecordingNote]
    /// Marks of the call.
    public var marks: [CallMark]
    /// Whose voice its channels carry from when on.
    public var segments: [CallSegment]

    enum CodingKeys: String, CodingKey {
        case notes
        case callMarks = "call_marks"
        case segments
    }

    public func encode(to encoder: any Encoder) throws {
        try found.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(notes, forKey: .notes)
        try fields.encode(marks, forKey: .callMarks)
        try fields.encode(segments, forKey: .segments)
    }
}
