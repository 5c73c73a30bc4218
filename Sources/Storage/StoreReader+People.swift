import Calls

extension StoreReader {
    /// Everybody who may, or might once, use the console; by name.
    public func people() async throws(StorageError) -> [PersonSummary] { try await queries.people() }

    /// Who came in and saw what, the newest first.
    /// - Parameter subject: an order's number; nil: everything.
    public func accesses(subject: String? = nil, limit: Int = 100) async throws(StorageError) -> [AccessSummary] {
        try await queries.accesses(subject: subject, limit: limit)
    }

    /// What decides who may see an order; nil where there is none.
    public func orderSubject(_ number: String) async throws(StorageError) -> OrderSubject? {
        try await queries.orderSubject(number)
    }

    /// What decides who may know of calls: the orders that were made of them. Calls without one are left out.
    public func orderSubjects(
        ofCalls ids: [CallID]
    ) async throws(StorageError) -> [CallID: [OrderSubject]] {
        try await queries.orderSubjects(ofCalls: ids)
    }

    /// What decides who may hear these recordings; those that are not there are left out.
    public func recordingSubjects(
        _ ids: [RecordingID]
    ) async throws(StorageError) -> [RecordingID: RecordingSubject] {
        try await queries.recordingSubjects(ids)
    }
}
