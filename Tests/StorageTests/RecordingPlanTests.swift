import Calls
import Foundation
import Storage
import Testing

/// How SQLite goes about each search, by its own words: which index leads, that nothing is read from end to end, and that
/// nothing common is sorted.
@Suite struct RecordingPlanTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        var sort = RecordingSort.time
        let change: @Sendable (inout RecordingFilter) -> Void
        /// Stands in the steps of the last statement where few recordings fit, and where many do.
        let few: String
        let many: String
        var testDescription: String { "\(name) by \(sort)" }
    }

    static let cases: [Case] = RecordingSort.allCases.flatMap { sort -> [Case] in
        let walk = sort == .length ? "INDEX recording_index_by_length" : "SCAN i"
        let merged = "recording_index_by_facet\(sort == .length ? "_length" : "") (facet=?"
        let facet = merged
        let agent = "SEARCH a USING PRIMARY KEY (agent=?"
        let since = "SEARCH i USING INTEGER PRIMARY KEY (rowid>?)"
        func led(_ index: String) -> String { "INDEX recording_index_by_\(index)" }
        // By rings is by time for each number of rings, which is a facet.
        func few(_ index: String) -> String { sort == .rings ? facet : index }
        func stream(_ index: String) -> String { sort == .length ? walk : index }
        return [
            Case(name: "nothing", sort: sort, change: { _ in }, few: few(walk), many: sort == .rings ? merged : walk),
            Case(
                name: "order", sort: sort, change: { $0.order = "20261122-0001" }, few: "(number=?)", many: "(number=?)"
            ),
            Case(
                name: "call", sort: sort, change: { $0.call = Scenario(0).call }, few: led("call"), many: led("call")),
            Case(
                name: "caller", sort: sort, change: { $0.caller = "13900000001" }, few: few(led("caller")),
                many: stream(led("caller"))),
            Case(
                name: "agent", sort: sort, change: { $0.agent = workNumber("1001") }, few: few(agent),
                many: stream(agent)),
            Case(
                name: "digits", sort: sort, change: { $0.digits = "1" }, few: few(led("digits")), many: walk),
            Case(
                name: "length", sort: sort, change: { $0.lengthAtLeast = 1000 },
                few: sort == .rings ? led("facet_length (facet=?") : led("length"),
                many: sort == .length ? led("length") : walk),
            Case(
                name: "time", sort: sort, change: { $0.from = UTCTime(microseconds: SteppingTime.start.wall + 1) },
                few: few(since), many: sort == .time ? since : sort == .length ? walk : merged),
            Case(
                name: "text", sort: sort, change: { $0.text = "停电" }, few: facet,
                many: stream("SCAN w VIRTUAL TABLE INDEX")),
            Case(name: "line", sort: sort, change: { $0.line = "trunk1" }, few: facet, many: merged),
            Case(name: "outcome", sort: sort, change: { $0.outcome = .completed }, few: facet, many: merged),
            Case(name: "released", sort: sort, change: { $0.releasedBy = .caller }, few: facet, many: merged),
            Case(name: "rings", sort: sort, change: { $0.ringsAtLeast = 2 }, few: facet, many: merged),
            Case(name: "rating", sort: sort, change: { $0.ratingAtMost = 3 }, few: facet, many: merged),
            Case(name: "mark", sort: sort, change: { $0.mark = "angry" }, few: facet, many: merged),
            Case(name: "category", sort: sort, change: { $0.category = "fault" }, few: facet, many: merged),
            Case(name: "state", sort: sort, change: { $0.state = .finished }, few: facet, many: merged),
            Case(name: "purpose", sort: sort, change: { $0.purpose = "call" }, few: facet, many: merged),
            Case(
                name: "outcome and caller", sort: sort,
                change: {
                    $0.outcome = .completed
                    $0.caller = "13900000001"
                }, few: facet, many: stream(led("caller"))),
        ]
    }

    /// Every recording, so that "many" is so by thresholds and not by size.
    private static func engine(_ folder: TemporaryFolder, many: Bool) throws -> SQLiteEngine {
        var options = SQLiteEngine.Options()
        if many {
            options.search.collect = 1
            options.search.collectWords = 1
            options.search.tested = 1
            options.search.few = 0
        }
        let random = SteppingRandom(seed: 3)
        return try SQLiteEngine(
            path: DataFolder(folder.path).database, chain: "node1", options: options, random: { random.next() })
    }

    @Test func everySearchIsLedByAnIndex() throws {
        let folder = try TemporaryFolder()
        var world = SearchWorld(seed: 5)
        var engine = try Self.engine(folder, many: false)
        for seed in 0..<200 {
            let events = RecordingSearchTests.events(world.call(), seed: UInt64(seed) + 50)
            _ = try engine.commit([JournalUnit(events: events, conflict: .refuse)], replay: false)
        }
        for many in [false, true] {
            try engine.close()
            engine = try Self.engine(folder, many: many)
            for example in Self.cases {
                var filter = RecordingFilter(limit: 5, sort: example.sort)
                example.change(&filter)
                for cursor in [nil, RecordingCursor(sort: example.sort, descending: true, key: 3, place: .max)] {
                    filter.cursor = cursor
                    let plan = try engine.searchPlan(filter)
                    let what =
                        "\(example.testDescription) \(many ? "many" : "few") \(cursor == nil ? "" : "after") \(plan)"
                    let last = try #require(plan.last, "\(what)")
                    let expected = many ? example.many : example.few
                    // After a cursor a walk along the key is bounded, and so a search.
                    let isThere = last.steps.contains { step in
                        step.contains(expected)
                            || (cursor != nil && expected == "SCAN i"
                                && step.hasPrefix("SEARCH i USING INTEGER PRIMARY"))
                            || (expected.hasSuffix("(rowid>?)") && step.contains("(rowid>? AND rowid<?)"))
                    }
                    #expect(isThere, "\(what)")
                    for (sql, steps) in plan {
                        for step in steps { Self.check(step, sql, many: many) }
                        if many, sql.contains("AS i"), !sql.contains("MATERIALIZED"),
                            !["order", "call"].contains(example.name)
                        {
                            #expect(!steps.contains { $0.contains("TEMP B-TREE FOR ORDER BY") }, "\(sql) \(steps)")
                        }
                    }
                }
            }
        }
        try engine.close()
    }

    /// Nothing is read from end to end but the combinations of facets, what a word or a statement's own part gave, and the
    /// index in the order of the list, which ends with the page or the window.
    private static func check(_ step: String, _ sql: String, many: Bool) {
        guard step.hasPrefix("SCAN ") else { return }
        let subject = step.dropFirst(5).prefix { $0 != " " }
        let allowed = ["f", "w", "c", "heads", "first", "o", "(subquery-1)", "(subquery-2)", "CONSTANT", "i"]
        #expect(allowed.contains(String(subject)), "\(step) in \(sql)")
        if subject == "i" {
            let isOrdered = sql.contains("ORDER BY") && sql.contains("LIMIT")
            #expect(isOrdered, "\(step) in \(sql)")
        }
    }
}
