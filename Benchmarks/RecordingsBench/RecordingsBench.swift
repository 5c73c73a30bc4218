import Foundation
import Glibc

/// Measures the way from the audio log to finished recordings.
///
///     RecordingsBench finish FOLDER [--hours N]         recordings of 1, 10 and 60 minutes, N hours of each; of 1 minute
///                                                       beside a busy machine too; the machine's own floor
///     RecordingsBench backlog FOLDER [--recordings N]   a thousand recordings wait while one runs
///     RecordingsBench all FOLDER                        both
@main struct RecordingsBench {
    static func main() {
        do {
            try run()
        } catch {
            FileHandle.standardError.write(Data("RecordingsBench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run() throws {
        var arguments = CommandLine.arguments.dropFirst()
        let command = arguments.popFirst() ?? ""
        if command == "spin" { Spinners.spin() }
        guard let folder = arguments.popFirst(), ["finish", "backlog", "all"].contains(command) else {
            throw BenchError("say `finish FOLDER`, `backlog FOLDER` or `all FOLDER`")
        }
        var options = ["--hours": 2, "--recordings": 1000]
        while let name = arguments.popFirst() {
            guard options[name] != nil, let value = arguments.popFirst().flatMap(Int.init), value > 0 else {
                throw BenchError("\(name) is none of \(options.keys.sorted()) with a number above 0")
            }
            options[name] = value
        }
        say("\(ProcessInfo.processInfo.processorCount) cores, load \(Machine.load)")
        if command != "backlog" {
            try Floor(folder: folder).run()
            let hours = options["--hours"] ?? 1
            for minutes in [1, 10, 60] {
                try FinishRun(folder: folder, minutes: minutes, hours: hours, isBusy: false).run()
            }
            try FinishRun(folder: folder, minutes: 1, hours: hours, isBusy: true).run()
        }
        if command != "finish" { try Backlog(folder: folder, recordings: options["--recordings"] ?? 1000).run() }
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Prints a line at once, also into a pipe.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
