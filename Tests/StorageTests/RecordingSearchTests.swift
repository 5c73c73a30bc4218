import Calls
import Foundation
import Storage
import Testing

/// Random stores and random filters: what SQL finds is what a test of every recording finds.
@Suite struct RecordingSearchTests {
    private static func open(_ folder: TemporaryFolder, _ limits: RecordingSearchLimits) throws -> SQLiteEngine {
        var options = SQLiteEngine.Options()
        options.search = limits
        let random = SteppingRandom(seed: 3)
        return try SQLiteEngine(
            path: DataFolder(folder.path).database, chain: "node1", options: options, random: { random.next() })
    }

    private static func unit(_ facts: [Fact], _ dice: inout Dice) -> JournalUnit {
        JournalUnit(
            events: facts.map { fact in
                PendingEvent(
                    id: EventID(high: dice.next(), low: dice.next()), fact: fact, at: SteppingTime.start, boot: "boot",
                    node: "node1")
            }, conflict: .refuse)
    }

    @Test(arguments: UInt64(1)...4)
    func whatIsFoundIsWhatFits(seed: UInt64) async throws {
        let folder = try TemporaryFolder()
        var world = SearchWorld(seed: seed)
        var dice = Dice(seed: seed &+ 1000)
        var engine = try Self.open(folder, world.limits())
        func add(_ calls: Int) throws {
            let units = (0..<calls).map { _ in Self.unit(world.call(), &dice) }
            #expect(try engine.commit(units, replay: false).refusals.allSatisfy { $0 == nil })
        }
        try add(90)
        var pages = 0
        for round in 0..<40 {
            if round % 5 == 4 {
                try engine.close()
                engine = try Self.open(folder, world.limits())
            }
            var filter = world.filter()
            let count = try await engine.queries.recordingCount(filter)
            #expect(count.count == world.matching(filter).count, "seed \(seed): \(filter)")
            #expect(!count.more)
            var last: WorldRecording?
            while true {
                let all = world.matching(filter).filter { recording in
                    guard let last else { return true }
                    let (one, other) = (SearchWorld.key(recording, filter), SearchWorld.key(last, filter))
                    return filter.descending ? one < other : one > other
                }
                let page = try await engine.queries.recordings(filter)
                let found = page.recordings.map(\.recording.id)
                guard found == all.prefix(filter.limit).map(\.id) else {
                    Issue.record("seed \(seed), \(filter): \(found) is not \(all.prefix(filter.limit).map(\.id))")
                    return
                }
                #expect((page.next != nil) == (all.count > filter.limit), "seed \(seed): \(filter)")
                pages += 1
                guard let next = page.next else { break }
                last = all[filter.limit - 1]
                // The cursor goes through its text, as people hand it on.
                filter.cursor = RecordingCursor(next.description)
                #expect(filter.cursor == next)
                if dice.chance(20) { try add(1) }
            }
        }
        #expect(pages > 60)
        let report = try await engine.queries.verifyEvidence(anchors: [])
        #expect(report.ok, "\(report)")
        try engine.close()
    }

    @Test func whatIsShownIsWhatIsKnown() async throws {
        let folder = try TemporaryFolder()
        var world = SearchWorld(seed: 77)
        var dice = Dice(seed: 78)
        let engine = try Self.open(folder, RecordingSearchLimits())
        _ = try engine.commit((0..<40).map { _ in Self.unit(world.call(), &dice) }, replay: false)
        let page = try await engine.queries.recordings(RecordingFilter(limit: 1000))
        #expect(page.recordings.count == world.recordings.count)
        for found in page.recordings {
            let known = try #require(world.recordings.first { $0.id == found.recording.id })
            #expect(found.caller == known.caller)
            #expect(found.line == known.line)
            #expect(found.digits == known.digits)
            #expect(found.rings == known.rings)
            #expect(found.outcome == known.outcome)
            #expect(found.releasedBy == known.releasedBy)
            #expect(found.rating == known.rating)
            #expect(found.marks == known.marks.sorted())
            #expect(found.categories == known.categories.sorted())
            #expect(Set(found.answeredBy) == known.agents)
            #expect(found.recording.orders == known.orders.sorted())
        }
        try engine.close()
    }

    @Test func aCursorOfAnotherSortIsRefused() async throws {
        let folder = try TemporaryFolder()
        let engine = try Self.open(folder, RecordingSearchLimits())
        _ = try engine.commit(
            [JournalUnit(events: Self.events(Scenario(0).whole), conflict: .refuse)], replay: false)
        var bySort = RecordingFilter(limit: 1, sort: .length)
        bySort.cursor = RecordingCursor(sort: .time, descending: true, key: 0, place: 5)
        var byRings = RecordingFilter(limit: 1, sort: .rings)
        byRings.cursor = bySort.cursor
        var byWay = RecordingFilter(limit: 1, descending: false)
        byWay.cursor = bySort.cursor
        var wordless = RecordingFilter(limit: 1)
        wordless.text = "，。"
        let before = RecordingFilter(before: Scenario(0).recording, sort: .rings)
        for filter in [bySort, byRings, byWay, wordless, before] {
            await #expect {
                try await engine.queries.recordings(filter)
            } throws: {
                ($0 as? StorageError)?.code == .argument
            }
        }
        try engine.close()
    }

    @Test func tenThousandAreCountedAndNoMore() {
        #expect(RecordingCount(found: 0).description == "0")
        #expect(RecordingCount(found: 10_000).description == "10000")
        #expect(!RecordingCount(found: 10_000).more)
        #expect(RecordingCount(found: 10_001).description == "10,000+")
        #expect(RecordingCount(found: 10_001).count == 10_000)
    }

    @Test func onlyCursorsAreCursors() {
        for cursor in [
            RecordingCursor(sort: .time, descending: true, key: 0, place: .max),
            RecordingCursor(sort: .rings, descending: false, key: -1, place: 0),
            RecordingCursor(sort: .length, descending: true, key: .max, place: .min),
        ] {
            #expect(RecordingCursor(cursor.description) == cursor)
        }
        for text in [
            "", "T", "T0", "T.", "T0.", "X0.0", "T00.0", "T+0.0", "T0.0.0", "T0.zzzzzzzzzzzzzzzzzzzzzz", "ℓ0.0",
            "' OR 1=1 --", String(repeating: "T", count: 1000),
        ] {
            #expect(RecordingCursor(text) == nil, "\(text)")
        }
    }

    static func events(_ facts: [Fact], seed: UInt64 = 9) -> [PendingEvent] {
        var dice = Dice(seed: seed)
        return facts.map { fact in
            PendingEvent(
                id: EventID(high: dice.next(), low: dice.next()), fact: fact, at: SteppingTime.start, boot: "boot",
                node: "node1")
        }
    }
}
