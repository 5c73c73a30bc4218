import Calls
import Evidence
import Foundation
import GRDB

extension SQLiteQueries {
    func heads() async throws(StorageError) -> [ChainHead] {
        try await read("reading the chains' heads") { db in try Self.heads(db) }
    }

    func verifyEvidence(anchors: [ChainHead]) async throws(StorageError) -> EvidenceReport {
        let verification: SQLiteVerification
        do {
            verification = try SQLiteVerification(anchors: anchors)
        } catch {
            throw .sqlite(error, doing: "making a scratch database")
        }
        // The long walk goes in pages, each its own transaction: events are only ever added, so that what was walked
        // stays walked. Only the last pages and the comparison of tables share one snapshot.
        while try await read("walking the journal", { db in try verification.walkPage(db) }) {}
        return try await read("comparing the tables with the journal") { db in
            while try verification.walkPage(db) {}
            return try verification.report(db)
        }
    }

    static func heads(_ db: Database) throws -> [ChainHead] {
        try db.rows(JournalSQL.heads).map { row in
            let hash: Data = row["hash"]
            return ChainHead(chain: row["name"], sequence: row["seq"], hash: Array(hash))
        }
    }
}
