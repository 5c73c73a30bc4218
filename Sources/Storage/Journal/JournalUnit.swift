import Calls
import Evidence

/// A fact on its way to the journal: stamped when it was handed over, not when it is committed.
package struct PendingEvent: Sendable {
    package var id: EventID
    package var fact: Fact
    /// When it was handed to the store.
    package var at: Instant
    package var boot: String
    package var node: String

    package init(id: EventID, fact: Fact, at: Instant, boot: String, node: String) {
        self.id = id
        self.fact = fact
        self.at = at
        self.boot = boot
        self.node = node
    }

    /// The event as it will be hashed: `JournalEvent.body`.
    /// - Parameter unapplied: why the tables cannot take it.
    package func body(unapplied: String? = nil) throws(StorageError) -> [UInt8] {
        let data: [UInt8]
        do {
            data = try fact.canonical()
        } catch {
            throw StorageError(
                .argument, "a fact of type \(fact.typeName) cannot be journalled", underlying: error.message)
        }
        return JournalEvent.body(
            id: id.description, type: fact.typeName, wall: at.wall, mono: at.mono, boot: boot, node: node, data: data,
            unapplied: unapplied)
    }

    /// Reads an event back, as the spool keeps it.
    package init(_ event: JournalEvent) throws(StorageError) {
        guard let id = EventID(event.id) else {
            throw StorageError(.corrupt, "a journal event has the id '\(event.id)', which is no UUID")
        }
        self.init(
            id: id, fact: try Fact(event: event), at: Instant(wall: event.wall, mono: event.mono), boot: event.boot,
            node: event.node)
    }
}

/// Facts that were handed over together: all of them hold, or none.
package struct JournalUnit: Sendable {
    /// What becomes of a unit that contradicts the tables.
    package enum Conflict: Sendable {
        /// Nothing of it is written; whoever waits is told.
        case refuse
        /// Nobody waits for it: what happened is journalled all the same, marked as not applied to the tables.
        case journalOnly
    }
    package var events: [PendingEvent]
    package var conflict: Conflict

    package init(events: [PendingEvent], conflict: Conflict) {
        self.events = events
        self.conflict = conflict
    }
}
