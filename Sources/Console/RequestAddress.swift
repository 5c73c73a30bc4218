import Calls
import Foundation
import Hummingbird
import Storage
import Switchboard

extension ConsoleContext {
    /// A part of the path, with its escapes undone.
    /// - Throws: `Problem` 400 where they stand for no UTF-8.
    func part(_ name: String) throws -> String {
        guard let text = try parameters.require(name).removingPercentEncoding, !text.isEmpty else {
            throw Problem(.badRequest, "the address has escapes that stand for no UTF-8")
        }
        return text
    }

    /// The work number in the path.
    func workNumber(_ name: String = "number") throws -> WorkNumber {
        let text = try part(name)
        guard let number = WorkNumber(text) else {
            throw Problem(.badRequest, "\(quoted(text)) is no work number: 1 to 12 letters and digits")
        }
        return number
    }

    /// The call in the path.
    func callID() throws -> CallID { try CallID(given: try part("call"), as: "call") }

    /// The recording in the path.
    func recordingID() throws -> RecordingID { try RecordingID(given: try part("id"), as: "recording") }

    /// The review in the path.
    func reviewID() throws -> ReviewID { try ReviewID(given: try part("review"), as: "review") }
}

extension Identifier {
    /// - Parameter what: it names, for whoever gave it.
    /// - Throws: `Problem` 400 for what is none.
    init(given text: String, as what: String) throws {
        guard let id = Self(text) else {
            throw Problem(.badRequest, "\(quoted(text)) is no \(what)'s id, 36 characters")
        }
        self = id
    }
}

/// What stands behind the `?` of a list's address.
struct ListQuery {
    private var values: [String: String] = [:]

    /// - Parameter keys: those that the list knows.
    /// - Throws: `Problem` 400 for another key, or one that stands twice.
    init(_ request: Request, keys: [String]) throws {
        for (key, value) in request.uri.queryParameters where !key.isEmpty {
            guard keys.contains(String(key)) else {
                throw Problem(
                    .badRequest, "the key \(quoted(key)) is not known: known are \(keys.joined(separator: ", "))")
            }
            guard values.updateValue(String(value), forKey: String(key)) == nil else {
                throw Problem(.badRequest, "`\(key)` stands twice")
            }
        }
    }

    func text(_ key: String, most: Int = 100) throws -> String? { try values[key].kept(as: key, most: most) }

    /// UTC unless an offset stands there.
    func time(_ key: String) throws -> UTCTime? {
        guard let text = values[key] else { return nil }
        guard let time = UTCTime(text) else {
            throw Problem(
                .badRequest, "`\(key)` must be a time such as 2026-11-22T08:00:00Z or 2026-11-22T08:00+08:00")
        }
        return time
    }

    /// False where it is not given.
    func flag(_ key: String) throws -> Bool {
        switch values[key] {
        case nil, "false": return false
        case "true": return true
        default: throw Problem(.badRequest, "`\(key)` must be true or false")
        }
    }

    func workNumber(_ key: String) throws -> WorkNumber? {
        guard let text = try text(key) else { return nil }
        guard let number = WorkNumber(text) else {
            throw Problem(.badRequest, "`\(key)`: \(quoted(text)) is no work number: 1 to 12 letters and digits")
        }
        return number
    }

    func limit(orElse usual: Int) throws -> Int {
        guard let text = values["limit"] else { return usual }
        guard let limit = Int(text), (1...100_000).contains(limit) else {
            throw Problem(.badRequest, "`limit` must lie between 1 and 100000")
        }
        return limit
    }
}

extension AgentDesk? {
    /// Who says so, where there is an agents' file to be looked up in.
    /// - Throws: `SwitchboardError` `.notFound` for a work number that is not in it.
    func known(_ agent: WorkNumber) throws -> WorkNumber {
        try self?.agent(agent).number ?? agent
    }
}
