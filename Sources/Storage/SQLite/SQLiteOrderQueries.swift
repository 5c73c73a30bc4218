import Calls
import Foundation
import GRDB

extension SQLiteQueries {
    func orders(_ filter: OrderFilter) async throws(StorageError) -> [OrderSummary] {
        try await read("listing work orders") { db in
            var conditions = Conditions()
            conditions.add("created_wall >= ?", filter.from?.microseconds)
            conditions.add("created_wall < ?", filter.to?.microseconds)
            conditions.add("caller = ?", filter.caller)
            conditions.add("category = ?", filter.category)
            conditions.add("status = ?", filter.status)
            conditions.add("owner_unit = ?", filter.ownerUnit)
            if filter.isOpen { conditions.add("closed_wall IS NULL") }
            conditions.add("id IN (SELECT work_order FROM order_calls WHERE call = ?)", filter.call?.blob)
            conditions.add(
                """
                NOT EXISTS (
                    SELECT 1 FROM order_recordings AS linked WHERE linked.work_order = orders.id AND linked.role = ?)
                """, filter.withoutRecording)
            conditions.add(
                """
                NOT EXISTS (SELECT 1 FROM external_orders AS e WHERE e.work_order = orders.id AND e.store = ?)
                """, filter.withoutExternal)
            conditions.add(
                "EXISTS (SELECT 1 FROM external_orders AS e WHERE e.work_order = orders.id AND e.store = ?)",
                filter.withExternal)
            conditions.add(
                "(created_wall, id) < (SELECT created_wall, id FROM orders WHERE id = ?)", filter.before?.blob)
            let sql = conditions.statement(
                OrderSQL.select, order: OrderSQL.newestFirst, limit: try Self.checked(limit: filter.limit))
            return try Row.fetchAll(db, sql: sql, arguments: conditions.arguments).map { row in
                try OrderReading.summary(row, db)
            }
        }
    }

    func order(number: String) async throws(StorageError) -> OrderSummary? {
        try await read("reading a work order") { db in
            try db.row(OrderSQL.byNumber, [number]).map { row in try OrderReading.summary(row, db) }
        }
    }

    func orders(caller: String, limit: Int) async throws(StorageError) -> [OrderSummary] {
        try await read("reading a caller's work orders") { db in
            try db.rows(OrderSQL.byCaller, [caller, try Self.checked(limit: limit)]).map { row in
                try OrderReading.summary(row, db)
            }
        }
    }

    func order(number: String, code: String) async throws(StorageError) -> OrderSummary? {
        try await read("reading a work order") { db in
            try db.row(OrderSQL.byNumberAndCode, [number, code]).map { row in try OrderReading.summary(row, db) }
        }
    }
}

/// Makes work orders of rows.
private enum OrderReading {
    static func summary(_ row: Row, _ db: Database) throws -> OrderSummary {
        let id: OrderID = try row.identifier("id")
        let closed: Int64? = row["closed_wall"]
        return OrderSummary(
            orderID: id, number: row["number"], code: row["code"], category: row["category"], status: row["status"],
            caller: row["caller"], createdAt: UTCTime(microseconds: row["created_wall"]),
            callID: try row.optionalIdentifier("call"), fields: try row.json("fields") ?? [:],
            recordings: try db.rows(OrderSQL.recordings, [id.blob]).map { row in
                let from: Int64 = row["from_position"]
                let to: Int64 = row["to_position"]
                return OrderSummary.Recording(
                    id: try row.identifier("recording"), role: row["role"],
                    fromMilliseconds: from < 0 ? nil : AudioPosition(units: from).milliseconds,
                    toMilliseconds: to < 0 ? nil : AudioPosition(units: to).milliseconds, file: row["file"])
            },
            calls: try db.rows(OrderSQL.calls, [id.blob]).map { row in
                OrderSummary.Call(id: try row.identifier("call"), role: row["role"])
            }, life: row["life"], policy: row["policy"], state: row["state"], owner: row["owner"],
            ownerUnit: row["owner_unit"], closedAt: closed.map { UTCTime(microseconds: $0) },
            steps: try db.rows(OrderSQL.steps, [id.blob]).map(step),
            alarms: try db.rows(DutySQL.alarmsOfOrder, [id.blob]).map(alarm),
            external: try db.rows(DutySQL.externalOfOrder, [id.blob]).map(external))
    }

    private static func alarm(_ row: Row) -> OrderSummary.Alarm {
        OrderSummary.Alarm(
            clock: row["clock"], since: UTCTime(microseconds: row["since_wall"]), alarm: row["alarm"],
            dueAt: UTCTime(microseconds: row["due_wall"]), warning: row["warning"] == 1, role: row["role"],
            unit: row["unit"], channel: row["channel"], toldAt: UTCTime(microseconds: row["told_wall"]))
    }

    private static func external(_ row: Row) -> OrderSummary.External {
        let changed: Int64? = row["changed_wall"]
        return OrderSummary.External(
            store: row["store"], reference: row["reference"], status: row["status"],
            changedAt: changed.map { UTCTime(microseconds: $0) }, learntAt: UTCTime(microseconds: row["learnt_wall"]))
    }

    private static func step(_ row: Row) throws -> OrderSummary.Step {
        OrderSummary.Step(
            number: row["number"], step: row["step"], by: row["by_name"], role: row["role"], unit: row["unit"],
            happenedAt: UTCTime(microseconds: row["happened_wall"]),
            enteredAt: UTCTime(microseconds: row["entered_wall"]), why: row["why"],
            fields: try row.json("fields") ?? [:], state: row["state"])
    }
}
