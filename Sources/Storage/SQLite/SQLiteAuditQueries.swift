import Audit
import Calls
import Foundation
import GRDB
import WorkOrders

extension SQLiteQueries {
    func audit(_ run: AuditRun) async throws(StorageError) -> AuditRun {
        try await read("auditing") { db in
            var run = run
            let period: StatementArguments = [run.context.from, run.context.to, run.context.asOf]
            // A call offered at the period's end goes on after it, for a day at most.
            let said =
                run.needsAnnouncements
                ? try AuditReading.announcements(
                    db, [run.context.from, run.context.to + 86_400_000_000, run.context.asOf]) : [:]
            try AuditReading.calls(
                db, period, asOf: run.context.asOf, said: said, withSpeech: run.needsSpeech
            ) { run.add($0) }
            try AuditReading.orders(db, period, asOf: run.context.asOf) { run.add($0) }
            run.add(
                deeds: try db.rows(AuditSQL.deeds, [run.context.asOf]).map(AuditReading.deed),
                outages: try db.rows(AuditSQL.outages, period).map { row in
                    try AuditReading.outage(row, asOf: run.context.asOf)
                })
            run.add(
                server: try db.rows(AuditSQL.server, [run.context.to, run.context.asOf])
                    .flatMap(AuditReading.server))
            for row in try db.rows(AuditSQL.penalties, period) {
                run.add(AuditReading.penalty(row, asOf: run.context.asOf))
            }
            return run
        }
    }

    func auditMoment(before: UTCTime) async throws(StorageError) -> AuditMoment? {
        try await read("finding the last event") { db in
            let row =
                try db.row(AuditSQL.lastOfAll, [before.microseconds]) ?? db.row(AuditSQL.asOf, [before.microseconds])
            return row.map {
                AuditMoment(chain: $0["chain"], sequence: $0["seq"], at: UTCTime(microseconds: $0["wall"]))
            }
        }
    }
}

/// Rows that belong to calls or orders, read beside them: both come in the same order, and each row's first column is the
/// id of what it belongs to.
private struct Beside {
    private let rows: RowCursor
    private var next: Row?
    private var nextID: Data?

    init(_ db: Database, _ sql: String, _ arguments: StatementArguments) throws {
        rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
        try advance()
    }

    private mutating func advance() throws {
        next = try rows.next()
        nextID = next?[0]
    }

    /// Every row of one thing. Rows of things that were passed over do not hold up the rest: there are none, since both
    /// statements bound the same things.
    mutating func each(of id: Data, _ body: (Row) throws -> Void) throws {
        while nextID == id, let row = next {
            try body(row)
            try advance()
        }
    }
}

/// Makes what an audit looks at of rows.
enum AuditReading {
    static func calls(
        _ db: Database, _ period: StatementArguments, asOf: Int64, said: [Data: [Announcement]],
        withSpeech: Bool,
        _ body: (AuditCall) throws -> Void
    ) throws {
        var passages = try Beside(db, AuditSQL.passages, period)
        var talks = try Beside(db, AuditSQL.talks, period)
        var marks = try Beside(db, AuditSQL.marks, period)
        var reports = try Beside(db, AuditSQL.reports, period)
        var callBacks = try Beside(db, AuditSQL.callBacks, period)
        var recordings = try Beside(
            db, withSpeech ? AuditSQL.recordingsWithSpeech : AuditSQL.recordings, period)
        var orders = try Beside(db, AuditSQL.ordersOfCalls, period)
        let rows = try Row.fetchCursor(db.cachedStatement(sql: AuditSQL.allCalls), arguments: period)
        while let row = try rows.next() {
            let id: Data = row[0]
            var call = try call(row, id, asOf: asOf)
            try passages.each(of: id) { call.passages.append(try passage($0, asOf: asOf)) }
            try talks.each(of: id) { call.talks.append(talk($0, asOf: asOf, said: said[id] ?? [])) }
            try marks.each(of: id) {
                call.marks.append(AuditCall.Mark(mark: $0[1], agent: $0[2], degree: $0[3], at: $0[4]))
            }
            try reports.each(of: id) { call.reportedMarks.insert($0[1]) }
            try callBacks.each(of: id) { call.callBack = callBack($0, asOf: asOf) }
            try recordings.each(of: id) { call.recordings.append(try recording($0)) }
            try orders.each(of: id) { row in
                let number: String = row[1]
                if call.orderNumbers.last != number { call.orderNumbers.append(number) }
                guard row[2] == "created" else { return }
                call.orders.append(
                    AuditCall.Order(category: row[3], attitude: row[4], promisedAt: row[5], calledAt: row[6]))
            }
            // Other systems' calls are nobody's norm here; what belongs to them was read all the same, to keep in step.
            if row[14] == 0 { try body(call) }
        }
    }

    static func orders(
        _ db: Database, _ period: StatementArguments, asOf: Int64, _ body: (AuditOrder) -> Void
    ) throws {
        var steps = try Beside(db, AuditSQL.steps, period)
        var recordings = try Beside(db, AuditSQL.orderRecordings, period)
        let rows = try Row.fetchCursor(db.cachedStatement(sql: AuditSQL.allOrders), arguments: period)
        while let row = try rows.next() {
            let id: Data = row[0]
            var order = try order(row)
            try steps.each(of: id) { order.steps.append(try step($0)) }
            try recordings.each(of: id) {
                order.recordings.append(
                    AuditOrder.Recording(
                        id: try identifier($0, 1, RecordingKind.self).description, role: $0[2]))
            }
            if let closed = order.closedAt, closed > asOf { order.closedAt = nil }
            body(order)
        }
    }

    /// What happened after the audit's moment has not happened.
    private static func known(_ wall: Int64?, _ asOf: Int64) -> Int64? { wall.flatMap { $0 <= asOf ? $0 : nil } }

    private static func identifier<Kind>(
        _ row: Row, _ column: Int, _: Kind.Type
    ) throws -> Identifier<Kind> {
        let data: Data = row[column]
        guard let id = Identifier<Kind>(bytes: data) else {
            throw StorageError(.corrupt, "a row of the audit has no id: run 'hotline evidence verify'")
        }
        return id
    }

    private static func call(_ row: Row, _ id: Data, asOf: Int64) throws -> AuditCall {
        let answered = known(row[8], asOf)
        let released = known(row[11], asOf)
        return AuditCall(
            id: try identifier(row, 0, CallKind.self), line: row[1],
            isInbound: row[2] == Direction.inbound.rawValue, caller: row[3], callerSource: row[4], called: row[5],
            offeredAt: row[6], ringingAt: known(row[7], asOf), answeredAt: answered,
            ringMilliseconds: answered == nil ? nil : row[9], rings: answered == nil ? nil : row[10],
            releasedAt: released, releasedBy: released == nil ? nil : row[12],
            outcome: released == nil ? nil : row[13])
    }

    private static func passage(_ row: Row, asOf: Int64) throws -> AuditCall.Passage {
        let left = known(row[9], asOf)
        let exitText: String? = row[3]
        let exit = left == nil ? nil : exitText.flatMap(QueueExit.init)
        if left != nil, exitText != nil, exit == nil {
            throw StorageError(.corrupt, "a queue passage has the exit '\(exitText ?? "")', which is none")
        }
        let entered = Instant(wall: row[5], mono: row[6])
        let boot: String = row[4]
        var wait: Int64?
        if exit == .answered, let wall: Int64 = row[7], let mono: Int64 = row[8] {
            wait = StoredSpan.milliseconds(from: entered, boot, to: Instant(wall: wall, mono: mono), boot)
        } else if exit != nil, let left, let mono: Int64 = row[10] {
            wait = StoredSpan.milliseconds(from: entered, boot, to: Instant(wall: left, mono: mono), row[11])
        }
        return AuditCall.Passage(
            queue: row[1], isRefused: row[2] == 1, enteredAt: entered.wall, waitMilliseconds: wait, exit: exit,
            offers: left == nil ? nil : row[12], ringMilliseconds: left == nil ? nil : row[13], agent: row[14],
            isApologised: row[15] == 1, isKeyCustomer: row[16] == 1)
    }

    private static func talk(_ row: Row, asOf: Int64, said: [Announcement]) -> AuditCall.Talk {
        let left = known(row[3], asOf)
        let agent: String = row[1]
        let answered: Int64 = row[2]
        return AuditCall.Talk(
            agent: agent, answeredAt: answered, leftAt: left, leftBy: left == nil ? nil : row[4],
            leftMessage: left == nil ? nil : row[5], isTransferred: row[6] == 1,
            isAnnounced: said.first { $0.agent == agent && $0.at >= answered }?.isWhole ?? false)
    }

    /// A body of the journal, for what a fact says.
    private struct Event<Fact: Decodable>: Decodable {
        var data: Fact
    }

    /// What the machine said when an agent came.
    struct Announcement {
        var agent: String
        var at: Int64
        var isWhole: Bool
    }

    static func announcements(
        _ db: Database, _ period: StatementArguments
    ) throws -> [Data: [Announcement]] {
        var said: [Data: [Announcement]] = [:]
        let decoder = JSONDecoder()
        let rows = try Row.fetchCursor(db.cachedStatement(sql: AuditSQL.announcements), arguments: period)
        while let row = try rows.next() {
            // An event whose body was erased says nothing any more.
            guard let body: Data = row[2], let fact = try? decoder.decode(Event<Announced>.self, from: body).data else {
                continue
            }
            said[row[0], default: []].append(
                Announcement(
                    agent: fact.agent?.text ?? "", at: row[1], isWhole: AuditCall.Talk.isWholeAnnouncement(fact.items)))
        }
        return said
    }

    private static func callBack(_ row: Row, asOf: Int64) -> AuditCall.CallBack {
        let ended = known(row[3], asOf)
        let reached: Int? = row[4]
        return AuditCall.CallBack(
            askedAt: row[1], dueAt: row[2], endedAt: ended, isReached: ended == nil ? nil : reached.map { $0 == 1 },
            attempts: row[5], agent: row[6])
    }

    private static func recording(_ row: Row) throws -> AuditCall.Recording {
        let state: String = row[2]
        let length: Int64? = row[3]
        return AuditCall.Recording(
            id: try identifier(row, 1, RecordingKind.self), isFinished: state == RecordingState.finished.rawValue,
            lengthMilliseconds: length.map { AudioPosition(units: $0).milliseconds }, callerTalkMilliseconds: row[4],
            talkMilliseconds: row[5])
    }

    private static func order(_ row: Row) throws -> AuditOrder {
        var order = AuditOrder(
            number: row[1], category: row[2], createdAt: row[3], caller: row[4], status: row[5], state: row[6],
            owner: row[7], ownerUnit: row[8], closedAt: row[9], fields: try fields(row[10]), steps: [])
        order.nextSameAt = row[11]
        order.earlierOfCaller = row[12]
        return order
    }

    private static func step(_ row: Row) throws -> OrderEvent {
        OrderEvent(
            step: row[1], by: OrderActor(name: row[2], role: row[3], unit: row[4]), happenedAt: row[5],
            enteredAt: row[6], why: row[7], fields: try fields(row[8]))
    }

    static func deed(_ row: Row) -> AuditDeed {
        let evidence: String? = row[4]
        return AuditDeed(
            rule: row[0], subject: row[1], happenedAt: row[2], by: row[3], isProven: evidence != nil)
    }

    static func outage(_ row: Row, asOf: Int64) throws -> AuditOutage {
        AuditOutage(
            id: try identifier(row, 0, OutageKind.self).description, kind: row[1], announcedAt: row[2],
            beginsAt: row[3], isWithdrawn: known(row[4], asOf) != nil)
    }

    /// What the journal says of the server: erased bodies and other words are a sign of life.
    static func server(_ row: Row) -> [AuditServerEvent] {
        let at: Int64 = row[0]
        let alive = AuditServerEvent(at: at, kind: .alive)
        // A body that was erased, or is no such note, is a sign of life all the same.
        guard let body: Data = row[1], let note = try? JSONDecoder().decode(Event<ServerNoted>.self, from: body).data
        else {
            return [alive]
        }
        switch note.kind {
        case "started":
            let lines = (note.data["lines"] ?? "").split(separator: " ").map(String.init)
            let before: Int64? = row[2]
            return (before.map { [AuditServerEvent(at: $0, kind: .alive)] } ?? [])
                + [AuditServerEvent(at: at, kind: .started(lines: lines))]
        case "draining", "stopped": return [AuditServerEvent(at: at, kind: .stopped)]
        case "alarm", "alarm_over":
            // `LINE.KIND` is a line's; others are the server's own.
            guard let kind = note.data["kind"], let dot = kind.lastIndex(of: ".") else { return [alive] }
            let line = String(kind[..<dot])
            return [AuditServerEvent(at: at, kind: note.kind == "alarm" ? .lineDown(line) : .lineUp(line))]
        default: return [alive]
        }
    }

    static func penalty(_ row: Row, asOf: Int64) -> AuditPenalty {
        let decided = known(row[3], asOf) != nil
        let yuan: Int? = row[2]
        return AuditPenalty(
            id: row[0], clause: row[1], state: !decided ? .proposed : yuan == nil ? .dropped : .confirmed,
            yuan: decided ? yuan : nil)
    }

    private static func fields(_ text: String) throws -> [String: String] {
        if text == "{}" { return [:] }
        guard let fields = FlatObject.read(text) else {
            throw StorageError(.corrupt, "the fields of a work order are no JSON object of texts")
        }
        return fields
    }
}
