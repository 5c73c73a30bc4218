import Foundation
import Glibc

/// Measures the media engine: what a recorded call costs, how many one core holds, whether a tick allocates.
///
///     MediaBench allocations                      exit 1 if a tick calls the allocator
///     MediaBench timer [--seconds N]              the machine's own floor
///     MediaBench cost [--legs N] [--seconds N] [--phases 1|2|4]   a run on one core, the peers on the other
///     MediaBench bridged [--pairs N] [--seconds N]  `allocations`, and `cost` of calls of two legs that hear each other
///     MediaBench capacity [--seconds N]           the most calls held on one core
///     MediaBench all                              all of them
@main struct MediaBench {
    static func main() {
        do {
            try run()
        } catch {
            FileHandle.standardError.write(Data("MediaBench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run() throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let command = arguments.isEmpty ? "all" : arguments.removeFirst()
        let options = try Options(arguments)
        switch command {
        case "peer": try PeerProcess.run(options)
        case "allocations": try Allocations.run()
        case "timer": TimerFloor.measure(seconds: options.seconds ?? 10).print()
        case "cost":
            var load = Load(legs: options.legs ?? 200, seconds: options.seconds ?? 20)
            load.phases = options.phases
            try load.run().print()
        case "bridged":
            try Allocations.run()
            try Load(legs: 2 * (options.pairs ?? 100), seconds: options.seconds ?? 20, isBridged: true).run().print()
        case "capacity": try Capacity.search(seconds: options.seconds ?? 10)
        case "all":
            try Allocations.run()
            TimerFloor.measure(seconds: 10).print()
            try Load(legs: 200, seconds: 20).run().print()
            try Load(legs: 200, seconds: 20, isBridged: true).run().print()
            try Capacity.search(seconds: 10)
        default: throw BenchError("`\(command)` is none of allocations, timer, cost, bridged, capacity, all")
        }
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

struct Options {
    var legs: Int?
    var pairs: Int?
    var seconds: Int?
    /// Turns of a tick; nil: as the engine has them.
    var phases: Int?

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst().flatMap(Int.init), value > 0 else {
                throw BenchError("\(name) needs a number above 0")
            }
            switch name {
            case "--legs": legs = value
            case "--pairs": pairs = value
            case "--seconds": seconds = value
            case "--phases": phases = value
            default: throw BenchError("`\(name)` is none of --legs, --pairs, --seconds, --phases")
            }
        }
    }
}
