import Calls
import Storage

/// What is searched for: something common, something rare and something that is not there for every filter.
struct SearchCase: Sendable {
    /// The filter's kind; a pair has two different ones.
    var kind: String
    var name: String
    var change: @Sendable (inout RecordingFilter) -> Void

    static let all: [SearchCase] = {
        func text(_ parameter: String, _ values: [(String, String)]) -> [SearchCase] {
            values.map { rarity, value in
                SearchCase(kind: parameter, name: "\(parameter)=\(value) (\(rarity))") { filter in
                    do {
                        try RecordingParameters.set(parameter, to: value, in: &filter)
                    } catch {
                        preconditionFailure("\(error)")
                    }
                }
            }
        }
        // The third of four half-years, a day, and a time before everything.
        return text("order", [("rare", "20261122-0500001"), ("none", "20991122-0001")])
            + text("caller", [("common", "13900000000"), ("rare", "13901050123"), ("none", "13909999999")])
            + text("agent", [("common", "1007"), ("rare", "1999"), ("none", "2000")])
            + text("line", [("common", "trunk1"), ("rare", "modem2"), ("none", "trunk9")])
            + text("category", [("common", "fault"), ("rare", "suggestion"), ("none", "callback")])
            + text("outcome", [("common", "completed"), ("rare", "interrupted"), ("none", "blocked")])
            + text("released_by", [("common", "agent"), ("rare", "supervisor")])
            + text(
                "from", [("common", "2025-11-22"), ("rare", "2026-11-21"), ("none", "2030-01-01")])
            + text("to", [("rare", "2024-11-23"), ("none", "2020-01-01")])
            + text("length", [("common", "60.."), ("rare", "3600.."), ("none", "90000..")])
            + text("rings", [("common", "1"), ("rare", "9"), ("none", "20..")])
            + text("digits", [("common", "1"), ("rare", "9"), ("none", "*")])
            + text("mark", [("common", "nuisance"), ("rare", "wrong_number")])
            + text("rating", [("common", "5"), ("rare", "1")])
            + text("text", [("common", "停电"), ("rare", "爆炸"), ("none", "龙卷风"), ("two", "停电 东城")])
            + text("state", [("common", "finished"), ("rare", "failed"), ("none", "planned")])
            + text("purpose", [("common", "call"), ("rare", "consultation")])
    }()
}
