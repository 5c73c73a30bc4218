import ArgumentParser
import Foundation
import Storage
import Switchboard

/// `hotline tickets …`: other ticket stores beside ours.
struct TicketsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tickets",
        abstract: "Other ticket stores: what waits, what differs (docs/tickets.md); a server must run.",
        subcommands: [List.self, Link.self, Reconcile.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows how every store stands.")

        @OptionGroup var data: DataOptions
        @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
        var json = false

        func run() async throws {
            let answer = try await ServerClient(folder: data.folder).get("tickets")
            if json { return print(String(decoding: answer, as: UTF8.self)) }
            let standings = try JSONDecoder().decode([TicketDesk.Standing].self, from: answer)
            guard !standings.isEmpty else { return print("No other ticket stores: `orders.stores` is not set.") }
            var table = TextTable(["STORE", "WAITING", "REFUSED", "FAILING SINCE", "PROBLEM"])
            for one in standings {
                table.add([
                    one.store, String(one.waiting), String(one.refused.count), ScreenTime.text(one.failingSince),
                    one.problem ?? "-",
                ])
            }
            print(table.text)
            for one in standings {
                for (number, why) in one.refused.sorted(by: { $0.key < $1.key }) {
                    print(TextTable.printable("\(one.store) \(number): \(why)"))
                }
            }
        }
    }

    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says which ticket of another store an order is, or what became of it.")

        @Argument(help: "The order's number.")
        var number: String
        @Option(help: "The store's name in the configuration.")
        var store: String
        @Option(help: "Its number there.")
        var reference: String
        @Option(help: "Its status there.")
        var status: String?
        @OptionGroup var data: DataOptions

        func run() async throws {
            var body: [String: JSONScalar] = ["reference": .text(reference)]
            body["status"] = status.map { .text($0) }
            let path = "orders/\(try ServerClient.part(number))/tickets/\(try ServerClient.part(store))"
            try await ServerClient(folder: data.folder).post(path, body)
        }
    }

    struct Reconcile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compares the orders of a period with what the other store says of them now.")

        @Option(help: "The store's name in the configuration.")
        var store: String
        @OptionGroup var period: PeriodOptions
        @OptionGroup var data: DataOptions
        @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
        var json = false

        func run() async throws {
            let (from, to, _) = try period.resolved()
            let path =
                "tickets/\(try ServerClient.part(store))/comparison?from=\(from.description)&to=\(to.description)"
            let answer = try await ServerClient(folder: data.folder).get(path, seconds: 600)
            if json { return print(String(decoding: answer, as: UTF8.self)) }
            let found = try JSONDecoder().decode(TicketComparison.self, from: answer)
            print("\(PeriodOptions.heading(from, to)): \(found.orders) orders, \(found.agreeing) agree")
            for (what, numbers) in [
                ("without a number there", found.untold), ("no longer known there", found.gone),
                ("open here, final there", found.openHereFinalThere),
                ("closed here, open there", found.closedHereOpenThere),
            ] where !numbers.isEmpty {
                print("\(numbers.count) \(what): \(numbers.joined(separator: ", "))")
            }
            if found.agreeing < found.orders { throw ExitCode(1) }
        }
    }
}
