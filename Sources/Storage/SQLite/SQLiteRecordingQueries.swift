import Calls
import Foundation
import GRDB

extension SQLiteQueries {
    func recordings(_ filter: RecordingFilter) async throws(StorageError) -> RecordingPage {
        let limits = searchLimits
        let path = path
        return try await read("listing recordings") { db in
            let limit = try Self.checked(limit: filter.limit)
            try RecordingIndexFill.check(db, file: path)
            // One more tells whether there is another page.
            var entries = try RecordingSearcher(db, filter, limits: limits).entries(limit: limit + 1)
            let hasMore = entries.count > limit
            entries = Array(entries.prefix(limit))
            let phrases = filter.text.map { SearchText.phrases($0) } ?? []
            return RecordingPage(
                recordings: try entries.compactMap { entry in
                    try RecordingReading.found(entry.id, cursor: entry.cursor, phrases: phrases, db)
                }, next: hasMore ? entries.last?.cursor : nil)
        }
    }

    func recordingCount(_ filter: RecordingFilter) async throws(StorageError) -> RecordingCount {
        let limits = searchLimits
        let path = path
        return try await read("counting recordings") { db in
            try RecordingIndexFill.check(db, file: path)
            return RecordingCount(
                found: try RecordingSearcher(db, filter, limits: limits).count(maximum: RecordingCount.maximum + 1))
        }
    }

    func recording(_ id: RecordingID) async throws(StorageError) -> RecordingSummary? {
        try await read("reading a recording") { db in
            try db.row(RecordingSQL.byID, [id.blob]).map { row in try RecordingReading.summary(row, db) }
        }
    }

    func recordingDetail(_ id: RecordingID) async throws(StorageError) -> RecordingDetail? {
        try await read("reading a recording") { db in
            guard let found = try RecordingReading.found(id, cursor: nil, db) else { return nil }
            let call = found.recording.callID.blob
            return RecordingDetail(
                found: found, notes: try db.rows(RecordingSQL.notes, [id.blob]).map(RecordingReading.note),
                marks: try db.rows(AgentSQL.marks, [call]).map(AgentCallReading.mark),
                segments: try db.rows(AgentSQL.segments, [call]).map(AgentCallReading.segment)
                    .filter { $0.recording == id })
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
        let fate = try db.row(RetentionSQL.fate, [id.blob])
        let deleted = fate?.time("deleted")
        let because: String? = fate?["reason"]
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
            orders: try db.rows(RecordingSQL.orders, [id.blob]).map { $0["number"] },
            pauses: try PauseReading.pauses(of: id, db),
            imported: try db.row(ImportSQL.byRecording, [id.blob]).map(ImportReading.origin),
            archivedAt: fate?.time("archived"), deletedAt: deleted, deletedBecause: deleted == nil ? nil : because)
    }

    /// A recording with what the index derives of it, read from the tables themselves.
    /// - Parameter phrases: what was searched for.
    static func found(
        _ id: RecordingID, cursor: RecordingCursor?, phrases: [String] = [], _ db: Database
    ) throws -> FoundRecording? {
        guard let row = try db.row(RecordingSQL.byID, [id.blob]),
            let known = try db.row(RecordingIndexSQL.derive, [id.blob])
        else { return nil }
        let summary = try summary(row, db)
        let rings: Int = known["rings"]
        let rating: Int = known["rating"]
        let outcome: String = known["outcome"]
        let releasedBy: String = known["released_by"]
        return try FoundRecording(
            recording: summary, line: known["line"], caller: known["caller"], digits: known["digits"],
            rings: rings < 0 ? nil : rings, outcome: outcome.isEmpty ? nil : known.word("outcome"),
            releasedBy: releasedBy.isEmpty ? nil : known.word("released_by"), rating: rating < 0 ? nil : rating,
            marks: members(known["marks"]),
            flags: try db.rows(TranscriptSQL.flagNames, [id.blob]).map { $0["flag"] },
            machine: phrases.isEmpty ? nil : TranscriptReading.isMachines(id, phrases: phrases, db),
            hits: phrases.isEmpty ? [] : TranscriptReading.hits(id, phrases: phrases, db),
            categories: members(known["categories"]),
            answeredBy: try db.rows(AgentSQL.answeredBy, [summary.callID.blob]).map { try $0.workNumber("agent") },
            cursor: cursor)
    }

    private static func members(_ set: String) -> [String] {
        set.split(separator: RecordingIndexSQL.separator).map(String.init)
    }

    static func note(_ row: Row) throws -> RecordingNote {
        let position: Int64? = row["position"]
        return RecordingNote(
            at: UTCTime(microseconds: row["at_wall"]), by: try row.workNumber("agent"),
            positionMilliseconds: position.map { AudioPosition(units: $0).milliseconds }, text: row["text"])
    }
}
