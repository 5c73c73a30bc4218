import ArgumentParser
import Documents
import Foundation
import Storage
import Switchboard

struct CarrierCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "carrier", abstract: "The carrier's own records of calls (话单), beside ours.",
        subcommands: [Import.self, Compare.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes in a carrier's file of call records, and tells which calls only one of us knows.",
            discussion: """
                Through the running server. Records that are there already are not taken twice, so that a file may be \
                given again. A file with a mistake is not taken at all.
                """)

        @OptionGroup var query: QueryOptions
        @Argument(help: "The file: comma-separated values, UTF-8 or GB 18030.")
        var file: String
        @Option(help: "Which column is what: a YAML file such as packaging/carrier-columns.yaml.")
        var columns: String
        @Flag(help: "Takes nothing in and needs no server; compares the file alone.")
        var dryRun = false

        func run() async throws {
            let mapping = try CarrierColumns(try FlowFile.read(columns), file: columns)
            let content = try TableBytes.read(file)
            let read = try CarrierFile(content, file: file, columns: mapping)
            guard let first = read.records.map(\.began).min(), let last = read.records.map(\.began).max() else {
                throw CommandError("\(file) has no records")
            }
            var taken = Taken(
                file: URL(fileURLWithPath: file).lastPathComponent, records: read.records.count,
                repeated: read.repeated)
            if !dryRun { try await hand(read.records, &taken) }
            let (from, to) = (UTCTime(microseconds: first), UTCTime(microseconds: last + 1))
            let records = read.records.sorted { $0.began < $1.began }
            let margin = CarrierComparison.margin(from, to)
            taken.comparison = try await query.ask { reader in
                CarrierComparison(
                    from: from, to: to, records: records,
                    calls: try await reader.carrierCalls(from: margin.from, to: margin.to),
                    listsUnanswered: mapping.listsUnanswered)
            }
            if query.json { return try query.printJSON(taken) }
            if let new = taken.new {
                print("\(taken.records) records, \(new) of them new, \(taken.repeated) doubled in the file")
            }
            if let comparison = taken.comparison { CarrierScreen.text(comparison).forEach { print($0) } }
        }

        private func hand(_ records: [CarrierImported.Record], _ taken: inout Taken) async throws {
            let client = try ServerClient(folder: query.data.folder)
            var new = 0
            for first in stride(from: 0, to: records.count, by: CarrierBook.mostAtOnce) {
                let group = records[first..<min(first + CarrierBook.mostAtOnce, records.count)]
                let data = try await client.post(
                    "carrier/records", encodable: Body(file: taken.file, records: Array(group)), seconds: 60)
                new += try JSONDecoder().decode(Answer.self, from: data).new
            }
            taken.new = new
        }

        private struct Body: Encodable {
            var file: String
            var records: [CarrierImported.Record]
        }

        private struct Answer: Decodable {
            var new: Int
        }

        private struct Taken: Encodable {
            var file: String
            var records: Int
            var repeated: Int
            var new: Int?
            var comparison: CarrierComparison?

            enum CodingKeys: String, CodingKey {
                case file, records, repeated, new, comparison
            }

            func encode(to encoder: any Encoder) throws {
                var fields = encoder.container(keyedBy: CodingKeys.self)
                try fields.encode(file, forKey: .file)
                try fields.encode(records, forKey: .records)
                try fields.encode(repeated, forKey: .repeated)
                try fields.encode(new, forKey: .new)
                try fields.encode(comparison, forKey: .comparison)
            }
        }
    }

    struct Compare: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lays the records taken in before beside our calls.")

        @OptionGroup var query: QueryOptions
        @OptionGroup var period: PeriodOptions
        @Flag(help: "The carrier's records have unanswered calls, too.")
        var listsUnanswered = false

        func run() async throws {
            let (from, to, _) = try period.resolved()
            let margin = CarrierComparison.margin(from, to)
            let comparison = try await query.ask { reader in
                CarrierComparison(
                    from: from, to: to, records: try await reader.carrierRecords(from: from, to: to),
                    calls: try await reader.carrierCalls(from: margin.from, to: margin.to),
                    listsUnanswered: listsUnanswered)
            }
            if query.json { return try query.printJSON(comparison) }
            CarrierScreen.text(comparison).forEach { print($0) }
        }
    }
}

/// A comparison for a terminal.
private enum CarrierScreen {
    static func text(_ comparison: CarrierComparison) -> [String] {
        var lines = [
            PeriodOptions.heading(comparison.from, comparison.to),
            "\(comparison.records) records of the carrier's, \(comparison.matched) of them calls of ours",
        ]
        if !comparison.neverReached.isEmpty {
            var table = TextTable(["BEGAN", "CALLER", "CALLED", "SECONDS"])
            for record in comparison.neverReached {
                table.add([
                    ScreenTime.text(record.beganAt), record.caller ?? "-", record.called, String(record.seconds),
                ])
            }
            lines += ["", "Never reached us: \(comparison.neverReached.count)", table.text]
        }
        if !comparison.unknownToCarrier.isEmpty {
            var table = TextTable(["OFFERED", "CALLER", "CALLED", "CALL"])
            for call in comparison.unknownToCarrier {
                table.add([
                    ScreenTime.text(call.offeredAt), call.caller ?? "-", call.called, call.id.description,
                ])
            }
            lines += ["", "Unknown to the carrier: \(comparison.unknownToCarrier.count)", table.text]
        }
        return lines
    }
}
