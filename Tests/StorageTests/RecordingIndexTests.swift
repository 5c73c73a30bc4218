import Calls
import Foundation
import GRDB
import Storage
import Testing

/// The index follows from the journal, whoever wrote the store, and says when it does not.
@Suite struct RecordingIndexTests {
    static let tables = [
        "recording_notes", "recording_agents", "recording_words", "recording_texts", "recording_index",
        "recording_facets", "recording_index_fill",
    ]

    /// A store as the version before this migration left it.
    private static func old(_ folder: TemporaryFolder) throws {
        let raw = try Raw(folder)
        for table in tables { try raw.change("DROP TABLE \(table)") }
        try raw.change("DELETE FROM grdb_migrations WHERE identifier = '0006'")
        try raw.queue.close()
    }

    private static func open(_ folder: TemporaryFolder, batch: Int) throws -> SQLiteEngine {
        var options = SQLiteEngine.Options()
        options.fillBatch = batch
        let random = SteppingRandom(seed: 3)
        return try SQLiteEngine(
            path: DataFolder(folder.path).database, chain: "node1", options: options, random: { random.next() })
    }

    /// Everything the index says, without the numbers of facets, which depend on the order of filling.
    private static func content(_ folder: TemporaryFolder) throws -> [String] {
        let raw = try Raw(folder)
        defer { do { try raw.queue.close() } catch { Issue.record(error) } }
        let index = try raw.texts(
            """
            SELECT hex(i.id) || ' ' || (place >> 10) || ' ' || length || ' ' || coalesce(caller, '-')
                || ' ' || digits || ' ' || line || outcome || released_by || f.rings || rating || marks || categories
                || state || purpose || texts
            FROM recording_index AS i JOIN recording_facets AS f ON f.id = i.facet ORDER BY i.id
            """)
        let agents = try raw.texts(
            "SELECT agent || hex(id) FROM recording_agents JOIN recording_index USING (place) ORDER BY 1")
        let texts = try raw.texts(
            "SELECT body || hex(id) FROM recording_texts JOIN recording_index USING (place) ORDER BY 1")
        return index + agents + texts
    }

    @Test(arguments: [1, 7, 1000])
    func aStoreOfTheVersionBeforeIsFilled(batch: Int) async throws {
        let folder = try TemporaryFolder()
        var world = SearchWorld(seed: 21)
        var engine = try Self.open(folder, batch: 100)
        // Notes and transcripts are younger than the index: an old store has none.
        let younger = ["recording_noted", "transcript_asked", "transcript_made", "qa_flagged"]
        let facts = (0..<60).map { _ in world.call().filter { !younger.contains($0.typeName) } }
        for (index, facts) in facts.enumerated() {
            let unit = JournalUnit(
                events: RecordingSearchTests.events(facts, seed: UInt64(index) + 400), conflict: .refuse)
            let refusals = try engine.commit([unit], replay: false).refusals.compactMap { $0?.description }
            #expect(refusals == [])
        }
        let before = try await engine.queries.recordings(RecordingFilter(limit: 1000))
        var filter = RecordingFilter(limit: 1000)
        filter.text = "停电"
        let withText = Set(try await engine.queries.recordings(filter).recordings.map(\.recording))
        #expect(!withText.isEmpty)
        try engine.close()
        let content = try Self.content(folder)
        try Self.old(folder)
        #expect { try Store.openForQueries(folder: folder.path) } throws: { ($0 as? StorageError)?.code == .version }

        engine = try Self.open(folder, batch: batch)
        #expect(try Self.content(folder) == content)
        let after = try await engine.queries.recordings(RecordingFilter(limit: 1000))
        // Within one microsecond the filling goes by id.
        #expect(Set(after.recordings.map(\.recording)) == Set(before.recordings.map(\.recording)))
        #expect(Set(try await engine.queries.recordings(filter).recordings.map(\.recording)) == withText)
        #expect(try await engine.queries.verifyEvidence(anchors: []).ok)
        // It goes on from there.
        let unit = JournalUnit(events: RecordingSearchTests.events(world.call(), seed: 999), conflict: .refuse)
        #expect(try engine.commit([unit], replay: false).refusals.compactMap { $0?.description } == [])
        #expect(try await engine.queries.verifyEvidence(anchors: []).ok)
        try engine.close()
    }

    @Test func aFillingThatWasCutOffGoesOn() async throws {
        let folder = try TemporaryFolder()
        var engine = try Self.open(folder, batch: 100)
        for index in 0..<20 {
            let unit = JournalUnit(
                events: RecordingSearchTests.events(Scenario(index).whole, seed: UInt64(index) + 400),
                conflict: .refuse)
            _ = try engine.commit([unit], replay: false)
        }
        try engine.close()
        let content = try Self.content(folder)
        // As an end after the eighth recording leaves it.
        let raw = try Raw(folder)
        try raw.change("DELETE FROM recording_index WHERE place NOT IN (SELECT place FROM recording_index LIMIT 8)")
        try raw.change("DELETE FROM recording_words WHERE rowid NOT IN (SELECT place FROM recording_index)")
        try raw.change("DELETE FROM recording_texts WHERE place NOT IN (SELECT place FROM recording_index)")
        try raw.change(
            "UPDATE recording_facets SET recordings = (SELECT count(*) FROM recording_index WHERE facet = recording_facets.id)"
        )
        try raw.change(
            "UPDATE recording_index_fill SET complete = 0, last = (SELECT max(id) FROM recording_index)")
        try raw.queue.close()
        // A reader would find too few, and says so instead.
        let reader = try Store.openForQueries(folder: folder.path)
        await #expect { try await reader.recordings() } throws: { ($0 as? StorageError)?.code == .version }
        try reader.close()

        engine = try Self.open(folder, batch: 3)
        #expect(try Self.content(folder) == content)
        #expect(try await engine.queries.recordings(RecordingFilter()).recordings.count == 20)
        #expect(try await engine.queries.verifyEvidence(anchors: []).ok)
        try engine.close()
    }

    @Test(arguments: [
        "UPDATE recording_index SET length = length + 1", "UPDATE recording_index SET caller = NULL",
        "UPDATE recording_index SET place = place + 1024, moment = moment + 1024", "DELETE FROM recording_index",
        "UPDATE recording_facets SET outcome = 'x' WHERE recordings > 0", "UPDATE recording_facets SET recordings = 0",
        "UPDATE recording_facets SET marks = 'x' WHERE recordings > 0", "DELETE FROM recording_agents",
        "UPDATE recording_texts SET body = ' x '", "DELETE FROM recording_texts",
        "UPDATE recording_notes SET text = 'x'", "DELETE FROM recording_notes",
    ])
    func whatIsHiddenFromASearchIsFound(sql: String) async throws {
        let folder = try TemporaryFolder()
        let engine = try Self.open(folder, batch: 100)
        let one = AgentScenario(0)
        let note: Fact = .recordingNoted(
            RecordingNoted(
                recording: one.base.recording, call: one.call, at: one.at(99_000), by: one.one, text: "客户情绪激动"))
        let events = RecordingSearchTests.events(one.whole + [note])
        _ = try engine.commit([JournalUnit(events: events, conflict: .refuse)], replay: false)
        #expect(try await engine.queries.verifyEvidence(anchors: []).ok)
        let raw = try Raw(folder)
        #expect(try raw.change(sql) > 0)
        try raw.queue.close()
        let report = try await engine.queries.verifyEvidence(anchors: [])
        #expect(!report.ok)
        #expect(report.differences.allSatisfy { $0.table.hasPrefix("recording_") }, "\(report.differences)")
        try engine.close()
    }

    @Test func manyInOneMicrosecondKeepTheirOrder() async throws {
        let folder = try TemporaryFolder()
        let engine = try Self.open(folder, batch: 100)
        var identifiers = IdentifierGenerator(node: 1)
        var dice = Dice(seed: 4)
        let one = Scenario(0)
        var ids: [RecordingID] = []
        var facts = [one.offered]
        for _ in 0..<1100 {
            let id: RecordingID = identifiers.next(wallMicroseconds: one.start.wall, random: dice.next())
            ids.append(id)
            facts.append(
                .recordingPlanned(RecordingPlanned(recording: id, call: one.call, at: one.start, channels: [])))
        }
        let unit = JournalUnit(events: RecordingSearchTests.events(facts), conflict: .refuse)
        #expect(try engine.commit([unit], replay: false).refusals.compactMap { $0?.description } == [])
        let page = try await engine.queries.recordings(RecordingFilter(limit: 2000))
        #expect(page.recordings.map(\.recording.id) == Array(ids.reversed()))
        try engine.close()
    }
}
