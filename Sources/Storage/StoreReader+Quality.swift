import Calls
import Quality

extension StoreReader {
    /// Every agent's part in the recorded calls that were offered in a period, by time.
    /// - Throws: `StorageError` with code `.argument` where there are more than can be drawn from at once.
    public func reviewCandidates(
        from: UTCTime, to: UTCTime, agent: String? = nil
    ) async throws(StorageError) -> [Sampling.Candidate] {
        try await queries.reviewCandidates(from: from, to: to, agent: agent)
    }

    /// What waits for a reviewer, or, for nil, for anybody: the oldest drawing first.
    public func reviewTasks(reviewer: String? = nil, limit: Int = 100) async throws(StorageError) -> [ReviewTask] {
        try await queries.reviewTasks(reviewer: reviewer, limit: limit)
    }

    /// Drawings, the newest first.
    public func samples(limit: Int = 50) async throws(StorageError) -> [SampleSummary] {
        try await queries.samples(limit: limit)
    }

    /// Reviews, the newest first.
    public func reviews(_ filter: ReviewFilter = ReviewFilter()) async throws(StorageError) -> [ReviewSummary] {
        try await queries.reviews(filter)
    }

    /// One with all its revisions; nil where there is none.
    public func review(_ id: ReviewID) async throws(StorageError) -> ReviewDetail? { try await queries.review(id) }

    /// The reviews of a period by one scorecard, with their last answers, by time.
    public func reviewRows(
        from: UTCTime, to: UTCTime, scorecard: String, agent: String? = nil
    ) async throws(StorageError) -> [QualityReport.Row] {
        try await queries.reviewRows(from: from, to: to, scorecard: scorecard, agent: agent)
    }

    /// What scoring a recording rests on, as it is known at a moment; nil where there is no such recording.
    public func conversation(_ id: RecordingID, asOf: UTCTime) async throws(StorageError) -> RecordedConversation? {
        try await queries.conversation(id, asOf: asOf)
    }
}
