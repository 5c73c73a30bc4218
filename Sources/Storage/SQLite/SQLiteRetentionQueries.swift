import Calls
import Evidence
import Foundation
import GRDB
import Norms
import WorkOrders

extension SQLiteQueries {
    func holds(inForceOnly: Bool) async throws(StorageError) -> [HoldSummary] {
        try await read("listing holds") { db in
            try db.rows(RetentionSQL.holds, [inForceOnly ? 1 : 0]).map(RetentionReading.hold)
        }
    }

    func hold(_ id: HoldID) async throws(StorageError) -> HoldSummary? {
        try await read("reading a hold") { db in
            try db.row(RetentionSQL.holdByID, [id.blob]).map(RetentionReading.hold)
        }
    }

    func retentionRecordings(
        after: RecordingID?, limit: Int
    ) async throws(StorageError) -> [RetentionRecording] {
        try await read("reading recordings to be decided about") { db in
            let begin = after?.blob ?? Data()
            return try db.rows(RetentionSQL.finishedAfter, [begin, try Self.checked(limit: limit)])
                .map { try RetentionReading.recording($0, db) }
        }
    }

    func retentionRecordings(of call: CallID) async throws(StorageError) -> [RetentionRecording] {
        try await read("reading a call's recordings to be decided about") { db in
            try db.rows(RetentionSQL.subjectsOfCall, [call.blob]).map { try RetentionReading.recording($0, db) }
        }
    }

    func retentionSubject(of call: CallID) async throws(StorageError) -> RetentionSubject? {
        try await read("reading a call to be decided about") { db -> RetentionSubject? in
            guard let row = try db.row(RetentionSQL.callSubject, [call.blob]) else { return nil }
            let released: Int64? = row["released_wall"]
            let outcome: String? = row["outcome"]
            return RetentionSubject(
                recordedAt: row["offered_wall"], direction: row["direction"],
                outcome: released == nil ? nil : outcome,
                marks: try db.rows(RetentionSQL.marks, [call.blob]).map { $0["mark"] },
                orders: try db.rows(RetentionSQL.ordersOfCall, [call.blob]).map(RetentionReading.subjectOrder),
                holds: try db.rows(RetentionSQL.holdsOnCall, [call.blob]).map(RetentionReading.subjectHold),
                hasUnheardMessage: try db.row(RetentionSQL.isUnheardOfCall, [call.blob]) != nil)
        }
    }

    func dueRemovals(limit: Int) async throws(StorageError) -> [DueRemoval] {
        try await read("listing files to be removed") { db in
            try db.rows(RetentionSQL.due, [try Self.checked(limit: limit)]).map { row in
                let state: String = row["state"]
                let archived: Int64? = row["archived_wall"]
                return DueRemoval(
                    recording: try row.identifier("id"), call: try row.identifier("call"), file: row["file"] ?? "",
                    bytes: row["bytes"] ?? 0, isDeleted: state == RecordingState.deleted.rawValue,
                    isArchived: archived != nil)
            }
        }
    }

    func recordingBytes() async throws(StorageError) -> Int64 {
        try await read("adding up recordings") { db in try db.row(RetentionSQL.usage)?["bytes"] ?? 0 }
    }

    func person(_ number: String, limit: Int) async throws(StorageError) -> PersonIndex {
        try await read("looking for a number") { db in
            let limit = try Self.checked(limit: limit)
            let calls: [CallID] = try db.rows(RetentionSQL.callsOfPerson, [number, limit]).map {
                try $0.identifier("id")
            }
            var orders = try db.rows(RetentionSQL.ordersOfPerson, [number, limit]).map(RetentionReading.order)
            let isCut = calls.count == limit || orders.count == limit
            // Who called is whom an order is about, where the order has another number or none.
            for call in calls {
                for order in try db.rows(RetentionSQL.ordersMadeInCall, [call.blob]).map(RetentionReading.order)
                where !orders.contains(order) {
                    orders.append(order)
                }
            }
            let blocked = try db.rows(RetentionSQL.blockedOfPerson, [number])
            var events = blocked.map(RetentionReading.place)
            if !events.isEmpty { events += try RetentionReading.unblockings(of: number, db) }
            return PersonIndex(
                calls: calls, orders: orders, blocked: try blocked.map(RetentionReading.blocked), blockEvents: events,
                carrierRecords: try db.rows(RetentionSQL.recordsOfPerson, [number]).map(RetentionReading.record),
                carrierImports: try db.rows(RetentionSQL.importsOfPerson, [number]).map(RetentionReading.place),
                isCut: isCut)
        }
    }

    func carrierRecords(of event: JournalPlace) async throws(StorageError) -> CarrierImported? {
        try await read("reading an import of the carrier's records") { db -> CarrierImported? in
            guard let row = try db.row(RetentionSQL.eventBody, [event.chain, event.sequence]),
                let body: Data = row["body"]
            else { return nil }
            let written: JournalEvent
            do throws(EvidenceError) {
                written = try JournalEvent(body: Array(body))
            } catch {
                throw StorageError(
                    .corrupt, "event \(event.sequence) of chain \(event.chain) cannot be read",
                    underlying: error.message)
            }
            guard case .carrierImported(var fact) = try Fact(event: written) else { return nil }
            fact.records = try db.rows(RetentionSQL.recordsOfImport, [event.chain, event.sequence])
                .map(RetentionReading.record)
            return fact
        }
    }
}

/// Makes what retention and erasure ask for of rows.
private enum RetentionReading {
    static func hold(_ row: Row) throws -> HoldSummary {
        let releasedBy: String? = row["released_by"]
        return HoldSummary(
            id: try row.identifier("id"), scope: try row.requiredWord("scope"),
            recording: try row.optionalIdentifier("recording"), call: try row.optionalIdentifier("call"),
            order: try row.optionalIdentifier("work_order"), orderNumber: row["number"], reason: row["reason"],
            placedBy: try row.workNumber("placed_by"), placedAt: UTCTime(microseconds: row["placed_wall"]),
            releasedAt: row.time("released"),
            releasedBy: releasedBy == nil ? nil : try row.workNumber("released_by"),
            releaseReason: row["release_reason"])
    }

    static func recording(_ row: Row, _ db: Database) throws -> RetentionRecording {
        let id: RecordingID = try row.identifier("id")
        let call: CallID = try row.identifier("call")
        let released: Int64? = row["released_wall"]
        let archived: Int64? = row["archived_wall"]
        let outcome: String? = row["outcome"]
        let holds = try db.rows(RetentionSQL.holdsOnRecording, [id.blob, call.blob]).map(subjectHold)
        let orders = try db.rows(RetentionSQL.orders, [id.blob, call.blob]).map(subjectOrder)
        return RetentionRecording(
            id: id, callID: call, state: try row.requiredWord("state"), file: row["file"], frames: row["frames"],
            bytes: row["bytes"], sha256: row["sha256"],
            subject: RetentionSubject(
                recordedAt: row["planned_wall"], purpose: row["purpose"], direction: row["direction"],
                outcome: released == nil ? nil : outcome,
                marks: try db.rows(RetentionSQL.marks, [call.blob]).map { $0["mark"] }, orders: orders, holds: holds,
                hasUnheardMessage: try db.row(RetentionSQL.isUnheard, [id.blob]) != nil, isArchived: archived != nil))
    }

    static func subjectHold(_ row: Row) throws -> RetentionSubject.Hold {
        let hold: HoldID = try row.identifier("id")
        return RetentionSubject.Hold(id: hold.description, reason: row["reason"])
    }

    /// When an order was closed is not known of one that was closed without a life: the policy's assumption counts.
    static func subjectOrder(_ row: Row) -> RetentionSubject.Order {
        let status: String = row["status"]
        return RetentionSubject.Order(
            number: row["number"], category: row["category"], createdAt: row["created_wall"],
            isClosed: status == OrderStatus.closed.rawValue, closedAt: row["closed_wall"])
    }

    static func order(_ row: Row) throws -> PersonIndex.Order {
        PersonIndex.Order(id: try row.identifier("id"), number: row["number"])
    }

    static func place(_ row: Row) -> JournalPlace { JournalPlace(chain: row["chain"], sequence: row["seq"]) }

    static func blocked(_ row: Row) throws -> BlockedNumber {
        let (until, unblocked): (Int64?, Int64?) = (row["until_wall"], row["unblocked_wall"])
        let end = [until, unblocked].compactMap(\.self).min()
        return BlockedNumber(
            number: row["number"], blockedAt: UTCTime(microseconds: row["blocked_wall"]),
            until: end.map { UTCTime(microseconds: $0) }, by: try row.workNumber("agent"), reason: row["reason"])
    }

    static func record(_ row: Row) -> CarrierImported.Record {
        let caller: String = row["caller"]
        return CarrierImported.Record(
            caller: caller.isEmpty ? nil : caller, called: row["called"], began: row["began_wall"],
            seconds: row["seconds"])
    }

    /// Events that took a number off the list; few, and found by reading them.
    static func unblockings(of number: String, _ db: Database) throws -> [JournalPlace] {
        try db.rows(RetentionSQL.unblockings).filter { row in
            guard let body: Data = row["body"] else { return false }
            return try JournalEvent(body: Array(body)).data["number"]?.textValue == number
        }.map(place)
    }
}
