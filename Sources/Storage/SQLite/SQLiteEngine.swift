import Calls
import Evidence
import Foundation
import GRDB
import Synchronization

/// The store's engine on SQLite: one writing connection, a few reading ones, one for checkpoints.
package final class SQLiteEngine: StorageEngine {
    /// What may be different in tests and small machines.
    package struct Options: Sendable {
        /// How long a write waits for another process's lock before it counts as away.
        package var busySeconds: Double = 0.25
        package var readers = 4
        package var search = RecordingSearchLimits()
        /// Recordings of an older store that are put into the index in one transaction.
        package var fillBatch = 2000
        package var words = RecordingWords.Limits()
        package init() {}
    }

    private let pool: DatabasePool
    /// Checkpoints run on their own connection: they cost a sync of the database file.
    private let checkpointer: DatabaseQueue
    private let path: String
    private let chain: String
    private let random: @Sendable () -> UInt64
    private let search: RecordingSearchLimits
    private let words: RecordingWords.Limits
    /// Set on the checkpoints' own queue. A checkpoint on a connection that is closed ends the process.
    private let isClosed = Mutex(false)
    package let queries: any StoreQueries

    /// Opens or makes the database and brings its schema up to date.
    /// - Parameters:
    ///   - chain: the node's name.
    ///   - random: bits nobody can guess; they salt the bodies' hashes.
    /// - Throws: `StorageError` with code `.unavailable`, `.corrupt`, `.version` or `.settings`.
    package init(
        path: String, chain: String, options: Options = Options(), random: @escaping @Sendable () -> UInt64
    ) throws(StorageError) {
        self.path = path
        self.chain = chain
        self.random = random
        search = options.search
        words = options.words
        _ = SQLiteLibrary.countsNoMemory
        var configuration = Configuration()
        configuration.busyMode = .timeout(options.busySeconds)
        configuration.maximumReaderCount = options.readers
        configuration.label = "hotline.store"
        do {
            // SQLite gives its two companion files the rights of the database: for its owner alone.
            if !FileManager.default.fileExists(atPath: path) {
                let rights: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
                guard FileManager.default.createFile(atPath: path, contents: nil, attributes: rights) else {
                    throw StorageError(.folder, "\(path) cannot be made: is its folder writable?")
                }
            }
            let pool = try DatabasePool(path: path, configuration: configuration)
            if try pool.read({ db in try Migrations.migrator.hasBeenSuperseded(db) }) {
                throw StorageError(
                    .version, "\(path) was written by a newer version of this program: use that version, or a backup")
            }
            try Migrations.migrator.migrate(pool)
            try pool.writeWithoutTransaction { db in try Self.makeDurable(db, path: path) }
            self.pool = pool
            var own = Configuration()
            own.busyMode = .timeout(options.busySeconds)
            own.label = "hotline.checkpoint"
            own.prepareDatabase { db in try Self.makeDurable(db, path: path) }
            checkpointer = try DatabaseQueue(path: path, configuration: own)
            queries = SQLiteQueries(pool: pool, path: path, searchLimits: options.search)
            try fillIndex(batch: options.fillBatch)
            do {
                try pool.write { [words] db in try RecordingWords.renew(db, limits: words) }
            } catch {
                // No room for it, say: calls are taken all the same, and no pass begins beyond the limit.
            }
        } catch {
            throw .sqlite(error, doing: "opening \(path)")
        }
    }

    /// After an update of the program: a large store takes minutes, and its log is moved on the way.
    private func fillIndex(batch: Int) throws {
        while try RecordingIndexFill.run(pool, batch: batch, stopAfter: 50) > 0 { try checkpoint() }
    }

    /// GRDB's WAL set-up leaves `synchronous = NORMAL`, which can lose the last commits when power fails. What was
    /// set is read back, since a pragma that cannot be obeyed is passed over without a word.
    private static func makeDurable(_ db: Database, path: String) throws {
        // The limit gives back the disk after a night in which something held the log open.
        try db.execute(
            sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864")
        let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
        let journal = try String.fetchOne(db, sql: "PRAGMA journal_mode")
        guard synchronous == 2, journal == "wal" else {
            throw StorageError(
                .settings,
                """
                \(path) is not durable: synchronous is \(synchronous ?? -1) (2 is needed), journal_mode \
                '\(journal ?? "")' ('wal' is needed); put the data folder on a local file system
                """)
        }
    }

    private static func head(_ db: Database, chain: String) throws -> ChainHead {
        if let row = try db.row(JournalSQL.head, [chain]) {
            let hash: Data = row["hash"]
            return ChainHead(chain: chain, sequence: row["seq"], hash: Array(hash))
        }
        let empty = ChainHead(emptyChain: chain)
        try db.run(JournalSQL.newChain, [chain, empty.sequence, Data(empty.hash)])
        return empty
    }

    /// What the writing connection keeps to, as SQLite says it: `synchronous` 2 is FULL, and the journal's mode.
    package func durability() throws(StorageError) -> (synchronous: Int, journal: String) {
        do {
            return try pool.writeWithoutTransaction { db in
                (
                    try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1,
                    try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? ""
                )
            }
        } catch {
            throw .sqlite(error, doing: "reading the settings of \(path)")
        }
    }

    /// How SQLite goes about a search of recordings: every statement of it with its steps (`EXPLAIN QUERY PLAN`).
    package func searchPlan(_ filter: RecordingFilter) throws(StorageError) -> [(sql: String, steps: [String])] {
        do {
            return try pool.read { db in
                var plan: [(sql: String, steps: [String])] = []
                let searcher = RecordingSearcher(db, filter, limits: search) { sql, arguments in
                    let steps = try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)", arguments: arguments)
                    plan.append((sql, steps.map { $0["detail"] }))
                }
                _ = try searcher.entries(limit: filter.limit + 1)
                return plan
            }
        } catch {
            throw .sqlite(error, doing: "explaining a search in \(path)")
        }
    }

    /// A unit that contradicts the tables must leave no trace, and a savepoint for each unit sees to that: SQLite then keeps
    /// every page as it was before the unit, in a temporary file. Contradictions are rare, so a group is written without
    /// savepoints first, and once more with them where one turned up: a storm of calls costs half as much.
    package func commit(_ units: [JournalUnit], replay: Bool) throws(StorageError) -> CommitResult {
        do {
            let refusals = [StorageError?](repeating: nil, count: units.count)
            let isWritten = try append { writer throws in
                guard try writer.writeAtOnce(units, replay: replay) else { throw Undone() }
            }
            if isWritten { return CommitResult(refusals: refusals, unapplied: 0) }
            var result = CommitResult(refusals: [], unapplied: 0)
            _ = try append { writer throws in
                result = CommitResult(refusals: [], unapplied: 0)
                for unit in units { try writer.write(unit, replay: replay, into: &result) }
            }
            return result
        } catch {
            throw .sqlite(error, doing: "writing to \(path)")
        }
    }

    /// Ends a transaction without a trace of it.
    private struct Undone: Error {}

    /// One transaction that adds to the chain.
    /// - Returns: false where `body` threw `Undone`.
    private func append(_ body: (inout SQLiteJournalWriter) throws -> Void) throws -> Bool {
        do {
            try pool.write { db in
                // Read each time rather than kept: after a failed commit nobody knows which of the two heads holds.
                let start = try Self.head(db, chain: chain)
                var writer = SQLiteJournalWriter(db: db, head: start, random: random)
                try body(&writer)
                if writer.head != start {
                    try db.run(
                        JournalSQL.moveHead, [writer.head.sequence, Data(writer.head.hash), chain])
                }
            }
            return true
        } catch is Undone {
            return false
        }
    }

    package func reserveNumbers(date: String, count: Int) throws(StorageError) -> Range<Int> {
        do {
            return try pool.write { db in
                guard let row = try db.row(OrderSQL.reserve, [date, count]) else {
                    throw StorageError(.unavailable, "no order numbers could be reserved for \(date)")
                }
                let reserved: Int = row["reserved"]
                return (reserved - count + 1)..<(reserved + 1)
            }
        } catch {
            throw .sqlite(error, doing: "reserving order numbers in \(path)")
        }
    }

    @discardableResult
    package func checkpoint() throws(StorageError) -> Int {
        do {
            return try checkpointer.writeWithoutTransaction { db in
                guard !isClosed.withLock({ $0 }) else { return 0 }
                let frames = try db.checkpoint(.passive)
                let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
                return max(0, frames.walFrameCount) * size
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            // Another checkpoint is under way; the next one takes what this one left.
            return 0
        } catch {
            throw .sqlite(error, doing: "moving the write-ahead log into \(path)")
        }
    }

    package func forgetWords(pages: Int) throws(StorageError) -> ErasedWords {
        do {
            return try pool.write { db in try RecordingWords.step(db, pages: pages, limits: words) }
        } catch {
            throw .sqlite(error, doing: "taking erased words out of \(path)")
        }
    }

    package func close() throws(StorageError) {
        do {
            // The pool's last connection to close only reads, and could not empty the write-ahead log.
            try pool.close()
            do {
                try checkpointer.writeWithoutTransaction { db in
                    let isNew = isClosed.withLock { isClosed in
                        defer { isClosed = true }
                        return !isClosed
                    }
                    if isNew { _ = try db.checkpoint(.truncate) }
                }
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                // A query command reads just now; the log stays, whole, for the next start.
            }
            try checkpointer.close()
        } catch {
            throw .sqlite(error, doing: "closing \(path)")
        }
    }
}
