import ArgumentParser
import Calls
import Foundation
import Storage
import Switchboard

/// `hotline penalties …`: what orders come to by the documents, and what people decided.
struct PenaltiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "penalties",
        abstract: "Penalties that orders come to: proposed by rule, decided by a person (docs/orders.md).",
        subcommands: [List.self, Confirm.self, Drop.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists penalties, the newest proposed first.")

        @Option(help: "Of this order.")
        var order: String?
        @Option(help: "proposed, confirmed or dropped.")
        var state: String?
        @OptionGroup var list: ListOptions
        @OptionGroup var query: QueryOptions

        func run() async throws {
            let filter = PenaltyFilter(
                order: order, state: state, from: list.from?.time, to: list.to?.time, limit: list.limit)
            let penalties = try await query.ask { try await $0.penalties(filter) }
            if query.json { return try query.printJSON(penalties) }
            guard !penalties.isEmpty else { return print("No penalties.") }
            var table = TextTable(["ORDER", "PENALTY", "STATE", "YUAN", "TIMES", "WHO", "UNIT", "CLAUSE", "BECAUSE"])
            for one in penalties {
                table.add([
                    one.order, one.penalty, one.state, one.yuan.map(String.init) ?? Self.sum(one),
                    "\(one.count)\(one.perPerson ? " a person" : "")\(one.factor > 1 ? " × \(one.factor)" : "")",
                    one.who, one.unit ?? "-", "\(one.profile) \(one.clause)",
                    one.because + (one.anomaly == nil ? "" : " (anomaly in the document)"),
                ])
            }
            print(table.text)
        }

        private static func sum(_ one: PenaltySummary) -> String {
            guard let bounds = one.bounds(persons: 1) else { return "-" }
            guard let most = bounds.most else { return "≥ \(bounds.least)" }
            return bounds.least == most ? "\(most)" : "\(bounds.least)–\(most)"
        }
    }

    /// Who decides, and why.
    struct Decision: ParsableArguments {
        @Argument(help: "The order's number.")
        var order: String
        @Argument(help: "The penalty's id.")
        var penalty: String
        @Option(help: "Who decides: a work number.")
        var by: WorkNumber
        @Option(help: "As what: supervisor, hotline_director, marketing, leader, …")
        var role: String
        @Option(help: "The department they belong to.")
        var unit: String?
        @Option(help: "Why.")
        var why: String
        @OptionGroup var data: DataOptions

        func post(_ more: [String: JSONScalar]) async throws {
            var body = more
            body["by"] = .text(by.text)
            body["role"] = .text(role)
            body["unit"] = unit.map { .text($0) }
            body["why"] = .text(why)
            let path = "orders/\(try ServerClient.part(order))/penalties/\(try ServerClient.part(penalty))"
            let answer = try await ServerClient(folder: data.folder).post(path, body)
            let decided = try JSONDecoder().decode(PenaltySummary.self, from: answer)
            print("\(decided.order) \(decided.penalty): \(decided.state)\(decided.yuan.map { ", \($0) yuan" } ?? "")")
        }
    }

    struct Confirm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Confirms a penalty with a sum within the document's figures; a server must run.")

        @OptionGroup var decision: Decision
        @Option(help: "The sum.")
        var yuan: Int
        @Option(help: "For how many people, where it is per person.")
        var persons = 1

        func run() async throws {
            try await decision.post([
                "decision": .text("confirm"), "yuan": .number(yuan), "persons": .number(persons),
            ])
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Drops a penalty; a server must run.")

        @OptionGroup var decision: Decision

        func run() async throws { try await decision.post(["decision": .text("drop")]) }
    }
}
