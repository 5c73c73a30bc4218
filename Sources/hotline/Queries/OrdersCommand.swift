import ArgumentParser
import Storage

struct OrdersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders", abstract: "Work orders.",
        discussion: "What steps an order may go through, who may do them and by when: docs/orders.md.",
        subcommands: [List.self, Show.self, OrderLifeCommand.self, OrderStepCommand.self] + OrderSteps.commands,
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists work orders, the newest first.")

        @OptionGroup var query: QueryOptions
        @OptionGroup var list: ListOptions
        @Option(help: "Only orders of this calling number, as normalised.")
        var caller: String?
        @Option(help: "Only this category: fault, complaint, …")
        var category: String?
        @Option(help: "Only this status.")
        var status: String?
        @Option(help: "Only orders without a recording linked in this role, such as return_visit.")
        var without: String?

        func run() async throws {
            let filter = OrderFilter(
                from: list.from?.time, to: list.to?.time, caller: caller, category: category, status: status,
                limit: list.limit, withoutRecording: without)
            let orders = try await query.ask { try await $0.orders(filter: filter) }
            if query.json { return try query.printJSON(orders) }
            guard let newest = orders.first else { return print("No work orders.") }
            var table = TextTable([
                "NUMBER", "CODE", "CATEGORY", "STATUS", "CALLER", "CREATED (\(ScreenTime.zone(at: newest.createdAt)))",
                "RECORDINGS", "CALL",
            ])
            for order in orders {
                table.add([
                    order.number, order.code, order.category, order.status, order.caller ?? "withheld",
                    ScreenTime.text(order.createdAt), String(order.recordings.count),
                    order.callID?.description ?? "-",
                ])
            }
            print(table.text)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one work order with its recordings.")

        @Argument(help: "The order's number, such as 20261122-0007.")
        var number: String
        @OptionGroup var query: QueryOptions

        func run() async throws {
            guard let order = try await query.ask({ try await $0.order(number) }) else {
                throw CommandError("there is no work order \(number) in \(query.data.folder).")
            }
            if query.json { return try query.printJSON(order) }
            var lines: [(String, String)] = [
                ("number", order.number), ("code", order.code), ("category", order.category),
                ("status", order.status), ("caller", order.caller ?? "withheld"),
                ("created", "\(ScreenTime.text(order.createdAt)) \(ScreenTime.zone(at: order.createdAt))"),
                ("call", order.callID?.description ?? "-"),
            ]
            if let state = order.state {
                lines.append(("state", state))
                lines.append(
                    ("must act", order.ownerUnit.map { "\(order.owner ?? "") (\($0))" } ?? order.owner ?? "nobody"))
            }
            lines += order.fields.sorted { $0.key < $1.key }.map { ("  \($0.key)", $0.value) }
            print(lines.map { TextTable.padded($0.0, to: 14) + TextTable.printable($0.1) }.joined(separator: "\n"))
            if !order.steps.isEmpty {
                var table = TextTable(["STEP", "DONE", "BY", "AS", "THEN", "WHY"])
                for step in order.steps {
                    table.add([
                        step.step, ScreenTime.text(step.happenedAt), step.by, step.unit ?? step.role, step.state,
                        step.why ?? "-",
                    ])
                }
                print("\n" + table.text)
            }
            guard !order.recordings.isEmpty else { return }
            var table = TextTable(["RECORDING", "ROLE", "FROM", "TO", "FILE"])
            for recording in order.recordings {
                table.add([
                    recording.id.description, recording.role, Screen.milliseconds(recording.fromMilliseconds),
                    Screen.milliseconds(recording.toMilliseconds), recording.file ?? "unfinished",
                ])
            }
            print("\n" + table.text)
        }
    }
}
