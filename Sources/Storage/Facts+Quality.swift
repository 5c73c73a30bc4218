import Calls
import Quality

// What reviewers do: conversations drawn, scored, appealed, decided (docs/quality.md). By the rules of Facts.swift.

/// Conversations were drawn to be scored. With the seed and the candidates anybody can draw again.
public struct SampleDrawn: Sendable, Codable, Hashable {
    public struct Part: Sendable, Codable, Hashable {
        public var recording: RecordingID
        public var call: CallID
        /// Work number of whom it is about.
        public var agent: String
        /// Who is to score it, by the name they sign in with.
        public var reviewer: String

        public init(recording: RecordingID, call: CallID, agent: String, reviewer: String) {
            self.recording = recording
            self.call = call
            self.agent = agent
            self.reviewer = reviewer
        }
    }

    public var sample: SampleID
    public var at: Instant
    public var by: String
    public var kind: Sampling.Kind
    /// By its id.
    public var scorecard: String
    /// Calls offered from this moment on, before that one: Unix microseconds, UTC.
    public var from: Int64
    public var to: Int64
    public var count: Int
    /// Nil: all agents.
    public var agent: String?
    /// 16 hexadecimal digits.
    public var seed: String
    /// Out of how many.
    public var candidates: Int
    public var parts: [Part]

    public init(
        sample: SampleID, at: Instant, by: String, kind: Sampling.Kind, scorecard: String, from: Int64, to: Int64,
        count: Int, agent: String?, seed: String, candidates: Int, parts: [Part]
    ) {
        self.sample = sample
        self.at = at
        self.by = by
        self.kind = kind
        self.scorecard = scorecard
        self.from = from
        self.to = to
        self.count = count
        self.agent = agent
        self.seed = seed
        self.candidates = candidates
        self.parts = parts
    }
}

/// A conversation was scored: the first time, amended by the reviewer, or changed by the decision of an appeal.
public struct ReviewSubmitted: Sendable, Codable, Hashable {
    public struct Answer: Sendable, Codable, Hashable {
        public var item: String
        /// Nil: the item is not about this conversation.
        public var value: Int?
        /// As the scorecard's version has them.
        public var points: Int
        public var scale: Int
        public var note: String?
        /// Milliseconds in the recording.
        public var position: Int64?
        /// What machines said; nil: nothing is measured of it.
        public var verdict: Measured.Verdict?
        public var amount: Int64?
        public var unit: Measured.Unit?
        public var why: String?

        public init(
            item: String, value: Int?, points: Int, scale: Int, note: String?, position: Int64?, measured: Measured?
        ) {
            self.item = item
            self.value = value
            self.points = points
            self.scale = scale
            self.note = note
            self.position = position
            verdict = measured?.verdict
            amount = measured?.amount
            unit = measured?.unit
            why = measured?.why
        }
    }

    public var review: ReviewID
    /// From 1, without gaps.
    public var revision: Int
    public var recording: RecordingID
    public var call: CallID
    public var agent: String
    public var at: Instant
    /// By the name they sign in with.
    public var by: String
    public var scorecard: String
    public var version: String
    public var sample: SampleID?
    public var isCalibration: Bool
    /// Hundredths of a per cent; nil: no item was about this conversation.
    public var score: Int?
    public var isFailed: Bool
    /// A critical item was failed.
    public var isCritical: Bool
    /// Unix microseconds, UTC.
    public var appealUntil: Int64
    /// Of an amendment, or of a decision.
    public var why: String?
    /// In the scorecard's order.
    public var answers: [Answer]

    public init(
        review: ReviewID, revision: Int, recording: RecordingID, call: CallID, agent: String, at: Instant, by: String,
        scorecard: String, version: String, sample: SampleID?, isCalibration: Bool, score: Int?, isFailed: Bool,
        isCritical: Bool, appealUntil: Int64, why: String?, answers: [Answer]
    ) {
        self.review = review
        self.revision = revision
        self.recording = recording
        self.call = call
        self.agent = agent
        self.at = at
        self.by = by
        self.scorecard = scorecard
        self.version = version
        self.sample = sample
        self.isCalibration = isCalibration
        self.score = score
        self.isFailed = isFailed
        self.isCritical = isCritical
        self.appealUntil = appealUntil
        self.why = why
        self.answers = answers
    }
}

/// The agent does not agree.
public struct ReviewAppealed: Sendable, Codable, Hashable {
    public var review: ReviewID
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    public var by: String
    public var why: String

    public init(review: ReviewID, recording: RecordingID, call: CallID, at: Instant, by: String, why: String) {
        self.review = review
        self.recording = recording
        self.call = call
        self.at = at
        self.by = by
        self.why = why
    }
}

/// Somebody else has looked at it. What was changed stands in a revision written down with this.
public struct AppealDecided: Sendable, Codable, Hashable {
    public var review: ReviewID
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    public var by: String
    public var outcome: Review.Outcome
    public var why: String

    public init(
        review: ReviewID, recording: RecordingID, call: CallID, at: Instant, by: String, outcome: Review.Outcome,
        why: String
    ) {
        self.review = review
        self.recording = recording
        self.call = call
        self.at = at
        self.by = by
        self.outcome = outcome
        self.why = why
    }
}
