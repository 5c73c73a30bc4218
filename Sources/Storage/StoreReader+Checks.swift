import Calls

extension StoreReader {
    /// Calls offered in a period that were answered, are over, and had to be recorded; oldest first.
    /// - Parameter after: the last call of the page before.
    public func callChecks(
        from: UTCTime, to: UTCTime, after: CallID? = nil, limit: Int = 1000
    ) async throws(StorageError) -> [CallCheck] {
        try await queries.callChecks(from: from, to: to, after: after, limit: limit)
    }

    /// One such call; nil where it is none.
    public func callCheck(_ id: CallID) async throws(StorageError) -> CallCheck? { try await queries.callCheck(id) }

    /// One recording; nil where there is none.
    public func recordingCheck(_ id: RecordingID) async throws(StorageError) -> RecordingCheck? {
        try await queries.recordingCheck(id)
    }

    /// Finished recordings in the order of their identifiers.
    /// - Parameter after: the last of the page before; nil: from the first.
    public func finishedRecordings(
        after: RecordingID? = nil, limit: Int = 1000
    ) async throws(StorageError) -> [RecordingCheck] {
        try await queries.finishedRecordings(after: after, limit: limit)
    }

    /// Which of these files (below the folder of recordings) are those of recordings.
    public func knownFiles(_ files: [String]) async throws(StorageError) -> Set<String> {
        try await queries.knownFiles(files)
    }

    /// Alarms about recordings that are open, oldest first.
    public func openRecordingAlarms() async throws(StorageError) -> [RecordingAlarm] {
        try await queries.openRecordingAlarms()
    }

    /// The carrier's records of calls begun in a period, by time.
    public func carrierRecords(from: UTCTime, to: UTCTime) async throws(StorageError) -> [CarrierImported.Record] {
        try await queries.carrierRecords(from: from, to: to)
    }

    /// Those of these records that are not yet stored.
    public func unknownCarrierRecords(
        _ records: [CarrierImported.Record]
    ) async throws(StorageError) -> [CarrierImported.Record] {
        try await queries.unknownCarrierRecords(records)
    }

    /// Calls offered to us in a period, by time.
    public func carrierCalls(from: UTCTime, to: UTCTime) async throws(StorageError) -> [CarrierCall] {
        try await queries.carrierCalls(from: from, to: to)
    }
}
