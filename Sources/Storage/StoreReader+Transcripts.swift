import Calls

extension StoreReader {
    /// What a machine wrote down of a recording, or how far that is; nil where none was ever asked for.
    public func transcript(_ id: RecordingID) async throws(StorageError) -> Transcript? {
        try await queries.transcript(id)
    }

    /// Recordings whose transcript is to be made: those never tried first, then by how long they wait.
    public func pendingTranscripts(limit: Int = 200) async throws(StorageError) -> [PendingTranscript] {
        try await queries.pendingTranscripts(limit: limit)
    }

    /// How many wait.
    public func pendingTranscriptCount() async throws(StorageError) -> Int {
        try await queries.pendingTranscriptCount()
    }
}
