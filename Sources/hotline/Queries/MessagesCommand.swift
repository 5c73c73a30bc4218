import ArgumentParser
import Calls
import Storage

struct MessagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "messages", abstract: "Callers' voice messages.", subcommands: [List.self, Heard.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists messages: unheard ones first, the most urgent at the top.")

        @OptionGroup var query: QueryOptions
        @OptionGroup var list: ListOptions
        @Option(help: "Only messages left in this queue.")
        var queue: String?
        @Flag(help: "Only those that nobody has heard.")
        var unheard = false

        func run() async throws {
            let filter = MessageFilter(
                from: list.from?.time, to: list.to?.time, queue: queue, unheardOnly: unheard, limit: list.limit)
            let messages = try await query.ask { try await $0.messages(filter: filter) }
            if query.json { return try query.printJSON(messages) }
            guard let first = messages.first else { return print("No messages.") }
            var table = TextTable([
                "LEFT (\(ScreenTime.zone(at: first.leftAt)))", "DUE", "HEARD", "BY", "QUEUE", "CALLER", "LENGTH",
                "FROM", "CALL", "FILE",
            ])
            for message in messages {
                table.add([
                    ScreenTime.text(message.leftAt), ScreenTime.text(message.dueAt), ScreenTime.text(message.heardAt),
                    message.heardBy?.text ?? "-", message.queue, message.caller ?? "withheld",
                    Screen.milliseconds(message.toMilliseconds - message.fromMilliseconds),
                    Screen.milliseconds(message.fromMilliseconds), message.callID.description,
                    message.file ?? "unfinished",
                ])
            }
            print(table.text)
        }
    }

    struct Heard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Marks a message as heard.")

        @OptionGroup var data: DataOptions
        @Argument(help: "The message's id.")
        var message: MessageID
        @Option(help: "Who heard it: a work number.")
        var by: String

        func run() async throws {
            try await ServerClient(folder: data.folder).post("messages/\(message)/heard", ["by": .text(by)])
        }
    }
}
