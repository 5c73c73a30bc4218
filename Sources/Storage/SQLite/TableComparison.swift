import Calls
import Foundation
import GRDB

/// Walks each table of the store beside the same table as derived from the journal, both in the order of their keys.
enum TableComparison {
    /// Tables that follow from the journal, with their keys.
    private static let tables: [(name: String, key: [String])] = [
        ("calls", ["id"]), ("legs", ["id"]), ("recordings", ["id"]), ("recording_channels", ["recording", "channel"]),
        ("orders", ["id"]), ("order_calls", ["work_order", "call", "role"]),
        ("order_recordings", ["work_order", "recording", "role", "from_position"]),
        ("queue_passages", ["chain", "seq"]), ("agent_offers", ["leg"]), ("agent_states", ["agent", "chain", "seq"]),
        ("agent_holds", ["chain", "seq"]), ("transfers", ["chain", "seq"]), ("apologies", ["chain", "seq"]),
        ("recording_segments", ["recording", "channel", "from_position"]), ("call_marks", ["chain", "seq"]),
        ("ratings", ["call", "agent"]), ("messages", ["id"]), ("call_backs", ["call"]),
        ("blocked_numbers", ["number", "chain", "seq"]), ("roster_loads", ["chain", "seq"]),
        ("forms", ["call"]),
        ("anchors", ["fingerprint"]), ("anchor_deliveries", ["chain", "seq"]),
        ("recording_notes", ["chain", "seq"]),
        ("recording_figures", ["recording"]), ("recording_channel_figures", ["recording", "channel"]),
        ("transcripts", ["recording"]), ("transcript_segments", ["recording", "channel", "number"]),
        ("qa_flags", ["chain", "seq"]),
        ("recording_alarms", ["chain", "seq"]), ("carrier_records", ["began_wall", "caller", "called", "seconds"]),
        ("holds", ["id"]), ("recording_fates", ["recording"]),
        ("recording_pauses", ["recording", "from_position"]),
        ("recording_imports", ["recording"]),
        ("order_steps", ["work_order", "number"]),
        ("order_alarms", ["work_order", "clock", "since_wall", "alarm"]),
        ("penalties", ["work_order", "penalty"]), ("external_orders", ["work_order", "store"]),
        ("duty_deeds", ["chain", "seq"]), ("outages", ["id"]), ("norm_breaches", ["call", "rule"]),
        ("persons", ["person"]), ("accesses", ["chain", "seq"]),
        ("samples", ["id"]), ("sample_parts", ["sample", "recording", "agent", "reviewer"]), ("reviews", ["id"]),
        ("review_revisions", ["review", "revision"]), ("review_answers", ["review", "revision", "item"]),
        ("notices", ["chain", "seq"]),
    ]

    /// What the index of recordings says, without numbers that depend on the order in which it was filled.
    private static let index: [(name: String, select: String, key: [String])] = [
        (
            "recording_index",
            """
            SELECT i.id AS id, i.call, i.place >> 10 AS planned_wall, i.length, i.caller, i.digits, f.line,
                f.outcome, f.released_by, f.rings, f.rating, f.marks, f.categories, f.state, f.purpose,
                f.texts
            FROM recording_index AS i LEFT JOIN recording_facets AS f ON f.id = i.facet
            """, ["id"]
        ),
        (
            "recording_agents",
            """
            SELECT i.id AS id, i.call, a.agent FROM recording_agents AS a LEFT JOIN recording_index AS i ON i.place = a.place
            """, ["id", "agent"]
        ),
        (
            "recording_flags",
            """
            SELECT i.id AS id, i.call, a.flag FROM recording_flags AS a LEFT JOIN recording_index AS i ON i.place = a.place
            """, ["id", "flag"]
        ),
        (
            "recording_texts",
            """
            SELECT i.id AS id, i.call, t.body FROM recording_texts AS t LEFT JOIN recording_index AS i ON i.place = t.place
            """, ["id"]
        ),
    ]

    /// - Returns: how many rows were compared.
    static func compare(
        stored: Database, derived: Database, erased: Set<Data>, into findings: inout SQLiteVerification.Findings
    ) throws -> Int64 {
        var rows: Int64 = 0
        let whole = tables.map { (name: $0.name, select: "SELECT * FROM \($0.name)", key: $0.key) }
        for (table, select, key) in whole + index {
            let sql = "\(select) ORDER BY \(key.joined(separator: ", "))"
            let left = try Row.fetchCursor(stored, sql: sql)
            let right = try Row.fetchCursor(derived, sql: sql)
            var one = try left.next()?.copy()
            var other = try right.next()?.copy()
            while one != nil || other != nil {
                rows += 1
                let order = order(one, other, key: key)
                if let found = difference(one, other, order: order), let row = order <= 0 ? one : other,
                    !concernsErased(row, erased)
                {
                    findings.add(table: table, key: Self.text(row, key: key), found)
                }
                if order <= 0 { one = try left.next()?.copy() }
                if order >= 0 { other = try right.next()?.copy() }
            }
        }
        for row in try stored.rows(RecordingIndexSQL.miscounted) {
            findings.add(
                table: "recording_facets", key: "\(row["id"] as Int64)", "not as many recordings as the index has")
        }
        return rows
    }

    private static func difference(_ stored: Row?, _ derived: Row?, order: Int) -> String? {
        if order < 0 { return "the row does not follow from the journal" }
        if order > 0 { return "the row is missing" }
        guard let stored, let derived, stored != derived else { return nil }
        let names = stored.columnNames.filter { name in
            let one: DatabaseValue = stored[name]
            let other: DatabaseValue = derived[name]
            return one != other
        }
        return "not what the journal says: \(names.joined(separator: ", "))"
    }

    /// -1: the stored row comes first, 1: the derived one; 0: the same key.
    private static func order(_ stored: Row?, _ derived: Row?, key: [String]) -> Int {
        guard let stored else { return 1 }
        guard let derived else { return -1 }
        for column in key {
            let one: DatabaseValue = stored[column]
            let other: DatabaseValue = derived[column]
            if let order = Self.order(one.storage, other.storage), order != 0 { return order }
        }
        return 0
    }

    /// As SQLite's BINARY collation orders values of one class; the key columns are STRICT, so classes never mix.
    private static func order(_ one: DatabaseValue.Storage, _ other: DatabaseValue.Storage) -> Int? {
        switch (one, other) {
        case (.int64(let one), .int64(let other)): one == other ? 0 : one < other ? -1 : 1
        case (.string(let one), .string(let other)): order(Array(one.utf8), Array(other.utf8))
        case (.blob(let one), .blob(let other)): order(Array(one), Array(other))
        default: nil
        }
    }

    private static func order(_ one: [UInt8], _ other: [UInt8]) -> Int {
        one == other ? 0 : one.lexicographicallyPrecedes(other) ? -1 : 1
    }

    private static func concernsErased(_ row: Row, _ erased: Set<Data>) -> Bool {
        guard !erased.isEmpty else { return false }
        return ["id", "call", "recording", "work_order"].contains { column in
            guard row.hasColumn(column), let id: Data = row[column] else { return false }
            return erased.contains(id)
        }
    }

    private static func text(_ row: Row, key: [String]) -> String {
        key.map { column in
            let value: DatabaseValue = row[column]
            if case .blob(let data) = value.storage, let id = CallID(bytes: data) { return id.description }
            return "\(value)"
        }.joined(separator: " ")
    }
}
