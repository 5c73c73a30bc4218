import Audit
import Calls

extension StoreReader {
    /// Judges everything of a run's period, in one read transaction: of calls and orders written down while it runs it
    /// knows all or nothing.
    public func audit(_ run: AuditRun) async throws(StorageError) -> AuditRun { try await queries.audit(run) }

    /// Judges the calls that were released in a stretch of time; see `DutyRepository`.
    public func judged(
        _ run: AuditRun, releasedFrom: UTCTime, to: UTCTime
    ) async throws(StorageError) -> (run: AuditRun, known: [CallID: Set<String>]) {
        try await queries.judged(run, releasedFrom: releasedFrom, to: to)
    }

    /// The last event that was written down by a moment; nil where there is none.
    public func auditMoment(before: UTCTime) async throws(StorageError) -> AuditMoment? {
        try await queries.auditMoment(before: before)
    }

    /// Penalties, the newest proposed first.
    /// - Throws: `StorageError` with code `.argument` for a state that is none, or a limit out of range.
    public func penalties(_ filter: PenaltyFilter = PenaltyFilter()) async throws(StorageError) -> [PenaltySummary] {
        try await queries.penalties(filter)
    }

    /// Recurring work done in a period and written down by a moment; by rule, subject and time.
    public func deeds(from: UTCTime, to: UTCTime, asOf: UTCTime) async throws(StorageError) -> [DutyDeed] {
        try await queries.deeds(from: from, to: to, asOf: asOf)
    }

    /// Of each notice what was set last, by its variable: over and taken back ones too.
    public func notices(at moment: UTCTime) async throws(StorageError) -> [NoticeRecord] {
        try await queries.notices().map { $0.judged(at: moment) }
    }

    /// Every switching of a notice, the latest first; on is what holds at a moment.
    /// - Throws: `StorageError` with code `.argument` for a limit out of range.
    public func noticeHistory(at moment: UTCTime, limit: Int) async throws(StorageError) -> [NoticeRecord] {
        var seen: Set<String> = []
        return try await queries.noticeHistory(limit: limit).map { record in
            seen.insert(record.variable).inserted ? record.judged(at: moment) : record
        }
    }

    /// Outages announced, the one that begins first before the others.
    public func outages(_ filter: OutageFilter = OutageFilter()) async throws(StorageError) -> [OutageNotice] {
        try await queries.outages(filter)
    }
}
