import Calls
import Evidence
import Foundation
import GRDB
import Synchronization

/// Walks all chains page by page, and plays their events into an empty scratch database beside it: whatever row the
/// store then has otherwise was changed without the journal.
final class SQLiteVerification: Sendable {
    /// Events read in one transaction.
    static let pageSize = 2000
    /// Events that change nothing but what is a recording's own: where their bodies are erased, its call is still held to
    /// the journal.
    private static let ofRecordings: Set<String> = [
        "recording_finished", "recording_noted", "transcript_asked", "transcript_made", "transcript_failed",
        "qa_flagged",
    ]

    private struct State {
        var verifiers: [String: ChainVerifier] = [:]
        /// Events seen but not applied to the tables when they were written.
        var unapplied: [String: Int64] = [:]
        /// Ids of calls, recordings and orders of which an event's body was erased: their rows may differ.
        var erased: Set<Data> = []
        var findings = Findings()
        /// The row to go on with.
        var sequence: [String: Int64] = [:]
    }

    /// Differences found, the first of them kept in full.
    struct Findings {
        var count: Int64 = 0
        var kept: [EvidenceReport.Difference] = []

        mutating func add(table: String, key: String, _ message: String) {
            count += 1
            if kept.count < EvidenceReport.maximumDifferences {
                kept.append(EvidenceReport.Difference(table: table, key: key, message: message))
            }
        }
    }

    private let anchors: [ChainHead]
    private let scratch: DatabaseQueue
    private let state = Mutex(State())

    init(anchors: [ChainHead]) throws {
        self.anchors = anchors
        // The empty name is SQLite's private file that is gone when it is closed, and may outgrow memory.
        scratch = try DatabaseQueue(path: "")
        try Migrations.migrator.migrate(scratch)
        try scratch.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = OFF") }
    }

    /// Checks the next page of some chain.
    /// - Returns: false where every chain is walked to its end.
    func walkPage(_ db: Database) throws -> Bool {
        for chain in try Self.chains(db) {
            let after = state.withLock { $0.sequence[chain] ?? 0 }
            let page = try db.rows(JournalSQL.page, [chain, after, Self.pageSize])
            guard !page.isEmpty else { continue }
            try scratch.write { scratch in
                for row in page { try check(row, chain: chain, stored: db, scratch: scratch) }
            }
            return true
        }
        return false
    }

    private func check(_ row: Row, chain: String, stored: Database, scratch: Database) throws {
        let salt: Data? = row["salt"]
        let body: Data? = row["body"]
        let bodyHash: Data = row["body_hash"]
        let hash: Data = row["hash"]
        let sealed = SealedEvent(
            chain: chain, sequence: row["seq"], salt: salt.map { Array($0) }, body: body.map { Array($0) },
            bodyHash: Array(bodyHash), hash: Array(hash))
        try state.withLock { state in
            state.sequence[chain] = sealed.sequence
            if body == nil {
                let isOfRecording = Self.ofRecordings.contains(row["type"])
                for column in isOfRecording ? ["recording"] : ["call", "recording", "work_order"] {
                    if let id: Data = row[column] { state.erased.insert(id) }
                }
            }
            let event = state.verifiers[chain, default: ChainVerifier(chain: chain, anchors: anchors)].check(sealed)
            guard let event else { return }
            let key = "\(chain) \(sealed.sequence)"
            let pending: PendingEvent
            do throws(StorageError) {
                pending = try PendingEvent(event)
            } catch {
                state.findings.add(table: "journal", key: key, error.description)
                return
            }
            if let column = Self.altered(row, event, pending.fact.subjects) {
                state.findings.add(table: "journal", key: key, "column \(column) is not what the body says")
            }
            if event.unapplied != nil {
                state.unapplied[chain, default: 0] += 1
                return
            }
            do {
                try scratch.inSavepoint {
                    let stale = StaleRecordings()
                    try FactApplier(
                        db: scratch, node: event.node, boot: event.boot, chain: chain, sequence: sealed.sequence,
                        stale: stale
                    ).apply(pending.fact)
                    try stale.refresh(scratch)
                    return .commit
                }
            } catch {
                let subjects = pending.fact.subjects
                var ids = [subjects.call?.blob, subjects.recording?.blob, subjects.order?.blob].compactMap(\.self)
                if case .messageHeard(let fact) = pending.fact, let left = try Self.callOf(fact.message, stored) {
                    ids.append(left)
                }
                // What an erased event once made is missing here, and so is what rested on it.
                if ids.contains(where: state.erased.contains) {
                    state.erased.formUnion(ids)
                    return
                }
                let reason = StorageError.sqlite(error, doing: "playing the journal").description
                state.findings.add(table: "journal", key: key, "the event cannot follow from those before: \(reason)")
            }
        }
    }

    /// The call in which a message was left: a hearing names the message only.
    private static func callOf(_ message: MessageID, _ stored: Database) throws -> Data? {
        try stored.row(QueueSQL.messageCall, [message.blob])?["call"]
    }

    /// The first column of a journal row that its body contradicts.
    private static func altered(_ row: Row, _ event: JournalEvent, _ subjects: FactSubjects) -> String? {
        let id = EventID(event.id)?.blob
        let same: [(String, Bool)] = [
            ("id", row["id"] == id), ("type", row["type"] == event.type), ("wall", row["wall"] == event.wall),
            ("mono", row["mono"] == event.mono), ("boot", row["boot"] == event.boot),
            ("node", row["node"] == event.node), ("call", row["call"] == subjects.call?.blob),
            ("recording", row["recording"] == subjects.recording?.blob),
            ("work_order", row["work_order"] == subjects.order?.blob),
        ]
        return same.first { !$0.1 }?.0
    }

    /// Chains that have a head or an event.
    private static func chains(_ db: Database) throws -> [String] {
        var names = Set(try SQLiteQueries.heads(db).map(\.chain))
        var last = ""
        while let next: String = try db.row(JournalSQL.chainAfter, [last])?[0] {
            names.insert(next)
            last = next
        }
        return names.sorted()
    }

    /// Compares the tables and sums up. To be called in the transaction that walked the last page.
    func report(_ db: Database) throws -> EvidenceReport {
        let heads = Dictionary(try SQLiteQueries.heads(db).map { ($0.chain, $0) }) { first, _ in first }
        var state = state.withLock { $0 }
        var chains: [EvidenceReport.Chain] = []
        let names = Set(try Self.chains(db)).union(anchors.map(\.chain))
        for chain in names.sorted() {
            var verifier = state.verifiers[chain] ?? ChainVerifier(chain: chain, anchors: anchors)
            let recorded = heads[chain] ?? ChainHead(emptyChain: chain)
            let found = verifier.finish(recorded: recorded)
            chains.append(
                EvidenceReport.Chain(
                    chain: chain, events: verifier.events, erased: verifier.erased,
                    unapplied: state.unapplied[chain] ?? 0, headSequence: verifier.head.sequence,
                    headHash: Hexadecimal.text(verifier.head.hash),
                    firstBreak: found.map { .init(sequence: $0.sequence, kind: $0.kind.rawValue, message: $0.message) })
            )
        }
        let rows = try scratch.read { scratch in
            try TableComparison.compare(stored: db, derived: scratch, erased: state.erased, into: &state.findings)
        }
        let whole = chains.allSatisfy { $0.firstBreak == nil }
        return EvidenceReport(
            ok: whole && state.findings.count == 0, standing: anchors.isEmpty ? .selfConsistentOnly : .anchored,
            chains: chains, rows: rows, differing: state.findings.count, differences: state.findings.kept,
            anchors: anchors.count, spooled: 0)
    }
}
