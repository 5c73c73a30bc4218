import Calls

/// A recording as it is checked: more exact than `RecordingSummary`, and without what a list shows.
public struct RecordingCheck: Sendable, Hashable {
    public var id: RecordingID
    public var callID: CallID
    /// `call`, `consultation`.
    public var purpose: String
    public var state: RecordingState
    /// Sample 0.
    public var startedAt: UTCTime?
    /// Below the data folder's `recordings/`.
    public var file: String?
    public var rate: Int?
    public var frames: Int64?
    public var bytes: Int64?
    /// Lower-case hex.
    public var sha256: String?
    /// `[from, to)` in 1/48,000 s.
    public var gaps: [[Int64]]
    public var recovered: Bool
    public var failure: String?
    /// As planned.
    public var channelCount: Int
    /// Nil: not measured.
    public var figures: RecordingMeasured?
    /// An agent answered in its call.
    public var hadAgent: Bool
    /// How long of it is silent because it was paused.
    public var pausedMilliseconds: Int64 = 0

    /// Of the file.
    public var lengthMilliseconds: Int64? {
        guard let frames, let rate, rate > 0 else { return nil }
        return frames * 1000 / Int64(rate)
    }

    public init(
        id: RecordingID, callID: CallID, purpose: String, state: RecordingState, startedAt: UTCTime?, file: String?,
        rate: Int?, frames: Int64?, bytes: Int64?, sha256: String?, gaps: [[Int64]], recovered: Bool, failure: String?,
        channelCount: Int, figures: RecordingMeasured?, hadAgent: Bool
    ) {
        self.id = id
        self.callID = callID
        self.purpose = purpose
        self.state = state
        self.startedAt = startedAt
        self.file = file
        self.rate = rate
        self.frames = frames
        self.bytes = bytes
        self.sha256 = sha256
        self.gaps = gaps
        self.recovered = recovered
        self.failure = failure
        self.channelCount = channelCount
        self.figures = figures
        self.hadAgent = hadAgent
    }
}

/// An answered call that is over, with its recordings: is what had to be recorded there?
public struct CallCheck: Sendable, Hashable {
    public var id: CallID
    public var offeredAt: UTCTime
    public var answeredAt: Instant
    public var releasedAt: Instant
    public var outcome: Outcome?
    public var recordings: [RecordingCheck]
    /// Another system recorded it: only its file can be judged.
    public var isImported: Bool

    public init(
        id: CallID, offeredAt: UTCTime, answeredAt: Instant, releasedAt: Instant, outcome: Outcome?,
        recordings: [RecordingCheck], isImported: Bool = false
    ) {
        self.isImported = isImported
        self.id = id
        self.offeredAt = offeredAt
        self.answeredAt = answeredAt
        self.releasedAt = releasedAt
        self.outcome = outcome
        self.recordings = recordings
    }
}

/// An alarm about a recording that is still open.
public struct RecordingAlarm: Sendable, Hashable, Encodable {
    public var kind: RecordingAlarmKind
    public var subject: String
    public var call: CallID?
    public var recording: RecordingID?
    public var message: String
    public var openedAt: UTCTime

    public init(
        kind: RecordingAlarmKind, subject: String, call: CallID?, recording: RecordingID?, message: String,
        openedAt: UTCTime
    ) {
        self.kind = kind
        self.subject = subject
        self.call = call
        self.recording = recording
        self.message = message
        self.openedAt = openedAt
    }

    enum CodingKeys: String, CodingKey {
        case kind
        case subject
        case call = "call_id"
        case recording = "recording_id"
        case message
        case openedAt = "opened_at"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(subject, forKey: .subject)
        try fields.encode(call, forKey: .call)
        try fields.encode(recording, forKey: .recording)
        try fields.encode(message, forKey: .message)
        try fields.encode(openedAt, forKey: .openedAt)
    }
}

/// One of our calls as it is laid beside the carrier's records.
public struct CarrierCall: Sendable, Hashable {
    public var id: CallID
    public var caller: String?
    public var called: String
    public var offeredAt: UTCTime
    public var answeredAt: UTCTime?
    public var releasedAt: UTCTime?

    public init(
        id: CallID, caller: String?, called: String, offeredAt: UTCTime, answeredAt: UTCTime?, releasedAt: UTCTime?
    ) {
        self.id = id
        self.caller = caller
        self.called = called
        self.offeredAt = offeredAt
        self.answeredAt = answeredAt
        self.releasedAt = releasedAt
    }
}
