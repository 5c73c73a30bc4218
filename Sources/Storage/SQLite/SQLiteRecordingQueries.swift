import Calls
import Foundation
import GRDB

extension SQLiteQueries {
    func recordings(_ filter: RecordingFilter) async throws(StorageError) -> [RecordingSummary] {
        try await read("listing recordings") { db in
            var conditions = Conditions()
            conditions.add("planned_wall >= ?", filter.from?.microseconds)
            conditions.add("planned_wall < ?", filter.to?.microseconds)
            conditions.add("call = ?", filter.call?.blob)
            conditions.add("state = ?", filter.state?.rawValue)
            conditions.add(
                "(planned_wall, id) < (SELECT planned_wall, id FROM recordings WHERE id = ?)", filter.before?.blob)
            let sql = conditions.statement(
                RecordingSQL.select, order: RecordingSQL.newestFirst, limit: try Self.checked(limit: filter.limit))
            return try Row.fetchAll(db, sql: sql, arguments: conditions.arguments).map { row in
                try RecordingReading.summary(row, db)
            }
        }
    }

    func recording(_ id: RecordingID) async throws(StorageError) -> RecordingSummary? {
        try await read("reading a recording") { db in
            try db.row(RecordingSQL.byID, [id.blob]).map { row in try RecordingReading.summary(row, db) }
        }
    }

    func unfinishedRecordings() async throws(StorageError) -> [RecordingSummary] {
        try await read("listing unfinished recordings") { db in
            try db.rows(RecordingSQL.unfinished).map { row in try RecordingReading.summary(row, db) }
        }
    }
}

/// Makes recordings of rows.
enum RecordingReading {
    static func summary(_ row: Row, _ db: Database) throws -> RecordingSummary {
        let id: RecordingID = try row.identifier("id")
        let gaps: [[Int64]] = try row.json("gaps") ?? []
        let length: Int64? = row["length"]
        return RecordingSummary(
            id: id, callID: try row.identifier("call"), node: row["node"], purpose: row["purpose"],
            state: try row.requiredWord("state"),
            plannedAt: UTCTime(microseconds: row["planned_wall"]), startedAt: row.time("started"),
            stoppedAt: row.time("stopped"), finishedAt: row.time("finished"),
            length: length.map { AudioPosition(units: $0) }, file: row["file"], format: row["format"],
            rate: row["rate"], frames: row["frames"], bytes: row["bytes"], sha256: row["sha256"],
            gaps: gaps.compactMap { pair in
                guard pair.count == 2 else { return nil }
                return RecordingSummary.Gap(
                    fromMilliseconds: AudioPosition(units: pair[0]).milliseconds,
                    toMilliseconds: AudioPosition(units: pair[1]).milliseconds)
            },
            recovered: row["recovered"] == 1, failure: row["failure"],
            channels: try db.rows(RecordingSQL.channels, [id.blob]).map { row in
                RecordingPlanned.Channel(
                    index: row["channel"], leg: try row.identifier("leg"), role: row["role"], tap: row["tap"])
            },
            orders: try db.rows(RecordingSQL.orders, [id.blob]).map { $0["number"] })
    }
}
