import Calls
import Foundation
import Storage
import Testing

/// What people and programs may ask for, and what they are told where they may not.
@Suite struct RecordingParameterTests {
    private func filter(_ name: String, _ text: String) throws -> RecordingFilter {
        var filter = RecordingFilter()
        try RecordingParameters.set(name, to: text, in: &filter)
        return filter
    }

    @Test func everyParameterIsRead() throws {
        #expect(try filter("order", "20261122-0007").order == "20261122-0007")
        #expect(try filter("caller", "13900000001").caller == "13900000001")
        #expect(try filter("agent", "1001").agent == workNumber("1001"))
        #expect(try filter("line", "trunk1").line == "trunk1")
        #expect(try filter("category", "fault").category == "fault")
        #expect(try filter("outcome", "released_after_wait").outcome == .releasedAfterWait)
        #expect(try filter("released_by", "agent").releasedBy == .agent)
        #expect(try filter("digits", "12*#A").digits == "12*#A")
        #expect(try filter("mark", "angry").mark == "angry")
        #expect(try filter("text", "停电").text == "停电")
        #expect(try filter("state", "finished").state == .finished)
        #expect(try filter("purpose", "consultation").purpose == "consultation")
        #expect(try filter("call", Scenario(0).call.description).call == Scenario(0).call)
        #expect(try filter("sort", "length").sort == .length)
        #expect(try filter("ascending", "true").descending == false)
        #expect(try filter("limit", "1000").limit == 1000)
        #expect(
            try filter("from", "2026-11-22T08:00:00+08:00").from == UTCTime("2026-11-22T00:00:00Z"))
        let cursor = RecordingCursor(sort: .time, descending: true, key: 0, place: 42)
        #expect(try filter("cursor", cursor.description).cursor == cursor)
    }

    @Test func rangesAreRead() throws {
        let cases: [(String, Int?, Int?)] = [
            ("5", 5, 5), ("2..4", 2, 4), ("3..", 3, nil), ("..3", nil, 3), ("0", 0, 0),
        ]
        for (text, least, most) in cases {
            let filter = try filter("rings", text)
            #expect(filter.ringsAtLeast == least, "\(text)")
            #expect(filter.ringsAtMost == most, "\(text)")
        }
        #expect(try filter("length", "1.5..60").lengthAtLeast == 1500)
        #expect(try filter("length", "1.5..60").lengthAtMost == 60_000)
        #expect(try filter("length", "0.001").lengthAtMost == 1)
        #expect(try filter("rating", "1..2").ratingAtMost == 2)
    }

    @Test(arguments: [
        ("agent", "a b", "a work number"), ("outcome", "done", "completed, abandoned"),
        ("released_by", "", "caller, agent"),
        ("rings", "5x", "N, N.."), ("rings", "..", "N, N.."), ("rings", "4..2", "smaller first"),
        ("rings", "-1", "0 to 1000"),
        ("rings", "1001", "0 to 1000"), ("rings", "99999999999999999999", "0 to 1000"), ("rating", "6", "1 to 5"),
        ("rating", "0", "1 to 5"), ("length", "1.2345", "3 decimals"), ("length", "-5", "seconds"),
        ("length", "1e3", "seconds"),
        ("digits", "", "1 to 64 keys"), ("digits", "12x", "1 to 64 keys"), ("mark", "bad", "nuisance, wrong_number"),
        ("text", "", "1 to 400"), ("text", "，。", "a letter"), ("state", "done", "planned, started"),
        ("purpose", "x", "call, consultation"), ("call", "1", "36 characters"), ("sort", "size", "time, length, rings"),
        ("ascending", "yes", "true, false"), ("limit", "0", "1 to 100000"), ("limit", "100001", "1 to 100000"),
        ("cursor", "x", "as it was given"), ("from", "yesterday", "a time such as"), ("to", "", "a time such as"),
        ("order", "", "order's number"), ("norm_broken", "", "a rule's id"),
        ("colour", "red", "no parameter"),
        ("line", String(repeating: "x", count: 101), "1 to 100 bytes"),
    ])
    func aBadValueIsNamed(name: String, value: String, allowed: String) throws {
        #expect { try filter(name, value) } throws: { error in
            guard let error = error as? StorageError, error.code == .argument else { return false }
            return error.message.contains("`\(name)`") && error.message.contains(allowed)
        }
        // As the command line shows it.
        var another = RecordingFilter()
        if name != "colour" {
            #expect { try RecordingParameters.set(name, to: value, in: &another, shown: "--this") } throws: {
                ($0 as? StorageError)?.message.contains("`--this`") == true
            }
        }
    }

    @Test func whatContradictsItselfIsRefused() throws {
        var filter = RecordingFilter(from: UTCTime(microseconds: 5), to: UTCTime(microseconds: 5))
        #expect(throws: StorageError.self) { try RecordingParameters.check(filter) }
        filter = RecordingFilter(sort: .rings)
        filter.cursor = RecordingCursor(sort: .time, descending: true, key: 0, place: 1)
        #expect(throws: StorageError.self) { try RecordingParameters.check(filter) }
        filter.cursor = RecordingCursor(sort: .rings, descending: true, key: 0, place: 1)
        try RecordingParameters.check(filter)
    }

    @Test func everyParameterIsListed() {
        for name in RecordingParameters.names {
            var filter = RecordingFilter()
            do {
                try RecordingParameters.set(name, to: "?", in: &filter)
            } catch {
                #expect(!error.message.contains("is no parameter"), "\(name)")
            }
        }
    }
}
