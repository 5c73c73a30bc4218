import Calls
import Foundation
import GRDB
import WorkOrders

extension SQLiteQueries {
    func people() async throws(StorageError) -> [PersonSummary] {
        try await read("listing people") { db in
            try db.rows(PeopleSQL.all).map { row in
                PersonSummary(
                    person: row["person"], title: row["title"], roles: try row.json("roles") ?? [],
                    orderRoles: try row.json("order_roles") ?? [], unit: row["unit"], workNumber: row["work_number"],
                    active: row["active"] == 1, changedAt: UTCTime(microseconds: row["changed_wall"]),
                    changedBy: row["changed_by"])
            }
        }
    }

    func accesses(subject: String?, limit: Int) async throws(StorageError) -> [AccessSummary] {
        try await read("listing who saw what") { db in
            let limit = try Self.checked(limit: limit)
            let rows =
                try subject.map { try db.rows(PeopleSQL.accessesOfSubject, [$0, limit]) }
                ?? db.rows(PeopleSQL.latestAccesses, [limit])
            return rows.map { row in
                AccessSummary(
                    at: UTCTime(microseconds: row["wall"]), kind: row["kind"], person: row["person"],
                    subject: row["subject"], address: row["address"])
            }
        }
    }

    func orderSubject(_ number: String) async throws(StorageError) -> OrderSubject? {
        try await read("reading whose a work order is") { db in
            try db.row(PeopleSQL.orderSubject, [number]).map { try SubjectReading.order($0, db) }
        }
    }

    func orderSubjects(ofCalls ids: [CallID]) async throws(StorageError) -> [CallID: [OrderSubject]] {
        try await read("reading the orders of calls") { db in
            var subjects: [CallID: [OrderSubject]] = [:]
            for id in ids {
                let orders = try db.rows(PeopleSQL.ordersOfCall, [id.blob])
                if !orders.isEmpty { subjects[id] = try orders.map { try SubjectReading.order($0, db) } }
            }
            return subjects
        }
    }

    func recordingSubjects(_ ids: [RecordingID]) async throws(StorageError) -> [RecordingID: RecordingSubject] {
        try await read("reading whose recordings are") { db in
            var subjects: [RecordingID: RecordingSubject] = [:]
            for id in ids {
                guard let call: Data = try db.row(PeopleSQL.callOfRecording, [id.blob])?["call"] else { continue }
                subjects[id] = RecordingSubject(
                    recording: id, agents: try db.rows(PeopleSQL.agents, [call]).map { $0["agent"] },
                    orders: try db.rows(PeopleSQL.ordersOfRecording, [id.blob]).map {
                        try SubjectReading.order($0, db)
                    }, holdsMessage: try db.row(PeopleSQL.holdsMessage, [call, id.blob]) != nil)
            }
            return subjects
        }
    }
}

private enum SubjectReading {
    /// What steps said later counts before what the order began with.
    static func order(_ row: Row, _ db: Database) throws -> OrderSubject {
        let id: Data = row["id"]
        var fields: [String: String] = try row.json("fields") ?? [:]
        var units: Set<String> = []
        let category: String = row["category"]
        // Every report is, and what was protected: what a life sets by itself stands in no step's fields.
        var isSecret = category == OrderCategory.report.rawValue
        for step in try db.rows(PeopleSQL.steps, [id]) {
            let more: [String: String] = try step.json("fields") ?? [:]
            fields.merge(more) { $1 }
            let name: String = step["step"]
            if name == "protect" { isSecret = true }
            units.formUnion([more["department"], more["crew"]].compactMap { $0 })
            units.formUnion(
                (more["copies"] ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
        }
        let owner: String? = row["owner_unit"]
        if let owner { units.insert(owner) }
        return OrderSubject(
            number: row["number"], category: category, ownerUnit: owner, units: units,
            isConfidential: isSecret || fields["confidential"] == "yes",
            reportedDepartment: fields["reported_department"],
            reportedPerson: fields["reported_person"])
    }
}
