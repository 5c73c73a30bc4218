import Calls
import Evidence
import Foundation
import GRDB

extension SQLiteQueries {
    func anchors(_ filter: AnchorFilter) async throws(StorageError) -> [AnchorSummary] {
        try await read("listing anchors") { db in
            var conditions = Conditions()
            conditions.add("date >= ?", filter.from)
            conditions.add("date < ?", filter.to)
            if let name = filter.name {
                // A day has a dash, a fingerprint has none.
                if name.contains("-") {
                    conditions.add("date = ?", name)
                } else {
                    conditions.add("fingerprint >= ?", name.lowercased())
                    conditions.add("fingerprint < ?", name.lowercased() + "g")
                }
            }
            let sql = conditions.statement(
                AnchorSQL.select, order: AnchorSQL.newestFirst, limit: try Self.checked(limit: filter.limit))
            return try Row.fetchAll(db, sql: sql, arguments: conditions.arguments).map { row in
                try Self.anchor(row, db)
            }
        }
    }

    private static func anchor(_ row: Row, _ db: Database) throws -> AnchorSummary {
        let fingerprint: String = row["fingerprint"]
        return AnchorSummary(
            fingerprint: fingerprint, date: row["date"], zone: row["zone"],
            from: UTCTime(microseconds: row["from_wall"]), to: UTCTime(microseconds: row["to_wall"]),
            madeAt: UTCTime(microseconds: row["made_wall"]), recordings: row["recordings"], root: row["root"],
            anchor: row["anchor"],
            deliveries: try db.rows(AnchorSQL.deliveries, [fingerprint]).map { row in
                AnchorSummary.Delivery(
                    way: try row.requiredWord("way"), attempt: row["attempt"], delivered: row["delivered"] == 1,
                    message: row["message"], at: UTCTime(microseconds: row["at_wall"]))
            })
    }

    func anchorBasis(from: UTCTime, to: UTCTime) async throws(StorageError) -> AnchorBasis {
        try await read("reading a day's recordings") { db in
            var leaves: [RecordingLeaf] = []
            let rows = try Row.fetchCursor(
                db, sql: AnchorSQL.finished, arguments: [from.microseconds, to.microseconds])
            while let row = try rows.next() {
                let body: Data = row["body"]
                do throws(EvidenceError) {
                    if let leaf = try RecordingLeaf(event: try JournalEvent(body: Array(body))) { leaves.append(leaf) }
                } catch {
                    let place = "event \(row["seq"] as Int64) of chain \(row["chain"] as String)"
                    throw StorageError(
                        .corrupt, "\(place) cannot be read: run 'hotline evidence verify'", underlying: error.message)
                }
            }
            return AnchorBasis(heads: try Self.heads(db), leafHashes: RecordingLeaf.hashes(leaves))
        }
    }

    func journal(
        chain: String, after: Int64, through: Int64, limit: Int
    ) async throws(StorageError) -> [JournalRecord] {
        try await read("reading the journal") { db in
            try db.rows(AnchorSQL.eventsThrough, [chain, after, through, try Self.checked(limit: limit)]).map { row in
                let salt: Data? = row["salt"]
                let body: Data? = row["body"]
                let bodyHash: Data = row["body_hash"]
                let hash: Data = row["hash"]
                return JournalRecord(
                    sealed: SealedEvent(
                        chain: row["chain"], sequence: row["seq"], salt: salt.map { Array($0) },
                        body: body.map { Array($0) }, bodyHash: Array(bodyHash), hash: Array(hash)),
                    type: row["type"])
            }
        }
    }

    /// Events looked at in one transaction.
    private static let spanPage = 20_000

    func bundlePlan(
        from: UTCTime, to: UTCTime, exported: UTCTime, isWhole: Bool
    ) async throws(StorageError) -> BundlePlan {
        let heads = try await heads()
        var spans: [String: ClosedRange<Int64>] = [:]
        for head in heads { spans[head.chain] = try await span(head, from: from, to: to) }
        let found = spans
        return try await read("planning a bundle") { db in
            let start = isWhole ? nil : try Self.anchorBefore(from, spans: found, db)
            var chains: [BundleDescription.Chain] = []
            var anchors: [String] = []
            for head in heads {
                let known = start?.heads.first { $0.chain == head.chain }
                let first = known ?? ChainHead(emptyChain: head.chain)
                let span = found[head.chain]
                chains.append(
                    BundleDescription.Chain(
                        start: first, from: span?.lowerBound ?? first.sequence + 1,
                        to: span?.upperBound ?? first.sequence, head: head))
                let rows = try db.rows(AnchorSQL.ofChain, [head.chain, first.sequence, head.sequence])
                anchors += rows.map { $0["anchor"] }
            }
            return BundlePlan(
                description: BundleDescription(
                    exported: exported.microseconds, from: from.microseconds, to: to.microseconds, chains: chains),
                anchors: anchors)
        }
    }

    private struct SpanPage {
        var last: Int64
        var firstInside: Int64?
        var lastInside: Int64?
    }

    /// The first and the last event of a chain that were written down in a period; page by page, so that no reading
    /// transaction holds back the write-ahead log.
    private func span(
        _ head: ChainHead, from: UTCTime, to: UTCTime
    ) async throws(StorageError) -> ClosedRange<Int64>? {
        var span: ClosedRange<Int64>?
        var after: Int64 = 0
        while after < head.sequence {
            let here = after
            let page: SpanPage? = try await read("looking for the period") { db in
                let (begin, end) = (from.microseconds, to.microseconds)
                let row = try db.row(
                    AnchorSQL.spanOfPeriod,
                    [begin, end, begin, end, head.chain, here, head.sequence, Self.spanPage])
                guard let row, let last: Int64 = row["last"] else { return nil }
                return SpanPage(last: last, firstInside: row["first_inside"], lastInside: row["last_inside"])
            }
            guard let page else { break }  // events are missing; the bundle's verification says so
            if let first = page.firstInside, let last = page.lastInside {
                span = (span?.lowerBound ?? first)...last
            }
            after = page.last
        }
        return span
    }

    /// The latest anchor, the journal still having the events it names, of which no event lies in or after the period.
    private static func anchorBefore(
        _ from: UTCTime, spans: [String: ClosedRange<Int64>], _ db: Database
    ) throws -> Anchor? {
        let rows = try Row.fetchCursor(
            db, sql: "\(AnchorSQL.select) WHERE made_wall <= ? \(AnchorSQL.newestFirst) LIMIT 400",
            arguments: [from.microseconds])
        while let row = try rows.next() {
            let text: String = row["anchor"]
            let anchor: Anchor
            do throws(EvidenceError) {
                anchor = try Anchor(bytes: Array(text.utf8))
            } catch {
                continue  // an anchor that was altered is none to begin at
            }
            let isBefore = try anchor.heads.allSatisfy { head in
                if let span = spans[head.chain], head.sequence >= span.lowerBound { return false }
                guard head.sequence > 0 else { return true }
                let hash: Data? = try db.row(AnchorSQL.hashOf, [head.chain, head.sequence])?["hash"]
                return hash.map { Array($0) } == head.hash
            }
            if isBefore { return anchor }
        }
        return nil
    }
}
