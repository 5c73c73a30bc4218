import ArgumentParser
import Documents
import Foundation
import Norms
import Storage
import Switchboard

/// `hotline norms …`: what the documents demand, and when it is due.
struct NormsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "norms", abstract: "Service norms as data: profiles, deadlines, coverage (docs/norms.md).",
        subcommands: [
            NormsListCommand.self, NormsShowCommand.self, NormsCheckCommand.self, NormsDiffCommand.self,
            NormsDueCommand.self, NormsCalendarCommand.self, NormsCoverageCommand.self,
        ], defaultSubcommand: NormsListCommand.self)
}

/// Which norms.
struct NormOptions: ParsableArguments {
    @Option(help: "The folder of norms. Default: the shipped one.")
    var folder: String?
    @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
    var json = false

    func norms() throws -> NormFolder { NormFolder(path: try folder ?? ShareFolder().path + "/norms") }

    /// A profile by its id, or by the path of its file.
    func profile(_ name: String) throws -> NormProfile {
        if name.contains("/") || name.hasSuffix(".yaml") { return try NormFolder.profile(at: name).profile }
        return try norms().profile(name)
    }

    func printJSON(_ value: some Encodable) throws {
        print(String(decoding: try QueryJSON.encode(value), as: UTF8.self))
    }
}

struct NormsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the profiles.")

    @OptionGroup var options: NormOptions

    private struct Row: Encodable {
        let id: String
        let name: String
        let short: String
        let version: String
        let issuer: String
        let inForce: String
        let evidence: [String]
        let rules: Int
        let judged: Int
        let penalties: Int
        let anomalies: Int

        enum CodingKeys: String, CodingKey {
            case id, name, short, version, issuer, evidence, rules, judged, penalties, anomalies
            case inForce = "in_force"
        }
    }

    func run() throws {
        let rows = try options.norms().profiles().map { read in
            let profile = read.profile
            return Row(
                id: profile.id, name: profile.name, short: profile.short, version: profile.version,
                issuer: profile.issuer, inForce: profile.inForce.description,
                evidence: profile.sources.map(\.evidence.rawValue), rules: profile.rules.count,
                judged: profile.rules.count { $0.measure != nil }, penalties: profile.penalties.count,
                anomalies: profile.anomalies.count)
        }
        if options.json { return try options.printJSON(rows) }
        var table = TextTable([
            "ID", "SHORT", "VERSION", "RULES", "JUDGED", "PENALTIES", "ANOMALIES", "IN FORCE", "NAME",
        ])
        for row in rows {
            table.add([
                row.id, row.short, row.version, String(row.rules), String(row.judged), String(row.penalties),
                String(row.anomalies), row.inForce, row.name,
            ])
        }
        print(table.text)
    }
}

struct NormsShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows a profile with its clauses, or one rule of it.")

    @Argument(help: "The profile's id, such as yongqiang, or the path of a file.")
    var profile: String
    @Option(help: "This rule or penalty alone.")
    var rule: String?
    @OptionGroup var options: NormOptions

    func run() throws {
        let profile = try options.profile(self.profile)
        let rules = profile.rules.filter { rule == nil || $0.id == rule }
        let penalties = profile.penalties.filter { rule == nil || $0.id == rule }
        if let rule, rules.isEmpty, penalties.isEmpty {
            let ids = profile.rules.map(\.id) + profile.penalties.map(\.id)
            throw CommandError("\(profile.id) has no rule \"\(rule.prefix(60))\". \(Names.advice(for: rule, in: ids))")
        }
        let answer = ProfileAnswer(profile, rules: rules, penalties: penalties)
        if options.json { return try options.printJSON(answer) }
        answer.lines.forEach { print(TextTable.printable($0)) }
    }
}

struct NormsCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Reads profiles, calendar and catalogue, and says what is wrong with them.",
        discussion: """
            Without files all that is shipped, and whether every item of the catalogue is accounted for. A file with `years` is \
            read as a calendar, one with `sections` as a catalogue, any other as a profile. With --documents every quotation is \
            looked for in the documents themselves. Exit code 1 where anything is wrong; warnings are none.
            """)

    @Argument(help: "Files to check.")
    var files: [String] = []
    @Option(
        help: ArgumentHelp(
            "The documents as text: files whose names begin as their sources' keys do, such as 000… for 000-G.",
            valueName: "folder"))
    var documents: String?
    @OptionGroup var options: NormOptions

    private struct Complaint: Encodable {
        let severity: String
        let file: String
        let code: String
        let line: Int
        let column: Int
        let message: String
        let advice: String

        init(_ severity: String, _ error: DocumentError) {
            self.severity = severity
            file = error.file
            code = error.code.name
            line = error.line
            column = error.column
            message = error.message
            advice = error.advice
        }
    }

    private struct Answer: Encodable {
        let ok: Bool
        let files: Int
        let quotations: Int
        let complaints: [Complaint]
    }

    func run() throws {
        var complaints: [(isError: Bool, error: DocumentError)] = []
        let norms = try options.norms()
        var paths = files
        if paths.isEmpty {
            paths =
                try norms.profilePaths() + [
                    "\(norms.path)/\(NormFolder.calendarName)", "\(norms.path)/\(NormFolder.itemsName)",
                ]
        }
        var profiles: [NormProfile] = []
        for path in paths {
            do {
                let read = try Self.read(path)
                complaints += read.warnings.map { (false, $0) }
                if let profile = read.profile { profiles.append(profile) }
            } catch let errors as DocumentErrors {
                complaints += errors.errors.map { (true, $0) }
            }
        }
        if files.isEmpty, !complaints.contains(where: \.isError) {
            for gap in NormCoverage(items: try norms.items(), profiles: profiles).gaps {
                complaints.append(
                    (
                        true,
                        DocumentError(
                            .badValue, file: "\(norms.path)/\(NormFolder.itemsName)", line: 0, column: 0,
                            message: gap.description)
                    ))
            }
        }
        var compared = 0
        if let documents {
            let texts = try Self.texts(documents, of: profiles)
            for profile in profiles {
                let found = profile.quotations(in: texts)
                compared += found.compared
                for id in found.missing {
                    let error = DocumentError(
                        .badValue, file: "\(profile.id).yaml", line: 0, column: 0,
                        message: "the quotation of \(id) does not stand in its document",
                        advice: "Copy it letter by letter")
                    complaints.append((true, error))
                }
            }
        }
        let isSound = !complaints.contains(where: \.isError)
        if options.json {
            try options.printJSON(
                Answer(
                    ok: isSound, files: paths.count, quotations: compared,
                    complaints: complaints.map { Complaint($0.isError ? "error" : "warning", $0.error) }))
        } else {
            for complaint in complaints {
                print(TextTable.printable("\(complaint.isError ? "error" : "warning"): \(complaint.error)"))
            }
            let quotations = documents == nil ? "" : ", \(compared) quotations compared"
            print("\(paths.count) files\(quotations), \(isSound ? "sound" : "not sound")")
        }
        guard isSound else { throw ExitCode.failure }
    }

    /// The documents of the profiles' sources that are there, by key.
    private static func texts(_ folder: String, of profiles: [NormProfile]) throws -> [String: String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        var texts: [String: String] = [:]
        for key in Set(profiles.flatMap(\.sources).map(\.key)) {
            // 000-G: part G of the document 000. Other keys, of what is not at hand, are words.
            let number = key.prefix { $0.isNumber }
            guard number.count == 3, let name = names.first(where: { $0.hasPrefix(number) }) else { continue }
            texts[key] = try String(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"), encoding: .utf8)
        }
        return texts
    }

    private static func read(_ path: String) throws -> (profile: NormProfile?, warnings: [DocumentError]) {
        // What kind of file it is, its own top keys tell; what is no YAML is refused as a profile.
        let kind: String?
        do {
            let text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
            let keys = try Document.parse(text, file: path).entries?.map(\.key) ?? []
            kind = ["years", "sections"].first { keys.contains($0) }
        } catch {
            kind = nil
        }
        switch kind {
        case "years":
            _ = try NormFolder.calendar(at: path)
            return (nil, [])
        case "sections":
            _ = try NormFolder.items(at: path)
            return (nil, [])
        default:
            let read = try NormFolder.profile(at: path)
            return (read.profile, read.warnings)
        }
    }
}

struct NormsDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What two profiles say of the same matters.",
        discussion:
            "Conflicts stay apart: nothing is merged. Matters of which both say the same are left out without --all.")

    @Argument(help: "A profile's id, or the path of a file.")
    var left: String
    @Argument(help: "The other.")
    var right: String
    @Flag(help: "Also what is the same in both.")
    var all = false
    @OptionGroup var options: NormOptions

    private struct Row: Encodable {
        let row: NormDiff.Row

        enum CodingKeys: String, CodingKey { case matter, scope, left, right, same }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(row.matter, forKey: .matter)
            try container.encode(row.scope, forKey: .scope)
            try container.encode(row.left, forKey: .left)
            try container.encode(row.right, forKey: .right)
            try container.encode(row.isSame, forKey: .same)
        }
    }

    private struct Answer: Encodable {
        let left: String
        let right: String
        let rows: [Row]
    }

    func run() throws {
        let diff = NormDiff(try options.profile(left), try options.profile(right))
        let rows = diff.rows.filter { all || !$0.isSame }
        if options.json {
            return try options.printJSON(Answer(left: diff.left, right: diff.right, rows: rows.map { Row(row: $0) }))
        }
        guard !rows.isEmpty else { return print("\(diff.left) and \(diff.right) say the same.") }
        for row in rows {
            print(
                TextTable.printable(
                    "\(row.matter)\(row.scope.isEmpty ? "" : " [\(row.scope)]")\(row.isSame ? " =" : "")"))
            print(TextTable.printable("  \(diff.left): \(row.left ?? "–")"))
            print(TextTable.printable("  \(diff.right): \(row.right ?? "–")"))
        }
    }
}

struct NormsCoverageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage", abstract: "Every item of the catalogue with the rules that answer it, as Markdown.",
        discussion: "docs/norms-coverage.md is what this gives. Exit code 1 where an item is unaccounted for.")

    @OptionGroup var options: NormOptions

    private struct Row: Encodable {
        let item: String
        let section: String
        let demand: String
        let rules: [String]
        let measures: [String]
        let tests: [String]
        let heldBy: String?
        let notApplicable: String?

        enum CodingKeys: String, CodingKey {
            case item, section, demand, rules, measures, tests
            case heldBy = "held_by"
            case notApplicable = "not_applicable"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(item, forKey: .item)
            try container.encode(section, forKey: .section)
            try container.encode(demand, forKey: .demand)
            try container.encode(rules, forKey: .rules)
            try container.encode(measures, forKey: .measures)
            try container.encode(tests, forKey: .tests)
            try container.encode(heldBy, forKey: .heldBy)
            try container.encode(notApplicable, forKey: .notApplicable)
        }
    }

    private struct Answer: Encodable {
        let items: [Row]
        let unaccounted: [String]
    }

    func run() throws {
        let norms = try options.norms()
        let coverage = NormCoverage(items: try norms.items(), profiles: try norms.profiles().map(\.profile))
        if options.json {
            let rows = coverage.rows.map { row in
                Row(
                    item: row.item.id, section: row.item.section, demand: row.item.text, rules: row.answers.map(\.id),
                    measures: Set(row.answers.compactMap(\.measure)).sorted(), tests: row.tests,
                    heldBy: row.item.heldBy,
                    notApplicable: row.item.notApplicable)
            }
            try options.printJSON(Answer(items: rows, unaccounted: coverage.gaps.map(\.description)))
        } else {
            print(coverage.markdown, terminator: "")
        }
        guard !coverage.gaps.isEmpty else { return }
        for gap in coverage.gaps {
            FileHandle.standardError.write(Data("unaccounted for: \(TextTable.printable(gap.description))\n".utf8))
        }
        throw ExitCode.failure
    }
}
