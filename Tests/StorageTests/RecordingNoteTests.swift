import Calls
import Foundation
import GRDB
import Storage
import Testing

/// Notes to recordings, and the words that they are found by.
@Suite struct RecordingNoteTests {
    private func note(_ scenario: Scenario, _ text: String, position: Int64? = nil, at: Int64 = 30_000) -> Fact {
        .recordingNoted(
            RecordingNoted(
                recording: scenario.recording, call: scenario.call, at: scenario.at(at), by: workNumber("1001"),
                position: position.map { AudioPosition(milliseconds: $0) }, text: text))
    }

    @Test func notesAreKeptShownAndFound() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let (one, two) = (Scenario(0), Scenario(1))
        try await store.record(one.whole + two.whole)
        try await store.record([note(one, "客户要求回电。Second line", position: 6500)])
        try await store.record([note(one, "又来电了"), note(two, "客户满意")])
        let detail = try #require(try await store.reader.recordingDetail(one.recording))
        #expect(detail.notes.map(\.text) == ["客户要求回电。Second line", "又来电了"])
        #expect(detail.notes.map(\.positionMilliseconds) == [6500, nil])
        #expect(detail.notes.map(\.by) == [workNumber("1001"), workNumber("1001")])
        #expect(detail.notes[0].at == UTCTime(one.at(30_000)))

        let cases: [(String, [Scenario])] = [
            ("客户", [two, one]), ("回电", [one]), ("电了", [one]), ("电回", []), ("second", [one]), ("SECOND LINE", [one]),
            ("secon", []), ("客户 满意", [two]), ("客户 又来", [one]), ("了客户", []), ("东城", [two, one]),
            // Two fields of an order, and a note after an order, are no phrase.
            ("0012345东城", []), ("东城客户", []), ("0012345", [two, one]), ("００１２３４５", [two, one]),
            ("\" OR \"", []), ("停电\" OR body:*", []), ("NEAR(客 户)", []), ("客*", [two, one]),
        ]
        for (text, expected) in cases {
            var filter = RecordingFilter()
            filter.text = text
            let found = try await store.reader.recordings(filter: filter)
            #expect(found.map(\.id) == expected.map(\.recording), "\(text)")
        }
        // On the call's timeline as well.
        let call = try #require(try await store.reader.call(one.call))
        #expect(call.timeline.filter { $0.kind == "recording_noted" }.count == 2)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func aNoteNeedsItsRecording() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record([Scenario(0).offered] + Scenario(1).whole)
        await #expect { try await store.record([note(Scenario(0), "x")]) } throws: {
            ($0 as? StorageError)?.code == .conflict
        }
        // The recording of another call.
        let mixed: Fact = .recordingNoted(
            RecordingNoted(
                recording: Scenario(1).recording, call: Scenario(0).call, at: Scenario(0).at(5), by: workNumber("1001"),
                text: "x"))
        await #expect(throws: StorageError.self) { try await store.record([mixed]) }
        #expect(try await store.reader.recordingDetail(Scenario(0).recording) == nil)
        await store.close()
    }

    @Test func textsOfNotesAreChecked() {
        for text in ["好", "a\nb\tc", String(repeating: "字", count: 2000)] {
            #expect(RecordingNoted.complaint(about: text) == nil, "\(text.prefix(10))")
        }
        for text in ["", " \n", "a\u{0}", "\u{1B}[2J", String(repeating: "字", count: 2001)] {
            #expect(RecordingNoted.complaint(about: text) != nil, "\(text.prefix(10))")
        }
    }

    @Test func wordsAreCharactersOfChineseAndWholeWordsOfOthers() {
        let cases: [(String, [String])] = [
            ("停电了", ["停", "电", "了"]), ("停电，东城区12号", ["停", "电", "东", "城", "区", "12", "号"]),
            ("Haus-Nr. 7B", ["haus", "nr", "7b"]), ("ＡＢ１２", ["ab12"]), ("", []), ("，。!\u{202E}\u{1F4DE}", []),
            ("Ärger", ["ärger"]), ("a\u{E000}b", ["a", "b"]), ("カナ한국", ["カ", "ナ", "한", "국"]),
        ]
        for (text, words) in cases { #expect(SearchText.words(text) == words, "\(text)") }
        #expect(SearchText.phrases(" 停电  东城\n区 ，") == ["停 电", "东 城", "区"])
        #expect(SearchText.body(["", "，"]) == nil)
    }

    /// SQLite cuts what we hand it exactly where we did, for every character that we let through.
    @Test func sqliteSeesTheSameWords() throws {
        let queue = try DatabaseQueue()
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE VIRTUAL TABLE words USING fts5 (body, tokenize = 'unicode61 remove_diacritics 0');
                    CREATE VIRTUAL TABLE seen USING fts5vocab (words, instance);
                    """)
            var given: [Int: [String]] = [:]
            var row = 0
            for value in Array(0x20...0xFFFF) + Array(0x20000...0x2A6D6) + Array(0x1F300...0x1F3FF) {
                guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
                // Between two letters: what is cut away, or makes a word of its own, shows.
                guard let body = SearchText.body(["a" + String(Character(scalar)) + "b"]) else { continue }
                row += 1
                given[row] = body.split(separator: " ").map(String.init)
                try db.execute(sql: "INSERT INTO words (rowid, body) VALUES (?, ?)", arguments: [row, body])
            }
            var seen: [Int: [String]] = [:]
            let rows = try Row.fetchCursor(db, sql: "SELECT doc, term FROM seen ORDER BY doc, offset")
            while let row = try rows.next() { seen[row["doc"], default: []].append(row["term"]) }
            #expect(given.count > 60_000)
            for (row, words) in given where seen[row] != words {
                Issue.record("\(words) is \(seen[row] ?? []) to SQLite")
                break
            }
        }
    }
}
