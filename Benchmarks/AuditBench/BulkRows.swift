import Calls
import Foundation
import GRDB
import Storage

/// Makes a large store of a smaller one: every row of calls and orders several times, each copy with ids, numbers, callers
/// and a time of day of its own. For measuring only: the journal and the index of recordings do not know the copies.
struct BulkRows {
    /// A data folder that `year` made.
    let source: String
    let folder: String
    /// All of it so many times, 2…250.
    let copies: Int

    /// - Returns: calls and orders in the large store.
    func make() throws -> (calls: Int, orders: Int) {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = DataFolder(folder).database
        try FileManager.default.copyItem(atPath: DataFolder(source).database, toPath: path)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { db in db.add(function: Self.copiedID) }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY")
        }
        let counts = try queue.write { db -> (Int, Int) in
            // Up to twelve hours earlier or later: the days and the holidays stay as busy as they were.
            try db.execute(
                sql: """
                    CREATE TEMP TABLE copies AS
                    WITH RECURSIVE series (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM series WHERE k < \(copies - 1))
                    SELECT k, (k * 7919 % 86400 - 43200) * 1000000 AS shift FROM series
                    """)
            for table in Self.tables { try db.execute(sql: try Self.copying(table, db)) }
            // Orders have about ten steps: what people note beside them.
            try db.execute(sql: Self.notes)
            try db.execute(sql: "DROP TABLE copies")
            return (
                try Int.fetchOne(db, sql: "SELECT count(*) FROM calls") ?? 0,
                try Int.fetchOne(db, sql: "SELECT count(*) FROM orders") ?? 0
            )
        }
        // A server's store has no statistics for the planner: this one has none either.
        try queue.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        try queue.close()
        return counts
    }

    /// Those that an audit reads, and `legs`, which it does not, but through which its rows lie further apart.
    private static let tables = [
        "calls", "legs", "queue_passages", "agent_offers", "recordings", "recording_channels", "recording_figures",
        "recording_channel_figures", "apologies", "transfers", "call_marks", "messages", "call_backs", "orders",
        "order_calls", "order_recordings", "order_steps", "penalties",
    ]

    private static let ids: Set<String> = [
        "id", "call", "leg", "recording", "work_order", "made", "follows",
    ]

    /// Its rows once more for each copy, those of one row beside each other.
    private static func copying(_ table: String, _ db: Database) throws -> String {
        let columns = try db.columns(in: table).map(\.name)
        let values = columns.map { column -> String in
            let source = "t.\(column)"
            if ids.contains(column) { return "copied_id(\(source), k, shift)" }
            if column == "wall" || column.hasSuffix("_wall") { return "\(source) + shift" }
            if column == "mono" || column.hasSuffix("_mono") { return "\(source) + shift * 1000" }
            switch column {
            // Beyond what the store itself has given.
            case "seq", "passage": return "\(source) * 1000 + k + 1000000000"
            case "number" where table == "orders":
                return "substr(\(source), 1, 9) || printf('%07d', CAST(substr(\(source), 10) AS INTEGER) * 1000 + k)"
            case "file": return "\(source) || '.' || k"
            case "caller":
                return "'1390000' || printf('%04d', (CAST(substr(\(source), 8) AS INTEGER) + k * 97) % 10000)"
            default: return source
            }
        }
        // A withheld number stays withheld.
        let guarded = zip(columns, values).map { column, value in
            column == "caller" ? "CASE WHEN t.caller IS NULL THEN NULL ELSE \(value) END" : value
        }
        return """
            INSERT INTO \(table) (\(columns.joined(separator: ", ")))
            SELECT \(guarded.joined(separator: ", ")) FROM \(table) AS t CROSS JOIN copies
            """
    }

    private static let notes = """
        INSERT INTO order_steps
            (work_order, number, step, by_name, role, unit, happened_wall, entered_wall, why, fields, state)
        SELECT work_order, number + extra, 'note', '1001', 'agent', NULL, happened_wall, entered_wall, NULL,
            json_object('note', '客户补充说明，已转达责任部门'), state
        FROM order_steps AS s CROSS JOIN (SELECT 1 AS extra UNION ALL SELECT 2 UNION ALL SELECT 3)
        WHERE number = (SELECT max(number) FROM order_steps AS t WHERE t.work_order = s.work_order)
        """

    /// An id of the copy's moment; its last two bytes tell the copy.
    private static let copiedID = DatabaseFunction("copied_id", argumentCount: 3, pure: true) { values in
        guard let data = Data.fromDatabaseValue(values[0]), let copy = UInt64.fromDatabaseValue(values[1]),
            let shift = Int64.fromDatabaseValue(values[2]), let id = CallID(bytes: data)
        else { return nil }
        let milliseconds = UInt64(id.milliseconds + shift / 1000)
        return Data(CallID(high: milliseconds << 16 | id.high & 0xFFFF, low: id.low ^ copy).bytes)
    }
}
