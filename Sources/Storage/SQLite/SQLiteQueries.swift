import Calls
import Evidence
import Foundation
import GRDB

/// Every question to the SQLite store. Each runs in one short read transaction on one of the pool's reading
/// connections, so that the writer is never waited for and the write-ahead log is not held back for long.
struct SQLiteQueries: StoreQueries {
    let pool: DatabasePool
    let path: String
    var searchLimits = RecordingSearchLimits()

    /// Runs one question off the cooperative pool.
    func read<Answer: Sendable>(
        _ doing: String, _ question: @escaping @Sendable (Database) throws -> Answer
    ) async throws(StorageError) -> Answer {
        do {
            return try await pool.read(question)
        } catch {
            throw .sqlite(error, doing: "\(doing) in \(path)")
        }
    }

    func close() throws(StorageError) {
        do {
            try pool.close()
        } catch {
            throw .sqlite(error, doing: "closing \(path)")
        }
    }

    /// The bounds that a list must keep to.
    static func checked(limit: Int) throws -> Int {
        guard (1...100_000).contains(limit) else {
            throw StorageError(.argument, "a limit must lie between 1 and 100,000; \(limit) was given")
        }
        return limit
    }
}

/// Conditions of a list that are put together one by one. Texts and numbers go in as arguments only, never as SQL.
struct Conditions {
    private var parts: [String] = []
    private(set) var arguments = StatementArguments()

    mutating func add(_ sql: String, _ value: (any DatabaseValueConvertible)?) {
        guard let value else { return }
        parts.append(sql)
        arguments += [value]
    }

    /// A condition without a value.
    mutating func add(_ sql: String) { parts.append(sql) }

    /// `base WHERE … order LIMIT n`.
    func statement(_ base: String, order: String, limit: Int) -> String {
        let filter = parts.isEmpty ? "" : "\nWHERE " + parts.joined(separator: " AND ")
        return "\(base)\(filter)\n\(order) LIMIT \(limit)"
    }
}
