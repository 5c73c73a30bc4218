import ArgumentParser
import Calls
import Foundation
import Storage
import Switchboard

/// `hotline orders life NUMBER`: where an order stands.
struct OrderLifeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "life",
        abstract:
            "Shows where an order stands, which clocks run, who must act and which steps are possible; a server must run."
    )

    @Argument(help: "The order's number, such as 20261122-0007.")
    var number: String
    @OptionGroup var data: DataOptions
    @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
    var json = false

    func run() async throws {
        let path = "orders/\(try ServerClient.part(number))/life"
        try OrderLifeScreen.print(try await ServerClient(folder: data.folder).get(path), json: json)
    }
}

/// What a step of an order takes on the command line.
struct OrderStepOptions: ParsableArguments {
    @Argument(help: "The order's number, such as 20261122-0007.")
    var number: String
    @Option(help: "Who does it: a work number.")
    var by: WorkNumber
    @Option(help: "As what: agent, shift_leader, supervisor, hotline_director, department, crew, …")
    var role: String
    @Option(help: "The department or crew they act for, where the role is that of one.")
    var unit: String?
    @Option(help: "Why.")
    var why: String?
    @Option(
        name: .customLong("happened"),
        help: "When it was done, where that is not now: 2026-11-22T08:00, local unless it ends in Z or +08:00.")
    var happened: TimeArgument?
    @Option(
        name: .customLong("field"),
        help: ArgumentHelp(
            "A field of the step, as often as needed; a time may be written out.", valueName: "name=value"))
    var fields: [String] = []
    @OptionGroup var data: DataOptions
    @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
    var json = false

    private struct Body: Encodable {
        var step: String
        var by: String
        var role: String
        var unit: String?
        var happenedAt: String?
        var why: String?
        var fields: [String: String]

        enum CodingKeys: String, CodingKey {
            case step, by, role, unit
            case happenedAt = "happened_at"
            case why, fields
        }
    }

    func post(_ step: String) async throws {
        var values: [String: String] = [:]
        for field in fields {
            guard let mark = field.firstIndex(of: "=") else {
                throw ValidationError("--field takes NAME=VALUE, not `\(field)`.")
            }
            let name = String(field[..<mark])
            let value = String(field[field.index(after: mark)...])
            // Instants stand in steps as microseconds; people write them out.
            let isTime = value.contains("-") && value.contains("T")
            values[name] = isTime ? TimeArgument(argument: value).map { String($0.time.microseconds) } ?? value : value
        }
        let body = Body(
            step: step, by: by.text, role: role, unit: unit, happenedAt: happened?.time.description, why: why,
            fields: values)
        let answer = try await ServerClient(folder: data.folder).post(
            "orders/\(try ServerClient.part(number))/steps", encodable: body)
        try OrderLifeScreen.print(answer, json: json)
    }
}

/// `hotline orders step STEP NUMBER …`: any step of an order's life, by its name in the life's file.
struct OrderStepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step", abstract: "Does any step of an order's life, by its name; a server must run.",
        discussion: "Refused, with the reason, where the order's state or the role does not allow it.")

    @Argument(help: "The step, such as waive_visit; `orders life` shows the possible ones.")
    var step: String
    @OptionGroup var options: OrderStepOptions

    func run() async throws { try await options.post(step) }
}

/// A step with a command of its own.
protocol OrderStepName {
    static var command: String { get }
    static var step: String { get }
    static var abstract: String { get }
}

struct NamedOrderStep<Name: OrderStepName>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: Name.command, abstract: "\(Name.abstract); a server must run.")
    }

    @OptionGroup var options: OrderStepOptions

    func run() async throws { try await options.post(Name.step) }
}

/// The steps that are typed most.
enum OrderSteps {
    enum Accept: OrderStepName {
        static let (command, step, abstract) = ("accept", "accept", "受理: takes an order up; its life begins")
    }
    enum Audit: OrderStepName {
        static let (command, step, abstract) = (
            "audit", "audit", "审核: the shift leader's audit, verdict=passed or amend"
        )
    }
    enum Dispatch: OrderStepName {
        static let (command, step, abstract) = ("dispatch", "dispatch", "派发: to department=…, copies=…")
    }
    enum Receive: OrderStepName {
        static let (command, step, abstract) = ("receive", "receive", "签收: the department has it")
    }
    enum Return: OrderStepName {
        static let (command, step, abstract) = ("return", "return", "退回: it is not this department's, --why")
    }
    enum Contact: OrderStepName {
        static let (command, step, abstract) = ("contact", "contact", "联系客户: reached=…, recording=…")
    }
    enum Reply: OrderStepName {
        static let (command, step, abstract) = ("reply", "reply", "回复: result=…, finding=…")
    }
    enum Review: OrderStepName {
        static let (command, step, abstract) = ("review", "review", "评定: assessment=qualified or unqualified")
    }
    enum Revisit: OrderStepName {
        static let (command, step, abstract) = ("revisit", "revisit", "回访: reached=…, handling=…, recording=…")
    }
    enum Extend: OrderStepName {
        static let (command, step, abstract) = ("extend", "ask_extension", "申请延期: until=…, ground=…, --why")
    }
    enum Remind: OrderStepName {
        static let (command, step, abstract) = ("remind", "remind", "催办: the customer asks again, --why")
    }
    enum Supervise: OrderStepName {
        static let (command, step, abstract) = ("supervise", "supervise", "督办: answered by notice_due=…, --why")
    }
    enum Merge: OrderStepName {
        static let (command, step, abstract) = ("merge", "merge", "并单: goes on under into=NUMBER, --why")
    }
    enum Archive: OrderStepName {
        static let (command, step, abstract) = ("archive", "archive", "归档: ends it, or files it before the visit")
    }

    static let commands: [any ParsableCommand.Type] = [
        NamedOrderStep<Accept>.self, NamedOrderStep<Audit>.self, NamedOrderStep<Dispatch>.self,
        NamedOrderStep<Receive>.self, NamedOrderStep<Return>.self, NamedOrderStep<Contact>.self,
        NamedOrderStep<Reply>.self, NamedOrderStep<Review>.self, NamedOrderStep<Revisit>.self,
        NamedOrderStep<Extend>.self, NamedOrderStep<Remind>.self, NamedOrderStep<Supervise>.self,
        NamedOrderStep<Merge>.self, NamedOrderStep<Archive>.self,
    ]
}

private enum OrderLifeScreen {
    static func print(_ answer: Data, json: Bool) throws {
        if json { return Swift.print(String(decoding: answer, as: UTF8.self)) }
        let life = try JSONDecoder().decode(OrderLifeView.self, from: answer)
        var owner = life.owner ?? "nobody"
        if let unit = life.ownerUnit { owner += " (\(unit))" }
        let lines: [(String, String)] = [
            ("number", life.number), ("category", life.category), ("state", "\(life.state) \(life.title)"),
            ("must act", owner),
        ]
        Swift.print(
            lines.map { TextTable.padded($0.0, to: 10) + TextTable.printable($0.1) }.joined(separator: "\n"))
        if !life.alarms.isEmpty { Swift.print("ALARMS: \(life.alarms.joined(separator: ", "))") }
        if !life.unproven.isEmpty {
            Swift.print(
                "without a recording: \(life.unproven.map { "\($0.number) \($0.step)" }.joined(separator: ", "))")
        }
        if let route = life.route {
            let copies = route.copies.isEmpty ? "" : ", copy to \(route.copies.joined(separator: " "))"
            let withheld = route.withheld.isEmpty ? "" : ", never to \(route.withheld.joined(separator: " "))"
            Swift.print("to       \(route.departments.joined(separator: " or "))\(copies)\(withheld) (\(route.clause))")
        }
        if let repeats = life.repeats, repeats.warning != "none" {
            let same =
                repeats.duplicates.isEmpty ? "" : "; perhaps the same: \(repeats.duplicates.joined(separator: " "))"
            Swift.print(
                "CALLS AGAIN: \(repeats.count) orders, before it \(repeats.earlier.joined(separator: " "))\(same)")
        }
        if !life.clocks.isEmpty {
            var table = TextTable(["CLOCK", "SINCE", "DUE", "LEFT", "WHO", "BY"])
            for clock in life.clocks {
                table.add([
                    clock.id, ScreenTime.text(clock.since), clock.dueAt.map { ScreenTime.text($0) } ?? "-",
                    clock.leftMilliseconds.map { left($0) } ?? "-", clock.ownerUnit ?? clock.owner ?? "-",
                    clock.rule ?? clock.clause ?? "-",
                ])
            }
            Swift.print("\n" + table.text)
        }
        if !life.possible.isEmpty {
            var table = TextTable(["POSSIBLE", "WHO", "NEEDS"])
            for step in life.possible {
                table.add([
                    step.id, step.by.isEmpty ? "any" : step.by.joined(separator: " "),
                    step.needs.joined(separator: " "),
                ])
            }
            Swift.print("\n" + table.text)
        }
    }

    /// `2 d 3 h`, `-40 min`.
    private static func left(_ milliseconds: Int64) -> String {
        let minutes = abs(milliseconds) / 60_000
        let sign = milliseconds < 0 ? "-" : ""
        if minutes < 60 { return "\(sign)\(minutes) min" }
        if minutes < 1440 { return "\(sign)\(minutes / 60) h \(minutes % 60) min" }
        return "\(sign)\(minutes / 1440) d \(minutes % 1440 / 60) h"
    }
}
