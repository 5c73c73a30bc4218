import Audit
import Calls
import Foundation
import GRDB
import Synchronization
import WorkOrders

extension SQLiteQueries {
    func audit(_ run: AuditRun) async throws(StorageError) -> AuditRun {
        let context = run.context
        // Each call and each order is judged by itself: stretches of the period are read side by side, by whoever is done
        // with the one before, so that a processor that others slow down does not have the last word. What is written
        // meanwhile is later than the audit's moment, and known to none.
        let stretches = AuditStretches(from: context.from, to: context.to)
        let parts: [AuditRun]
        do {
            parts = try await withThrowingTaskGroup(of: [(Int, AuditRun)].self) { group in
                for _ in 0..<min(AuditReading.readers, stretches.all.count) {
                    group.addTask {
                        try await self.read("auditing") { db in
                            try AuditReading.withCache(db) {
                                var parts: [(Int, AuditRun)] = []
                                while let (number, stretch) = stretches.take() {
                                    parts.append((number, try AuditReading.read(stretch, into: run.emptied, db)))
                                }
                                return parts
                            }
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }.sorted { $0.0 < $1.0 }.map(\.1)
            }
        } catch {
            throw .sqlite(error, doing: "auditing in \(path)")
        }
        return try await read("auditing") { db in
            var run = run
            for part in parts { run.append(part) }
            // They were read in the order of ids.
            run.sortBreaches()
            let period: StatementArguments = [context.from, context.to, context.asOf]
            run.add(
                deeds: try db.rows(AuditSQL.deeds, [context.asOf]).map(AuditReading.deed),
                outages: try db.rows(AuditSQL.outages, period).map { row in
                    try AuditReading.outage(row, asOf: context.asOf)
                })
            run.add(server: try db.rows(AuditSQL.server, [context.to, context.asOf]).flatMap(AuditReading.server))
            for row in try db.rows(AuditSQL.penalties, period) {
                run.add(AuditReading.penalty(row, asOf: context.asOf))
            }
            return run
        }
    }

    func auditMoment(before: UTCTime) async throws(StorageError) -> AuditMoment? {
        try await read("finding the last event") { db in
            var last: AuditMoment?
            for row in try db.rows(AuditSQL.chains) {
                guard let moment = try Self.lastEvent(of: row["name"], head: row["seq"], before: before, db) else {
                    continue
                }
                if last.map({ $0.at < moment.at }) ?? true { last = moment }
            }
            return last
        }
    }

    /// By halving: the places that are looked at are the same however long the chain has grown since. Where the clock was
    /// set back, several events are the last before a moment; one of them is found, always the same.
    private static func lastEvent(
        of chain: String, head: Int64, before: UTCTime, _ db: Database
    ) throws -> AuditMoment? {
        var found: AuditMoment?
        var sequence: Int64 = 0
        var step = head > 0 ? Int64(1) << (63 - head.leadingZeroBitCount) : 0
        while step > 0 {
            defer { step /= 2 }
            let next = sequence + step
            guard next <= head, let wall: Int64 = try db.row(AuditSQL.moment, [chain, next])?["wall"] else { continue }
            guard wall <= before.microseconds else { continue }
            sequence = next
            found = AuditMoment(chain: chain, sequence: next, at: UTCTime(microseconds: wall))
        }
        return found
    }
}

/// Rows that belong to calls or orders, read beside them: both come in the order of ids, and each row's first column is the id
/// of what it belongs to.
private struct Beside<Kind> {
    private let rows: RowCursor
    private var next: Row?
    private var nextID: Identifier<Kind>?

    init(_ db: Database, _ sql: String, _ arguments: StatementArguments) throws {
        rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
        try advance()
    }

    private mutating func advance() throws {
        next = try rows.next()
        nextID = try next.map { try AuditReading.identifier($0, 0, Kind.self) }
    }

    /// Every row of one thing. Rows of things before it, which nobody asked for, are passed over.
    mutating func each(of id: Identifier<Kind>, _ body: (Row) throws -> Void) throws {
        try reach(id)
        while nextID == id, let row = next {
            try body(row)
            try advance()
        }
    }

    private mutating func reach(_ id: Identifier<Kind>) throws {
        while let place = nextID, place < id { try advance() }
    }

    /// What every row of one thing gives, in the order of keys.
    /// - Parameter isBefore: of two different rows' keys.
    mutating func sorted<Key, Value>(
        of id: Identifier<Kind>, by key: (Row) throws -> Key, _ isBefore: (Key, Key) -> Bool,
        _ value: (Row) throws -> Value
    ) throws -> [Value] {
        try reach(id)
        guard nextID == id, let row = next else { return [] }
        let one = try value(row)
        let keyOfOne = try key(row)
        try advance()
        // Most have one.
        guard nextID == id else { return [one] }
        var all = [(keyOfOne, one)]
        try each(of: id) { all.append((try key($0), try value($0))) }
        all.sort { isBefore($0.0, $1.0) }
        return all.map(\.1)
    }
}

/// A period in parts of one length, which several readers take from one place.
private final class AuditStretches: Sendable {
    private static let day: Int64 = 86_400_000_000
    /// Shorter ones are not worth their statements.
    private static let shortest = 2 * day
    /// More are not worth what puts them together.
    private static let most: Int64 = 64

    let all: [AuditReading.Stretch]
    private let taken = Atomic(0)

    /// - Parameters: in microseconds since 1970.
    init(from: Int64, to: Int64) {
        let count = max(1, min(Self.most, (to - from) / Self.shortest))
        let bounds = (0...count).map { $0 == count ? to : from + (to - from) / count * $0 }
        all = zip(bounds, bounds.dropFirst()).map { AuditReading.Stretch(from: $0, to: $1) }
    }

    /// The next that nobody has, with its number.
    func take() -> (Int, AuditReading.Stretch)? {
        let number = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        return number < all.count ? (number, all[number]) : nil
    }
}

/// Makes what an audit looks at of rows.
enum AuditReading {
    /// A part of a period, in microseconds.
    struct Stretch: Sendable {
        var from: Int64
        var to: Int64
    }

    /// Readers that one audit takes, at most: others want to read, too.
    private static let mostReaders = 4
    /// What a reader keeps of the file while it audits, in KiB: each page is wanted by several statements.
    private static let cache = 65_536

    /// Readers that one audit takes here: more than there are processors gain nothing.
    static var readers: Int { min(ProcessInfo.processInfo.activeProcessorCount, mostReaders) }

    /// What a reader does with memory enough for several statements that want the same pages.
    static func withCache<Result>(_ db: Database, _ body: () throws -> Result) throws -> Result {
        let before = try Int.fetchOne(db, sql: "PRAGMA cache_size") ?? 0
        try db.execute(sql: "PRAGMA cache_size = -\(cache)")
        // It is a number of ours: it cannot be refused, and what is kept too long is memory, nothing else.
        defer { try? db.execute(sql: "PRAGMA cache_size = \(before)") }
        return try body()
    }

    /// Adds the calls and orders of a stretch to a run.
    static func read(_ stretch: Stretch, into run: AuditRun, _ db: Database) throws -> AuditRun {
        var run = run
        let asOf = run.context.asOf
        try calls(db, stretch, asOf: asOf, withSpeech: run.needsSpeech) { try run.add($0, recordings: $1) }
        try orders(db, stretch, asOf: asOf) { run.add($0) }
        return run
    }

    /// The statements' arguments for what lies in a period.
    private struct Bounds {
        /// `?1`…`?3`.
        let rows: StatementArguments
        /// `?1`…`?5`.
        let things: StatementArguments

        /// - Returns: nil where nothing lies in it.
        init?(_ db: Database, _ ids: String, _ period: Stretch, asOf: Int64) throws {
            guard let row = try db.row(ids, [period.from, period.to, asOf]), let first: Data = row[0],
                let last: Data = row[1]
            else { return nil }
            rows = [first, last, asOf]
            things = [first, last, asOf, period.from, period.to]
        }
    }

    /// In the order of their ids.
    /// - Parameters:
    ///   - withSpeech: each call has its recordings, with who spoke how long in them.
    ///   - body: gets with each call what reads its recordings' ids.
    static func calls(
        _ db: Database, _ period: Stretch, asOf: Int64, withSpeech: Bool,
        _ body: (AuditCall, () throws -> [RecordingID]) throws -> Void
    ) throws {
        guard let bounds = try Bounds(db, AuditSQL.idsOfCalls, period, asOf: asOf) else { return }
        func beside(_ sql: String) throws -> Beside<CallKind> { try Beside(db, sql, bounds.rows) }
        var passages = try beside(AuditSQL.passages)
        var apologies = try beside(AuditSQL.apologies)
        var talks = try beside(AuditSQL.talks)
        var transfers = try beside(AuditSQL.transfers)
        var marks = try beside(AuditSQL.marks)
        var reports = try beside(AuditSQL.reports)
        var callBacks = try beside(AuditSQL.callBacks)
        var recordings = withSpeech ? try beside(AuditSQL.recordings) : nil
        var imports = try beside(AuditSQL.imports)
        var announcements = Announcements()
        var orders = try beside(AuditSQL.ordersOfCalls)
        let rows = try Row.fetchCursor(db.cachedStatement(sql: AuditSQL.allCalls), arguments: bounds.things)
        while let row = try rows.next() {
            let id = try identifier(row, 0, CallKind.self)
            var isImported = false
            try imports.each(of: id) { _ in isImported = true }
            // Other systems' calls are nobody's norm here.
            if isImported { continue }
            var call = try call(row, id, asOf: asOf)
            var apologised: Set<Int64> = []
            try apologies.each(of: id) { apologised.insert($0[1]) }
            call.passages = try passages.sorted(of: id, by: { place($0, 16) }, <) {
                try passage($0, isApologised: apologised.contains($0[17]), asOf: asOf)
            }
            var handed: [(agent: String, at: Int64)] = []
            try transfers.each(of: id) { handed.append(($0[1], $0[2])) }
            call.talks = try talks.sorted(of: id, by: { ($0[2] as Int64, try identifier($0, 8, LegKind.self)) }, <) {
                try talk($0, handed, asOf: asOf, &announcements)
            }
            call.marks = try marks.sorted(of: id, by: { place($0, 5) }, <) {
                AuditCall.Mark(mark: $0[1], agent: $0[2], degree: $0[3], at: $0[4])
            }
            try reports.each(of: id) { call.reportedMarks.insert($0[1]) }
            try callBacks.each(of: id) { call.callBack = callBack($0, asOf: asOf) }
            try recordings?.each(of: id) { call.recordings.append(try recording($0)) }
            call.recordings.sort { $0.id < $1.id }
            let isAngry = call.marks.contains { $0.mark == "angry" }
            let linked = try orders.sorted(of: id, by: { ($0[1] as String, $0[2] as String) }, <) { row in
                (
                    number: row[1] as String, isMade: row[2] == "created",
                    AuditCall.Order(
                        category: row[3], attitude: isAngry ? try attitude(db, row[6], asOf: asOf) : nil,
                        promisedAt: row[4], calledAt: row[5])
                )
            }
            for (number, isMade, order) in linked {
                if call.orderNumbers.last != number { call.orderNumbers.append(number) }
                if isMade { call.orders.append(order) }
            }
            try body(call) {
                try db.rows(AuditSQL.recordingsOfCall, [id.blob, asOf]).map {
                    try identifier($0, 0, RecordingKind.self)
                }
            }
        }
    }

    private static func attitude(_ db: Database, _ order: Data, asOf: Int64) throws -> String? {
        try db.row(AuditSQL.attitude, [order, asOf])?[0]
    }

    /// In the order of their ids.
    static func orders(_ db: Database, _ period: Stretch, asOf: Int64, _ body: (AuditOrder) -> Void) throws {
        guard let bounds = try Bounds(db, AuditSQL.idsOfOrders, period, asOf: asOf) else { return }
        var steps: Beside<OrderKind> = try Beside(db, AuditSQL.steps, bounds.rows)
        var recordings: Beside<OrderKind> = try Beside(db, AuditSQL.orderRecordings, bounds.rows)
        let rows = try Row.fetchCursor(db.cachedStatement(sql: AuditSQL.allOrders), arguments: bounds.things)
        while let row = try rows.next() {
            let id = try identifier(row, 0, OrderKind.self)
            var order = try order(row)
            order.steps = try steps.sorted(of: id, by: { $0[9] as Int }, <, step)
            order.recordings = try recordings.sorted(
                of: id, by: { (try identifier($0, 1, RecordingKind.self), $0[2] as String, $0[3] as Int64) }, <
            ) {
                AuditOrder.Recording(id: try identifier($0, 1, RecordingKind.self).description, role: $0[2])
            }
            if let closed = order.closedAt, closed > asOf { order.closedAt = nil }
            body(order)
        }
    }

    /// Where a row stands in the journal, by two columns.
    private static func place(_ row: Row, _ column: Int) -> (chain: String, sequence: Int64) {
        (row[column], row[column + 1])
    }

    /// What happened after the audit's moment has not happened.
    private static func known(_ wall: Int64?, _ asOf: Int64) -> Int64? { wall.flatMap { $0 <= asOf ? $0 : nil } }

    fileprivate static func identifier<Kind>(
        _ row: Row, _ column: Int, _: Kind.Type
    ) throws -> Identifier<Kind> {
        let data: Data = row[column]
        guard let id = Identifier<Kind>(column: data) else {
            throw StorageError(.corrupt, "a row of the audit has no id: run 'hotline evidence verify'")
        }
        return id
    }

    private static func call(_ row: Row, _ id: CallID, asOf: Int64) throws -> AuditCall {
        let answered = known(row[8], asOf)
        let released = known(row[11], asOf)
        return AuditCall(
            id: id, line: row[1],
            isInbound: row[2] == Direction.inbound.rawValue, caller: row[3], callerSource: row[4], called: row[5],
            offeredAt: row[6], ringingAt: known(row[7], asOf), answeredAt: answered,
            ringMilliseconds: answered == nil ? nil : row[9], rings: answered == nil ? nil : row[10],
            releasedAt: released, releasedBy: released == nil ? nil : row[12],
            outcome: released == nil ? nil : row[13])
    }

    private static func passage(_ row: Row, isApologised: Bool, asOf: Int64) throws -> AuditCall.Passage {
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
            isApologised: isApologised, isKeyCustomer: row[15] == 1)
    }

    /// - Parameter transfers: of the call, done by the audit's moment.
    private static func talk(
        _ row: Row, _ transfers: [(agent: String, at: Int64)], asOf: Int64, _ announcements: inout Announcements
    ) throws -> AuditCall.Talk {
        let left = known(row[3], asOf)
        let isSaid = known(row[6], asOf) != nil
        let agent: String = row[1]
        let answered: Int64 = row[2]
        return AuditCall.Talk(
            agent: agent, answeredAt: answered, leftAt: left, leftBy: left == nil ? nil : row[4],
            leftMessage: left == nil ? nil : row[5],
            isTransferred: transfers.contains { $0.agent == agent && $0.at >= answered },
            isAnnounced: isSaid ? try announcements.isWhole(row[7]) : false)
    }

    /// What machines said in agents' stead: the same few lists of things day after day.
    private struct Announcements {
        private var known: [String: Bool] = [:]

        mutating func isWhole(_ list: String) throws -> Bool {
            if let isWhole = known[list] { return isWhole }
            let items = try JSONDecoder().decode([String].self, from: Data(list.utf8))
            let isWhole = AuditCall.Talk.isWholeAnnouncement(items)
            known[list] = isWhole
            return isWhole
        }
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

    /// A body of the journal, for what a fact says.
    private struct Event<Fact: Decodable>: Decodable {
        var data: Fact
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
        // What a start stands behind is the last sign of life of the run before.
        let before = (row[2] as Int64?).map { [AuditServerEvent(at: $0, kind: .alive)] } ?? []
        switch note.kind {
        case "opening": return before + [AuditServerEvent(at: at, kind: .opening)]
        case "started":
            let lines = (note.data["lines"] ?? "").split(separator: " ").map(String.init)
            return before + [AuditServerEvent(at: at, kind: .started(lines: lines))]
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
