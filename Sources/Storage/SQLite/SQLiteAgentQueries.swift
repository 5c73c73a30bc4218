import Calls
import Foundation
import GRDB

extension SQLiteQueries {
    func openAgentStates() async throws(StorageError) -> OpenAgents {
        try await read("listing what was open") { db in
            var open = OpenAgents(states: [], passages: [], legs: [], places: [], lastSeen: [:])
            try AgentStateReading.eachAgent(db) { agent, chain in
                guard let row = try db.row(AgentSQL.lastState, [agent.text, chain]) else { return }
                let change = try AgentStateReading.Change(row)
                guard change.state != .loggedOut else { return }
                open.states.append(
                    OpenAgents.State(
                        agent: agent, node: chain, state: change.state, reason: change.reason, since: change.at,
                        boot: change.boot))
            }
            open.passages = try db.rows(QueueSQL.open).map { row in
                let call: CallID = try row.identifier("call")
                let offers = try db.row(QueueSQL.offersSince, [call.blob, row["queue"], row["entered_wall"]])
                return OpenAgents.Passage(
                    call: call, node: row["chain"], queue: row["queue"],
                    enteredAt: row.instant("entered") ?? Instant(wall: 0, mono: 0), boot: row["boot"],
                    offers: offers?["offers"] ?? 0, rings: offers?["rings"] ?? 0,
                    ringMilliseconds: offers?["ring_ms"] ?? 0)
            }
            open.legs = try db.rows(AgentSQL.open).map { try AgentLegReading.open($0) }
            open.places = try db.rows(ConductSQL.keptPlaces).map { row in
                OpenAgents.Place(
                    call: try row.identifier("call"), node: row["node"], queue: row["queue"], number: row["number"],
                    caller: row["caller"], skill: row["skill"], priority: try row.json("priority") ?? [],
                    enteredAt: row.instant("entered") ?? Instant(wall: 0, mono: 0))
            }
            for head in try Self.heads(db) {
                guard let row = try db.row(JournalSQL.lastOfChain, [head.chain]) else { continue }
                open.lastSeen[head.chain] = Instant(wall: row["wall"], mono: row["mono"])
            }
            return open
        }
    }

    func messages(_ filter: MessageFilter) async throws(StorageError) -> [MessageSummary] {
        try await read("listing messages") { db in
            let limit = try Self.checked(limit: filter.limit)
            func list(_ condition: String, order: String, limit: Int) throws -> [MessageSummary] {
                var conditions = Conditions()
                conditions.add(condition)
                conditions.add("left_wall >= ?", filter.from?.microseconds)
                conditions.add("left_wall < ?", filter.to?.microseconds)
                conditions.add("queue = ?", filter.queue)
                conditions.add("messages.call = ?", filter.call?.blob)
                conditions.add("kind = ?", filter.kind?.rawValue)
                conditions.add("messages.id >= ?", filter.ids?.lowerBound.blob)
                conditions.add("messages.id <= ?", filter.ids?.upperBound.blob)
                let sql = conditions.statement(QueueSQL.selectMessages, order: order, limit: limit)
                return try Row.fetchAll(db, sql: sql, arguments: conditions.arguments).map(InboxReading.message)
            }
            // Two lists, so that each follows an index of its own.
            let unheard = try list("heard_wall IS NULL", order: QueueSQL.mostUrgentFirst, limit: limit)
            guard !filter.unheardOnly, unheard.count < limit else { return unheard }
            return try unheard
                + list("heard_wall IS NOT NULL", order: QueueSQL.newestMessagesFirst, limit: limit - unheard.count)
        }
    }

    func message(_ id: MessageID) async throws(StorageError) -> MessageSummary? {
        try await read("reading a message") { db in
            try db.row(QueueSQL.messageByID, [id.blob]).map(InboxReading.message)
        }
    }

    func unheardMessages() async throws(StorageError) -> Int {
        try await read("counting unheard messages") { db in try db.row(QueueSQL.unheardCount)?[0] ?? 0 }
    }

    func unheardReports() async throws(StorageError) -> Int {
        try await read("counting unheard reports") { db in try db.row(ConductSQL.unheardReports)?[0] ?? 0 }
    }

    func callBack(of call: CallID) async throws(StorageError) -> CallBackSummary? {
        try await read("reading a call-back") { db in
            try db.row(QueueSQL.callBackOfCall, [call.blob]).map(InboxReading.callBack)
        }
    }

    func pendingForms(limit: Int) async throws(StorageError) -> [PendingForm] {
        try await read("listing pending forms") { db in
            try db.rows(ConductSQL.pendingForms, [try Self.checked(limit: limit)]).map { row in
                PendingForm(
                    call: try row.identifier("call"), agent: try row.workNumber("agent"),
                    owedAt: UTCTime(microseconds: row["owed_wall"]))
            }
        }
    }

    func callBacks(_ filter: CallBackFilter) async throws(StorageError) -> [CallBackSummary] {
        try await read("listing call-backs") { db in
            let limit = try Self.checked(limit: filter.limit)
            func list(_ condition: String, order: String, limit: Int) throws -> [CallBackSummary] {
                var conditions = Conditions()
                conditions.add(condition)
                conditions.add("asked_wall >= ?", filter.from?.microseconds)
                conditions.add("asked_wall < ?", filter.to?.microseconds)
                conditions.add("queue = ?", filter.queue)
                conditions.add("number = ?", filter.number)
                conditions.add("call = ?", filter.call?.blob)
                let sql = conditions.statement(QueueSQL.selectCallBacks, order: order, limit: limit)
                return try Row.fetchAll(db, sql: sql, arguments: conditions.arguments).map(InboxReading.callBack)
            }
            let open = try list("ended_wall IS NULL", order: QueueSQL.callBacksMostUrgentFirst, limit: limit)
            guard !filter.openOnly, open.count < limit else { return open }
            return try open
                + list("ended_wall IS NOT NULL", order: QueueSQL.newestCallBacksFirst, limit: limit - open.count)
        }
    }

    func blockedNumbers(at time: UTCTime, limit: Int) async throws(StorageError) -> [BlockedNumber] {
        try await read("listing blocked numbers") { db in
            try db.rows(QueueSQL.blockedNumbers, [time.microseconds, try Self.checked(limit: limit)])
                .map(InboxReading.blocked)
        }
    }

    func isBlocked(number: String, at time: UTCTime) async throws(StorageError) -> Bool {
        try await read("looking up a blocked number") { db in
            try db.row(QueueSQL.isBlocked, [time.microseconds, number]) != nil
        }
    }

    func recentCalls(caller: String, since: UTCTime, except call: CallID?) async throws(StorageError) -> CallerHistory {
        try await read("looking up a caller") { db in
            // Sixteen bytes that name no call stand for "none": every call then counts.
            let except = call?.blob ?? Data(count: 16)
            let count: Int =
                try db.row(CallSQL.recent, [caller, since.microseconds, except, CallerHistory.maximum])?[0] ?? 0
            let last = try db.row(CallSQL.latest, [caller, except]).map { row in
                UTCTime(microseconds: row["offered_wall"])
            }
            return CallerHistory(recentCalls: count, isKnown: last != nil, lastCallAt: last)
        }
    }
}

/// Makes what callers left behind of rows.
private enum InboxReading {
    static func message(_ row: Row) throws -> MessageSummary {
        MessageSummary(
            id: try row.identifier("id"), kind: try row.requiredWord("kind"), callID: try row.identifier("call"),
            queue: row["queue"], caller: row["caller"], leftAt: UTCTime(microseconds: row["left_wall"]),
            dueAt: row.time("due"),
            heardAt: row.time("heard"), heardBy: try row.optionalWorkNumber("heard_by"),
            recording: try row.identifier("recording"),
            fromMilliseconds: AudioPosition(units: row["from_position"]).milliseconds,
            toMilliseconds: AudioPosition(units: row["to_position"]).milliseconds, file: row["file"],
            role: try row.word("role"), agent: try row.optionalWorkNumber("agent"), mark: row["mark"],
            note: row["note"])
    }

    static func callBack(_ row: Row) throws -> CallBackSummary {
        let reached: Int? = row["reached"]
        return CallBackSummary(
            callID: try row.identifier("call"), queue: row["queue"], number: row["number"],
            askedAt: UTCTime(microseconds: row["asked_wall"]), dueAt: row.time("due"),
            state: row.instant("ended") == nil ? .open : reached == 1 ? .reached : .notReached,
            attempts: row["attempts"], endedAt: row.time("ended"), made: try row.optionalIdentifier("made"),
            by: try row.optionalWorkNumber("agent"), reason: try row.requiredWord("reason"),
            forAgent: try row.optionalWorkNumber("for_agent"), follows: try row.optionalIdentifier("follows"))
    }

    static func blocked(_ row: Row) throws -> BlockedNumber {
        BlockedNumber(
            number: row["number"], blockedAt: UTCTime(microseconds: row["blocked_wall"]), until: row.time("until"),
            by: try row.workNumber("agent"), reason: row["reason"])
    }
}
