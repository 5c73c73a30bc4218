import Calls
import Evidence

/// Reads a store, beside the server or in it. Every question is one short read transaction off the cooperative pool.
public struct StoreReader: Sendable {
    let queries: any StoreQueries
    let folder: DataFolder

    /// Calls, newest offered first.
    public func calls(filter: CallFilter = CallFilter()) async throws(StorageError) -> [CallSummary] {
        try await queries.calls(filter)
    }

    /// One call with its timeline, legs and statistics; nil where there is none.
    public func call(_ id: CallID) async throws(StorageError) -> CallDetail? { try await queries.call(id) }

    /// Calls without a release, oldest first: after a start, those that a crash cut off.
    public func unreleasedCalls() async throws(StorageError) -> [OpenCall] { try await queries.unreleasedCalls() }

    /// Work orders, newest first.
    public func orders(filter: OrderFilter = OrderFilter()) async throws(StorageError) -> [OrderSummary] {
        try await queries.orders(filter)
    }

    /// For the operator. A caller's question goes through `ordersByCaller` or `orderByCode`.
    public func order(_ number: String) async throws(StorageError) -> OrderSummary? {
        try await queries.order(number: number)
    }

    /// Work orders made from one calling number (normalised), newest first.
    public func ordersByCaller(_ number: String, limit: Int = 10) async throws(StorageError) -> [OrderSummary] {
        try await queries.orders(caller: number, limit: limit)
    }

    /// An order where number and code both fit: a number alone opens nothing.
    public func orderByCode(number: String, code: String) async throws(StorageError) -> OrderSummary? {
        guard !code.isEmpty else { return nil }
        return try await queries.order(number: number, code: code)
    }

    /// Recordings, newest planned first unless the filter says otherwise.
    public func recordings(filter: RecordingFilter = RecordingFilter()) async throws(StorageError) -> [RecordingSummary]
    {
        try await queries.recordings(filter).recordings.map(\.recording)
    }

    /// A page of recordings with what they can be found by, and where the next one begins.
    /// - Throws: `StorageError` with code `.argument` for a limit out of range, a cursor of another sort, a text without a
    ///   word.
    public func recordingPage(_ filter: RecordingFilter) async throws(StorageError) -> RecordingPage {
        try await queries.recordings(filter)
    }

    /// How many recordings fit a filter: exact to 10,000.
    public func recordingCount(_ filter: RecordingFilter) async throws(StorageError) -> RecordingCount {
        try await queries.recordingCount(filter)
    }

    public func recording(_ id: RecordingID) async throws(StorageError) -> RecordingSummary? {
        try await queries.recording(id)
    }

    /// One recording with its notes.
    public func recordingDetail(_ id: RecordingID) async throws(StorageError) -> RecordingDetail? {
        try await queries.recordingDetail(id)
    }

    /// Neither finished nor failed, oldest first: after a start, those to recover from the audio log.
    public func unfinishedRecordings() async throws(StorageError) -> [RecordingSummary] {
        try await queries.unfinishedRecordings()
    }

    /// The agents' figures of a period.
    /// - Throws: `StorageError` with code `.argument` for a period or a limit out of range, as the next.
    public func agentReport(_ question: AgentReportQuestion) async throws(StorageError) -> AgentReport {
        try await queries.agentReport(question)
    }

    /// The queues' figures of a period.
    public func queueReport(_ question: QueueReportQuestion) async throws(StorageError) -> QueueReport {
        try await queries.queueReport(question)
    }

    /// Agents not logged out, callers still in a queue, agents' legs without an end: after a start, what the program's end
    /// cut off, for the restart to classify.
    public func openAgentStates() async throws(StorageError) -> OpenAgents { try await queries.openAgentStates() }

    /// Voice messages: unheard ones first, the most urgent at the top.
    public func messages(filter: MessageFilter = MessageFilter()) async throws(StorageError) -> [MessageSummary] {
        try await queries.messages(filter)
    }

    public func message(_ id: MessageID) async throws(StorageError) -> MessageSummary? {
        try await queries.message(id)
    }

    /// How many messages nobody has heard.
    public func unheardMessages() async throws(StorageError) -> Int { try await queries.unheardMessages() }

    /// How many reports none of those whom they are for has acknowledged.
    public func unheardReports() async throws(StorageError) -> Int { try await queries.unheardReports() }

    /// The call-back of the call that asked for it, or that broke; nil where there is none.
    public func callBack(of call: CallID) async throws(StorageError) -> CallBackSummary? {
        try await queries.callBack(of: call)
    }

    /// Forms of work orders that agents owe for calls they served, the oldest first.
    public func pendingForms(limit: Int = 10_000) async throws(StorageError) -> [PendingForm] {
        try await queries.pendingForms(limit: limit)
    }

    /// Wishes to be called back: open ones first, the most urgent at the top.
    public func callBacks(filter: CallBackFilter = CallBackFilter()) async throws(StorageError) -> [CallBackSummary] {
        try await queries.callBacks(filter)
    }

    /// Numbers from which no calls are taken at a moment, sorted.
    public func blockedNumbers(at time: UTCTime, limit: Int = 1000) async throws(StorageError) -> [BlockedNumber] {
        try await queries.blockedNumbers(at: time, limit: limit)
    }

    /// Whether calls from a number (normalised) are not taken at a moment.
    public func isBlocked(number: String, at time: UTCTime) async throws(StorageError) -> Bool {
        try await queries.isBlocked(number: number, at: time)
    }

    /// Earlier incoming calls from a number (normalised): is it a repeat caller, is it known at all?
    /// - Parameter call: the present call, which is not counted.
    public func recentCalls(
        caller: String, since: UTCTime, except call: CallID? = nil
    ) async throws(StorageError) -> CallerHistory {
        try await queries.recentCalls(caller: caller, since: since, except: call)
    }

    /// Where each node's chain stands: what an anchor signs.
    public func heads() async throws(StorageError) -> [ChainHead] { try await queries.heads() }

    /// Daily anchors, newest first.
    public func anchors(filter: AnchorFilter = AnchorFilter()) async throws(StorageError) -> [AnchorSummary] {
        try await queries.anchors(filter)
    }

    /// What a day's anchor is made of: the heads, and the recordings whose finishing was written down in the period.
    public func anchorBasis(from: UTCTime, to: UTCTime) async throws(StorageError) -> AnchorBasis {
        try await queries.anchorBasis(from: from, to: to)
    }

    /// Which events and anchors an evidence bundle of a period holds.
    /// - Parameters:
    ///   - exported: the present; `to` must not lie after it.
    ///   - isWhole: the links of each chain from its beginning, not only from the last anchor before the period.
    public func bundlePlan(
        from: UTCTime, to: UTCTime, exported: UTCTime, isWhole: Bool = false
    ) async throws(StorageError) -> BundlePlan {
        guard from < to, to <= exported else {
            throw StorageError(.argument, "a bundle's period must begin before it ends, and end before now")
        }
        return try await queries.bundlePlan(from: from, to: to, exported: exported, isWhole: isWhole)
    }

    /// Events of a chain after one and through another, in their order.
    public func journal(
        chain: String, after: Int64, through: Int64, limit: Int = 2000
    ) async throws(StorageError) -> [JournalRecord] {
        try await queries.journal(chain: chain, after: after, through: through, limit: limit)
    }

    /// Checks the chains, and every row against the journal.
    /// - Parameter anchors: heads from anchors whose signature was checked (`Anchor.verify`); without any the report
    ///   says `self_consistent_only`.
    public func verifyEvidence(anchors: [ChainHead] = []) async throws(StorageError) -> EvidenceReport {
        var report = try await queries.verifyEvidence(anchors: anchors)
        report.spooled = try Spool.count(folder.spool)
        return report
    }

    /// Copies the store to a new file while a server writes, then checks the copy. Blocks for as long as that takes:
    /// not to be called from a task that others wait for.
    /// - Throws: `StorageError` with code `.folder` where the file exists, `.corrupt` where the copy does not hold.
    public func backup(to path: String) throws(StorageError) { try queries.backup(to: path) }

    /// Gives back the database's files; for readers from `Store.openForQueries`.
    public func close() throws(StorageError) { try queries.close() }
}
