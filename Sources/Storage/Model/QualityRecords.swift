import Audit
import Calls
import Quality

/// A drawing of conversations, as lists show it.
public struct SampleSummary: Sendable, Hashable {
    public var id: SampleID
    public var drawnAt: UTCTime
    public var drawnBy: String
    public var kind: Sampling.Kind
    public var scorecard: String
    /// Calls offered from … to.
    public var from: UTCTime
    public var to: UTCTime
    public var count: Int
    public var agent: String?
    /// 16 hexadecimal digits: with it the drawing can be repeated.
    public var seed: String
    public var candidates: Int
    /// What reviewers have to do of it.
    public var parts: Int
}

/// One conversation that waits for a reviewer.
public struct ReviewTask: Sendable, Hashable, Encodable {
    public var sample: SampleID
    public var kind: Sampling.Kind
    public var scorecard: String
    public var drawnAt: UTCTime
    public var recording: RecordingID
    public var call: CallID
    public var offeredAt: UTCTime
    public var agent: String
    public var reviewer: String

    enum CodingKeys: String, CodingKey {
        case sample = "sample_id"
        case kind, scorecard
        case drawnAt = "drawn_at"
        case recording = "recording_id"
        case call = "call_id"
        case offeredAt = "offered_at"
        case agent, reviewer
    }
}

/// Which reviews to list; newest first.
public struct ReviewFilter: Sendable, Hashable {
    public var agent: String?
    public var reviewer: String?
    public var recording: RecordingID?
    public var state: Review.State?
    public var scorecard: String?
    /// Submitted at this moment or later.
    public var from: UTCTime?
    /// Submitted before this moment.
    public var to: UTCTime?
    public var isCalibration: Bool?
    /// 1…100,000.
    public var limit: Int
    /// Only reviews made before this one.
    public var before: ReviewID?

    public init(limit: Int = 100) { self.limit = limit }
}

/// One review as it stands; keys as in docs/json.md.
public struct ReviewSummary: Sendable, Hashable, Encodable {
    public var id: ReviewID
    public var recording: RecordingID
    public var call: CallID
    public var offeredAt: UTCTime
    public var agent: String
    public var scorecard: String
    public var version: String
    public var sample: SampleID?
    public var isCalibration: Bool
    public var reviewer: String
    public var submittedAt: UTCTime
    public var revision: Int
    /// Hundredths of a per cent; nil: no item was about this conversation.
    public var score: Int?
    public var isFailed: Bool
    public var isCritical: Bool
    public var state: Review.State
    public var appealUntil: UTCTime
    public var appealedAt: UTCTime?
    public var appealedBy: String?
    public var appealedWhy: String?
    public var decidedAt: UTCTime?
    public var decidedBy: String?
    public var decidedWhy: String?

    enum CodingKeys: String, CodingKey {
        case id
        case recording = "recording_id"
        case call = "call_id"
        case offeredAt = "offered_at"
        case agent, scorecard, version
        case sample = "sample_id"
        case isCalibration = "calibration"
        case reviewer
        case submittedAt = "submitted_at"
        case revision, score
        case isFailed = "failed"
        case isCritical = "critical"
        case state
        case appealUntil = "appeal_until"
        case appealedAt = "appealed_at"
        case appealedBy = "appealed_by"
        case appealedWhy = "appealed_why"
        case decidedAt = "decided_at"
        case decidedBy = "decided_by"
        case decidedWhy = "decided_why"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(recording, forKey: .recording)
        try fields.encode(call, forKey: .call)
        try fields.encode(offeredAt, forKey: .offeredAt)
        try fields.encode(agent, forKey: .agent)
        try fields.encode(scorecard, forKey: .scorecard)
        try fields.encode(version, forKey: .version)
        try fields.encode(sample, forKey: .sample)
        try fields.encode(isCalibration, forKey: .isCalibration)
        try fields.encode(reviewer, forKey: .reviewer)
        try fields.encode(submittedAt, forKey: .submittedAt)
        try fields.encode(revision, forKey: .revision)
        try fields.encode(score, forKey: .score)
        try fields.encode(isFailed, forKey: .isFailed)
        try fields.encode(isCritical, forKey: .isCritical)
        try fields.encode(state.rawValue, forKey: .state)
        try fields.encode(appealUntil, forKey: .appealUntil)
        try fields.encode(appealedAt, forKey: .appealedAt)
        try fields.encode(appealedBy, forKey: .appealedBy)
        try fields.encode(appealedWhy, forKey: .appealedWhy)
        try fields.encode(decidedAt, forKey: .decidedAt)
        try fields.encode(decidedBy, forKey: .decidedBy)
        try fields.encode(decidedWhy, forKey: .decidedWhy)
    }
}

/// A review with everything that was ever answered.
public struct ReviewDetail: Sendable, Hashable, Encodable {
    public struct Answer: Sendable, Hashable, Encodable {
        public var item: String
        public var value: Int?
        public var points: Int
        public var scale: Int
        public var note: String?
        public var position: Int64?
        public var measured: Measured?

        enum CodingKeys: String, CodingKey {
            case item, value, points, scale, note
            case position = "position_ms"
            case verdict, amount, unit
            case why = "measured_why"
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(item, forKey: .item)
            try fields.encode(value, forKey: .value)
            try fields.encode(points, forKey: .points)
            try fields.encode(scale, forKey: .scale)
            try fields.encode(note, forKey: .note)
            try fields.encode(position, forKey: .position)
            try fields.encode(measured?.verdict, forKey: .verdict)
            try fields.encode(measured?.amount, forKey: .amount)
            try fields.encode(measured?.unit, forKey: .unit)
            try fields.encode(measured?.why, forKey: .why)
        }
    }

    public struct Revision: Sendable, Hashable, Encodable {
        public var number: Int
        public var at: UTCTime
        public var by: String
        public var why: String?
        public var score: Int?
        public var isFailed: Bool
        public var answers: [Answer]

        enum CodingKeys: String, CodingKey {
            case number, at, by, why, score
            case isFailed = "failed"
            case answers
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(number, forKey: .number)
            try fields.encode(at, forKey: .at)
            try fields.encode(by, forKey: .by)
            try fields.encode(why, forKey: .why)
            try fields.encode(score, forKey: .score)
            try fields.encode(isFailed, forKey: .isFailed)
            try fields.encode(answers, forKey: .answers)
        }
    }

    public var summary: ReviewSummary
    /// Oldest first.
    public var revisions: [Revision]

    enum CodingKeys: String, CodingKey {
        case review, revisions
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(summary, forKey: .review)
        try fields.encode(revisions, forKey: .revisions)
    }
}

/// What scoring a conversation rests on.
public struct RecordedConversation: Sendable {
    public var recording: RecordingID
    /// Sample 0: Unix microseconds, UTC; nil before it.
    public var startedAt: Int64?
    public var isFinished: Bool
    public var call: AuditCall
    /// Nil: not measured, or not in stereo.
    public var sound: Conversation.Sound?
}
