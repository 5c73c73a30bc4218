import ArgumentParser
import Calls
import Storage

struct CallsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calls", abstract: "Calls and their timelines.", subcommands: [List.self, Show.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists calls, the newest first.")

        @OptionGroup var query: QueryOptions
        @OptionGroup var list: ListOptions
        @Option(help: "Only this caller's number, as normalised.")
        var caller: String?
        @Option(help: "Only calls to this number.")
        var called: String?
        @Option(help: "Only calls that ended so.")
        var outcome: Outcome?
        @Option(help: "Only this node's calls, by its name.")
        var node: String?
        @Option(help: "Only calls that this agent answered, by work number.")
        var agent: WorkNumber?
        @Option(help: "Only calls that this work order belongs to, by its number.")
        var order: String?

        func run() async throws {
            let filter = CallFilter(
                from: list.from?.time, to: list.to?.time, caller: caller, called: called, outcome: outcome,
                node: node, agent: agent, order: order, limit: list.limit)
            let calls = try await query.ask { try await $0.calls(filter: filter) }
            if query.json { return try query.printJSON(calls) }
            guard let newest = calls.first else { return print("No calls.") }
            var table = TextTable([
                "OFFERED (\(ScreenTime.zone(at: newest.offeredAt)))", "CALLER", "CALLED", "LINE", "RINGS", "ANSWER",
                "LENGTH", "KEYS", "OUTCOME", "BY", "AGENT", "ORDERS", "REC", "CALL",
            ])
            for call in calls { table.add(Self.row(call)) }
            print(table.text)
        }

        private static func row(_ call: CallSummary) -> [String] {
            let length = call.answeredAt.flatMap { answered in
                call.releasedAt.map { ($0.microseconds - answered.microseconds) / 1000 }
            }
            return [
                ScreenTime.text(call.offeredAt), call.caller ?? "withheld", call.called, call.line,
                call.rings.map(String.init) ?? "-", Screen.milliseconds(call.answerMilliseconds),
                Screen.milliseconds(length), call.digits.isEmpty ? "-" : call.digits,
                call.outcome?.rawValue ?? "running", call.releasedBy?.rawValue ?? "-",
                call.answeredBy.isEmpty ? "-" : call.answeredBy.map(\.text).joined(separator: ","),
                call.orders.isEmpty ? "-" : call.orders.joined(separator: ","),
                call.recordings.isEmpty ? "-" : call.recordings.allSatisfy { $0.sha256 != nil } ? "yes" : "unfinished",
                call.callID.description,
            ]
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows one call: its parties, recordings, orders and every event with its instant.")

        @Argument(help: "The call's id, as `calls list` names it.")
        var id: CallID
        @OptionGroup var query: QueryOptions

        func run() async throws {
            guard let call = try await query.ask({ try await $0.call(id) }) else {
                throw CommandError("there is no call \(id) in \(query.data.folder).")
            }
            if query.json { return try query.printJSON(call) }
            print(CallScreen(call).text)
        }
    }
}

/// Values for people.
enum Screen {
    /// `1.000 s`; `-` where there is none.
    static func milliseconds(_ value: Int64?) -> String {
        guard let value else { return "-" }
        let magnitude = value.magnitude
        let rest = String(magnitude % 1000)
        return "\(value < 0 ? "-" : "")\(magnitude / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest) s"
    }

    static func seconds(_ value: Double?) -> String { milliseconds(value.map { Int64(($0 * 1000).rounded()) }) }
}
