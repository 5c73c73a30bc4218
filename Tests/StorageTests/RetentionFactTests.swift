import Calls
import Foundation
import GRDB
import Norms
import Storage
import Testing

/// Holds, deletion and erasure in the store: what goes, what stays, and that the chain holds.
@Suite struct RetentionFactTests {
    private static let by = WorkNumber("1001")

    private func by() throws -> WorkNumber { try #require(Self.by) }

    private func deleted(_ one: Scenario, _ cause: RecordingDeleted.Cause = .retention) -> Fact {
        .recordingDeleted(
            RecordingDeleted(
                recording: one.recording, call: one.call, at: one.at(100_000), cause: cause, rule: "otherwise",
                reason: "rule otherwise: 1 year (own)", file: "2026/11/22/110405-\(one.call).flac", frames: 160_000,
                bytes: 208_123, sha256: String(repeating: "ab", count: 32)))
    }

    private func noted(_ one: Scenario, _ text: String) throws -> Fact {
        .recordingNoted(
            RecordingNoted(recording: one.recording, call: one.call, at: one.at(30_000), by: try by(), text: text))
    }

    private func hold(_ one: Scenario, _ scope: HoldScope, _ number: UInt64 = 1) throws -> HoldPlaced {
        HoldPlaced(
            hold: HoldID(high: one.call.high, low: number), at: one.at(50_000), scope: scope,
            recording: scope == .recording ? one.recording : nil, call: scope == .order ? nil : one.call,
            order: scope == .order ? one.order : nil, reason: "a court wants it", by: try by())
    }

    private func released(_ hold: HoldPlaced) throws -> Fact {
        .holdReleased(
            HoldReleased(
                hold: hold.hold, at: hold.at.advanced(milliseconds: 1000), recording: hold.recording, call: hold.call,
                order: hold.order, reason: "settled", by: try by()))
    }

    @Test func aDeletedRecordingLeavesItsHashItsReasonAndNoWords() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let (one, two) = (Scenario(0), Scenario(1, caller: "13900000002"))
        try await store.record(one.whole + [try noted(one, "zebrafish spoke")])
        try await store.record(two.whole)
        try await store.record([deleted(one)])

        let summary = try #require(try await store.reader.recording(one.recording))
        #expect(summary.state == .deleted)
        #expect(summary.deletedAt == UTCTime(one.at(100_000)))
        #expect(summary.deletedBecause == "rule otherwise: 1 year (own)")
        #expect(summary.sha256 == String(repeating: "ab", count: 32) && summary.bytes == 208_123)
        let detail = try #require(try await store.reader.recordingDetail(one.recording))
        #expect(detail.notes.isEmpty)
        let found = try await store.reader.recordingPage(RecordingFilter(state: .deleted))
        #expect(found.recordings.map(\.recording.id) == [one.recording])
        var byText = RecordingFilter()
        byText.text = "zebrafish"
        #expect(try await store.reader.recordingPage(byText).recordings.isEmpty)

        // The fact that finished it and the note say nothing any more; the rest of the call does.
        let call = try #require(try await store.reader.call(one.call))
        #expect(Set(call.timeline.filter(\.erased).map(\.type)) == ["recording_finished", "recording_noted"])
        #expect(call.summary.caller == one.caller)
        #expect(call.timeline.last?.type == "recording_deleted")

        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        #expect(report.chains.map(\.erased) == [2])
        // The call of a deleted recording is still held to the journal, and so is every other.
        let raw = try Raw(folder)
        try raw.change("UPDATE calls SET caller = '1' WHERE caller = '\(one.caller)'")
        #expect(try await store.reader.verifyEvidence().differing > 0)
        await store.close()
    }

    @Test func aDeletionThatIsMadeUpIsFound() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole)
        let raw = try Raw(folder)
        try raw.change("UPDATE recordings SET state = 'deleted'")
        #expect(try await store.reader.verifyEvidence().ok == false)
        try raw.change("UPDATE recordings SET state = 'finished'")
        #expect(try await store.reader.verifyEvidence().ok)
        try raw.change(
            "INSERT INTO recording_fates (recording, reason, removal_due) SELECT id, 'made up', 1 FROM recordings")
        #expect(try await store.reader.verifyEvidence().ok == false)
        await store.close()
    }

    @Test(arguments: HoldScope.allCases)
    func aHoldKeepsWhateverIsAsked(_ scope: HoldScope) async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole)
        let hold = try hold(one, scope)
        try await store.record([.holdPlaced(hold)])
        let subject = try #require(try await store.reader.retentionRecordings().first?.subject)
        #expect(subject.holds == [RetentionSubject.Hold(id: hold.hold.description, reason: "a court wants it")])
        #expect(try await store.reader.retentionSubject(of: one.call)?.holds.count == 1)
        let erasure = PersonalDataErased(
            at: one.at(90_000), call: one.call, orders: [one.order], reason: "asked", by: try by())
        for fact in [deleted(one), .personalDataErased(erasure)] {
            await #expect { try await store.record([fact]) } throws: { error in
                (error as? StorageError)?.code == .conflict && "\(error)".contains("a court wants it")
            }
        }
        #expect(try await store.reader.recording(one.recording)?.state == .finished)
        #expect(try await store.reader.call(one.call)?.summary.caller == one.caller)

        // Released once, and no second time.
        try await store.record([try released(hold)])
        await #expect(throws: StorageError.self) { try await store.record([try self.released(hold)]) }
        #expect(try await store.reader.holds().isEmpty)
        let all = try await store.reader.holds(inForceOnly: false)
        #expect(all.map(\.scope) == [scope] && all[0].releaseReason == "settled")
        #expect(all[0].orderNumber == (scope == .order ? one.number : nil))
        try await store.record([deleted(one), .personalDataErased(erasure)])
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func holdsAreOnThingsThatAreThere() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record(Scenario(0).whole)
        for scope in HoldScope.allCases {
            let hold = try hold(Scenario(7), scope)
            await #expect(throws: StorageError.self) { try await store.record([.holdPlaced(hold)]) }
        }
        await store.close()
    }

    @Test func filesThatWaitToBeRemovedAreToldUntilTheyAreGone() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let (one, two) = (Scenario(0), Scenario(1))
        try await store.record(one.whole)
        try await store.record(two.whole)
        #expect(try await store.reader.recordingBytes() == 2 * 208_123)
        try await store.record([
            .recordingArchived(
                RecordingArchived(recording: two.recording, call: two.call, at: two.at(60_000), reason: "old")),
            deleted(one),
        ])
        #expect(try await store.reader.recordingBytes() == 0)
        let due = try await store.reader.dueRemovals()
        #expect(due.map(\.recording) == [one.recording, two.recording])
        #expect(due.map(\.isDeleted) == [true, false] && due.map(\.isArchived) == [false, true])
        func removed(_ one: Scenario) -> Fact {
            .recordingRemoved(
                RecordingRemoved(recording: one.recording, call: one.call, at: one.at(70_000), bytes: 5))
        }
        try await store.record([removed(one), removed(two)])
        #expect(try await store.reader.dueRemovals().isEmpty)
        await #expect(throws: StorageError.self) { try await store.record([removed(one)]) }
        #expect(try await store.reader.recording(two.recording)?.archivedAt == UTCTime(two.at(60_000)))
        // What was archived is deleted from both places.
        try await store.record([deleted(two)])
        #expect(try await store.reader.dueRemovals().map(\.isArchived) == [true])
        // Deleted once.
        await #expect(throws: StorageError.self) { try await store.record([self.deleted(one)]) }
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func aPersonGoesFromEveryTableAndEveryBodyAndFromTheFile() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let number = "13900000077"
        let (one, two) = (Scenario(0, caller: number), Scenario(1, caller: "13900000088"))
        try await store.record(
            one.whole + [
                one.noted(25_000, "lookup", ["account": "7777777777"]),
                .messageLeft(
                    MessageLeft(
                        message: MessageID(high: one.call.high, low: 5), call: one.call, at: one.at(26_000),
                        queue: "faults", caller: number, recording: one.recording, from: AudioPosition(milliseconds: 1),
                        to: AudioPosition(milliseconds: 2))),
                .callBackAsked(CallBackAsked(call: one.call, at: one.at(27_000), queue: "faults", number: number)),
                .callMarked(
                    CallMarked(
                        call: one.call, at: one.at(28_000), by: try by(), mark: "angry", note: "quetzalcoatl shouted")),
                try noted(one, "zebrafish spoke"),
            ])
        try await store.record(two.whole + [try noted(two, "somebody else")])
        try await store.record([
            .numberBlocked(NumberBlocked(at: one.at(40_000), number: number, by: try by(), reason: "nuisance")),
            .numberUnblocked(NumberUnblocked(at: one.at(41_000), number: number, by: try by())),
        ])
        let index = try await store.reader.person(number)
        #expect(index.calls == [one.call] && index.orders.map(\.number) == [one.number])
        #expect(index.blocked.count == 1 && index.blockEvents.count == 2)

        try await store.record([
            deleted(one, .person),
            .personalDataErased(
                PersonalDataErased(
                    at: one.at(100_000), call: one.call, orders: index.orders.map(\.id), reason: "asked for",
                    by: try by())),
            .personalDataErased(
                PersonalDataErased(at: one.at(100_000), events: index.blockEvents, reason: "asked for", by: try by())),
        ])
        let nothing = try await store.reader.person(number)
        #expect(nothing.calls.isEmpty && nothing.orders.isEmpty && nothing.blocked.isEmpty)
        let call = try #require(try await store.reader.call(one.call))
        #expect(call.summary.caller == nil && call.summary.digits.isEmpty && call.callerRaw == nil)
        // What the norms are judged by stays.
        #expect(call.summary.rings == 1 && call.summary.outcome == .completed)
        #expect(call.timeline.contains { $0.type == "call_answered" && !$0.erased })
        #expect(call.timeline.contains { $0.kind == "prompt_started" && !$0.erased })
        #expect(call.timeline.filter { $0.type == "order_created" }.allSatisfy { $0.erased })
        let order = try #require(try await store.reader.order(one.number))
        #expect(order.caller == nil && order.fields.isEmpty)
        #expect(try await store.reader.orderByCode(number: one.number, code: "4711") == nil)
        #expect(try await store.reader.call(two.call)?.summary.caller == "13900000088")
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        await store.close()

        // Closing moves the log into the file: no page of it has the words any more.
        let bytes = try Data(contentsOf: URL(fileURLWithPath: DataFolder(folder.path).database))
        for word in [number, "7777777777", "zebrafish spoke", "quetzalcoatl"] {
            #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word) is still in the file")
        }
        #expect(bytes.range(of: Data("13900000088".utf8)) != nil)
    }

    /// The index of recordings has an order's fields as one text: it goes from the file's pages with the order.
    @Test(arguments: [true, false]) func whatWasFoundByAnOrdersWordsIsNoMore(withCall: Bool) async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0, caller: "13900000077")
        try await store.record(one.whole)
        let text = try #require(try Raw(folder).texts("SELECT body FROM recording_texts").first)
        #expect(text.contains("0012345"))
        // A later state of the text: the one before may not stay behind in its page.
        try await store.record([try noted(one, "zebrafish spoke")])
        let index = try await store.reader.person("13900000077")
        try await store.record([
            .personalDataErased(
                PersonalDataErased(
                    at: one.at(100_000), call: withCall ? one.call : nil, orders: index.orders.map(\.id),
                    reason: "asked for", by: try by()))
        ])
        let left = try Raw(folder).texts("SELECT body FROM recording_texts")
        #expect(left.count == (withCall ? 0 : 1) && !left.joined().contains("0012345"), "\(left)")
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: DataFolder(folder.path).database))
        #expect(bytes.range(of: Data(text.utf8)) == nil, "\(text) is still in the file")
    }

    /// FTS5 only writes down that words are gone. They leave the file with the next pass over the index, also of the next run.
    @Test func erasedWordsLeaveTheIndexOfWords() async throws {
        let folder = try TemporaryFolder()
        let database = URL(fileURLWithPath: DataFolder(folder.path).database)
        func isThere(_ word: String) throws -> Bool { try Data(contentsOf: database).range(of: Data(word.utf8)) != nil }
        let store = try Store.test(folder)
        let calls = (0..<60).map { Scenario($0) }
        for (number, one) in calls.enumerated() {
            try await store.record(one.whole + [try noted(one, "kept\(number) remains")])
        }
        try await store.record([try noted(calls[3], "zebrafish spoke")])
        try await store.record([deleted(calls[3])])
        await store.close()
        #expect(try isThere("zebrafish"), "nothing to be taken out: the test shows nothing")

        let raw = try Raw(folder)
        func stage() throws -> Int { try raw.number("SELECT erased FROM recording_index_fill") }
        // So many that a pass has many steps.
        try raw.change(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
            INSERT INTO recording_words (rowid, body)
            SELECT 1000000 + i, 'w' || (i * 7919 % 50000) || ' v' || (i * 104729 % 50000) FROM n
            """)
        // Step by step by hand, beside a store whose own passes are minutes away.
        let quiet = try Store.test(folder, seed: 2)
        var options = SQLiteEngine.Options()
        options.busySeconds = 60
        let engine = try SQLiteEngine(
            path: DataFolder(folder.path).database, chain: "node1", options: options, random: { 7 })
        var steps = 0
        #expect(try stage() == 1)
        var words = try engine.forgetWords(pages: 1)
        while words == .underWay, steps < 5000 {
            steps += 1
            // Words that come between the steps neither end a pass before its time nor keep it from its end.
            try await quiet.record([try noted(calls[10 + steps % 20], "later\(steps)")])
            if steps == 2 {
                // What is erased in the middle of a pass is for the next one.
                try await quiet.record([try noted(calls[5], "quagga said so")])
                try await quiet.record([deleted(calls[5])])
                #expect(try stage() == 3)
            }
            words = try engine.forgetWords(pages: 1)
        }
        #expect(words == .wanted && steps > 5, "\(words) after \(steps) steps")
        #expect(try stage() == 1)
        try engine.close()
        await quiet.close()
        #expect(try !isThere("zebrafish"))

        // The next run goes on with it by itself.
        var pace = Store.Pace.quick
        pace.forgetMilliseconds = 1
        pace.forgetStepMilliseconds = 1
        let again = try Store.test(folder, seed: 3, pace: pace)
        try await eventually { try stage() == 0 }
        for (word, count) in [("kept7", 1), ("zebrafish", 0)] {
            var filter = RecordingFilter()
            filter.text = word
            #expect(try await again.reader.recordingPage(filter).recordings.count == count, "\(word)")
        }
        try raw.queue.close()
        await again.close()
        for word in ["zebrafish", "quagga"] { #expect(try !isThere(word), "\(word) is still in the file") }
        #expect(try isThere("kept7"))
    }

    /// Every pass adds two levels to the index, and FTS5 reads no more than 2,000.
    @Test func anIndexOfManyLevelsIsMadeAnewAtAStart() async throws {
        let folder = try TemporaryFolder()
        let path = DataFolder(folder.path).database
        var options = SQLiteEngine.Options()
        options.words.renewed = 20
        options.words.most = 30
        let store = try Store.test(folder)
        for one in (0..<20).map({ Scenario($0) }) { try await store.record(one.whole) }
        await store.close()
        let raw = try Raw(folder)
        func levels() throws -> Int {
            try #require(
                RecordingWords.Structure(reading: raw.data("SELECT block FROM recording_words_data WHERE id = 10"))
            )
            .levels
        }
        /// Straight into the index: enough of them that FTS5 does not take them for a handful.
        func words(from first: Int, count: Int) throws {
            try raw.change(
                """
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
                INSERT INTO recording_words (rowid, body)
                SELECT \(first) + i, 'w' || (i * 7919 % 5000) || ' v' || (i * 104729 % 5000) FROM n
                """)
        }
        try words(from: 1_000_000, count: 2000)
        var engine = try SQLiteEngine(path: path, chain: "node1", options: options, random: { 7 })
        var passes = 0
        repeat {
            try raw.change("UPDATE recording_index_fill SET erased = 1")
            // New words, so that there is something to merge.
            for number in 0..<2 { try words(from: 2_000_000 + 2 * passes + number, count: 1) }
            while try engine.forgetWords(pages: 100) == .underWay {}
            passes += 1
        } while try passes < 30 && raw.number("SELECT erased FROM recording_index_fill") == 0
        // Then none begins any more, and what is erased waits.
        #expect(passes < 30)
        let reached = try levels()
        #expect((30...32).contains(reached), "\(reached)")
        try engine.close()
        engine = try SQLiteEngine(path: path, chain: "node1", options: options, random: { 7 })
        #expect(try levels() < 10)
        #expect(try raw.number("SELECT erased FROM recording_index_fill") == 0)
        try raw.change("INSERT INTO recording_words (recording_words) VALUES ('integrity-check')")
        try engine.close()
        try raw.queue.close()
    }

    @Test func othersInTheCarriersRecordsStay() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let records = ["13900000077", "13900000088"].map {
            CarrierImported.Record(caller: $0, called: "95598", began: 1_795_316_645_000_000, seconds: 60)
        }
        try await store.record([
            .carrierImported(CarrierImported(at: Scenario(0).start, file: "a.csv", records: records))
        ])
        let index = try await store.reader.person("13900000077")
        #expect(index.carrierRecords == [records[0]] && index.carrierImports.count == 1)
        var fact = try #require(try await store.reader.carrierRecords(of: index.carrierImports[0]))
        #expect(fact.records == records)
        fact.records.removeFirst()
        try await store.record([
            .personalDataErased(
                PersonalDataErased(at: Scenario(0).at(1), events: index.carrierImports, reason: "asked", by: try by())),
            .carrierImported(fact),
        ])
        #expect(try await store.reader.person("13900000077").carrierRecords.isEmpty)
        #expect(try await store.reader.person("13900000088").carrierRecords == [records[1]])
        #expect(try await store.reader.carrierRecords(of: index.carrierImports[0]) == nil)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func whatIsDeletedIsNotFinishedAgain() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole)
        try await store.record([deleted(one)])
        await #expect(throws: StorageError.self) { try await store.record([one.recordingFinished]) }
        #expect(try await store.reader.recording(one.recording)?.state == .deleted)
        await store.close()
    }
}
