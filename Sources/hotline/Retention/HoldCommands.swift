import ArgumentParser
import Calls
import Foundation
import Storage

/// `hotline recordings hold`: kept, whatever the rules say.
struct RecordingsHoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Holds a recording, a call's or an order's recordings: nothing of them is deleted; a server must run."
    )

    @Argument(help: "The recording's id.")
    var id: RecordingID?
    @Option(help: "All recordings linked to this work order, by its number, and those of its calls.")
    var order: String?
    @Option(help: "All recordings of this call.")
    var call: CallID?
    @Option(help: "Why: who may release it, and when, is well said here.")
    var reason: String
    @Option(help: "Who wants it: a work number.")
    var by: WorkNumber
    @OptionGroup var data: DataOptions
    @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
    var json = false

    func validate() throws {
        guard [id != nil, order != nil, call != nil].filter(\.self).count == 1 else {
            throw ValidationError("Give one of ID, --order and --call.")
        }
    }

    func run() async throws {
        var body: [String: JSONScalar] = ["reason": .text(reason), "by": .text(by.text)]
        if let id { body["recording"] = .text(id.description) }
        if let order { body["order"] = .text(order) }
        if let call { body["call"] = .text(call.description) }
        let answer = try await ServerClient(folder: data.folder).post("holds", body)
        try HoldScreen.print(answer, json: json)
    }
}

struct RecordingsReleaseHoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release-hold", abstract: "Releases a hold: the rules count again; a server must run.")

    @Argument(help: "The hold's id, as `hotline recordings holds` shows it.")
    var id: HoldID
    @Option(help: "Why.")
    var reason: String
    @Option(help: "Who releases it: a work number.")
    var by: WorkNumber
    @OptionGroup var data: DataOptions
    @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
    var json = false

    func run() async throws {
        let answer = try await ServerClient(folder: data.folder).post(
            "holds/\(id)/release", ["reason": .text(reason), "by": .text(by.text)])
        try HoldScreen.print(answer, json: json)
    }
}

struct RecordingsHoldsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "holds", abstract: "Lists holds, the oldest first.")

    @OptionGroup var query: QueryOptions
    @Flag(help: "Those that were released, too.")
    var all = false

    func run() async throws {
        let holds = try await query.ask { try await $0.holds(inForceOnly: !all) }
        if query.json { return try query.printJSON(holds) }
        guard !holds.isEmpty else { return print("No holds.") }
        print(HoldScreen.table(holds))
    }
}

private enum HoldScreen {
    static func print(_ answer: Data, json: Bool) throws {
        if json { return Swift.print(String(decoding: answer, as: UTF8.self)) }
        Swift.print(table([try JSONDecoder().decode(HoldSummary.self, from: answer)]))
    }

    static func table(_ holds: [HoldSummary]) -> String {
        let zone = holds.first.map { " (\(ScreenTime.zone(at: $0.placedAt)))" } ?? ""
        var table = TextTable(["PLACED\(zone)", "HOLD", "ON", "BY", "REASON", "RELEASED"])
        for hold in holds {
            let subject = hold.orderNumber ?? hold.recording?.description ?? hold.call?.description ?? "-"
            let released = hold.releasedAt.map { at in
                "\(ScreenTime.text(at)) by \(hold.releasedBy?.text ?? "-"): \(hold.releaseReason ?? "-")"
            }
            table.add([
                ScreenTime.text(hold.placedAt), hold.id.description, "\(hold.scope.rawValue) \(subject)",
                hold.placedBy.text, hold.reason, released ?? "-",
            ])
        }
        return table.text
    }
}
