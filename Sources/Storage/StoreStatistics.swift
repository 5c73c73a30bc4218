/// What the store has done since it was opened.
public struct StoreStatistics: Sendable, Hashable {
    /// Transactions that held facts.
    public var commits: UInt64 = 0
    /// Events in the journal.
    public var events: UInt64 = 0
    /// The most events in one transaction.
    public var largestGroup = 0
    /// Events handed over and not durable yet.
    public var queueDepth = 0
    /// Events that wait in the spool now.
    public var spooled = 0
    /// Events that ever went through the spool.
    public var spooledTotal: UInt64 = 0
    /// Spool lines that could not be read, set aside in `spool.jsonl.damaged`.
    public var damaged: UInt64 = 0
    /// Events journalled that contradict the tables.
    public var unapplied: UInt64 = 0
    /// Events that could not be made durable anywhere.
    public var lost: UInt64 = 0
    /// Failed tries of the database.
    public var errors: UInt64 = 0
    /// The last failure, for people.
    public var lastError: String?

    public init() {}
}
