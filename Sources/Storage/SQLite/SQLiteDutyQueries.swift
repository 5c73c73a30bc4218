import Audit
import Calls
import GRDB

extension SQLiteQueries {
    func penalties(_ filter: PenaltyFilter) async throws(StorageError) -> [PenaltySummary] {
        try await read("listing penalties") { db in
            var conditions = Conditions()
            conditions.add("orders.number = ?", filter.order)
            conditions.add("proposed_wall >= ?", filter.from?.microseconds)
            conditions.add("proposed_wall < ?", filter.to?.microseconds)
            switch filter.state {
            case nil: break
            case "proposed": conditions.add("decided_wall IS NULL")
            case "confirmed": conditions.add("decided_wall IS NOT NULL AND yuan IS NOT NULL")
            case "dropped": conditions.add("decided_wall IS NOT NULL AND yuan IS NULL")
            case let other?:
                throw StorageError(
                    .argument, "a penalty is proposed, confirmed or dropped; not '\(other.prefix(40))'")
            }
            let sql = conditions.statement(
                DutySQL.selectPenalties, order: DutySQL.newestPenaltiesFirst,
                limit: try Self.checked(limit: filter.limit))
            return try Row.fetchAll(db, sql: sql, arguments: conditions.arguments).map(DutyReading.penalty)
        }
    }

    func judged(
        _ run: AuditRun, releasedFrom: UTCTime, to: UTCTime
    ) async throws(StorageError) -> (run: AuditRun, known: [CallID: Set<String>]) {
        try await read("judging calls") { db in
            let window: StatementArguments = [run.context.from, releasedFrom.microseconds, to.microseconds]
            guard let first: Int64 = try db.row(AuditSQL.firstReleased, window)?["first"] else { return (run, [:]) }
            var run = run
            var known: [CallID: Set<String>] = [:]
            let asOf = run.context.asOf
            try AuditReading.calls(
                db, AuditReading.Stretch(from: first, to: run.context.to), asOf: asOf, withSpeech: run.needsSpeech
            ) { call, recordings in
                guard let released = call.releasedAt, released >= releasedFrom.microseconds,
                    released < to.microseconds
                else { return }
                try run.add(call, recordings: recordings)
                known[call.id] = Set(try db.rows(DutySQL.breachesOfCall, [call.id.blob]).map { $0["rule"] })
            }
            return (run, known)
        }
    }

    func deeds(from: UTCTime, to: UTCTime, asOf: UTCTime) async throws(StorageError) -> [DutyDeed] {
        try await read("listing duties") { db in
            try db.rows(DutySQL.deeds, [from.microseconds, to.microseconds, asOf.microseconds]).map(DutyReading.deed)
        }
    }

    func outages(_ filter: OutageFilter) async throws(StorageError) -> [OutageNotice] {
        try await read("listing outages") { db in
            var conditions = Conditions()
            conditions.add("ends_wall > ?", filter.notOverAt?.microseconds)
            conditions.add("begins_wall >= ?", filter.from?.microseconds)
            conditions.add("begins_wall < ?", filter.to?.microseconds)
            if !filter.withWithdrawn { conditions.add("withdrawn_wall IS NULL") }
            let sql = conditions.statement(
                DutySQL.selectOutages, order: DutySQL.soonestFirst, limit: try Self.checked(limit: filter.limit))
            return try Row.fetchAll(db, sql: sql, arguments: conditions.arguments).map(DutyReading.outage)
        }
    }

    func notices() async throws(StorageError) -> [NoticeRecord] {
        try await read("reading notices") { db in try db.rows(DutySQL.lastNotices).map(DutyReading.notice) }
    }

    func noticeHistory(limit: Int) async throws(StorageError) -> [NoticeRecord] {
        try await read("listing notices") { db in
            try db.rows(DutySQL.notices, [try Self.checked(limit: limit)]).map(DutyReading.notice)
        }
    }
}

/// Makes records of rows.
enum DutyReading {
    static func penalty(_ row: Row) throws -> PenaltySummary {
        let decided = row.time("decided")
        let yuan: Int? = row["yuan"]
        return PenaltySummary(
            orderID: try row.identifier("work_order"), order: row["number"], category: row["category"],
            penalty: row["penalty"], profile: row["profile"], clause: row["clause"], trigger: row["trigger"],
            who: row["who"], unit: row["unit"], least: row["least"], most: row["most"], count: row["count"],
            perPerson: row["per_person"] == 1, factor: row["factor"], factorPenalty: row["factor_penalty"],
            sanction: row["sanction"], anomaly: row["anomaly"], because: row["because"],
            proposedAt: UTCTime(microseconds: row["proposed_wall"]),
            state: decided == nil ? "proposed" : yuan == nil ? "dropped" : "confirmed", decidedAt: decided,
            decidedBy: row["decided_by"], decidedRole: row["decided_role"], yuan: yuan, persons: row["persons"],
            why: row["why"])
    }

    static func deed(_ row: Row) -> DutyDeed {
        DutyDeed(
            profile: row["profile"], rule: row["rule"], subject: row["subject"],
            happenedAt: UTCTime(microseconds: row["happened_wall"]),
            enteredAt: UTCTime(microseconds: row["entered_wall"]), by: row["by_name"], note: row["note"],
            evidence: row["evidence"])
    }

    static func notice(_ row: Row) -> NoticeRecord {
        NoticeRecord(
            variable: row["notice"], prompt: row["prompt"],
            until: (row["until_wall"] as Int64?).map { UTCTime(microseconds: $0) },
            setAt: UTCTime(microseconds: row["set_wall"]), by: row["by_name"], why: row["why"])
    }

    static func outage(_ row: Row) throws -> OutageNotice {
        OutageNotice(
            id: try row.identifier("id"), kind: row["kind"], area: row["area"],
            beginsAt: UTCTime(microseconds: row["begins_wall"]), endsAt: UTCTime(microseconds: row["ends_wall"]),
            reason: row["reason"], text: row["text"], prompt: row["prompt"],
            announcedAt: UTCTime(microseconds: row["announced_wall"]),
            enteredAt: UTCTime(microseconds: row["entered_wall"]), by: row["by_name"],
            withdrawnAt: row.time("withdrawn"), withdrawnBy: row["withdrawn_by"], withdrawnWhy: row["withdrawn_why"])
    }
}
