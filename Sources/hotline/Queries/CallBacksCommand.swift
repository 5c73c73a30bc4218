import ArgumentParser
import Calls
import Storage

struct CallBacksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "callbacks", abstract: "Callers to be called back: they asked for it, or the line broke.",
        subcommands: [List.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists wishes to be called back: open ones first, the most urgent at the top.")

        @OptionGroup var query: QueryOptions
        @OptionGroup var list: ListOptions
        @Option(help: "Only wishes of this queue.")
        var queue: String?
        @Option(help: "Only this number, as normalised.")
        var number: String?
        @Flag(help: "Only those that are open.")
        var open = false

        func run() async throws {
            let filter = CallBackFilter(
                from: list.from?.time, to: list.to?.time, queue: queue, number: number, openOnly: open,
                limit: list.limit)
            let callBacks = try await query.ask { try await $0.callBacks(filter: filter) }
            if query.json { return try query.printJSON(callBacks) }
            guard let first = callBacks.first else { return print("No call-backs.") }
            var table = TextTable([
                "ASKED (\(ScreenTime.zone(at: first.askedAt)))", "DUE", "STATE", "ENDED", "CALLS", "BY", "QUEUE",
                "NUMBER", "REASON", "FOR", "CALL",
            ])
            for callBack in callBacks {
                table.add([
                    ScreenTime.text(callBack.askedAt), ScreenTime.text(callBack.dueAt), callBack.state.rawValue,
                    ScreenTime.text(callBack.endedAt), String(callBack.attempts), callBack.by?.text ?? "-",
                    callBack.queue.isEmpty ? "-" : callBack.queue, callBack.number, callBack.reason.rawValue,
                    callBack.forAgent?.text ?? "-", callBack.callID.description,
                ])
            }
            print(table.text)
        }
    }
}
