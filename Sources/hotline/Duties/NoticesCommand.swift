import ArgumentParser
import Calls
import Storage

/// `hotline notices …`: what callers hear in the flow while it is switched on.
struct NoticesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notices", abstract: "Notices that callers hear while they are on (docs/duties.md).",
        subcommands: [List.self, Set.self, Clear.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the notices, each as it was switched last.")

        @Flag(help: "Each time that one was switched, the latest first.")
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
            let now = PeriodOptions.now
            let notices = try await query.ask { reader in
                all ? try await reader.noticeHistory(at: now, limit: limit) : try await reader.notices(at: now)
            }
            if query.json { return try query.printJSON(notices) }
            guard let first = notices.first else { return print("No notice was ever switched on.") }
            var table = TextTable([
                "NOTICE", "STATE", "PROMPT", "SET (\(ScreenTime.zone(at: first.setAt)))", "UNTIL", "BY", "WHY",
            ])
            for notice in notices {
                table.add([
                    notice.name, notice.isOn ? "on" : "off", notice.prompt ?? "-", ScreenTime.text(notice.setAt),
                    ScreenTime.text(notice.until), notice.by, notice.why,
                ])
            }
            print(table.text)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Switches a notice on, or changes it: the next call hears it; a server must run.")

        @Argument(help: "Which: storm.")
        var notice: String
        @Option(help: "What callers hear: a prompt whose id begins with `notice.`.")
        var prompt: String
        @Option(help: "When it ends by itself, local unless it ends in Z or +08:00; without it when it is cleared.")
        var until: TimeArgument?
        @Option(help: "Who: a work number.")
        var by: WorkNumber
        @Option(help: "Why, for the journal.")
        var why: String?
        @OptionGroup var data: DataOptions

        func run() async throws {
            var body: [String: JSONScalar] = ["prompt": .text(prompt), "by": .text(by.text)]
            body["until"] = until.map { .text($0.time.description) }
            body["why"] = why.map { .text($0) }
            try await ServerClient(folder: data.folder).put("notices/\(try ServerClient.part(notice))", body)
        }
    }

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes a notice back: calls that begin from now on do not hear it; a server must run.")

        @Argument(help: "Which: storm.")
        var notice: String
        @Option(help: "Who: a work number.")
        var by: WorkNumber
        @Option(help: "Why, for the journal.")
        var why: String?
        @OptionGroup var data: DataOptions

        func run() async throws {
            var query = ["by": by.text]
            if let why, !why.isEmpty { query["why"] = why }
            try await ServerClient(folder: data.folder).delete(
                "notices/\(try ServerClient.part(notice))", query: query)
        }
    }
}
