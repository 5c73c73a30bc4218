import Audit
import Calls
import Evidence
import Norms
import Quality

// What the store can be asked. Each engine answers in its own SQL; one conformance suite asks them all the same.
// Every method runs off the cooperative pool, in one short read transaction, and throws `StorageError` with code
// `.unavailable`, `.corrupt` or `.argument`.

/// Calls and their timelines.
public protocol CallRepository: Sendable {
    /// Calls, newest offered first.
    func calls(_ filter: CallFilter) async throws(StorageError) -> [CallSummary]
    /// One call with its timeline; nil where there is none.
    func call(_ id: CallID) async throws(StorageError) -> CallDetail?
    /// Calls without a release, oldest first: after a start, those that the crash cut off.
    func unreleasedCalls() async throws(StorageError) -> [OpenCall]
}

/// Work orders.
public protocol OrderRepository: Sendable {
    /// Orders, newest first.
    func orders(_ filter: OrderFilter) async throws(StorageError) -> [OrderSummary]
    /// For the operator; a caller's question goes through `order(number:code:)` or `orders(caller:limit:)`.
    func order(number: String) async throws(StorageError) -> OrderSummary?
    /// Orders made from one calling number, newest first.
    func orders(caller: String, limit: Int) async throws(StorageError) -> [OrderSummary]
    /// An order where number and code both fit; a number alone opens nothing.
    func order(number: String, code: String) async throws(StorageError) -> OrderSummary?
}

/// Recordings.
public protocol RecordingRepository: Sendable {
    /// A page of recordings. Throws `.argument` for a cursor of another sort, a text without a word, a limit out of range.
    func recordings(_ filter: RecordingFilter) async throws(StorageError) -> RecordingPage
    /// How many fit, wherever the filter's cursor stands.
    func recordingCount(_ filter: RecordingFilter) async throws(StorageError) -> RecordingCount
    func recording(_ id: RecordingID) async throws(StorageError) -> RecordingSummary?
    /// One recording with its notes; nil where there is none.
    func recordingDetail(_ id: RecordingID) async throws(StorageError) -> RecordingDetail?
    /// Neither finished nor failed, oldest first.
    func unfinishedRecordings() async throws(StorageError) -> [RecordingSummary]
}

/// What is checked between calls, recordings, files and the carrier's records. Pages go from the oldest to the newest.
public protocol RecordingCheckRepository: Sendable {
    /// Calls offered in a period that were answered, are over, and had to be recorded.
    /// - Parameter after: the last call of the page before.
    func callChecks(from: UTCTime, to: UTCTime, after: CallID?, limit: Int) async throws(StorageError) -> [CallCheck]
    func callCheck(_ id: CallID) async throws(StorageError) -> CallCheck?
    func recordingCheck(_ id: RecordingID) async throws(StorageError) -> RecordingCheck?
    /// Finished recordings in the order of their identifiers; nil: from the first.
    func finishedRecordings(after: RecordingID?, limit: Int) async throws(StorageError) -> [RecordingCheck]
    /// Which of these are recordings' files.
    func knownFiles(_ files: [String]) async throws(StorageError) -> Set<String>
    /// Oldest first.
    func openRecordingAlarms() async throws(StorageError) -> [RecordingAlarm]
    /// The carrier's records of calls begun in a period, by time.
    func carrierRecords(from: UTCTime, to: UTCTime) async throws(StorageError) -> [CarrierImported.Record]
    /// Those that are not yet stored.
    func unknownCarrierRecords(
        _ records: [CarrierImported.Record]
    ) async throws(StorageError) -> [CarrierImported.Record]
    /// Calls offered to us in a period, by time.
    func carrierCalls(from: UTCTime, to: UTCTime) async throws(StorageError) -> [CarrierCall]
}

/// Machines' transcripts.
public protocol TranscriptRepository: Sendable {
    /// Nil where none was ever asked for.
    func transcript(_ id: RecordingID) async throws(StorageError) -> Transcript?
    /// Those never tried first, then by how long they wait.
    func pendingTranscripts(limit: Int) async throws(StorageError) -> [PendingTranscript]
    func pendingTranscriptCount() async throws(StorageError) -> Int
}

/// What was imported from other systems, and what an export needs.
public protocol ImportRepository: Sendable {
    /// Files imported before, by their SHA-256.
    func knownImports(_ sha256: [String]) async throws(StorageError) -> [String: KnownImport]
    func callHeads(_ calls: [CallID]) async throws(StorageError) -> [CallID: CallHead]
}

/// What is kept, moved, deleted and erased.
public protocol RetentionRepository: Sendable {
    /// Oldest first.
    func holds(inForceOnly: Bool) async throws(StorageError) -> [HoldSummary]
    func hold(_ id: HoldID) async throws(StorageError) -> HoldSummary?
    /// Finished recordings in the order of their identifiers; nil: from the first.
    func retentionRecordings(after: RecordingID?, limit: Int) async throws(StorageError) -> [RetentionRecording]
    /// Every recording of a call, whatever its state.
    func retentionRecordings(of call: CallID) async throws(StorageError) -> [RetentionRecording]
    /// A call as it is decided about, its purpose `call`; nil where there is none.
    func retentionSubject(of call: CallID) async throws(StorageError) -> RetentionSubject?
    func dueRemovals(limit: Int) async throws(StorageError) -> [DueRemoval]
    /// Of all recordings that are neither archived nor deleted.
    func recordingBytes() async throws(StorageError) -> Int64
    /// What a number, as normalised, has to do with.
    func person(_ number: String, limit: Int) async throws(StorageError) -> PersonIndex
    /// Nil where the event is none that brought records, or its body is erased.
    func carrierRecords(of event: JournalPlace) async throws(StorageError) -> CarrierImported?
}

/// Audits, and what orders and duties lead to.
public protocol DutyRepository: Sendable {
    /// Judges everything of a run's period, in one transaction.
    func audit(_ run: AuditRun) async throws(StorageError) -> AuditRun
    /// Judges the calls that were released in a stretch of time, offered since the run's begin, with the rules that are known
    /// as broken of each.
    func judged(
        _ run: AuditRun, releasedFrom: UTCTime, to: UTCTime
    ) async throws(StorageError) -> (run: AuditRun, known: [CallID: Set<String>])
    /// The last event written down by a moment.
    func auditMoment(before: UTCTime) async throws(StorageError) -> AuditMoment?
    /// Newest proposed first. Throws `.argument` for a state that is none.
    func penalties(_ filter: PenaltyFilter) async throws(StorageError) -> [PenaltySummary]
    /// By rule, subject and time.
    func deeds(from: UTCTime, to: UTCTime, asOf: UTCTime) async throws(StorageError) -> [DutyDeed]
    /// Soonest first.
    func outages(_ filter: OutageFilter) async throws(StorageError) -> [OutageNotice]
    /// Of each notice what was set last.
    func notices() async throws(StorageError) -> [NoticeRecord]
    /// Latest first.
    func noticeHistory(limit: Int) async throws(StorageError) -> [NoticeRecord]
}

/// Agents, queues, and what callers leave behind.
public protocol AgentRepository: Sendable {
    /// The agents' figures of a period. Throws `.argument` for a period or a limit out of range, as the next.
    func agentReport(_ question: AgentReportQuestion) async throws(StorageError) -> AgentReport
    func queueReport(_ question: QueueReportQuestion) async throws(StorageError) -> QueueReport
    /// What a restart has to classify.
    func openAgentStates() async throws(StorageError) -> OpenAgents
    /// Voice messages, unheard ones first.
    func messages(_ filter: MessageFilter) async throws(StorageError) -> [MessageSummary]
    func message(_ id: MessageID) async throws(StorageError) -> MessageSummary?
    /// How many messages nobody has heard.
    func unheardMessages() async throws(StorageError) -> Int
    /// How many of them are reports.
    func unheardReports() async throws(StorageError) -> Int
    /// Wishes to be called back, open ones first.
    func callBacks(_ filter: CallBackFilter) async throws(StorageError) -> [CallBackSummary]
    func callBack(of call: CallID) async throws(StorageError) -> CallBackSummary?
    /// Forms that agents owe, the oldest first.
    func pendingForms(limit: Int) async throws(StorageError) -> [PendingForm]
    /// Numbers blocked at a moment, sorted.
    func blockedNumbers(at time: UTCTime, limit: Int) async throws(StorageError) -> [BlockedNumber]
    /// One look-up along an index: fit for every incoming call.
    func isBlocked(number: String, at time: UTCTime) async throws(StorageError) -> Bool
    /// Earlier incoming calls from a number.
    /// - Parameter except: the present call, which is not an earlier one.
    func recentCalls(caller: String, since: UTCTime, except: CallID?) async throws(StorageError) -> CallerHistory
}

/// Who may use the console, and what decides what they may see.
public protocol PeopleRepository: Sendable {
    /// By name.
    func people() async throws(StorageError) -> [PersonSummary]
    /// Newest first. Throws `.argument` for a limit out of range.
    func accesses(subject: String?, limit: Int) async throws(StorageError) -> [AccessSummary]
    func orderSubject(_ number: String) async throws(StorageError) -> OrderSubject?
    func orderSubjects(ofCalls ids: [CallID]) async throws(StorageError) -> [CallID: [OrderSubject]]
    func recordingSubjects(_ ids: [RecordingID]) async throws(StorageError) -> [RecordingID: RecordingSubject]
}

/// Conversations drawn to be scored, and their reviews.
public protocol QualityRepository: Sendable {
    /// Every agent's part in the recorded calls that were offered in a period, by time. Throws `.argument` where there are more
    /// than can be drawn from at once.
    func reviewCandidates(from: UTCTime, to: UTCTime, agent: String?) async throws(StorageError) -> [Sampling.Candidate]
    /// What waits for a reviewer, or for anybody: the oldest drawing first.
    func reviewTasks(reviewer: String?, limit: Int) async throws(StorageError) -> [ReviewTask]
    /// Newest first.
    func samples(limit: Int) async throws(StorageError) -> [SampleSummary]
    func reviews(_ filter: ReviewFilter) async throws(StorageError) -> [ReviewSummary]
    func review(_ id: ReviewID) async throws(StorageError) -> ReviewDetail?
    /// The reviews of a period with their last answers, by time.
    func reviewRows(
        from: UTCTime, to: UTCTime, scorecard: String, agent: String?
    ) async throws(StorageError) -> [QualityReport.Row]
    /// What scoring a recording rests on, as it is known at a moment; nil where there is no such recording.
    func conversation(_ id: RecordingID, asOf: UTCTime) async throws(StorageError) -> RecordedConversation?
}

/// The journal.
public protocol EvidenceRepository: Sendable {
    /// Where each chain stands, sorted by name.
    func heads() async throws(StorageError) -> [ChainHead]
    /// Walks every chain, then derives all tables anew from the journal and compares them with those stored.
    /// - Parameter anchors: heads that others vouch for, already checked for their signature.
    func verifyEvidence(anchors: [ChainHead]) async throws(StorageError) -> EvidenceReport
    /// Daily anchors, newest first.
    func anchors(_ filter: AnchorFilter) async throws(StorageError) -> [AnchorSummary]
    /// Heads, and the recordings whose finishing was written down in a period, of the same moment.
    func anchorBasis(from: UTCTime, to: UTCTime) async throws(StorageError) -> AnchorBasis
    /// What a bundle of a period holds: from the last anchor before it, or from the chains' beginning.
    func bundlePlan(
        from: UTCTime, to: UTCTime, exported: UTCTime, isWhole: Bool
    ) async throws(StorageError) -> BundlePlan
    /// The next events of a chain.
    func journal(
        chain: String, after: Int64, through: Int64, limit: Int
    ) async throws(StorageError) -> [JournalRecord]
}

/// All questions together, as an engine answers them.
public protocol StoreQueries: CallRepository, OrderRepository, RecordingRepository, RecordingCheckRepository,
    TranscriptRepository, ImportRepository, RetentionRepository, DutyRepository, AgentRepository, PeopleRepository,
    QualityRepository, EvidenceRepository
{
    /// Copies the whole database to a new file while the store is in use. Blocks the calling thread.
    func backup(to path: String) throws(StorageError)
    /// Gives back connections and files. Questions asked later throw.
    func close() throws(StorageError)
}

/// What an engine does for the one writer. All methods block and are called from the store's own queues only.
package protocol StorageEngine: Sendable {
    /// Seals the units into the chain and applies them to the tables, all in one transaction.
    /// - Parameter replay: events that the journal holds already (by id) are passed over.
    /// - Returns: one result a unit, and how many events could not be applied to the tables.
    /// - Throws: where nothing at all could be committed.
    func commit(_ units: [JournalUnit], replay: Bool) throws(StorageError) -> CommitResult
    /// Reserves `count` order numbers of a date, durably.
    func reserveNumbers(date: String, count: Int) throws(StorageError) -> Range<Int>
    /// Moves what was committed from the write-ahead log to the database, without holding up the writer.
    /// - Returns: how long the log was, in bytes. It begins anew where a checkpoint ends before the next commit and nobody
    ///   reads what is in it.
    @discardableResult
    func checkpoint() throws(StorageError) -> Int
    /// Takes words that were erased out of the recordings' index, a step of at most `pages` pages.
    func forgetWords(pages: Int) throws(StorageError) -> ErasedWords
    var queries: any StoreQueries { get }
    func close() throws(StorageError)
}

/// What became of a group of units.
package struct CommitResult: Sendable {
    /// By unit; nil: committed.
    package var refusals: [StorageError?]
    /// Events that stand in the journal, but not in the tables.
    package var unapplied: Int
}
