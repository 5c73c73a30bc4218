import Foundation
import Glibc
import Norms
import Storage
import YearOfLife

/// Makes stores for audits and measures audits of them.
///
///     AuditBench year FOLDER [--calls N] [--orders N] [--seed N] [--policy ID] [--norms DIR]
///         a year of synthetic life (100,000 calls, 20,000 orders), written through the store
///     AuditBench bulk FOLDER --source YEAR [--copies 10]
///         every row of such a year ten times (1,000,000 calls, 200,000 orders), for measuring alone
///     AuditBench audit FOLDER --profile ID [--month 2026-06] [--months N] [--rounds N] [--norms DIR]
@main struct AuditBench {
    static func main() async {
        do {
            try await run()
        } catch {
            FileHandle.standardError.write(Data("AuditBench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run() async throws {
        var arguments = CommandLine.arguments.dropFirst()
        guard let command = arguments.popFirst(), let folder = arguments.popFirst() else {
            throw BenchError("say `year FOLDER`, `bulk FOLDER` or `audit FOLDER`")
        }
        let options = try Options(arguments)
        switch command {
        case "year": try await year(folder, options)
        case "bulk": try bulk(folder, options)
        case "audit": try await AuditRounds(folder: folder, options: options).run()
        default: throw BenchError("`\(command)` is none of year, bulk, audit")
        }
    }

    private static func year(_ folder: String, _ options: Options) async throws {
        let rules = try YearRules(folder: options["--norms"], policy: options["--policy"])
        let life = YearOfLife(
            seed: UInt64(try options.number("--seed")), calls: try options.number("--calls", otherwise: 100_000),
            orders: try options.number("--orders", otherwise: 20_000), year: 2026, rules: rules)
        try refuse(DataFolder(folder).database)
        let time = LifeTime()
        let store = try Store.open(
            folder: folder, identity: .bench, time: time, random: { UInt64.random(in: 0 ... .max) })
        let clock = ContinuousClock()
        let begin = clock.now
        var told = begin
        var course = life.course()
        var facts = 0
        while let units = try course.next() {
            facts += try await time.write(units, to: store)
            guard clock.now - told > .seconds(5), let last = units.last else { continue }
            told = clock.now
            let date = CivilDate(CivilTime(wallMicroseconds: last.at.wall, offsetSeconds: 28_800))
            FileHandle.standardError.write(Data("\(facts) facts, to \(date)\n".utf8))
        }
        await store.close()
        print("\(facts) facts of \(life.calls) calls and \(life.orders) orders in \(seconds(clock.now - begin)) s")
    }

    private static func bulk(_ folder: String, _ options: Options) throws {
        let copies = try options.number("--copies")
        guard (2...250).contains(copies) else { throw BenchError("--copies lies between 2 and 250") }
        try refuse(DataFolder(folder).database)
        let rows = BulkRows(source: options["--source"], folder: folder, copies: copies)
        let clock = ContinuousClock()
        let begin = clock.now
        let (calls, orders) = try rows.make()
        let size = try FileManager.default.attributesOfItem(atPath: DataFolder(folder).database)[.size] as? Int ?? 0
        print("\(calls) calls, \(orders) orders in \(seconds(clock.now - begin)) s, \(size / 1_000_000) MB")
    }

    private static func refuse(_ path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw BenchError("\(path) exists already; remove its folder, or name another")
        }
    }
}

extension NodeIdentity {
    static let bench = NodeIdentity(name: "node1", number: 1, boot: "b0000000-0000-4000-8000-000000000001")
}

/// Seconds, with milliseconds.
func seconds(_ duration: Duration) -> String {
    let parts = duration.components
    return String(format: "%.3f", Double(parts.seconds) + Double(parts.attoseconds) / 1e18)
}

/// What stands behind the command: names with values.
struct Options {
    private var values = [
        "--calls": "", "--orders": "", "--seed": "1", "--policy": "yongqiang", "--norms": "norms",
        "--source": "", "--copies": "10", "--profile": "yongqiang", "--month": "2026-06", "--months": "1",
        "--rounds": "5",
    ]

    init(_ arguments: ArraySlice<String>) throws {
        var arguments = arguments
        while let name = arguments.popFirst() {
            guard values[name] != nil, let value = arguments.popFirst() else {
                throw BenchError("\(name) is no option with a value: \(values.keys.sorted()) are")
            }
            values[name] = value
        }
    }

    subscript(name: String) -> String { values[name] ?? "" }

    /// - Parameter otherwise: where nothing was said.
    func number(_ name: String, otherwise: Int? = nil) throws -> Int {
        if let otherwise, self[name].isEmpty { return otherwise }
        guard let number = Int(self[name]), number > 0 else { throw BenchError("\(name) needs a number above 0") }
        return number
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
