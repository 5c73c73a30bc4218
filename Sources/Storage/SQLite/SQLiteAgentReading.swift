import Calls
import Foundation
import GRDB

extension Row {
    /// A work number that must be there.
    func workNumber(_ column: String) throws -> WorkNumber {
        guard let number = try optionalWorkNumber(column) else {
            throw StorageError(.corrupt, "column \(column) has no work number: run 'hotline evidence verify'")
        }
        return number
    }

    func optionalWorkNumber(_ column: String) throws -> WorkNumber? {
        guard let text: String = self[column] else { return nil }
        guard let number = WorkNumber(text) else {
            throw StorageError(.corrupt, "column \(column) holds '\(text)', which is no work number")
        }
        return number
    }
}

/// Makes agents' legs of rows.
enum AgentLegReading {
    static func summary(_ row: Row, _ db: Database) throws -> AgentLegSummary {
        let leg: LegID = try row.identifier("leg")
        let holds = try db.rows(AgentSQL.holds, [leg.blob])
        let held: Int64 = holds.reduce(0) { sum, hold in
            guard let start = hold.instant("held"), let end = hold.instant("resumed") else { return sum }
            return sum + StoredSpan.microseconds(from: start, hold["boot"], to: end, hold["resumed_boot"])
        }
        return AgentLegSummary(
            leg: leg, agent: try row.workNumber("agent"), purpose: try row.requiredWord("purpose"),
            queue: row["queue"], offeredAt: UTCTime(microseconds: row["offered_wall"]), alertedAt: row.time("alerted"),
            endedAt: row.time("ended"), outcome: try row.word("outcome"), rings: row["rings"],
            ringMilliseconds: row["ring_ms"], ringsBasis: try row.word("rings_basis"), answeredAt: row.time("answered"),
            summedRings: row["summed_rings"], summedRingMilliseconds: row["summed_ring_ms"],
            waitMilliseconds: row["wait_ms"], leftAt: row.time("left"), leftBy: try row.word("left_by"),
            leftMessage: row["left_message"], connectedMilliseconds: connected(row), holds: holds.count,
            holdMilliseconds: held / 1000)
    }

    static func tally(_ row: Row) throws -> AgentTally.Leg {
        let outcome: OfferOutcome? = try row.word("outcome")
        return AgentTally.Leg(
            purpose: try row.requiredWord("purpose"), outcome: outcome,
            isAnswered: row.instant("answered") != nil || outcome == .answered, ringMilliseconds: row["ring_ms"],
            connectedMilliseconds: connected(row), leftBy: try row.word("left_by"), isNuisance: row["nuisance"] == 1,
            isTransferred: row["transferred"] == 1)
    }

    /// From the answer to the leg's end.
    private static func connected(_ row: Row) -> Int64? {
        guard let answered = row.instant("answered"), let left = row.instant("left") else { return nil }
        return StoredSpan.milliseconds(from: answered, row["boot"], to: left, row["left_boot"])
    }

    static func open(_ row: Row) throws -> OpenAgents.Leg {
        OpenAgents.Leg(
            call: try row.identifier("call"), leg: try row.identifier("leg"), agent: try row.workNumber("agent"),
            purpose: try row.requiredWord("purpose"), node: row["node"], boot: row["boot"],
            offeredAt: row.instant("offered") ?? Instant(wall: 0, mono: 0), alertedAt: row.instant("alerted"),
            answeredAt: row.instant("answered"), outcome: try row.word("outcome"))
    }
}

/// Reads agents' states.
enum AgentStateReading {
    /// One change, as a report needs it.
    struct Change {
        var at: Instant
        /// Nil where a restart wrote it.
        var boot: String?
        var state: AgentState
        var reason: String?

        init(at: Instant, boot: String?, state: AgentState, reason: String?) {
            self.at = at
            self.boot = boot
            self.state = state
            self.reason = reason
        }

        init(_ row: Row) throws {
            self.init(
                at: row.instant("since") ?? Instant(wall: 0, mono: 0), boot: row["boot"],
                state: try row.requiredWord("state"), reason: row["reason"])
        }
    }

    /// Every agent and chain with states, in order, by a walk along the index.
    static func eachAgent(_ db: Database, _ body: (WorkNumber, String) throws -> Void) throws {
        var last = ("", "")
        while let row = try db.row(AgentSQL.agentAfter, [last.0, last.1]) {
            last = (row["agent"], row["chain"])
            try body(try row.workNumber("agent"), last.1)
        }
    }
}

/// Makes what is said of a call of rows.
enum AgentCallReading {
    static func segment(_ row: Row) throws -> CallSegment {
        CallSegment(
            recording: try row.identifier("recording"), channel: row["channel"],
            fromMilliseconds: AudioPosition(units: row["from_position"]).milliseconds, role: row["role"],
            agent: try row.optionalWorkNumber("agent"))
    }

    static func transfer(_ row: Row) throws -> CallTransfer {
        let position: Int64? = row["position"]
        return CallTransfer(
            from: try row.workNumber("agent"), to: row["target"], kind: row["kind"], completed: row["completed"] == 1,
            at: UTCTime(microseconds: row["at_wall"]),
            positionMilliseconds: position.map { AudioPosition(units: $0).milliseconds })
    }

    static func mark(_ row: Row) throws -> CallMark {
        CallMark(
            mark: row["mark"], degree: row["degree"], note: row["note"], by: try row.workNumber("agent"),
            at: UTCTime(microseconds: row["at_wall"]))
    }

    static func rating(_ row: Row) throws -> CallRating {
        CallRating(
            agent: try row.workNumber("agent"), score: row["score"], order: row["order_number"],
            at: UTCTime(microseconds: row["at_wall"]))
    }
}
