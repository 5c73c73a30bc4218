import Calls
import Evidence
import Foundation
import GRDB

/// Seals events into the chain and applies them, within one transaction.
struct SQLiteJournalWriter {
    let db: Database
    /// Where the chain stands after what was written so far.
    private(set) var head: ChainHead
    let random: @Sendable () -> UInt64
    private let stale = StaleRecordings()

    init(db: Database, head: ChainHead, random: @escaping @Sendable () -> UInt64) {
        self.db = db
        self.head = head
        self.random = random
    }

    /// Writes units that contradict nothing.
    /// - Returns: false where one does: then the transaction has to be undone, for a part of it may stand.
    mutating func writeAtOnce(_ units: [JournalUnit], replay: Bool) throws -> Bool {
        do {
            for unit in units { for event in try news(unit, replay: replay) { try write(event) } }
            try stale.refresh(db)
            return true
        } catch {
            guard Self.isContradiction(StorageError.sqlite(error, doing: "writing facts")) else { throw error }
            return false
        }
    }

    /// Writes one unit: all of it or, where it contradicts the tables, what its `conflict` says.
    mutating func write(_ unit: JournalUnit, replay: Bool, into result: inout CommitResult) throws {
        let events = try news(unit, replay: replay)
        do {
            try attempt(events)
            result.refusals.append(nil)
        } catch {
            let refusal = StorageError.sqlite(error, doing: "writing facts")
            guard Self.isContradiction(refusal) else { throw error }
            guard unit.conflict == .journalOnly else {
                result.refusals.append(refusal)
                return
            }
            for event in events {
                do {
                    try attempt([event])
                } catch {
                    let reason = StorageError.sqlite(error, doing: "writing facts")
                    guard Self.isContradiction(reason) else { throw error }
                    result.unapplied += 1
                    // What has no canonical form cannot be journalled either; it is only counted.
                    if reason.code == .conflict { try journal(event, unapplied: reason.message) }
                }
            }
            result.refusals.append(nil)
        }
    }

    private static func isContradiction(_ error: StorageError) -> Bool {
        error.code == .conflict || error.code == .argument
    }

    /// Events of a unit that are not yet journalled.
    private func news(_ unit: JournalUnit, replay: Bool) throws -> [PendingEvent] {
        replay ? try unit.events.filter { try db.row(JournalSQL.has, [$0.id.blob]) == nil } : unit.events
    }

    private mutating func write(_ event: PendingEvent) throws {
        try journal(event, unapplied: nil)
        try FactApplier(
            db: db, node: event.node, boot: event.boot, chain: head.chain, sequence: head.sequence, stale: stale
        ).apply(event.fact)
    }

    /// All events or none, the chain's head with them.
    private mutating func attempt(_ events: [PendingEvent]) throws {
        let start = head
        var error: (any Error)?
        try db.inSavepoint {
            do {
                for event in events { try write(event) }
                try stale.refresh(db)
                return .commit
            } catch let failure {
                error = failure
                return .rollback
            }
        }
        if let error {
            stale.forget()
            head = start
            throw error
        }
    }

    private mutating func journal(_ event: PendingEvent, unapplied: String?) throws {
        let sealed = SealedEvent(body: try event.body(unapplied: unapplied), salt: salt(), after: head)
        let subjects = event.fact.subjects
        try db.run(
            JournalSQL.insert,
            [
                sealed.chain, sealed.sequence, event.id.blob, event.fact.typeName, event.at.wall, event.at.mono,
                event.boot,
                event.node, subjects.call?.blob, subjects.recording?.blob, subjects.order?.blob,
                sealed.salt.map { Data($0) }, sealed.body.map { Data($0) }, Data(sealed.bodyHash), Data(sealed.hash),
            ])
        head = sealed.head
    }

    private func salt() -> [UInt8] {
        var salt: [UInt8] = []
        salt.reserveCapacity(ChainHash.saltLength)
        for _ in 0..<ChainHash.saltLength / 8 {
            let word = random()
            for shift in stride(from: 56, through: 0, by: -8) {
                salt.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return salt
    }
}
