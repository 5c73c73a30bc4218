import Calls
import Dispatch
import Evidence
import Synchronization

/// The one writer of a data folder. Facts are handed over from any thread, keep their order, and are committed in
/// groups on a queue of the store's own; nothing here blocks the cooperative pool.
///
/// While the database is locked or away, facts go to a synchronised spool file and are chained when it comes back.
public final class Store: Sendable {
    /// How facts are gathered into groups, and when the database is tried again.
    package struct Pace: Sendable {
        /// Milliseconds that a fact nobody waits for may wait for company.
        package var gatherMilliseconds = 10
        /// The same for a fact that somebody waits for.
        package var urgentMilliseconds = 2
        /// Events that are committed at once.
        package var groupSize = 256
        /// Milliseconds between tries of a database that is away.
        package var retryMilliseconds = 1000
        /// Milliseconds after a commit until its checkpoint.
        package var checkpointMilliseconds = 2000
        /// A log of more bytes does not begin anew beside the writer: the writer waits for the next checkpoint.
        package var logBytes = 64 << 20
        /// Milliseconds from an erasure until its words leave the index; what is erased meanwhile goes with them.
        package var forgetMilliseconds = 300_000
        /// Milliseconds between the beginnings of two such passes at least.
        package var forgetIntervalMilliseconds = 43_200_000
        /// Milliseconds between the steps of that, and how many pages a step writes at most.
        package var forgetStepMilliseconds = 200
        package var forgetPages = 100
        /// Order numbers reserved at a time.
        package var numberBlock = 50
        /// Events kept in memory while neither database nor spool can be written.
        package var heldEvents = 65_536
        package init() {}
    }

    /// Facts handed over together, and who waits for them.
    struct Request {
        var unit: JournalUnit
        var waiter: CheckedContinuation<Result<Void, StorageError>, Never>?
    }

    /// When the queue will be drained next.
    enum Drain: Int { case idle, gathering, urgent, now }

    struct State {
        var identifiers: IdentifierGenerator
        var pending: [Request] = []
        var drain = Drain.idle
        var statistics = StoreStatistics()
        var isClosed = false
        var retryIsScheduled = false
        var checkpointIsScheduled = false
        var forgettingIsScheduled = false
        var isForgetting = false
        /// When the last pass over the index of words began.
        var forgotAt: DispatchTime?
        /// The log does not begin anew beside the writer.
        var logIsLong = false
        /// Where in the spool the replay goes on.
        var spoolOffset: UInt64 = 0
        var numbers: [String: Range<Int>] = [:]
        var numberRefills: Set<String> = []
        var lock: FolderLock?
    }

    /// Reads the same data; usable from any task.
    public let reader: StoreReader
    let engine: any StorageEngine
    let spool: Spool
    let identity: NodeIdentity
    let pace: Pace
    let state: Mutex<State>
    /// The writer: one block at a time, in order, on a thread of Dispatch's.
    let writer = DispatchQueue(label: "hotline.store.writer")
    let upkeep = DispatchQueue(label: "hotline.store.upkeep", qos: .utility)
    private let time: any TimeSource
    private let random: @Sendable () -> UInt64

    /// Opens the data folder, makes what is missing, brings the schema up to date and replays what was spooled.
    /// Blocks while it does; to be called once, at the start.
    /// - Parameters:
    ///   - folder: the data folder; made, for its owner alone, where it is missing.
    ///   - time: stamps the events with the moment at which they are handed over.
    ///   - random: 64 bits that nobody can guess (`SystemRandomNumberGenerator`): they salt what is hashed.
    /// - Throws: `StorageError`: `.locked` names the process that holds the folder; `.folder`, `.unavailable`,
    ///   `.corrupt`, `.version`, `.settings`, `.argument`.
    public static func open(
        folder: String, identity: NodeIdentity, time: any TimeSource, random: @escaping @Sendable () -> UInt64
    ) throws(StorageError) -> Store {
        try open(folder: folder, identity: identity, time: time, random: random, pace: Pace())
    }

    package static func open(
        folder: String, identity: NodeIdentity, time: any TimeSource, random: @escaping @Sendable () -> UInt64,
        pace: Pace
    ) throws(StorageError) -> Store {
        try identity.check()
        let folder = DataFolder(folder)
        try folder.make()
        let lock = try FolderLock(folder)
        let engine = try SQLiteEngine(path: folder.database, chain: identity.name, random: random)
        let store = try Store(
            folder: folder, identity: identity, time: time, random: random, pace: pace, engine: engine, lock: lock)
        store.writer.sync { store.retry() }
        // The run before may have ended in the middle of it.
        store.scheduleForgetting()
        return store
    }

    /// Opens the data for reading, beside a running server or without one.
    /// - Throws: `StorageError`: `.folder` where there is no store, `.version`, `.unavailable`, `.corrupt`.
    public static func openForQueries(folder: String) throws(StorageError) -> StoreReader {
        let folder = DataFolder(folder)
        return StoreReader(queries: try SQLiteQueries(readOnly: folder.database), folder: folder)
    }

    init(
        folder: DataFolder, identity: NodeIdentity, time: any TimeSource, random: @escaping @Sendable () -> UInt64,
        pace: Pace, engine: any StorageEngine, lock: FolderLock?
    ) throws(StorageError) {
        spool = try Spool(path: folder.spool)
        self.identity = identity
        self.time = time
        self.random = random
        self.pace = pace
        self.engine = engine
        reader = StoreReader(queries: engine.queries, folder: folder)
        var state = State(identifiers: IdentifierGenerator(node: identity.number))
        state.statistics.spooled = try Spool.count(folder.spool)
        state.lock = lock
        self.state = Mutex(state)
    }

    /// The node's name, as in the journal.
    public var node: String { identity.name }

    /// What was done so far.
    public var statistics: StoreStatistics { state.withLock { $0.statistics } }

    /// Writes facts: all of them, or none.
    /// - Returns: after the commit that holds them, or, while the database is away, once they are safe in the spool.
    /// - Throws: `StorageError`: `.conflict` where they contradict what is stored (nothing was written), `.lost` where
    ///   neither database nor spool can be written, `.closed`.
    public func record(_ facts: [Fact]) async throws(StorageError) {
        guard !facts.isEmpty else { return }
        let result = await withCheckedContinuation { continuation in enqueue(facts, waiter: continuation) }
        try result.get()
    }

    /// Hands facts over without waiting, in the same order as `record`. What contradicts the tables is journalled all
    /// the same and counted as `unapplied`. Any thread; returns at once.
    public func submit(_ facts: [Fact]) {
        guard !facts.isEmpty else { return }
        enqueue(facts, waiter: nil)
    }

    /// Copies the store to a new file while it is in use, and checks the copy. Blocks the calling thread: call it from
    /// a thread that may wait.
    /// - Throws: `StorageError`: `.folder` where the file exists or cannot be written, `.corrupt`, `.unavailable`.
    public func backup(to path: String) throws(StorageError) { try reader.backup(to: path) }

    /// Writes what is waiting, closes the files and gives up the folder. Facts handed over later are refused.
    public func close() async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.isClosed = true }
            writer.async {
                self.finish()
                continuation.resume()
            }
        }
    }

    private func enqueue(_ facts: [Fact], waiter: CheckedContinuation<Result<Void, StorageError>, Never>?) {
        let now = time.now()
        let delay: Int? = state.withLock { state in
            if state.isClosed {
                if waiter == nil { state.statistics.lost += UInt64(facts.count) }
                return nil
            }
            let events = facts.map { fact in
                PendingEvent(
                    id: state.identifiers.next(EventKind.self, wallMicroseconds: now.wall, random: random()),
                    fact: fact, at: now, boot: identity.boot, node: identity.name)
            }
            let unit = JournalUnit(events: events, conflict: waiter == nil ? .journalOnly : .refuse)
            state.pending.append(Request(unit: unit, waiter: waiter))
            state.statistics.queueDepth += events.count
            return schedule(&state, waiter == nil ? .gathering : .urgent)
        }
        guard let delay else {
            waiter?.resume(returning: .failure(StorageError(.closed, "the store is closed")))
            return
        }
        drain(after: delay)
    }

    /// Decides when to drain.
    /// - Returns: milliseconds, negative where a drain is on its way already.
    private func schedule(_ state: inout State, _ wish: Drain) -> Int {
        let drain: Drain = state.statistics.queueDepth >= pace.groupSize ? .now : wish
        guard drain.rawValue > state.drain.rawValue else { return -1 }
        state.drain = drain
        switch drain {
        case .gathering: return pace.gatherMilliseconds
        case .urgent: return pace.urgentMilliseconds
        default: return 0
        }
    }

    private func drain(after milliseconds: Int) {
        if milliseconds == 0 { writer.async { self.drainAll() } }
        if milliseconds > 0 {
            writer.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { self.drainAll() }
        }
    }
}
