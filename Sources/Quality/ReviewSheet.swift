/// A reviewer's answers to a scorecard, with what machines measured.
public struct ReviewSheet: Sendable, Hashable {
    /// To one item.
    public struct Answer: Sendable, Hashable {
        public var item: String
        /// From 0 to the item's scale; nil: the item is not about this conversation.
        public var value: Int?
        /// Why; needed where it is another answer than the measured one, or a critical item is failed.
        public var note: String?
        /// What in the recording it is about: milliseconds from its begin.
        public var position: Int64?

        public init(item: String, value: Int?, note: String? = nil, position: Int64? = nil) {
            self.item = item
            self.value = value
            self.note = note
            self.position = position
        }
    }

    /// What is wrong with an answer.
    public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        public enum Reason: String, Sendable, Hashable {
            case missing
            case unknown
            case outOfRange = "out_of_range"
            /// Another answer than the measured one, and no word why.
            case unexplained
            /// A critical item that is failed, and no word why.
            case criticalUnexplained = "critical_unexplained"
            case tooLong = "too_long"
        }

        public var item: String
        public var reason: Reason
        public var description: String

        init(_ item: String, _ reason: Reason, _ description: String) {
            self.item = item
            self.reason = reason
            self.description = description
        }
    }

    /// UTF-8 bytes of a note at most.
    public static let mostNote = 2000

    public let scorecard: Scorecard
    /// In the scorecard's order, one an item.
    public let answers: [Answer]
    public let score: ReviewScore

    /// - Parameters:
    ///   - answers: in any order.
    ///   - measured: by item.
    /// - Throws: `ReviewProblems`, one an answer that is missing or cannot stand.
    public init(
        _ scorecard: Scorecard, answers: [Answer], measured: [String: Measured]
    ) throws(ReviewProblems) {
        var problems: [Problem] = []
        var byItem: [String: Answer] = [:]
        for answer in answers {
            if scorecard.item(answer.item) == nil {
                problems.append(
                    Problem(
                        answer.item, .unknown, "the scorecard \(scorecard.id) has no item \"\(answer.item.prefix(60))\""
                    ))
            }
            byItem[answer.item] = answer
        }
        var ordered: [Answer] = []
        for item in scorecard.items {
            guard let answer = byItem[item.id] else {
                problems.append(Problem(item.id, .missing, "\(item.id) has no answer"))
                continue
            }
            if let problem = Self.problem(answer, item, measured[item.id]) { problems.append(problem) }
            ordered.append(answer)
        }
        guard problems.isEmpty else { throw ReviewProblems(all: problems) }
        self.scorecard = scorecard
        self.answers = ordered
        score = ReviewScore(scorecard, ordered)
    }

    private static func problem(_ answer: Answer, _ item: Scorecard.Item, _ measured: Measured?) -> Problem? {
        if let value = answer.value, !(0...item.scale).contains(value) {
            return Problem(item.id, .outOfRange, "\(item.id) is answered from 0 to \(item.scale), not by \(value)")
        }
        if let note = answer.note, note.utf8.count > mostNote {
            return Problem(item.id, .tooLong, "the note to \(item.id) has more than \(mostNote) bytes")
        }
        if answer.note != nil { return nil }
        if let usual = measured.flatMap({ Scorecard.usualAnswer(to: $0.verdict, scale: item.scale) }),
            usual.value != answer.value
        {
            return Problem(
                item.id, .unexplained, "\(item.id) is answered otherwise than it was measured: say why in its note")
        }
        if item.isCritical, answer.value == 0, measured?.verdict != .broken {
            return Problem(item.id, .criticalUnexplained, "\(item.id) decides everything: say why it is failed")
        }
        return nil
    }
}

/// Everything wrong with the answers of a sheet.
public struct ReviewProblems: Error, Sendable, Hashable, CustomStringConvertible {
    public var all: [ReviewSheet.Problem]

    public var description: String { all.map(\.description).joined(separator: "; ") }
}

extension Scorecard {
    /// An answer that follows from what was measured.
    public struct UsualAnswer: Sendable, Hashable {
        /// Nil: the item is not about this conversation.
        public var value: Int?
    }

    /// What a measured verdict comes to on an item's scale; nil: it is left to the reviewer.
    public static func usualAnswer(to verdict: Measured.Verdict, scale: Int) -> UsualAnswer? {
        switch verdict {
        case .kept: UsualAnswer(value: scale)
        case .broken: UsualAnswer(value: 0)
        case .notConcerned: UsualAnswer(value: nil)
        case .open: nil
        }
    }
}

/// What a sheet comes to.
public struct ReviewScore: Sendable, Hashable {
    /// Of the points that could be had, in hundredths of a per cent, rounded to the nearest; nil: no item was about this
    /// conversation.
    public var hundredths: Int?
    /// Critical items that are failed.
    public var failedCritical: [String]
    /// Below the scorecard's pass mark, or a critical item failed.
    public var isFailed: Bool

    init(_ scorecard: Scorecard, _ answers: [ReviewSheet.Answer]) {
        // Every scale from 1 to 10 divides it: no fraction is lost.
        let whole = 2520
        var got = 0
        var possible = 0
        var failed: [String] = []
        for (item, answer) in zip(scorecard.items, answers) {
            guard let value = answer.value else { continue }
            got += item.points * value * (whole / item.scale)
            possible += item.points * whole
            if item.isCritical, value == 0 { failed.append(item.id) }
        }
        hundredths = possible == 0 ? nil : (got * 20_000 + possible) / (2 * possible)
        failedCritical = failed
        isFailed = !failed.isEmpty || hundredths.map { $0 < scorecard.pass * 100 } ?? false
    }
}
