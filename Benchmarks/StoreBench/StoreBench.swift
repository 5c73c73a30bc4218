import Calls
import Foundation
import Glibc
import Storage

/// Measures the search of recordings in a large store.
///
///     StoreBench make FOLDER [--recordings N]     makes the store (1,000,000 by default) and fills its index
///     StoreBench search FOLDER [--rounds N] [--json FILE] [--pairs none|common|all]
///     StoreBench lists FOLDER [--rounds N]        the list of calls in a store of any origin: a day's, a caller's, an order's
@main struct StoreBench {
    static func main() async {
        do {
            try await run()
        } catch {
            FileHandle.standardError.write(Data("StoreBench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run() async throws {
        var arguments = CommandLine.arguments.dropFirst()
        guard let command = arguments.popFirst(), let folder = arguments.popFirst() else {
            throw BenchError("say `make FOLDER`, `search FOLDER` or `lists FOLDER`")
        }
        var options = ["--recordings": "1000000", "--rounds": "5", "--json": "", "--pairs": "all"]
        while let name = arguments.popFirst() {
            guard options[name] != nil, let value = arguments.popFirst() else {
                throw BenchError("\(name) is no option with a value: \(options.keys.sorted()) are")
            }
            options[name] = value
        }
        func number(_ name: String) throws -> Int {
            guard let number = options[name].flatMap({ Int($0) }), number > 0 else {
                throw BenchError("\(name) needs a number above 0")
            }
            return number
        }
        switch command {
        case "make": try make(Generator(folder: folder, recordings: try number("--recordings")))
        case "search":
            try await SearchRun(
                reader: try Store.openForQueries(folder: folder), rounds: try number("--rounds"),
                pairs: options["--pairs"] ?? "", json: options["--json"] ?? ""
            ).run()
        case "lists":
            try await ListRun(reader: try Store.openForQueries(folder: folder), rounds: try number("--rounds")).run()
        default: throw BenchError("`\(command)` is none of make, search, lists")
        }
    }

    private static func make(_ generator: Generator) throws {
        let clock = ContinuousClock()
        let tables = try clock.measure { try generator.run() }
        print("tables: \(tables)")
        let path = DataFolder(generator.folder).database
        let index = try clock.measure {
            try SQLiteEngine(path: path, chain: "node1", random: { UInt64.random(in: 0 ... .max) }).close()
        }
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        print("index: \(index), \(generator.recordings) recordings, \(size / 1_000_000) MB")
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
