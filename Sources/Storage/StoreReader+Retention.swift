import Calls
import Norms

extension StoreReader {
    /// Holds, oldest first.
    public func holds(inForceOnly: Bool = true) async throws(StorageError) -> [HoldSummary] {
        try await queries.holds(inForceOnly: inForceOnly)
    }

    public func hold(_ id: HoldID) async throws(StorageError) -> HoldSummary? { try await queries.hold(id) }

    /// Finished recordings in the order of their identifiers, with all that is decided by.
    /// - Parameter after: the last of the page before; nil: from the first.
    public func retentionRecordings(
        after: RecordingID? = nil, limit: Int = 500
    ) async throws(StorageError) -> [RetentionRecording] {
        try await queries.retentionRecordings(after: after, limit: limit)
    }

    /// Every recording of a call.
    public func retentionRecordings(of call: CallID) async throws(StorageError) -> [RetentionRecording] {
        try await queries.retentionRecordings(of: call)
    }

    /// A call as it is decided about: all that keeps any of its recordings keeps it. Nil where there is none.
    public func retentionSubject(of call: CallID) async throws(StorageError) -> RetentionSubject? {
        try await queries.retentionSubject(of: call)
    }

    /// Files that wait to be removed.
    public func dueRemovals(limit: Int = 1000) async throws(StorageError) -> [DueRemoval] {
        try await queries.dueRemovals(limit: limit)
    }

    /// Bytes of all recordings that are neither archived nor deleted.
    public func recordingBytes() async throws(StorageError) -> Int64 { try await queries.recordingBytes() }

    /// What a number has to do with.
    /// - Parameters:
    ///   - number: normalised, as calls show it.
    ///   - limit: calls at most; orders at most.
    public func person(_ number: String, limit: Int = 10_000) async throws(StorageError) -> PersonIndex {
        try await queries.person(number, limit: limit)
    }

    /// All of the carrier's records that one event brought.
    public func carrierRecords(of event: JournalPlace) async throws(StorageError) -> CarrierImported? {
        try await queries.carrierRecords(of: event)
    }
}
