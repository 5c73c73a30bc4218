import ArgumentParser
import Calls
import Foundation
import Storage

/// What every query takes.
struct QueryOptions: ParsableArguments {
    @OptionGroup var data: DataOptions
    @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
    var json = false

    /// Asks the store, and closes it whatever the answer.
    func ask<Answer>(_ question: (StoreReader) async throws -> Answer) async throws -> Answer {
        let reader = try Store.openForQueries(folder: data.folder)
        let answer: Answer
        do {
            answer = try await question(reader)
        } catch {
            try reader.close()
            throw error
        }
        try reader.close()
        return answer
    }

    func printJSON(_ value: some Encodable) throws {
        print(String(decoding: try QueryJSON.encode(value), as: UTF8.self))
    }
}

/// Which part of a list.
struct ListOptions: ParsableArguments {
    @Option(help: "Only from this time on: 2026-11-22 or 2026-11-22T08:00, local unless it ends in Z or +08:00.")
    var from: TimeArgument?
    @Option(help: "Only before this time.")
    var to: TimeArgument?
    @Option(help: "At most so many, the newest (1 to 100,000).")
    var limit = 50

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit must lie between 1 and 100,000.") }
    }
}

/// A time on the command line.
struct TimeArgument: ExpressibleByArgument, Sendable {
    let time: UTCTime

    init?(argument: String) {
        guard let time = UTCTime(argument) else { return nil }
        let clock = argument.dropFirst(10)
        if clock.contains("Z") || clock.contains("+") || clock.contains("-") {
            self.time = time
        } else {
            self.time = UTCTime(microseconds: time.microseconds - ScreenTime.offset(at: time) * 1_000_000)
        }
    }
}

extension Identifier: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension Outcome: ExpressibleByArgument {}

/// Times for people: this machine's zone, milliseconds.
enum ScreenTime {
    /// Seconds east of Greenwich.
    static func offset(at time: UTCTime) -> Int64 {
        let date = Date(timeIntervalSince1970: Double(time.microseconds) / 1_000_000)
        return Int64(TimeZone.current.secondsFromGMT(for: date))
    }

    /// `2026-11-22 11:04:05.020`.
    static func text(_ time: UTCTime?) -> String {
        guard let time else { return "-" }
        let local = UTCTime(microseconds: time.microseconds + offset(at: time) * 1_000_000).description
        return local.prefix(10) + " " + local.dropFirst(11).prefix(12)
    }

    /// `UTC+08:00`, for headings.
    static func zone(at time: UTCTime) -> String {
        let offset = offset(at: time)
        let minutes = abs(offset) / 60
        let digits = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        return "UTC\(offset < 0 ? "-" : "+")\(digits)"
    }
}
