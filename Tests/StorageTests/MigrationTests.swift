import Calls
import Foundation
import Storage
import Testing

/// A store of the version before, with rows, brought up to date.
@Suite struct MigrationTests {
    static let new = [
        "review_answers", "review_revisions", "reviews", "sample_parts", "samples", "accesses", "persons", "notices",
        "agent_holds", "queue_passages", "agent_offers", "agent_states", "transfers", "apologies", "recording_segments",
        "call_marks", "ratings", "messages", "call_backs", "blocked_numbers", "roster_loads",
        "forms", "anchors", "anchor_deliveries", "recording_figures", "recording_channel_figures", "recording_alarms",
        "carrier_records", "holds", "recording_fates", "recording_imports", "recording_pauses",
        "recording_flags", "transcript_segments", "qa_flags", "transcripts", "order_steps",
        "order_alarms", "penalties", "external_orders", "duty_deeds", "outages", "norm_breaches",
    ]
    /// Columns of `orders` that the twelfth schema adds.
    static let newInOrders = ["life", "policy", "state", "owner", "owner_unit", "closed_wall"]

    @Test func fromTheThirdSchemaToTheFourth() async throws {
        let folder = try TemporaryFolder()
        var store = try Store.test(folder)
        let one = AgentScenario(0)
        try await store.record(one.whole)
        let heads = try await store.reader.heads()
        let messages = try await store.reader.messages()
        let callBacks = try await store.reader.callBacks()
        await store.close()

        let raw = try Raw(folder)
        try raw.change("DROP TABLE forms")
        for column in ["kind", "role", "agent", "mark", "note"] {
            try raw.change("ALTER TABLE messages DROP COLUMN \(column)")
        }
        for column in ["reason", "for_agent", "follows"] {
            try raw.change("ALTER TABLE call_backs DROP COLUMN \(column)")
        }
        try raw.change("DELETE FROM grdb_migrations WHERE identifier = '0004'")
        try raw.queue.close()

        store = try Store.test(folder, seed: 2)
        #expect(try await store.reader.heads() == heads)
        #expect(try await store.reader.messages() == messages)
        #expect(messages.map(\.kind) == [.voice])
        #expect(try await store.reader.callBacks() == callBacks)
        #expect(callBacks.map(\.reason) == [.asked])
        #expect(try await store.reader.verifyEvidence().ok)
        try await store.record(one.conduct)
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        await store.close()
    }

    /// What machines said in agents' stead was in the journal alone.
    @Test func fromTheThirteenthSchemaToTheFourteenth() async throws {
        let folder = try TemporaryFolder()
        var store = try Store.test(folder)
        for index in 0..<3 { try await store.record(AgentScenario(index).whole) }
        await store.close()

        let raw = try Raw(folder)
        let said = "SELECT announced_items || announced_wall FROM agent_offers WHERE announced_wall > 0 ORDER BY leg"
        let before = try raw.texts(said)
        #expect(before.count == 3)
        for column in ["announced_wall", "announced_items"] {
            try raw.change("ALTER TABLE agent_offers DROP COLUMN \(column)")
        }
        try raw.change("CREATE INDEX journal_announced ON journal (wall) WHERE type = 'announced'")
        try raw.change("DELETE FROM grdb_migrations WHERE identifier = '0014'")
        try raw.queue.close()

        store = try Store.test(folder, seed: 2)
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        await store.close()
        let after = try Raw(folder)
        #expect(try after.texts(said) == before)
        try after.queue.close()
    }

    @Test func fromTheSecondSchemaToTheThird() async throws {
        let folder = try TemporaryFolder()
        var store = try Store.test(folder)
        for index in 0..<3 { try await store.record(Scenario(index).whole) }
        try await store.record([Scenario(3).offered, Scenario(3).planned])
        let before = try await store.reader.calls()
        let heads = try await store.reader.heads()
        await store.close()

        // Back to what the version before had made of the same facts.
        let raw = try Raw(folder)
        for table in RecordingIndexTests.tables + Self.new { try raw.change("DROP TABLE \(table)") }
        try raw.change("DROP INDEX journal_finished")
        try raw.change("DROP INDEX journal_server_noted")
        try raw.change("DROP INDEX orders_open")
        // The thirteenth schema makes it, the one after drops it: both run again.
        try raw.change("ALTER TABLE recordings DROP COLUMN purpose")
        for column in Self.newInOrders { try raw.change("ALTER TABLE orders DROP COLUMN \(column)") }
        try raw.change("DELETE FROM grdb_migrations WHERE identifier >= '0003'")
        #expect(try raw.number("SELECT count(*) FROM pragma_table_info('recordings') WHERE name = 'purpose'") == 0)
        try raw.queue.close()
        #expect { try Store.openForQueries(folder: folder.path) } throws: { ($0 as? StorageError)?.code == .version }

        store = try Store.test(folder, seed: 2)
        #expect(try await store.reader.calls() == before)
        #expect(try await store.reader.heads() == heads)
        #expect(try await store.reader.recordings().allSatisfy { $0.purpose == "call" })
        #expect(try await store.reader.verifyEvidence().ok)
        let detail = try #require(try await store.reader.call(Scenario(0).call))
        #expect(detail.queue.isEmpty)
        #expect(detail.rating == nil)
        // It goes on with new facts, of old calls too.
        let three = Scenario(3)
        try await store.record([
            .queueEntered(
                QueueEntered(call: three.call, at: three.at(5000), queue: "faults", position: 1, priority: []))
        ])
        try await store.record(AgentScenario(4).whole)
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        await store.close()
    }
}
