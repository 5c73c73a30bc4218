import Foundation
import GRDB
import Storage
import Testing

/// A second program at the database file: what a tamperer, or a careless operator, could do.
struct Raw {
    let queue: DatabaseQueue

    init(_ folder: TemporaryFolder) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(5)
        // For `HeldLock`, which keeps a transaction open between two accesses.
        configuration.allowsUnsafeTransactions = true
        queue = try DatabaseQueue(path: DataFolder(folder.path).database, configuration: configuration)
    }

    @discardableResult
    func change(_ sql: String) throws -> Int {
        try queue.write { db in
            try db.execute(sql: sql)
            return db.changesCount
        }
    }

    func number(_ sql: String) throws -> Int { try queue.read { db in try Int.fetchOne(db, sql: sql) ?? 0 } }

    /// How SQLite would look for the answer, step by step.
    func plan(_ sql: String, _ arguments: StatementArguments = []) throws -> [String] {
        try queue.read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)", arguments: arguments).map { $0["detail"] }
        }
    }

    func data(_ sql: String) throws -> Data { try queue.read { db in try Data.fetchOne(db, sql: sql) ?? Data() } }

    func texts(_ sql: String) throws -> [String] { try queue.read { db in try String.fetchAll(db, sql: sql) } }
}

/// Holds the database's write lock, as a backup tool or a shell can.
final class HeldLock {
    private let raw: Raw

    init(_ folder: TemporaryFolder) throws {
        raw = try Raw(folder)
        try raw.queue.writeWithoutTransaction { db in try db.execute(sql: "BEGIN IMMEDIATE") }
    }

    func release() throws {
        try raw.queue.writeWithoutTransaction { db in try db.execute(sql: "ROLLBACK") }
        try raw.queue.close()
    }
}

/// Waits until something holds, at most 60 s; the store works on its own queues, whose moments a test cannot choose.
func eventually(_ condition: () async throws -> Bool, _ location: SourceLocation = #_sourceLocation) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(2))
    }
    Issue.record("it did not come true within 60 s", sourceLocation: location)
}
