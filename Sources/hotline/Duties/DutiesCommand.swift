import ArgumentParser
import Calls
import Foundation
import Norms
import Storage
import Switchboard

/// `hotline duties …`: work that the documents ask for again and again.
struct DutiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duties",
        abstract: "Recurring work with its evidence: boxes, reception days, visits, reports (docs/duties.md).",
        subcommands: [DutiesListCommand.self, DutiesDoneCommand.self, DutiesDeedsCommand.self],
        defaultSubcommand: DutiesListCommand.self)
}

struct DutiesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "What the profiles ask for, when it was last done and when it is due.")

    @Option(help: "This profile alone.")
    var profile: String?
    @Option(help: "Another folder of norms than the shipped one.")
    var folder: String?
    @OptionGroup var zone: ZoneOption
    @OptionGroup var query: QueryOptions

    private struct Row: Encodable {
        var profile: String
        var rule: String
        var clause: String
        var words: String
        var limit: String?
        var subject: String?
        var lastAt: UTCTime?
        var due: String?
        var overdue: Bool

        enum CodingKeys: String, CodingKey {
            case profile, rule, clause, words, limit, subject
            case lastAt = "last_at"
            case due, overdue
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(profile, forKey: .profile)
            try fields.encode(rule, forKey: .rule)
            try fields.encode(clause, forKey: .clause)
            try fields.encode(words, forKey: .words)
            try fields.encode(limit, forKey: .limit)
            try fields.encode(subject, forKey: .subject)
            try fields.encode(lastAt, forKey: .lastAt)
            try fields.encode(due, forKey: .due)
            try fields.encode(overdue, forKey: .overdue)
        }
    }

    func run() async throws {
        let norms = NormFolder(path: try folder ?? ShareFolder().path + "/norms")
        let profiles = try profile.map { [try norms.profile($0)] } ?? norms.profiles().map(\.profile)
        let (calendar, zone, now) = (try norms.calendar(), try zone.offsets(), PeriodOptions.now)
        let deeds = try await query.ask {
            try await $0.deeds(from: UTCTime(microseconds: 0), to: UTCTime(microseconds: .max), asOf: now)
        }
        let rows = DutyBook.recurring(profiles).flatMap { profile, rule in
            let mine = deeds.filter { $0.rule == rule.id }
            let subjects = Set(mine.map(\.subject)).sorted()
            return (subjects.isEmpty ? [""] : subjects).map { subject in
                let last = mine.last { $0.subject == subject }?.happenedAt
                let due = last.flatMap {
                    rule.nextDue(after: $0.microseconds, by: profile.clock(calendar: calendar, zone: zone))
                }
                return Row(
                    profile: profile.id, rule: rule.id, clause: "\(rule.source) \(rule.clause)", words: rule.words.text,
                    limit: rule.limit?.description, subject: subject.isEmpty ? nil : subject, lastAt: last,
                    due: due?.date.description, overdue: due.map { $0.at <= now.microseconds } ?? false)
            }
        }
        if query.json { return try query.printJSON(rows) }
        var table = TextTable(["PROFILE", "RULE", "SUBJECT", "LIMIT", "LAST DONE", "DUE", "CLAUSE"])
        for row in rows {
            table.add([
                row.profile, row.rule, row.subject ?? "-", row.limit ?? "-", ScreenTime.text(row.lastAt),
                (row.due ?? "-") + (row.overdue ? " OVERDUE" : ""), row.clause,
            ])
        }
        print(table.text)
    }
}

struct DutiesDoneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "done", abstract: "Writes down that work was done; a server must run.")

    @Argument(help: "The rule's id, as `duties list` shows it.")
    var rule: String
    @Option(help: "Who did it: a work number.")
    var by: WorkNumber
    @Option(help: "What came of it.")
    var note: String
    @Option(help: "Which of several: one box, one customer, one counter.")
    var subject: String?
    @Option(name: .customLong("happened"), help: "When, where that is not now; local unless it ends in Z or +08:00.")
    var happened: TimeArgument?
    @Option(help: "A recording's id, an order's number, or a document's name. Without it the work is unproven.")
    var evidence: String?
    @OptionGroup var data: DataOptions

    func run() async throws {
        var body: [String: JSONScalar] = ["by": .text(by.text), "note": .text(note)]
        body["subject"] = subject.map { .text($0) }
        body["happened_at"] = happened.map { .text($0.time.description) }
        body["evidence"] = evidence.map { .text($0) }
        try await ServerClient(folder: data.folder).post("duties/\(try ServerClient.part(rule))", body)
    }
}

struct DutiesDeedsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "log", abstract: "Lists work that was done.")

    @OptionGroup var period: PeriodOptions
    @OptionGroup var query: QueryOptions

    func run() async throws {
        let (from, to, now) = try period.resolved()
        let deeds = try await query.ask { try await $0.deeds(from: from, to: to, asOf: now) }
        if query.json { return try query.printJSON(deeds) }
        var table = TextTable(["RULE", "SUBJECT", "DONE", "BY", "EVIDENCE", "NOTE"])
        for deed in deeds {
            table.add([
                deed.rule, deed.subject.isEmpty ? "-" : deed.subject, ScreenTime.text(deed.happenedAt), deed.by,
                deed.evidence ?? "UNPROVEN", deed.note,
            ])
        }
        print(table.text)
    }
}
