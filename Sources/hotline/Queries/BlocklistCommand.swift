import ArgumentParser
import Calls
import Storage

struct BlocklistCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blocklist", abstract: "Numbers from which no calls are taken.",
        subcommands: [List.self, Add.self, Remove.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the numbers that are blocked now.")

        @OptionGroup var query: QueryOptions
        @Option(help: "The numbers that were blocked at this time, local unless it ends in Z or +08:00.")
        var at: TimeArgument?
        @Option(help: "At most so many (1 to 100,000).")
        var limit = 1000

        func validate() throws {
            guard (1...100_000).contains(limit) else {
                throw ValidationError("--limit must lie between 1 and 100,000.")
            }
        }

        func run() async throws {
            let time = at?.time ?? PeriodOptions.now
            let numbers = try await query.ask { try await $0.blockedNumbers(at: time, limit: limit) }
            if query.json { return try query.printJSON(numbers) }
            guard let first = numbers.first else { return print("No numbers are blocked.") }
            var table = TextTable([
                "NUMBER", "SINCE (\(ScreenTime.zone(at: first.blockedAt)))", "UNTIL", "BY", "REASON",
            ])
            for number in numbers {
                table.add([
                    number.number, ScreenTime.text(number.blockedAt), ScreenTime.text(number.until), number.by.text,
                    number.reason,
                ])
            }
            print(table.text)
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Blocks a number, for a time or until it is removed.")

        @OptionGroup var data: DataOptions
        @Argument(help: "The number as calls show it, digits only.")
        var number: String
        @Option(help: "For so many hours (1 to 8784); without it until it is removed.")
        var hours: Int?
        @Option(help: "Who blocks it: a work number.")
        var by: String
        @Option(help: "Why.")
        var reason: String

        func validate() throws {
            if let hours, !(1...8784).contains(hours) { throw ValidationError("--hours must lie between 1 and 8784.") }
        }

        func run() async throws {
            var body: [String: JSONScalar] = ["number": .text(number), "by": .text(by), "reason": .text(reason)]
            if let hours { body["hours"] = .number(hours) }
            try await ServerClient(folder: data.folder).post("blocklist", body)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Takes a number off the list.")

        @OptionGroup var data: DataOptions
        @Argument(help: "The number.")
        var number: String
        @Option(help: "Who takes it off: a work number.")
        var by: String
        @Option(help: "Why.")
        var reason: String?

        func run() async throws {
            var body: [String: JSONScalar] = ["by": .text(by)]
            body["reason"] = reason.map { .text($0) }
            try await ServerClient(folder: data.folder).post(
                "blocklist/\(try ServerClient.part(number))/removal", body)
        }
    }
}
