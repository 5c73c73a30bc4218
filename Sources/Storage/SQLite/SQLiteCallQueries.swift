import Calls
import Evidence
import Foundation
import GRDB

extension SQLiteQueries {
    func calls(_ filter: CallFilter) async throws(StorageError) -> [CallSummary] {
        try await read("listing calls") { db in
            var conditions = Conditions()
            conditions.add("offered_wall >= ?", filter.from?.microseconds)
            conditions.add("offered_wall < ?", filter.to?.microseconds)
            conditions.add("caller = ?", filter.caller)
            conditions.add("called = ?", filter.called)
            conditions.add("outcome = ?", filter.outcome?.rawValue)
            conditions.add("node = ?", filter.node)
            conditions.add(
                "id IN (SELECT call FROM agent_offers WHERE agent = ? AND answered_wall IS NOT NULL)",
                filter.agent?.text)
            conditions.add(
                """
                id IN (SELECT l.call FROM order_calls AS l JOIN orders AS o ON o.id = l.work_order WHERE o.number = ?)
                """, filter.order)
            conditions.add(
                "(offered_wall, id) < (SELECT offered_wall, id FROM calls WHERE id = ?)", filter.before?.blob)
            let sql = conditions.statement(
                CallSQL.select, order: CallSQL.newestFirst, limit: try Self.checked(limit: filter.limit))
            return try Row.fetchAll(db, sql: sql, arguments: conditions.arguments).map { row in
                try CallReading.summary(row, db)
            }
        }
    }

    func call(_ id: CallID) async throws(StorageError) -> CallDetail? {
        try await read("reading a call") { db in
            guard let row = try db.row(CallSQL.byID, [id.blob]) else { return nil }
            return try CallReading.detail(row, id, db)
        }
    }

    func unreleasedCalls() async throws(StorageError) -> [OpenCall] {
        try await read("listing open calls") { db in
            try db.rows(CallSQL.unreleased).map { row in try CallReading.open(row, db) }
        }
    }
}

/// Makes calls of rows.
private enum CallReading {
    static func summary(_ row: Row, _ db: Database) throws -> CallSummary {
        let id: CallID = try row.identifier("id")
        guard let offered = row.instant("offered") else {
            throw StorageError(.corrupt, "call \(id) has no offer: run 'hotline evidence verify'")
        }
        let ringing = row.instant("ringing")
        let answered = row.instant("answered")
        var ringMilliseconds: Int64? = row["ring_ms"]
        if answered == nil, let ringing, let released = row.instant("released") {
            ringMilliseconds = released.milliseconds(since: ringing)
        }
        let evidence: ReleaseEvidence? = try row.json("release_evidence")
        return CallSummary(
            callID: id, node: row["node"], line: row["line"], direction: try row.requiredWord("direction"),
            caller: row["caller"], called: row["called"], offeredAt: UTCTime(offered),
            ringingAt: ringing.map { UTCTime($0) }, answeredAt: answered.map { UTCTime($0) }, rings: row["rings"],
            ringsBasis: try row.word("rings_basis"), rawRings: row["raw_rings"], ringMilliseconds: ringMilliseconds,
            answerMilliseconds: answered.flatMap { at in ringing.map { at.milliseconds(since: $0) } },
            firstPromptAt: row.time("first_prompt"), releasedAt: row.time("released"),
            releasedBy: try row.word("released_by"), releaseEvidence: evidence.map { StoredReleaseEvidence($0) },
            outcome: try row.word("outcome"), flowVersion: row["flow_version"], digits: row["digits"],
            legs: try db.rows(CallSQL.legs, [id.blob]).map { leg in
                CallSummary.Leg(
                    id: try leg.identifier("id"), role: try leg.requiredWord("role"), codec: leg["codec"],
                    rate: leg["rate"])
            },
            orders: try db.rows(CallSQL.orders, [id.blob]).map { $0["number"] },
            recordings: try db.rows(RecordingSQL.byCall, [id.blob]).map { row in
                let recording = try RecordingReading.summary(row, db)
                return CallSummary.Recording(
                    id: recording.id, state: recording.state, file: recording.file, seconds: recording.seconds,
                    channels: recording.channels.map { .init(index: $0.index, leg: $0.leg, role: $0.role) },
                    sha256: recording.sha256, purpose: recording.purpose)
            },
            answeredBy: try db.rows(AgentSQL.answeredBy, [id.blob]).map { try $0.workNumber("agent") })
    }

    static func open(_ row: Row, _ db: Database) throws -> OpenCall {
        let id: CallID = try row.identifier("id")
        let offered = row.instant("offered") ?? Instant(wall: 0, mono: 0)
        let last = try db.row(CallSQL.lastEvent, [id.blob])
        return OpenCall(
            call: id, node: row["node"], boot: row["boot"], line: row["line"], caller: row["caller"],
            offeredAt: offered, ringingAt: row.instant("ringing"), answeredAt: row.instant("answered"),
            lastSeenAt: last.map { Instant(wall: $0["wall"], mono: $0["mono"]) } ?? offered,
            legs: try db.rows(CallSQL.legs, [id.blob]).map { try $0.identifier("id") })
    }

    static func detail(_ row: Row, _ id: CallID, _ db: Database) throws -> CallDetail {
        let summary = try summary(row, db)
        let boot: String = row["boot"]
        let offered = row.instant("offered") ?? Instant(wall: 0, mono: 0)
        let apologies = try db.rows(QueueSQL.apologies, [id.blob])
        return CallDetail(
            summary: summary, callerRaw: row["caller_raw"], callerSource: row["caller_source"],
            diversion: row["diversion"], peer: row["peer"], protocolCallID: row["protocol_call_id"], boot: boot,
            statistics: try row.json("statistics") ?? [:],
            queue: try db.rows(QueueSQL.byCall, [id.blob]).map { row in
                try PassageReading.passage(row, apologies: apologies)
            },
            agents: try db.rows(AgentSQL.byCall, [id.blob]).map { row in try AgentLegReading.summary(row, db) },
            segments: try db.rows(AgentSQL.segments, [id.blob]).map(AgentCallReading.segment),
            transfers: try db.rows(AgentSQL.transfers, [id.blob]).map(AgentCallReading.transfer),
            marks: try db.rows(AgentSQL.marks, [id.blob]).map(AgentCallReading.mark),
            rating: try db.rows(AgentSQL.ratings, [id.blob]).last.map(AgentCallReading.rating),
            timeline: try db.rows(CallSQL.timeline, [id.blob]).map { row in
                try entry(row, offered: offered, boot: boot)
            })
    }

    private static func entry(_ row: Row, offered: Instant, boot: String) throws -> CallDetail.Entry {
        let written = Instant(wall: row["wall"], mono: row["mono"])
        let type: String = row["type"]
        let body: Data? = row["body"]
        var entry = CallDetail.Entry(
            chain: row["chain"], sequence: row["seq"], id: try row.identifier("id"), type: type, kind: type,
            at: UTCTime(written), offsetMilliseconds: nil, enteredAt: UTCTime(written), leg: nil, position: nil,
            data: [:], erased: body == nil)
        var at = written
        if let body {
            let data = try JournalEvent(body: Array(body)).data
            if let wall = data["at"]?["wall"]?.integerValue, let mono = data["at"]?["mono"]?.integerValue {
                at = Instant(wall: wall, mono: mono)
            }
            entry.at = UTCTime(at)
            entry.leg = data["leg"]?.textValue.flatMap { LegID($0) }
            entry.position = data["position"]?.integerValue.map { AudioPosition(units: $0) }
            if type == "call_noted" {
                entry.kind = data["kind"]?.textValue ?? type
                entry.data = TimelineFields.flat(data["data"])
            } else {
                // An hour of talk is no entry of a timeline: the transcript is asked for by its recording.
                let bulk: Set<String> = type == "transcript_made" ? ["channels"] : []
                entry.data = TimelineFields.flat(data, without: bulk.union(["at", "call", "leg", "position"]))
            }
        }
        // A monotonic clock says nothing across a restart of the machine.
        if row["boot"] == boot { entry.offsetMilliseconds = at.milliseconds(since: offered) }
        return entry
    }
}

/// A fact's own fields as one level of texts: `evidence.message`, `channels.0.role`.
private enum TimelineFields {
    static func flat(_ value: CanonicalValue?, without left: Set<String> = []) -> [String: String] {
        guard case .object(let fields)? = value else { return [:] }
        var result: [String: String] = [:]
        for (key, value) in fields where !left.contains(key) { add(value, at: key, to: &result) }
        return result
    }

    private static func add(_ value: CanonicalValue, at path: String, to result: inout [String: String]) {
        switch value {
        case .null: break
        case .bool(let flag): result[path] = flag ? "true" : "false"
        case .integer(let number): result[path] = String(number)
        case .text(let text): result[path] = text
        case .list(let items):
            for (index, item) in items.enumerated() { add(item, at: "\(path).\(index)", to: &result) }
        case .object(let fields):
            for (key, item) in fields { add(item, at: "\(path).\(key)", to: &result) }
        }
    }
}
