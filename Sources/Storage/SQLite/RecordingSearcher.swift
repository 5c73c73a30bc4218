import Calls
import Foundation
import GRDB

/// When a search goes which way. Tests set them low, so that small stores see every way.
package struct RecordingSearchLimits: Sendable {
    /// Entries of an index that may all be read and sorted for one page.
    package var collect = 50_000
    /// The same of the index of words, whose entries cost more.
    package var collectWords = 5000
    /// Entries of another index that may each be looked up among the texts.
    package var tested = 30_000
    /// Few enough to look for nothing better.
    package var few = 1000
    /// Combinations of facets that may be merged.
    package var merge = 4000
    /// Rows of a page that may be merged.
    package var mergedPage = 200
    /// Entries that a walk in the order of the list may pass before another way is taken.
    package var window = 50_000

    package init() {}
}

/// Finds recordings by the index. Which index leads is decided here and not by SQLite's planner, whose guesses without
/// statistics are wrong by orders of magnitude: entries are counted, to a limit, before they are walked.
///
/// 1. A condition that few recordings fit (`collect`) leads, and what is left is sorted.
/// 2. Conditions that all are facets are merged: each combination of facets is in order already.
/// 3. Else the list is walked in its own order: where every condition is common, a page fills soon. Where it does not
///    within a window, because conditions exclude each other, the most selective one leads after all.
struct RecordingSearcher {
    private let db: Database
    private let filter: RecordingFilter
    /// Just this number of the line's rings; nil: any.
    private let rings: Int64?
    private let limits: RecordingSearchLimits
    /// What was counted already.
    private let extents: Extents
    /// Told each statement before it runs.
    private let watch: ((String, StatementArguments) throws -> Void)?

    init(
        _ db: Database, _ filter: RecordingFilter, rings: Int64? = nil, limits: RecordingSearchLimits,
        extents: Extents = Extents(), watch: ((String, StatementArguments) throws -> Void)? = nil
    ) {
        self.db = db
        self.filter = filter
        self.rings = rings
        self.limits = limits
        self.extents = extents
        self.watch = watch
    }

    /// Entries of conditions that do not depend on the rings: counted once for all the lists of a list by rings.
    final class Extents {
        fileprivate var entries: [RecordingSearchSQL.Driver: Int] = [:]
    }

    /// An entry of the index.
    struct Entry: Hashable {
        var id: RecordingID
        var cursor: RecordingCursor
    }

    /// What leads, and along how many entries at most; nil: more than may be collected.
    private struct Lead {
        var driver: RecordingSearchSQL.Driver
        var entries: Int?
    }

    /// What the conditions on facets leave.
    private struct Facets {
        /// How many combinations fit.
        var combinations: Int
        var recordings: Int
    }

    // MARK: - Pages

    /// At most `limit` entries after the filter's cursor.
    func entries(limit: Int) throws -> [Entry] {
        guard filter.before == nil || (filter.sort == .time && filter.descending) else {
            throw StorageError(.argument, "`before` goes with the newest first alone: use a cursor")
        }
        if filter.sort == .rings { return try entriesByRings(limit: limit) }
        var cursor = filter.cursor
        if let before = filter.before {
            guard let row = try db.row(RecordingIndexSQL.byID, [before.blob]) else { return [] }
            cursor = RecordingCursor(sort: .time, descending: true, key: 0, place: row["place"])
        }
        var sql = try RecordingSearchSQL(filter, cursor: cursor, rings: rings)
        let facets = try facetFigures(sql)
        guard facets.recordings > 0 else { return [] }
        let lead = try lead(sql, facets)
        if let entries = lead.entries, !isMerged(sql, entries: entries, facets) {
            return try run(sql.page(lead.driver, limit: limit), sql)
        }
        if isStream(lead.driver) { return try run(sql.page(lead.driver, limit: limit), sql) }
        // Nothing to test but what the index itself keeps to: the walk stops with the page.
        if sql.facets.isEmpty, sql.rowDrivers.allSatisfy(sql.isRange) {
            return try run(sql.page(.all, limit: limit), sql)
        }
        if canMerge(sql), !sql.facets.isEmpty, facets.combinations <= limits.merge, limit <= limits.mergedPage + 1 {
            return try run(sql.merge(limit: limit), sql)
        }

        guard let end = try first(sql.windowEnd(limits.window), sql) else {
            return try run(sql.page(.all, limit: limit), sql)
        }
        let edge = RecordingCursor(
            sort: filter.sort, descending: filter.descending, key: end["key"], place: end["place"])
        var found = try run(sql.page(.all, bound: sql.within(edge), limit: limit), sql)
        guard found.count < limit else { return found }
        try sql.go(on: edge)
        let rest = limit - found.count
        // Common apart, rare together: among the combinations there may be some that fit, and those are in order. Who
        // called, who answered and what was written none of them can tell.
        let merges = limit <= limits.mergedPage + 1 && sql.rowDrivers.isSubset(of: [.time, .length, .digits])
        found += try run(merges ? sql.merge(limit: rest) : sql.page(lead.driver, limit: rest), sql)
        return found
    }

    /// There are few numbers of rings: the list by rings is one list by time after the other.
    private func entriesByRings(limit: Int) throws -> [Entry] {
        let cursor = filter.cursor
        if let cursor { try RecordingSearchSQL.check(cursor, filter) }
        var byTime = filter
        byTime.sort = .time
        byTime.cursor = nil
        let sql = try RecordingSearchSQL(byTime, cursor: nil)
        try watch?(sql.ringNumbers, sql.values)
        var found: [Entry] = []
        for rings in try Int64.fetchAll(db, sql: sql.ringNumbers, arguments: sql.values) where found.count < limit {
            if let cursor, filter.descending ? rings > cursor.key : rings < cursor.key { continue }
            byTime.cursor = cursor.flatMap { cursor in
                guard cursor.key == rings else { return nil }
                return RecordingCursor(sort: .time, descending: filter.descending, key: 0, place: cursor.place)
            }
            let part = RecordingSearcher(
                db, byTime, rings: rings, limits: limits, extents: extents, watch: watch)
            found += try part.entries(limit: limit - found.count).map { entry in
                var entry = entry
                entry.cursor.sort = .rings
                entry.cursor.key = rings
                return entry
            }
        }
        return found
    }

    /// Few rows are sorted sooner than many combinations are looked at.
    private func isMerged(
        _ sql: RecordingSearchSQL, entries: Int, _ facets: Facets
    ) -> Bool {
        canMerge(sql) && entries > limits.few && facets.combinations <= min(limits.merge, entries / 10)
    }

    /// Whether nothing but facets, and the range that their indexes run along, is asked for.
    private func canMerge(_ sql: RecordingSearchSQL) -> Bool {
        guard !sql.facets.isEmpty || !sql.rowDrivers.isEmpty else { return false }
        return sql.rowDrivers.isSubset(of: filter.sort == .length ? [.length] : [.time])
    }

    /// Whether a driver gives its recordings in the order of the list.
    private func isStream(_ driver: RecordingSearchSQL.Driver) -> Bool {
        filter.sort == .time && [.caller, .agent, .flag, .norm, .text].contains(driver)
    }

    /// What to follow: the condition with the fewest entries, or, where all are common, one that runs in the list's order.
    private func lead(
        _ sql: RecordingSearchSQL, _ facets: Facets
    ) throws -> Lead {
        for driver in [RecordingSearchSQL.Driver.order, .call] where sql.has(driver) {
            return Lead(driver: driver, entries: 0)
        }
        var best = Lead(driver: .all, entries: nil)
        func consider(_ driver: RecordingSearchSQL.Driver, _ entries: Int) {
            guard entries < (best.entries ?? limits.collect) else { return }
            best = Lead(driver: driver, entries: entries)
        }
        var isEnough: Bool { best.entries.map { $0 <= limits.few } ?? false }
        let facet: RecordingSearchSQL.Driver = sql.has(.length) || filter.sort == .length ? .facetLength : .facet
        if !sql.facets.isEmpty { consider(facet, facets.recordings) }
        for driver in [RecordingSearchSQL.Driver.caller, .agent, .flag, .norm, .digits, .length, .time]
        where sql.has(driver) && !isEnough {
            consider(driver, try extent(driver, limits.collect, sql))
        }
        if !sql.facets.isEmpty, facets.combinations <= limits.merge, best.entries == nil {
            if sql.has(.length) {
                consider(.facetLength, try number(sql.extent(.facetLength, limit: limits.collect), sql))
            }
            if sql.has(.time) { consider(.facet, try number(sql.extent(.facet, limit: limits.collect), sql)) }
        }
        if sql.has(.text), !isEnough {
            let entries = try extent(.text, limits.collectWords, sql)
            if entries < limits.collectWords {
                consider(.text, entries)
            } else if (best.entries ?? .max) > limits.tested {
                best = Lead(driver: filter.sort == .time ? .text : best.driver, entries: nil)
            }
        }
        guard best.entries == nil, best.driver == .all else { return best }
        let order: [RecordingSearchSQL.Driver] = [.caller, .agent, .flag, .norm, .text]
        if let driver = order.first(where: sql.has) { return Lead(driver: driver, entries: nil) }
        if !sql.facets.isEmpty { return Lead(driver: facet, entries: nil) }
        let rest: [RecordingSearchSQL.Driver] = [.digits, .length, .time]
        return Lead(driver: rest.first(where: sql.has) ?? .all, entries: nil)
    }

    // MARK: - Counts

    /// How many recordings fit the filter, up to `maximum`.
    func count(maximum: Int) throws -> Int {
        var filter = filter
        filter.sort = .time
        let sql = try RecordingSearchSQL(filter, cursor: nil)
        let facets = try facetFigures(sql)
        if facets.recordings == 0 || sql.rowDrivers.isEmpty { return min(facets.recordings, maximum) }
        if let only = sql.onlyDriver { return try number(sql.extent(only, limit: maximum), sql) }
        var lead = try lead(sql, facets)
        // Keys stand with the facets in one index.
        if lead.entries == nil, [.facet, .facetLength].contains(lead.driver), sql.has(.digits) {
            lead.driver = .digits
        }
        return try number(sql.count(lead.driver, limit: maximum), sql)
    }

    // MARK: - Statements

    private func facetFigures(_ sql: RecordingSearchSQL) throws -> Facets {
        let row = try first(sql.facetFigures, sql)
        return Facets(combinations: row?["facets"] ?? 0, recordings: row?["recordings"] ?? 0)
    }

    /// Not for facets, which may hold the rings.
    private func extent(_ driver: RecordingSearchSQL.Driver, _ limit: Int, _ sql: RecordingSearchSQL) throws -> Int {
        if let known = extents.entries[driver] { return known }
        let entries = try number(sql.extent(driver, limit: limit), sql)
        extents.entries[driver] = entries
        return entries
    }

    private func first(_ statement: String, _ sql: RecordingSearchSQL) throws -> Row? {
        try watch?(statement, sql.values)
        return try Row.fetchOne(db, sql: statement, arguments: sql.values)
    }

    private func number(_ statement: String, _ sql: RecordingSearchSQL) throws -> Int {
        try first(statement, sql)?[0] ?? 0
    }

    private func run(_ statement: String, _ sql: RecordingSearchSQL) throws -> [Entry] {
        try watch?(statement, sql.values)
        return try Row.fetchAll(db, sql: statement, arguments: sql.values).map { row in
            let key: Int64 = row["key"]
            let place: Int64 = row["place"]
            // The id is in none of the indexes: it is read for the page, not for every entry passed.
            guard let found = try db.row(RecordingIndexSQL.idAt, [place]) else {
                throw StorageError(.corrupt, "the index of recordings has gaps: run 'hotline evidence verify'")
            }
            return Entry(
                id: try found.identifier("id"),
                cursor: RecordingCursor(sort: filter.sort, descending: filter.descending, key: key, place: place))
        }
    }
}
