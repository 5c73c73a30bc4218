import Calls
import Foundation
import GRDB
import Storage
import Testing

@Suite struct SQLiteTests {
    static func open(_ folder: TemporaryFolder) throws -> SQLiteEngine {
        let random = SteppingRandom(seed: 8)
        return try SQLiteEngine(
            path: DataFolder(folder.path).database, chain: "node1", random: { random.next() })
    }

    @Test func conforms() async throws { try await EngineConformance(open: Self.open).check() }

    @Test func theWriterIsDurable() throws {
        let folder = try TemporaryFolder()
        for _ in 0..<2 {
            let engine = try Self.open(folder)
            // 2 is FULL; GRDB's own set-up would leave 1.
            #expect(try engine.durability().synchronous == 2)
            #expect(try engine.durability().journal == "wal")
            let scenario = PendingEvent(
                id: EventID(high: 1, low: UInt64.random(in: 0 ... .max)),
                fact: .serverNoted(ServerNoted(at: SteppingTime.start, kind: "started", data: [:])),
                at: SteppingTime.start, boot: "b", node: "node1")
            _ = try engine.commit([JournalUnit(events: [scenario], conflict: .refuse)], replay: false)
            #expect(try engine.durability().synchronous == 2)
            try engine.close()
        }
    }

    @Test func filesAreTheirOwnersAlone() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        let store = try Store.test(folder)
        try await store.record(Scenario(0).whole)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let rights = try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions] as? Int
            #expect(rights == 0o600, "\(name)")
        }
        await store.close()
    }

    @Test func aClosedStoreIsOneFile() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record(Scenario(0).whole)
        await store.close()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                "hotline.sqlite", "server.lock",
            ])
        // Read-only without a log beside it, and the log is not left behind.
        let reader = try Store.openForQueries(folder: folder.path)
        #expect(try await reader.calls().count == 1)
        try reader.close()
    }

    @Test func aNewerSchemaIsRefused() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        await store.close()
        let raw = try Raw(folder)
        try raw.change("INSERT INTO grdb_migrations VALUES ('9999')")
        try raw.queue.close()
        #expect { try Store.test(folder) } throws: { ($0 as? StorageError)?.code == .version }
        #expect { try Store.openForQueries(folder: folder.path) } throws: { ($0 as? StorageError)?.code == .version }
    }

    @Test func anOlderSchemaIsBroughtUpToDateByTheServerOnly() async throws {
        let folder = try TemporaryFolder()
        // What stands before the first migration: an empty database.
        let raw = try Raw(folder)
        try raw.change("CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        try raw.queue.close()
        #expect { try Store.openForQueries(folder: folder.path) } throws: { ($0 as? StorageError)?.code == .version }
        let store = try Store.test(folder)
        try await store.record(Scenario(0).whole)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func theSchemaIsStrictAndKnown() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        await store.close()
        let raw = try Raw(folder)
        let tables = try raw.texts(
            """
            SELECT name FROM sqlite_schema
            WHERE type = 'table' AND name NOT LIKE 'grdb%' AND name NOT LIKE 'sqlite%'
                AND name NOT LIKE 'recording_words%' ORDER BY name
            """)
        #expect(
            tables == [
                "accesses", "agent_holds", "agent_offers", "agent_states", "anchor_deliveries", "anchors", "apologies",
                "blocked_numbers", "call_backs", "call_marks", "calls", "carrier_records", "chains", "duty_deeds",
                "external_orders", "forms", "holds", "journal", "legs", "messages", "norm_breaches", "notices",
                "order_alarms",
                "order_calls",
                "order_number_blocks", "order_recordings", "order_steps", "orders", "outages", "penalties",
                "persons", "qa_flags",
                "queue_passages", "ratings", "recording_agents", "recording_alarms",
                "recording_channel_figures", "recording_channels", "recording_facets", "recording_fates",
                "recording_figures", "recording_flags", "recording_imports", "recording_index",
                "recording_index_fill", "recording_notes", "recording_pauses", "recording_segments",
                "recording_texts", "recordings", "review_answers", "review_revisions", "reviews", "roster_loads",
                "sample_parts", "samples", "transcript_segments", "transcripts", "transfers",
            ])
        for table in tables {
            #expect(try raw.number("SELECT strict FROM pragma_table_list WHERE name = '\(table)'") == 1, "\(table)")
        }
        #expect(
            try raw.texts("SELECT identifier FROM grdb_migrations ORDER BY identifier")
                == (1...19).map { $0 < 10 ? "000\($0)" : "00\($0)" })
        try raw.queue.close()
    }

    @Test func afterACheckpointTheLogStartsAnew() throws {
        let folder = try TemporaryFolder()
        let engine = try Self.open(folder)
        let log = DataFolder(folder.path).database + "-wal"
        func size() throws -> Int { try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int ?? 0 }
        let random = SteppingRandom(seed: 11)
        var first = 0
        for round in 0..<6 {
            for index in 0..<20 {
                let events = Scenario(round * 20 + index).whole.map { fact in
                    PendingEvent(
                        id: EventID(high: random.next(), low: random.next()), fact: fact, at: SteppingTime.start,
                        boot: "b", node: "node1")
                }
                _ = try engine.commit([JournalUnit(events: events, conflict: .refuse)], replay: false)
            }
            if round == 0 { first = try size() }
            try engine.checkpoint()
        }
        // The commits of six rounds went through the space of little more than one.
        #expect(first > 0)
        #expect(try size() < first * 2)
        try engine.close()
    }

    @Test func anAnchorKeyIsMadeOnceForItsOwnerAlone() throws {
        let folder = try TemporaryFolder()
        let data = DataFolder(folder.path)
        let key = try AnchorKey.loadOrMake(data)
        #expect(key.count == 32)
        #expect(Set(key).count > 8)
        #expect(try AnchorKey.loadOrMake(data) == key)
        #expect(try FileManager.default.attributesOfItem(atPath: data.anchorKey)[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["anchor.key"])
        for bad in ["", "00", "zz" + String(repeating: "0", count: 62), String(repeating: "0", count: 66)] {
            try Data(bad.utf8).write(to: URL(fileURLWithPath: data.anchorKey))
            #expect(throws: StorageError.self) { try AnchorKey.loadOrMake(data) }
        }
    }
}
