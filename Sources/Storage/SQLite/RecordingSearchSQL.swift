import Calls
import Foundation
import GRDB

/// The parts of the statements that search the index of recordings. Values go in as named arguments only.
///
/// In every statement `i` is the index and `f` the facets.
struct RecordingSearchSQL {
    /// What leads the way through the index; everything else is tested at each of its entries.
    enum Driver: CaseIterable {
        case order, call, caller, agent, flag, norm, text, facetLength, facet, digits, length, time
        /// All of them, in the order of the sort.
        case all
    }

    let filter: RecordingFilter
    private(set) var arguments: [String: (any DatabaseValueConvertible)?] = [:]
    /// Conditions on `f`; empty where none is asked for.
    private(set) var facets: [String] = []
    /// Conditions on `i`, by what could lead the way in their place.
    private var rows: [(driver: Driver, sql: String)] = []
    private var isAfterCursor = false

    /// - Parameters:
    ///   - filter: sorted by time or length.
    ///   - rings: just these, -1 those of calls never answered.
    /// - Throws: `StorageError` with code `.argument` for a text without a word, or a cursor of another sort.
    init(_ filter: RecordingFilter, cursor: RecordingCursor?, rings: Int64? = nil) throws {
        self.filter = filter
        facet("f.rings = :rings", "rings", rings)
        addFacets()
        addRows()
        try addTexts()
        try go(on: cursor)
    }

    private mutating func facet(_ sql: String, _ name: String, _ value: (any DatabaseValueConvertible)?) {
        guard let value else { return }
        facets.append(sql)
        arguments[name] = value
    }

    private mutating func row(
        _ driver: Driver, _ sql: String, _ name: String, _ value: (any DatabaseValueConvertible)?
    ) {
        guard let value else { return }
        rows.append((driver, sql))
        arguments[name] = value
    }

    private mutating func addFacets() {
        let mark = RecordingIndexSQL.separator
        facet("f.line = :line", "line", filter.line)
        facet("f.outcome = :outcome", "outcome", filter.outcome?.rawValue)
        facet("f.released_by = :releasedBy", "releasedBy", filter.releasedBy?.rawValue)
        facet("f.state = :state", "state", filter.state?.rawValue)
        facet("f.purpose = :purpose", "purpose", filter.purpose)
        facet("instr(f.marks, :mark) > 0", "mark", filter.mark.map { mark + $0 + mark })
        facet("instr(f.categories, :category) > 0", "category", filter.category.map { mark + $0 + mark })
        // Those without any are -1 and fit no bound.
        if filter.ringsAtLeast != nil || filter.ringsAtMost != nil {
            facet("f.rings >= :fewestRings", "fewestRings", max(0, filter.ringsAtLeast ?? 0))
            facet("f.rings <= :mostRings", "mostRings", filter.ringsAtMost ?? Int.max)
        }
        if filter.ratingAtLeast != nil || filter.ratingAtMost != nil {
            facet("f.rating >= :worst", "worst", max(0, filter.ratingAtLeast ?? 0))
            facet("f.rating <= :best", "best", filter.ratingAtMost ?? Int.max)
        }
    }

    private mutating func addRows() {
        row(
            .order,
            """
            i.id IN (SELECT recording FROM order_recordings
                WHERE work_order = (SELECT id FROM orders WHERE number = :order))
            """, "order", filter.order)
        row(.call, "i.call = :call", "call", filter.call?.blob)
        row(.caller, "i.caller = :caller", "caller", filter.caller)
        row(
            .agent,
            "EXISTS (SELECT 1 FROM recording_agents AS b WHERE b.agent = :agent AND b.place = i.place)", "agent",
            filter.agent?.text)
        row(
            .flag, "EXISTS (SELECT 1 FROM recording_flags AS b WHERE b.flag = :flag AND b.place = i.place)", "flag",
            filter.flag?.rawValue)
        row(
            .norm, "EXISTS (SELECT 1 FROM recording_flags AS b WHERE b.flag = :norm AND b.place = i.place)", "norm",
            filter.normBroken.map { $0 == RecordingFilter.anyNorm ? "norm" : "norm:\($0)" })
        row(.digits, "i.digits >= :digits AND i.digits < :digitsEnd", "digits", filter.digits)
        if let digits = filter.digits { arguments["digitsEnd"] = digits + "\u{10FFFF}" }
        if filter.lengthAtLeast != nil || filter.lengthAtMost != nil {
            row(
                .length, "i.length >= :shortest AND i.length <= :longest", "shortest",
                max(0, filter.lengthAtLeast ?? 0))
            arguments["longest"] = filter.lengthAtMost ?? Int64.max
        }
        row(.time, "PLACE >= :from", "from", filter.from.map { RecordingIndexer.place(wall: $0.microseconds) })
        row(.time, "PLACE < :to", "to", filter.to.map { RecordingIndexer.place(wall: $0.microseconds) })
    }

    private mutating func addTexts() throws {
        guard let text = filter.text else { return }
        let phrases = SearchText.phrases(text)
        guard !phrases.isEmpty else {
            throw StorageError(.argument, "a text to search for needs a letter, a digit or a Chinese character")
        }
        guard text.utf8.count <= 400 else {
            throw StorageError(.argument, "a text to search for has at most 400 bytes of UTF-8")
        }
        facets.append(Self.hasTexts)
        // Words hold no quotation marks.
        arguments["match"] = phrases.map { "\"\($0)\"" }.joined(separator: " ")
        var tests: [String] = []
        for (index, phrase) in phrases.enumerated() {
            arguments["phrase\(index)"] = " \(phrase) "
            tests.append("instr(t.body, :phrase\(index)) > 0")
        }
        let sql = tests.joined(separator: " AND ")
        rows.append((.text, "EXISTS (SELECT 1 FROM recording_texts AS t WHERE t.place = i.place AND \(sql))"))
    }

    /// Begins the list after a place in it.
    mutating func go(on cursor: RecordingCursor?) throws {
        guard let cursor else { return }
        try Self.check(cursor, filter)
        arguments["afterKey"] = cursor.key
        arguments["afterPlace"] = cursor.place
        isAfterCursor = true
    }

    /// - Throws: `StorageError` with code `.argument` for a cursor of another sort.
    static func check(_ cursor: RecordingCursor, _ filter: RecordingFilter) throws {
        guard cursor.sort == filter.sort, cursor.descending == filter.descending else {
            let way = cursor.descending ? "descending" : "ascending"
            throw StorageError(
                .argument, "the cursor belongs to a list sorted by \(cursor.sort.rawValue), \(way): sort as that was")
        }
    }

    /// The cursor's condition.
    private func after(_ driver: Driver, _ place: String) -> String? {
        guard isAfterCursor else { return nil }
        if filter.sort == .time { return "\(place) \(less) :afterPlace" }
        return "(i.length, \(isWalk(driver) ? "i.moment" : place)) \(less) (:afterKey, :afterPlace)"
    }

    var values: StatementArguments { StatementArguments(arguments) }

    /// `<` where the list descends.
    var less: String { filter.descending ? "<" : ">" }
    private var direction: String { filter.descending ? "DESC" : "ASC" }

    /// What the list is sorted by before its place.
    private var key: String { filter.sort == .time ? "0" : "i.length" }

    /// Whether a condition is set that could lead the way.
    func has(_ driver: Driver) -> Bool { rows.contains { $0.driver == driver } }

    /// Which conditions there are besides facets.
    var rowDrivers: Set<Driver> { Set(rows.map(\.driver)) }

    /// The one condition there is, where its entries are just the recordings that fit.
    var onlyDriver: Driver? {
        guard let first = rows.first?.driver, rows.allSatisfy({ $0.driver == first }) else { return nil }
        guard first != .order, first != .call else { return nil }
        return facets.isEmpty || (first == .text && facets == [Self.hasTexts]) ? first : nil
    }

    /// Every recording that a word leads to has it.
    private static let hasTexts = "f.texts = 1"

    var facetCondition: String { facets.isEmpty ? "1" : facets.joined(separator: " AND ") }

    /// Whether words alone say which recordings fit.
    private var isTextAlone: Bool { rowDrivers.isSubset(of: [.text, .time]) && facets == [Self.hasTexts] }

    /// - Returns: `FROM`'s content, the place to sort and bound by, and what must be said of the driver itself.
    private func source(_ driver: Driver) -> (from: String, place: String, condition: String?) {
        switch driver {
        case .order:
            (
                """
                (SELECT DISTINCT recording FROM order_recordings
                    WHERE work_order = (SELECT id FROM orders WHERE number = :order)) AS o
                    CROSS JOIN recording_index AS i ON i.id = o.recording
                """, "i.place", nil
            )
        case .call: ("recording_index AS i INDEXED BY recording_index_by_call", "i.place", nil)
        case .caller: ("recording_index AS i INDEXED BY recording_index_by_caller", "i.place", nil)
        case .digits: ("recording_index AS i INDEXED BY recording_index_by_digits", "i.place", nil)
        case .length: ("recording_index AS i INDEXED BY recording_index_by_length", "i.place", nil)
        case .time: ("recording_index AS i NOT INDEXED", "i.place", nil)
        case .agent:
            (
                "recording_agents AS a CROSS JOIN recording_index AS i ON i.place = a.place", "a.place",
                "a.agent = :agent"
            )
        case .flag:
            (
                "recording_flags AS a CROSS JOIN recording_index AS i ON i.place = a.place", "a.place",
                "a.flag = :flag"
            )
        case .norm:
            (
                "recording_flags AS a CROSS JOIN recording_index AS i ON i.place = a.place", "a.place",
                "a.flag = :norm"
            )
        case .text where isTextAlone && filter.sort == .time:
            ("recording_words AS w", "w.rowid", "w.recording_words MATCH :match")
        case .text:
            (
                "recording_words AS w CROSS JOIN recording_index AS i ON i.place = w.rowid", "w.rowid",
                "w.recording_words MATCH :match"
            )
        case .facet, .facetLength:
            (
                """
                recording_facets AS f CROSS JOIN recording_index AS i
                    INDEXED BY recording_index_by_\(driver == .facet ? "facet" : "facet_length") ON i.facet = f.id
                """, "i.place", facetCondition
            )
        case .all: filter.sort == .time ? source(.time) : source(.length)
        }
    }

    /// Every condition at once.
    private func condition(_ driver: Driver, place: String, own: String?, after: String?) -> String {
        var parts = own.map { [$0] } ?? []
        for row in rows where !(row.driver == driver && own != nil) && !(driver == .order && row.driver == .order) {
            parts.append(row.sql)
        }
        let facets = driver == .text ? facets.filter { $0 != Self.hasTexts } : facets
        if !facets.isEmpty, driver != .facet, driver != .facetLength {
            // The sign keeps the index of the driver from being left for the one of the facets.
            let those = facets.joined(separator: " AND ")
            parts.append("+i.facet IN (SELECT f.id FROM recording_facets AS f WHERE \(those))")
        }
        if let after { parts.append(after) }
        return parts.isEmpty ? "1" : parts.joined(separator: " AND ").replacing("PLACE", with: place)
    }

    /// Whether an index of the sort's own is followed, whose entries end in `moment`.
    private func isWalk(_ driver: Driver) -> Bool {
        driver == .all || (driver == .length && filter.sort == .length)
    }

    /// The recordings that a driver leads to, in the order of the sort.
    /// - Parameter bound: one more condition on `i`.
    func page(_ driver: Driver, bound: String? = nil, limit: Int) -> String {
        let (from, place, own) = source(driver)
        let last = isWalk(driver) ? "i.moment" : place
        let order = filter.sort == .time ? "\(place) \(direction)" : "i.length \(direction), \(last) \(direction)"
        var condition = condition(driver, place: place, own: own, after: after(driver, place))
        if let bound { condition += " AND \(bound)" }
        return """
            SELECT \(place) AS place, \(key) AS "key" FROM \(from) WHERE \(condition)
            ORDER BY \(order) LIMIT \(limit)
            """
    }

    /// How many recordings fit the whole filter, counted to a limit, wherever the cursor stands.
    func count(_ driver: Driver, limit: Int) -> String {
        let (from, place, own) = source(driver)
        return """
            SELECT count(*) FROM (
                SELECT 1 FROM \(from) WHERE \(condition(driver, place: place, own: own, after: nil)) LIMIT \(limit))
            """
    }

    /// How many entries a driver leads along, counted to a limit: nothing else is tested.
    func extent(_ driver: Driver, limit: Int) -> String {
        let parts: [String]
        switch driver {
        case .agent: return "SELECT count(*) FROM (SELECT 1 FROM recording_agents WHERE agent = :agent LIMIT \(limit))"
        case .flag: return "SELECT count(*) FROM (SELECT 1 FROM recording_flags WHERE flag = :flag LIMIT \(limit))"
        case .norm: return "SELECT count(*) FROM (SELECT 1 FROM recording_flags WHERE flag = :norm LIMIT \(limit))"
        case .text:
            return """
                SELECT count(*) FROM (
                    SELECT 1 FROM recording_words AS w WHERE w.recording_words MATCH :match LIMIT \(limit))
                """
        case .facet: parts = [facetCondition] + rows.filter { $0.driver == .time }.map(\.sql)
        case .facetLength: parts = [facetCondition] + rows.filter { $0.driver == .length }.map(\.sql)
        default: parts = rows.filter { $0.driver == driver }.map(\.sql)
        }
        let (from, place, _) = source(driver)
        let condition = parts.joined(separator: " AND ").replacing("PLACE", with: place)
        return "SELECT count(*) FROM (SELECT 1 FROM \(from) WHERE \(condition) LIMIT \(limit))"
    }

    /// How many combinations fit, and how many recordings have one of them.
    var facetFigures: String {
        """
        SELECT count(*) AS facets, coalesce(sum(f.recordings), 0) AS recordings FROM recording_facets AS f
        WHERE f.recordings > 0 AND \(facetCondition)
        """
    }

    /// Where a window of so many entries in the order of the sort ends; no row: there are fewer.
    func windowEnd(_ size: Int) -> String {
        let (from, place, _) = source(.all)
        var parts = rows.filter { isRange($0.driver) }.map(\.sql)
        if let after = after(.all, place) { parts.append(after) }
        let condition = parts.isEmpty ? "1" : parts.joined(separator: " AND ").replacing("PLACE", with: place)
        let order = filter.sort == .time ? "i.place" : "i.length \(direction), i.moment"
        return """
            SELECT i.place, \(key) AS "key" FROM \(from) WHERE \(condition)
            ORDER BY \(order) \(direction) LIMIT 1 OFFSET \(size)
            """
    }

    /// The condition that keeps a list before the end of a window, with its last entry in it.
    func within(_ end: RecordingCursor) -> String {
        let notAfter = filter.descending ? ">=" : "<="
        return filter.sort == .time
            ? "i.place \(notAfter) \(end.place)" : "(i.length, i.moment) \(notAfter) (\(end.key), \(end.place))"
    }

    /// Whether the sort's own index can keep to a condition.
    func isRange(_ driver: Driver) -> Bool { driver == (filter.sort == .time ? .time : .length) }

    /// The first recordings of all combinations together. Only as many combinations as the page has rows can be on it:
    /// those whose own first recording comes first.
    func merge(limit: Int) -> String {
        let isTime = filter.sort == .time
        let index = "INDEXED BY recording_index_by_\(isTime ? "facet" : "facet_length")"
        var parts = rows.map(\.sql)
        if isAfterCursor {
            parts.append(
                isTime ? "i.place \(less) :afterPlace" : "(i.length, i.moment) \(less) (:afterKey, :afterPlace)")
        }
        let rest = parts.map { " AND \($0)" }.joined().replacing("PLACE", with: "i.place")
        let inner = isTime ? "i.place \(direction)" : "i.length \(direction), i.moment \(direction)"
        let entries = "SELECT i.place FROM recording_index AS i \(index) WHERE i.facet = c.id\(rest) ORDER BY \(inner)"
        return """
            WITH c AS MATERIALIZED (
                SELECT f.id FROM recording_facets AS f WHERE f.recordings > 0 AND \(facetCondition)),
            heads AS MATERIALIZED (SELECT c.id, (\(entries) LIMIT 1) AS place FROM c),
            first AS MATERIALIZED (
                SELECT c.id FROM heads AS c CROSS JOIN recording_index AS h ON h.place = c.place
                ORDER BY \(isTime ? "" : "h.length \(direction), ")h.place \(direction) LIMIT \(limit))
            SELECT i.place, \(key) AS "key" FROM first AS c CROSS JOIN recording_index AS i
            ON i.place IN (\(entries) LIMIT \(limit))
            ORDER BY \(isTime ? "" : "i.length \(direction), ")i.place \(direction) LIMIT \(limit)
            """
    }

    /// The numbers of rings among those that fit, in the order of the list; -1 stands for calls never answered.
    var ringNumbers: String {
        """
        SELECT DISTINCT f.rings FROM recording_facets AS f WHERE f.recordings > 0 AND \(facetCondition)
        ORDER BY f.rings \(direction)
        """
    }
}
