import ArgumentParser
import Calls
import Storage

struct MessagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "messages", abstract: "The inbox: callers' voice messages, agents' reports.",
        subcommands: [List.self, Heard.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists messages: unheard ones first, the most urgent at the top.")

        @OptionGroup var query: QueryOptions
        @OptionGroup var list: ListOptions
        @Option(help: "Only messages left in this queue.")
        var queue: String?
        @Option(help: "Only voice messages (voice), or agents' reports (report).")
        var kind: InboxKind?
        @Flag(help: "Only those that nobody has heard.")
        var unheard = false

        func run() async throws {
            let filter = MessageFilter(
                from: list.from?.time, to: list.to?.time, queue: queue, kind: kind, unheardOnly: unheard,
                limit: list.limit)
            let messages = try await query.ask { try await $0.messages(filter: filter) }
            if query.json { return try query.printJSON(messages) }
            guard let first = messages.first else { return print("No messages.") }
            var table = TextTable([
                "MESSAGE", "LEFT (\(ScreenTime.zone(at: first.leftAt)))", "KIND", "DUE", "HEARD", "BY", "QUEUE",
                "CALLER",
                "LENGTH", "FROM", "CALL", "FILE", "REPORT",
            ])
            for message in messages {
                table.add([
                    message.id.description, ScreenTime.text(message.leftAt), message.kind.rawValue,
                    ScreenTime.text(message.dueAt), ScreenTime.text(message.heardAt), message.heardBy?.text ?? "-",
                    message.queue.isEmpty ? "-" : message.queue, message.caller ?? "withheld",
                    Screen.milliseconds(message.toMilliseconds - message.fromMilliseconds),
                    Screen.milliseconds(message.fromMilliseconds),
                    message.callID.description, message.file ?? "unfinished", Self.report(message),
                ])
            }
            print(table.text)
        }

        private static func report(_ message: MessageSummary) -> String {
            guard let mark = message.mark, let agent = message.agent else { return "-" }
            return "\(mark) by \(agent)\(message.note.map { ": \($0)" } ?? "")"
        }
    }

    struct Heard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Marks a message as heard, a report as acknowledged.",
            discussion: "A report is acknowledged by a shift leader or a supervisor.")

        @OptionGroup var data: DataOptions
        @Argument(
            help:
                "The message's id as `messages list` shows it, or its beginning (4 characters or more) where that is unique."
        )
        var message: String
        @Option(help: "Who heard it: a work number.")
        var by: String

        func validate() throws {
            guard MessageID.range(beginning: message) != nil else {
                throw ValidationError(
                    "`\(message)` is neither a message's id nor its beginning; `hotline messages list` shows the ids.")
            }
        }

        func run() async throws {
            try await ServerClient(folder: data.folder).post(
                "messages/\(try ServerClient.part(message))/heard", ["by": .text(by)])
        }
    }
}

extension InboxKind: ExpressibleByArgument {}
