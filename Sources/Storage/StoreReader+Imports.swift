import Calls

extension StoreReader {
    /// Which of these files were imported before, by the SHA-256 (lower-case hex) that they were found with.
    public func knownImports(_ sha256: [String]) async throws(StorageError) -> [String: KnownImport] {
        try await queries.knownImports(sha256)
    }

    /// What an export needs of the calls of recordings; calls that are not there are left out.
    public func callHeads(_ calls: [CallID]) async throws(StorageError) -> [CallID: CallHead] {
        try await queries.callHeads(calls)
    }
}
