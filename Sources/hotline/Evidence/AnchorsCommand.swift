import ArgumentParser
import Evidence
import Foundation
import Storage

/// `hotline evidence anchors`: the daily anchors, to be looked at, printed and carried away.
struct AnchorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "anchors", abstract: "Lists the daily anchors, shows one, or copies them to a file.",
        subcommands: [List.self, Show.self, Export.self])

    /// Which days.
    struct Days: ParsableArguments {
        @Option(help: "Only days from this one on: 2026-11-22.")
        var from: String?
        @Option(help: "Only days before this one.")
        var to: String?

        func validate() throws {
            for day in [from, to].compactMap(\.self) {
                guard day.count == 10, UTCTime(day) != nil else {
                    throw ValidationError("`\(day)` is no day such as 2026-11-22.")
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists anchors, the newest first.")

        @OptionGroup var query: QueryOptions
        @OptionGroup var days: Days
        @Option(help: "At most so many, the newest (1 to 100,000).")
        var limit = 50

        func run() async throws {
            let filter = AnchorFilter(from: days.from, to: days.to, limit: limit)
            let anchors = try await query.ask { try await $0.anchors(filter: filter) }
            if query.json { return try query.printJSON(anchors) }
            guard !anchors.isEmpty else {
                return print("No anchors. A running server makes one a day, five minutes after the day's end.")
            }
            var table = TextTable(["DAY", "MADE", "RECORDINGS", "LEFT THE MACHINE BY", "FINGERPRINT"])
            for anchor in anchors {
                let ways = AnchorWay.allCases.filter(anchor.delivered.contains).map(\.rawValue)
                let failed = anchor.deliveries.count { !$0.delivered }
                let left =
                    ways.isEmpty ? (failed > 0 ? "no way, \(failed) attempts" : "-") : ways.joined(separator: ", ")
                table.add([
                    anchor.date, ScreenTime.text(anchor.madeAt), String(anchor.recordings), left, anchor.fingerprint,
                ])
            }
            print(table.text)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows one anchor, its fingerprint to be printed or read aloud, and how it was sent.")

        @OptionGroup var query: QueryOptions
        @Argument(help: "Its day (2026-11-22), or the beginning of its fingerprint.")
        var anchor: String

        func run() async throws {
            let isDay = anchor.count == 10 && UTCTime(anchor) != nil
            guard isDay || anchor.count >= 4 && anchor.allSatisfy(\.isHexDigit) else {
                throw ValidationError("`\(anchor)` is neither a day nor at least four digits of a fingerprint.")
            }
            let found = try await query.ask { try await $0.anchors(filter: AnchorFilter(name: anchor, limit: 2)) }
            guard let one = found.first else { throw CommandError("there is no anchor `\(anchor)`") }
            guard found.count == 1 else {
                throw CommandError("several anchors begin with `\(anchor)`; give more digits")
            }
            if query.json { return try query.printJSON(one) }
            print(AnchorScreen(one).text)
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copies anchors, the oldest first, one a line: what `evidence verify --anchors` reads.")

        @OptionGroup var data: DataOptions
        @OptionGroup var days: Days
        @Option(help: ArgumentHelp("The file; without it they are printed.", valueName: "file"))
        var out: String?

        func run() async throws {
            let reader = try Store.openForQueries(folder: data.folder)
            let anchors = try await reader.anchors(
                filter: AnchorFilter(from: days.from, to: days.to, limit: 100_000))
            try reader.close()
            guard !anchors.isEmpty else { throw CommandError("there are no anchors of these days") }
            let text = anchors.reversed().map { $0.anchor + "\n" }.joined()
            guard let out else { return print(text, terminator: "") }
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: out), options: .withoutOverwriting)
            } catch {
                throw CommandError("\(out) cannot be written (does it exist?): \(error.localizedDescription)")
            }
            print("\(anchors.count) anchors in \(out)")
        }
    }
}

/// One anchor for a terminal or a printer.
struct AnchorScreen {
    private let anchor: AnchorSummary

    init(_ anchor: AnchorSummary) { self.anchor = anchor }

    var text: String {
        var lines = [
            "anchor of \(anchor.date) (\(anchor.zone)), made \(ScreenTime.text(anchor.madeAt))",
            "fingerprint",
        ]
        lines += Self.grouped(anchor.fingerprint)
        lines += ["\(anchor.recordings) recordings, Merkle root", "  " + anchor.root]
        for delivery in anchor.deliveries {
            let end = delivery.delivered ? "taken" : "NOT taken"
            lines.append(
                "\(ScreenTime.text(delivery.at)) \(delivery.way.rawValue), attempt \(delivery.attempt): \(end) "
                    + "(\(delivery.message))")
        }
        if anchor.deliveries.isEmpty { lines.append("never sent off this machine") }
        lines.append("the anchor, one line:")
        return lines.map(TextTable.printable).joined(separator: "\n") + "\n" + TextTable.printable(anchor.anchor)
    }

    /// Four digits at a time, eight groups a line.
    private static func grouped(_ digits: String) -> [String] {
        let characters = Array(digits)
        let groups = stride(from: 0, to: characters.count, by: 4).map {
            String(characters[$0..<min($0 + 4, characters.count)])
        }
        return stride(from: 0, to: groups.count, by: 8).map {
            "  " + groups[$0..<min($0 + 8, groups.count)].joined(separator: " ")
        }
    }
}
