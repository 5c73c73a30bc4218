import Foundation
import GRDB
import Storage

/// Fills a data folder with calls, recordings, orders and what else a search touches, by bulk SQL and without a journal: for
/// measuring only. Its index is then filled as that of a store of an older version is.
///
/// The shares are those of a utility's hotline, with something common and something rare in every column; draws are
/// independent, which makes more combinations than real calls do.
struct Generator {
    let folder: String
    let recordings: Int

    /// Two years.
    static let begin: Int64 = 1_732_233_600_000_000
    private var step: Int64 { 63_072_000_000_000 / Int64(recordings) }

    func run() throws {
        let random: @Sendable () -> UInt64 = { UInt64.random(in: 0 ... .max) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = DataFolder(folder).database
        guard !FileManager.default.fileExists(atPath: path) else {
            throw BenchError("\(path) exists already; remove its folder, or name another")
        }
        try SQLiteEngine(path: path, chain: "node1", random: random).close()
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; PRAGMA temp_store = MEMORY")
        }
        try queue.write { db in
            for sql in statements { try db.execute(sql: sql) }
        }
        try queue.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        try queue.close()
    }

    /// Draws 0…999,999, one column each.
    private static let draws = 16

    private static func id(_ letter: String) -> String { "CAST(printf('\(letter)%015d', n) AS BLOB)" }

    /// A value by a draw's share of a million.
    private static func pick(_ draw: String, _ values: [(String, Int)]) -> String {
        var sum = 0
        let cases = values.map { value, share in
            sum += share
            return "WHEN \(draw) < \(sum) THEN '\(value)'"
        }
        return "CASE \(cases.joined(separator: " ")) ELSE '\(values[0].0)' END"
    }

    private static let words = [
        "停电", "电压低", "抄表有误", "电费过高", "跳闸", "电表损坏", "报装咨询", "线路老化", "变压器噪声", "路灯不亮", "催办", "感谢信",
    ]
    private static let places = ["东城区", "西城区", "南湖路", "北苑小区", "工业园", "新村"]

    private static func word(_ draw: String, _ words: [String]) -> String {
        let list = words.map { "\"\($0)\"" }.joined(separator: ",")
        return "json_extract('[\(list)]', '$[' || (\(draw) % \(words.count)) || ']')"
    }

    private var statements: [String] {
        let columns = (1...Self.draws).map { "abs(random() % 1000000) AS d\($0)" }.joined(separator: ", ")
        let line = Self.pick("d1", [("trunk1", 640_000), ("trunk2", 250_000), ("modem1", 100_000), ("modem2", 10_000)])
        let outcome = Self.pick(
            "d2",
            [
                ("completed", 800_000), ("abandoned", 120_000), ("released_after_wait", 45_000), ("inactive", 30_000),
                ("failed", 4900), ("interrupted", 100),
            ])
        let released = Self.pick(
            "d3",
            [
                ("caller", 700_000), ("agent", 150_000), ("flow", 100_000), ("network", 40_000), ("unknown", 9900),
                ("supervisor", 100),
            ])
        let category = Self.pick(
            "d4",
            [
                ("fault", 500_000), ("consultation", 300_000), ("complaint", 100_000), ("business", 90_000),
                ("report", 9500), ("suggestion", 500),
            ])
        let rings = Self.pick(
            "d5", [("1", 700_000), ("2", 150_000), ("3", 80_000), ("4", 50_000), ("5", 19_900), ("9", 100)])
        let rating = Self.pick("d6", [("5", 700_000), ("4", 200_000), ("3", 80_000), ("2", 18_000), ("1", 2000)])
        let mark = Self.pick(
            "d7", [("nuisance", 700_000), ("angry", 250_000), ("dropped", 45_000), ("wrong_number", 5000)])
        let state = Self.pick("d8", [("finished", 999_500), ("failed", 500)])
        let isAnswered = "d2 < 800000"
        let hasOrder = "\(isAnswered) AND d9 < 560000"
        let hasAgent = "\(isAnswered) AND d10 < 700000"
        let wall = "\(Self.begin) + n * \(step) + d11 % 1000000"
        let keys = """
            CASE WHEN d12 < 150000 THEN '' WHEN d12 < 600000 THEN '1' WHEN d12 < 850000 THEN '2'
                WHEN d12 < 999900 THEN '3' ELSE '9' END
                || CASE WHEN d12 >= 150000 AND d13 < 400000 THEN (d13 % 10000) || '#' ELSE '' END
            """
        // Skewed: half below a minute, a few of hours.
        let length = "(5000 + d14 * d14 / 4000000 + CASE WHEN d15 < 100 THEN 3600000 ELSE 0 END)"
        let caller =
            "CASE WHEN d16 < 30000 THEN NULL WHEN d16 < 50000 THEN '13900000000' ELSE '1390' || (1000000 + d16 % 100000) END"
        return [
            """
            CREATE TEMP TABLE draws AS
            WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < \(recordings))
            SELECT n, \(columns) FROM series
            """,
            """
            INSERT INTO calls (id, node, boot, line, direction, caller, caller_source, called, peer, protocol_call_id,
                offered_wall, offered_mono, rings, digits, released_wall, released_mono, released_by, outcome)
            SELECT \(Self.id("c")), 'node1', 'boot', \(line), 'inbound', \(caller), 'from', '95598', '192.0.2.1:5060', n,
                \(wall), 0, CASE WHEN \(isAnswered) THEN CAST(\(rings) AS INTEGER) END, \(keys), \(wall) + 1, 1, \(released), \(outcome)
            FROM draws
            """,
            """
            INSERT INTO recordings (id, call, node, state, planned_wall, planned_mono, started_wall, started_mono,
                stopped_wall, stopped_mono, length, finished_wall, finished_mono, file, format, rate, frames, bytes, sha256,
                gaps, purpose)
            SELECT \(Self.id("r")), \(Self.id("c")), 'node1', \(state), \(wall), 0, \(wall), 0, \(wall), 0, \(length) * 48,
                \(wall), 0, n || '.flac', 'flac', 8000, \(length) * 8, 100000, hex(zeroblob(32)), '[]',
                CASE WHEN d15 > 980000 THEN 'consultation' ELSE 'call' END
            FROM draws
            """,
            """
            INSERT INTO recording_channels SELECT \(Self.id("r")), channel, \(Self.id("l")), role, tap FROM draws,
                (SELECT 0 AS channel, 'caller' AS role, 'received' AS tap UNION ALL SELECT 1, 'system', 'sent')
            """,
            """
            INSERT INTO orders (id, number, code, category, status, caller, created_wall, created_mono, fields)
            SELECT \(Self.id("o")), printf('20261122-%07d', n), '1234', \(category), 'created', \(caller), \(wall), 0,
                json_object('account', printf('%010d', d13), 'district', \(Self.word("d14", Self.places)),
                    'what', \(Self.word("d15", Self.words)) || '，' || \(Self.word("d16", Self.words)))
            FROM draws WHERE \(hasOrder)
            """,
            "INSERT INTO order_calls SELECT \(Self.id("o")), \(Self.id("c")), 'created' FROM draws WHERE \(hasOrder)",
            """
            INSERT INTO order_recordings SELECT \(Self.id("o")), \(Self.id("r")), 'call', -1, -1 FROM draws
            WHERE \(hasOrder)
            """,
            """
            INSERT INTO agent_offers (leg, call, node, boot, agent, purpose, queue, offered_wall, offered_mono, outcome,
                answered_wall, answered_mono)
            SELECT \(Self.id("a")), \(Self.id("c")), 'node1', 'boot', CASE WHEN d9 < 100 THEN '1999' ELSE 1001 + d9 % 40 END,
                'queue', 'service', \(wall), 0, 'answered', \(wall), 0 FROM draws WHERE \(hasAgent)
            """,
            """
            INSERT INTO call_marks (chain, seq, call, agent, mark, at_wall, at_mono)
            SELECT 'node1', n, \(Self.id("c")), '1001', \(mark), \(wall), 0 FROM draws WHERE d8 % 100 < 2
            """,
            """
            INSERT INTO ratings SELECT \(Self.id("c")), '1001', CAST(\(rating) AS INTEGER), NULL, \(wall), 0 FROM draws
            WHERE \(hasAgent) AND d1 % 10 < 4
            """,
            """
            INSERT INTO recording_notes
            SELECT 'node1', n, \(Self.id("r")), \(Self.id("c")), '8001', NULL,
                CASE WHEN d3 % 1000 < 2 THEN '变压器爆炸' ELSE \(Self.word("d2", ["客户满意", "需回访", "语气生硬", "解释清楚"])) END,
                \(wall), 0
            FROM draws WHERE d5 % 100 < 3
            """,
            "DROP TABLE draws",
            "UPDATE recording_index_fill SET complete = 0",
        ]
    }
}
