import Calls
import GRDB

extension SQLiteQueries {
    func knownImports(_ sha256: [String]) async throws(StorageError) -> [String: KnownImport] {
        try await read("looking for imported files") { db in
            var known: [String: KnownImport] = [:]
            for hash in sha256 {
                guard let row = try db.row(ImportSQL.bySource, [hash]) else { continue }
                known[hash] = KnownImport(
                    recording: try row.identifier("recording"), origin: ImportReading.origin(row))
            }
            return known
        }
    }

    func callHeads(_ calls: [CallID]) async throws(StorageError) -> [CallID: CallHead] {
        try await read("reading calls of recordings") { db in
            var heads: [CallID: CallHead] = [:]
            for call in calls {
                guard let row = try db.row(ImportSQL.callHead, [call.blob]) else { continue }
                heads[call] = CallHead(direction: try row.requiredWord("direction"), called: row["called"])
            }
            return heads
        }
    }
}

/// Makes origins of rows.
enum ImportReading {
    static func origin(_ row: Row) -> RecordingOrigin {
        RecordingOrigin(
            system: row["system"], file: row["source_file"], sha256: row["source_sha256"], bytes: row["source_bytes"],
            format: row["source_format"], recordFile: row["record_file"], recordLine: row["record_line"],
            recordSHA256: row["record_sha256"], recordID: row["record_id"], disposition: row["disposition"],
            importedAt: UTCTime(microseconds: row["imported_wall"]))
    }
}
