import Calls
import Foundation
import Storage
import Testing

/// Whoever can write the file changes something in the tables of agents and queues.
@Suite struct AgentTamperTests {
    static let changes: [(sql: String, finding: String)] = [
        ("UPDATE queue_passages SET entered_wall = entered_wall + 1", "queue_passages entered_wall"),
        ("UPDATE queue_passages SET rings = 4, ring_ms = 19000", "queue_passages rings, ring_ms"),
        ("UPDATE queue_passages SET agent = '1001'", "queue_passages agent"),
        ("DELETE FROM queue_passages", "queue_passages missing"),
        (
            """
            INSERT INTO queue_passages (chain, seq, call, boot, queue, entered_wall, entered_mono, left_wall)
            SELECT chain, 1000, call, boot, queue, entered_wall, entered_mono, 1 FROM queue_passages
            """, "queue_passages does not follow"
        ),
        ("UPDATE agent_offers SET ring_ms = 1 WHERE agent = '1001'", "agent_offers ring_ms"),
        ("UPDATE agent_offers SET left_by = 'caller'", "agent_offers left_by"),
        ("DELETE FROM agent_offers WHERE agent = '1001'", "agent_offers missing"),
        ("UPDATE agent_states SET since_mono = since_mono + 1", "agent_states since_mono"),
        ("UPDATE agent_states SET reason = 'training' WHERE state = 'away'", "agent_states reason"),
        ("DELETE FROM agent_states WHERE state = 'away'", "agent_states missing"),
        ("UPDATE agent_holds SET resumed_wall = held_wall", "agent_holds resumed_wall"),
        ("DELETE FROM agent_holds", "agent_holds missing"),
        ("UPDATE transfers SET completed = 1", "transfers completed"),
        ("UPDATE apologies SET owed = 0", "apologies owed"),
        ("DELETE FROM apologies", "apologies missing"),
        ("UPDATE recording_segments SET agent = '1001'", "recording_segments agent"),
        ("UPDATE recordings SET purpose = 'call'", "recordings purpose"),
        ("UPDATE call_marks SET degree = 1", "call_marks degree"),
        ("DELETE FROM call_marks", "call_marks missing"),
        ("UPDATE ratings SET score = 5", "ratings score"),
        ("UPDATE messages SET due_wall = due_wall + 1", "messages due_wall"),
        ("UPDATE messages SET heard_wall = NULL", "messages heard_wall"),
        ("UPDATE call_backs SET reached = 1", "call_backs reached"),
        ("UPDATE blocked_numbers SET reason = 'none'", "blocked_numbers reason"),
        ("DELETE FROM blocked_numbers", "blocked_numbers missing"),
        ("UPDATE roster_loads SET sha256 = 'ab'", "roster_loads sha256"),
        ("UPDATE messages SET note = NULL", "messages note"),
        ("DELETE FROM messages WHERE kind = 'report'", "messages missing"),
        ("UPDATE call_backs SET reason = 'asked'", "call_backs reason"),
        ("UPDATE call_backs SET for_agent = '1001'", "call_backs for_agent"),
        ("UPDATE forms SET agent = '1001'", "forms agent"),
        ("DELETE FROM forms", "forms missing"),
    ]

    @Test(arguments: changes.indices)
    func aChangedRowIsFound(_ index: Int) async throws {
        let (sql, finding) = Self.changes[index]
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record(AgentScenario(0).whole + AgentScenario(0).conduct)
        await store.close()
        let raw = try Raw(folder)
        #expect(try raw.change(sql) > 0, "\(sql)")
        try raw.queue.close()
        let reader = try Store.openForQueries(folder: folder.path)
        let report = try await reader.verifyEvidence()
        try reader.close()
        let words = finding.split(separator: " ", maxSplits: 1).map(String.init)
        #expect(!report.ok)
        #expect(
            report.differences.contains { $0.table == words[0] && $0.message.contains(words[1]) },
            "\(sql): \(report.differences)")
        #expect(report.chains.allSatisfy { $0.firstBreak == nil })
    }

    @Test func everyTableIsComparedOrKnownNotToBe() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record(AgentScenario(0).whole + AgentScenario(0).conduct)
        let raw = try Raw(folder)
        // One row too many in any table but these shows; so a new table cannot be forgotten.
        // Facets are compared with each recording that has them (`RecordingIndexTests`); words are FTS5's own.
        let exempt: Set<String> = [
            "chains", "journal", "order_number_blocks", "recording_facets", "recording_index_fill",
        ]
        let tables = try raw.texts(
            """
            SELECT name FROM sqlite_schema
            WHERE type = 'table' AND name NOT LIKE 'grdb%' AND name NOT LIKE 'sqlite%'
                AND name NOT LIKE 'recording_words%'
            """)
        let before = try await store.reader.verifyEvidence()
        #expect(before.ok)
        let rows = try tables.filter { !exempt.contains($0) }.reduce(0) { sum, table in
            sum + Int64(try raw.number("SELECT count(*) FROM \(table)"))
        }
        #expect(before.rows == rows)
        await store.close()
    }

    @Test func anErasedMessageBreaksNothing() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record(AgentScenario(0).whole)
        let raw = try Raw(folder)
        // The message with the caller's number; its hearing names no call.
        #expect(
            try raw.change("UPDATE journal SET body = NULL, salt = NULL WHERE type = 'message_left'") == 1)
        try raw.change("UPDATE messages SET caller = NULL")
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report.differences)")
        // What names nobody who was erased is still held to the journal.
        try raw.change("UPDATE agent_states SET state = 'available'")
        #expect(try await store.reader.verifyEvidence().ok == false)
        await store.close()
    }
}
