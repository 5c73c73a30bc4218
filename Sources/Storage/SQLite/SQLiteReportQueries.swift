import Calls
import Foundation
import GRDB

extension SQLiteQueries {
    func agentReport(_ question: AgentReportQuestion) async throws(StorageError) -> AgentReport {
        try await read("reporting on agents") { db in
            try Self.check(from: question.from, to: question.to, limits: [question.ringLimitMilliseconds])
            var reading = AgentReportReading(question)
            try reading.read(db)
            return reading.report
        }
    }

    func queueReport(_ question: QueueReportQuestion) async throws(StorageError) -> QueueReport {
        try await read("reporting on queues") { db in
            try Self.check(
                from: question.from, to: question.to,
                limits: [
                    question.answerWithinMilliseconds, question.shortAbandonMilliseconds,
                    question.ringLimitMilliseconds,
                ])
            var queues: [String: QueueTally] = [:]
            var total = QueueTally(question)
            let rows = try Row.fetchCursor(
                db.cachedStatement(sql: QueueSQL.report),
                arguments: [question.from.microseconds, question.to.microseconds])
            while let row = try rows.next() {
                let passage = try PassageReading.tally(row)
                queues[row["queue"], default: QueueTally(question)].add(passage)
                total.add(passage)
            }
            return QueueReport(
                from: question.from, to: question.to, answerWithinMilliseconds: question.answerWithinMilliseconds,
                shortAbandonMilliseconds: question.shortAbandonMilliseconds,
                ringLimitMilliseconds: question.ringLimitMilliseconds,
                queues: queues.sorted { $0.key < $1.key }.map { $0.value.figures(queue: $0.key) },
                total: total.figures(queue: nil))
        }
    }

    private static let longestPeriodDays: Int64 = 366

    private static func check(from: UTCTime, to: UTCTime, limits: [Int64?]) throws {
        guard from < to, to.microseconds - from.microseconds <= longestPeriodDays * 86_400_000_000 else {
            throw StorageError(
                .argument,
                "a report's period must end after its beginning, and be no longer than \(longestPeriodDays) days")
        }
        guard limits.allSatisfy({ $0 ?? 0 >= 0 }) else {
            throw StorageError(.argument, "a report's limits in milliseconds must not be below zero")
        }
    }
}

/// Makes passages of rows.
enum PassageReading {
    static func tally(_ row: Row) throws -> QueueTally.Passage {
        let apologies: Int = row["apologies"]
        let exit: QueueExit? = try row.word("exit")
        return QueueTally.Passage(
            isRefused: row["refused"] == 1, exit: exit, waitMilliseconds: wait(row, exit), offers: row["offers"],
            rings: row["rings"], ringMilliseconds: row["ring_ms"], isApologised: apologies > 0)
    }

    /// To the answer where it led to one, else to leaving; nil while waiting. The instants say it, not the fact's own
    /// number.
    static func wait(_ row: Row, _ exit: QueueExit?) -> Int64? {
        guard let entered = row.instant("entered"), exit != nil else { return nil }
        let boot: String = row["boot"]
        if exit == .answered, let answered = row.instant("answered") {
            return StoredSpan.milliseconds(from: entered, boot, to: answered, boot)
        }
        return row.instant("left").map { StoredSpan.milliseconds(from: entered, boot, to: $0, row["left_boot"]) }
    }

    static func passage(_ row: Row, apologies: [Row]) throws -> QueuePassage {
        let exit: QueueExit? = try row.word("exit")
        let sequence: Int64 = row["seq"]
        return QueuePassage(
            sequence: sequence, queue: row["queue"], refused: row["refused"] == 1, skill: row["skill"],
            position: row["position"], priority: try row.json("priority") ?? [],
            enteredAt: UTCTime(microseconds: row["entered_wall"]), answeredAt: row.time("answered"),
            agent: try row.optionalWorkNumber("agent"), leftAt: row.time("left"), exit: exit,
            waitMilliseconds: wait(row, exit), offers: row["offers"], rings: row["rings"],
            ringMilliseconds: row["ring_ms"],
            apologisedAt: apologies.first { $0["passage"] == sequence }?.time("at"))
    }
}

/// Reads what an agents' report rests on, row by row.
private struct AgentReportReading {
    private let question: AgentReportQuestion
    private var agents: [WorkNumber: AgentTally] = [:]
    private var total = AgentTally()

    init(_ question: AgentReportQuestion) { self.question = question }

    private var period: StatementArguments { [question.from.microseconds, question.to.microseconds] }

    var report: AgentReport {
        let limit = question.ringLimitMilliseconds
        let present = agents.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        return AgentReport(
            from: question.from, to: question.to, ringLimitMilliseconds: limit,
            agents: present.map { $0.value.figures(agent: $0.key, ringLimitMilliseconds: limit) },
            total: total.figures(agent: nil, ringLimitMilliseconds: limit))
    }

    mutating func read(_ db: Database) throws {
        try each(db, AgentSQL.report) { row in
            let leg = try AgentLegReading.tally(row)
            return { $0.add(leg) }
        }
        try each(db, AgentSQL.transferCounts) { row in
            let (kind, completed, count): (String, Bool, Int) = (row["kind"], row["completed"] == 1, row["count"])
            return { $0.addTransfers(kind: kind, completed: completed, count: count) }
        }
        try each(db, AgentSQL.ratingCounts) { row in
            let (score, count): (Int, Int) = (row["score"], row["count"])
            return { $0.addRatings(score: score, count: count) }
        }
        try each(db, AgentSQL.markCounts) { row in
            let (mark, count): (String, Int) = (row["mark"], row["count"])
            return { $0.addMarks(mark, count: count) }
        }
        try AgentStateReading.eachAgent(db) { agent, chain in try readStates(db, agent, chain) }
    }

    /// Adds what each row of the period says, to its agent and to all.
    private mutating func each(
        _ db: Database, _ sql: String, _ reading: (Row) throws -> (inout AgentTally) -> Void
    ) throws {
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: period)
        while let row = try rows.next() {
            let addition = try reading(row)
            addition(&agents[try row.workNumber("agent"), default: AgentTally()])
            addition(&total)
        }
    }

    private mutating func readStates(_ db: Database, _ agent: WorkNumber, _ chain: String) throws {
        let from = question.from.microseconds
        let to = question.to.microseconds
        let key: StatementArguments = [agent.text, chain]
        var last = try db.row(AgentSQL.stateBefore, key + [from]).map(AgentStateReading.Change.init)
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: AgentSQL.statesWithin), arguments: key + [from, to])
        while let row = try rows.next() {
            let change = try AgentStateReading.Change(row)
            if let last { add(agent, last, until: change) }
            last = change
        }
        guard let last else { return }
        if let after = try db.row(AgentSQL.stateAfter, key + [to]) {
            add(agent, last, until: try AgentStateReading.Change(after))
        } else {
            // It lasts: up to now, or to the period's end where nobody says what now is.
            let now = min(question.now?.microseconds ?? to, to)
            add(agent, last, until: .init(at: Instant(wall: now, mono: 0), boot: nil, state: .loggedOut, reason: nil))
        }
    }

    private mutating func add(
        _ agent: WorkNumber, _ change: AgentStateReading.Change, until next: AgentStateReading.Change
    ) {
        let from = question.from.microseconds
        let to = question.to.microseconds
        let isWithin = change.at.wall >= from && next.at.wall <= to
        let length =
            isWithin
            ? StoredSpan.microseconds(from: change.at, change.boot, to: next.at, next.boot)
            : max(0, min(next.at.wall, to) - max(change.at.wall, from))
        agents[agent, default: AgentTally()].add(change.state, reason: change.reason, microseconds: length)
        total.add(change.state, reason: change.reason, microseconds: length)
    }
}
