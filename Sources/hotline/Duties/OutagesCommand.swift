import ArgumentParser
import Calls
import Foundation
import Storage

/// `hotline outages …`: outages that the public is told of, and callers hear.
struct OutagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outages", abstract: "Outages announced: callers hear of those in force (docs/duties.md).",
        subcommands: [List.self, Announce.self, Withdraw.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the outages that are not over.")

        @Flag(help: "Those that are over or withdrawn, too.")
        var all = false
        @Option(help: "At most so many (1 to 100,000).")
        var limit = 1000
        @OptionGroup var query: QueryOptions

        func validate() throws {
            guard (1...100_000).contains(limit) else {
                throw ValidationError("--limit must lie between 1 and 100,000.")
            }
        }

        func run() async throws {
            let filter = OutageFilter(
                notOverAt: all ? nil : PeriodOptions.now, withWithdrawn: all, limit: limit)
            let outages = try await query.ask { try await $0.outages(filter) }
            if query.json { return try query.printJSON(outages) }
            guard !outages.isEmpty else { return print("No outages are announced.") }
            var table = TextTable(["ID", "KIND", "AREA", "BEGINS", "ENDS", "ANNOUNCED", "WITHDRAWN", "REASON"])
            for outage in outages {
                table.add([
                    outage.id.description, outage.kind, outage.area.isEmpty ? "everywhere" : outage.area,
                    ScreenTime.text(outage.beginsAt), ScreenTime.text(outage.endsAt),
                    ScreenTime.text(outage.announcedAt), ScreenTime.text(outage.withdrawnAt), outage.reason,
                ])
            }
            print(table.text)
        }
    }

    struct Announce: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Announces an outage; a server must run.")

        @Option(help: "planned, temporary or fault.")
        var kind: String
        @Option(help: "The place or line as callers name it; without it everywhere.")
        var area: String?
        @Option(help: "When it begins, local unless it ends in Z or +08:00.")
        var begins: TimeArgument
        @Option(help: "When it ends.")
        var ends: TimeArgument
        @Option(help: "When the public was told, where that is not now.")
        var announced: TimeArgument?
        @Option(help: "Why.")
        var reason: String
        @Option(help: "What the public was told.")
        var text: String
        @Option(help: "The recorded prompt that callers hear; without it they hear the times.")
        var prompt: String?
        @Option(help: "Who announces it: a work number.")
        var by: WorkNumber
        @OptionGroup var data: DataOptions

        func run() async throws {
            var body: [String: JSONScalar] = [
                "kind": .text(kind), "begins_at": .text(begins.time.description),
                "ends_at": .text(ends.time.description),
                "reason": .text(reason), "text": .text(text), "by": .text(by.text),
            ]
            body["area"] = area.map { .text($0) }
            body["announced_at"] = announced.map { .text($0.time.description) }
            body["prompt"] = prompt.map { .text($0) }
            let answer = try await ServerClient(folder: data.folder).post("outages", body)
            print(try JSONDecoder().decode([String: String].self, from: answer)["id"] ?? "")
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Withdraws an outage: it does not take place, or is over early; a server must run.")

        @Argument(help: "The outage's id.")
        var id: OutageID
        @Option(help: "Who: a work number.")
        var by: WorkNumber
        @Option(help: "Why.")
        var why: String
        @OptionGroup var data: DataOptions

        func run() async throws {
            try await ServerClient(folder: data.folder).post(
                "outages/\(id)/withdrawal", ["by": .text(by.text), "why": .text(why)])
        }
    }
}
