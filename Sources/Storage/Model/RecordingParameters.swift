import Calls

/// A filter of recordings as people and programs write it: the parameters of `GET /api/v1/recordings` and, with dashes for
/// underscores, the options of `hotline recordings list`.
public enum RecordingParameters {
    /// Every parameter, as docs/json.md lists them.
    public static let names = [
        "order", "caller", "agent", "line", "category", "outcome", "from", "to", "length", "released_by", "rings",
        "digits", "mark", "flag", "rating", "text", "state", "purpose", "call", "norm_broken", "sort", "ascending",
        "cursor",
        "limit",
    ]

    /// Sets what a parameter says.
    /// - Parameter shown: the parameter's name as the asker wrote it, for the complaint.
    /// - Throws: `StorageError` with code `.argument`, which names the parameter, the value and what is allowed.
    public static func set(
        _ name: String, to text: String, in filter: inout RecordingFilter, shown: String? = nil
    ) throws(StorageError) {
        let value = Value(text: text, name: shown ?? name)
        switch name {
        case "order": filter.order = try value.word(upTo: 40, "a work order's number, such as 20261122-0007")
        case "caller": filter.caller = try value.word(upTo: 40, "a number as calls show it")
        case "line": filter.line = try value.word(upTo: 100, "a line's name")
        case "category": filter.category = try value.word(upTo: 40, "an order's category, such as fault")
        case "purpose": filter.purpose = try value.oneOf(["call", "consultation"])
        case "mark": filter.mark = try value.oneOf(RecordingFilter.marks)
        case "flag": filter.flag = try value.oneOf(QAFlagKind.self)
        case "agent":
            guard let agent = WorkNumber(text) else { throw value.bad("a work number: 1 to 12 letters and digits") }
            filter.agent = agent
        case "outcome": filter.outcome = try value.oneOf(Outcome.self)
        case "released_by": filter.releasedBy = try value.oneOf(ReleasedBy.self)
        case "state": filter.state = try value.oneOf(RecordingState.self)
        case "sort": filter.sort = try value.oneOf(RecordingSort.self)
        case "from": filter.from = try value.time()
        case "to": filter.to = try value.time()
        case "length":
            let bounds = try value.range("seconds, 0 to 1000000 with up to 3 decimals") { Value.milliseconds($0) }
            (filter.lengthAtLeast, filter.lengthAtMost) = bounds
        case "rings":
            (filter.ringsAtLeast, filter.ringsAtMost) = try value.range("0 to 1000") { Value.number($0, 0...1000) }
        case "rating":
            (filter.ratingAtLeast, filter.ratingAtMost) = try value.range("1 to 5") { Value.number($0, 1...5) }
        case "digits":
            let isKeys = text.allSatisfy { "0123456789*#ABCD".contains($0) }
            guard isKeys, (1...64).contains(text.utf8.count) else { throw value.bad("1 to 64 keys of 0-9 * # A-D") }
            filter.digits = text
        case "text":
            guard (1...400).contains(text.utf8.count) else { throw value.bad("1 to 400 bytes of UTF-8") }
            guard !SearchText.phrases(text).isEmpty else {
                throw value.bad("a text with a letter, a digit or a Chinese character")
            }
            filter.text = text
        case "call":
            guard let call = CallID(text) else { throw value.bad("a call's id, 36 characters") }
            filter.call = call
        case "cursor":
            guard let cursor = RecordingCursor(text) else {
                throw value.bad("the cursor of a recording, as it was given")
            }
            filter.cursor = cursor
        case "ascending": filter.descending = try value.oneOf(["true", "false"]) == "false"
        case "limit":
            guard let limit = Value.number(text, 1...100_000) else { throw value.bad("1 to 100000") }
            filter.limit = limit
        case "norm_broken":
            filter.normBroken = try value.word(upTo: 60, "a rule's id, such as yq-rings, or any")
        default:
            throw StorageError(
                .argument, "`\(name.prefix(40))` is no parameter: \(names.joined(separator: ", ")) are")
        }
    }

    /// What no single parameter can tell.
    /// - Throws: `StorageError` with code `.argument`.
    public static func check(_ filter: RecordingFilter) throws(StorageError) {
        if let from = filter.from, let to = filter.to, from >= to {
            throw StorageError(.argument, "`from` must lie before `to`; \(from) does not lie before \(to)")
        }
        if let cursor = filter.cursor, cursor.sort != filter.sort || cursor.descending != filter.descending {
            throw StorageError(
                .argument,
                "`cursor` belongs to a list sorted by \(cursor.sort.rawValue), "
                    + "\(cursor.descending ? "descending" : "ascending"): ask with the same `sort` and `ascending`")
        }
    }

    /// A text on its way to a value.
    private struct Value {
        let text: String
        let name: String

        func bad(_ allowed: String) -> StorageError {
            StorageError(.argument, "`\(name)`: '\(text.prefix(60))' is not allowed; give \(allowed)")
        }

        func word(upTo bytes: Int, _ what: String) throws(StorageError) -> String {
            guard (1...bytes).contains(text.utf8.count) else { throw bad("\(what), 1 to \(bytes) bytes") }
            return text
        }

        func oneOf(_ words: [String]) throws(StorageError) -> String {
            guard words.contains(text) else { throw bad("one of \(words.joined(separator: ", "))") }
            return text
        }

        func oneOf<Word: RawRepresentable<String> & CaseIterable>(_: Word.Type) throws(StorageError) -> Word {
            guard let word = Word(rawValue: text) else {
                throw bad("one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return word
        }

        func time() throws(StorageError) -> UTCTime {
            guard let time = UTCTime(text) else {
                throw bad("a time such as 2026-11-22T08:00:00+08:00 (UTC where it names no offset)")
            }
            return time
        }

        /// `N`, `N..`, `..N` or `N..M`.
        func range<Bound: Comparable>(
            _ bounds: String, _ read: (String) -> Bound?
        ) throws(StorageError) -> (Bound?, Bound?) {
            let allowed = "N, N.., ..M or N..M (\(bounds))"
            guard let dots = text.firstRange(of: "..") else {
                guard let value = read(text) else { throw bad(allowed) }
                return (value, value)
            }
            let (left, right) = (String(text[..<dots.lowerBound]), String(text[dots.upperBound...]))
            let (least, most) = (read(left), read(right))
            guard (left.isEmpty || least != nil) && (right.isEmpty || most != nil), !(left.isEmpty && right.isEmpty)
            else { throw bad(allowed) }
            if let least, let most, least > most { throw bad("\(allowed), the smaller first") }
            return (least, most)
        }

        static func number(_ text: String, _ range: ClosedRange<Int>) -> Int? {
            guard (1...7).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
                let value = Int(text), range.contains(value)
            else { return nil }
            return value
        }

        static func milliseconds(_ text: String) -> Int64? {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard (1...2).contains(parts.count), let seconds = number(parts[0], 0...1_000_000) else { return nil }
            guard parts.count == 2 else { return Int64(seconds) * 1000 }
            guard (1...3).contains(parts[1].utf8.count), let fraction = number(parts[1], 0...999) else { return nil }
            let scale = [100, 10, 1][parts[1].utf8.count - 1]
            return Int64(seconds) * 1000 + Int64(fraction * scale)
        }
    }
}
