import ArgumentParser
import Foundation
import Storage
import Switchboard

struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "What is kept, moved and deleted by the rules (docs/retention.md).",
        subcommands: [Plan.self, Run.self, Check.self])

    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says what would be moved and deleted now, why, and how many bytes; changes nothing.",
            discussion: """
                Beside a running server by its own policy. Without one, or with --policy, by the policy named, or by \
                `retention.policy` of the configuration.
                """)

        @OptionGroup var query: QueryOptions
        @OptionGroup var options: ConfigurationOptions
        @Option(help: "A policy to be tried: a YAML file.")
        var policy: String?

        func run() async throws {
            let plan = try await plan()
            if query.json { return try query.printJSON(plan) }
            RetentionScreen.text(plan).forEach { print(TextTable.printable($0)) }
        }

        private func plan() async throws -> RetentionPlan {
            if policy == nil, RunningServer.process(DataFolder(query.data.folder)) != nil {
                let data = try await ServerClient(folder: query.data.folder).get("retention/plan", seconds: 3600)
                return try JSONDecoder().decode(RetentionPlan.self, from: data)
            }
            let (_, configuration) = try options.load()
            let named = try policy.map { try RetentionFile(path: $0).policy } ?? configuration.retention.policy
            guard let named else {
                throw CommandError(
                    "no policy is set: give --policy FILE, or name one with `retention.policy` (docs/retention.md)")
            }
            let clock = try LocalClock(zone: configuration.timeZone)
            return try await query.ask { reader in
                try await RetentionPlanner(reader: reader, policy: named, clock: clock).plan(at: PeriodOptions.now)
            }
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Moves and deletes what is due now, as the daily run does; a server must run on the data folder.",
            discussion: "Exit code 1 where something could not be moved or deleted.")

        @OptionGroup var query: QueryOptions

        func run() async throws {
            let data = try await ServerClient(folder: query.data.folder).post(
                "retention/runs", encodable: [String: String](), seconds: 86_400)
            let report = try JSONDecoder().decode(RetentionReport.self, from: data)
            if query.json {
                try query.printJSON(report)
            } else {
                RetentionScreen.text(report).forEach { print(TextTable.printable($0)) }
            }
            if !report.failures.isEmpty { throw ExitCode.failure }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads a policy file, and says what is wrong with it.",
            discussion: "Exit code 1 where anything is.")

        @Argument(help: "The YAML file.")
        var file: String

        func run() throws {
            let read = try RetentionFile(path: file)
            for warning in read.warnings { print("warning: \(warning)") }
            let policy = read.policy
            print(
                "\(file): \(policy.citation), \(policy.rules.count) rules, \(policy.minima.count) minima, otherwise "
                    + "\(policy.otherwise.keep)")
        }
    }
}

/// Plans and reports for a terminal.
private enum RetentionScreen {
    static func text(_ plan: RetentionPlan) -> [String] {
        var lines = [
            "\(plan.policy), \(ScreenTime.text(plan.at)): \(plan.recordings) recordings",
            "delete   \(amount(plan.delete))", "archive  \(amount(plan.archive))",
            "keep     \(amount(plan.kept)), of them held \(amount(plan.held))",
        ]
        lines += plan.keptBy.sorted { $0.key < $1.key }.map { "         \($0.value) by \($0.key)" }
        guard !plan.items.isEmpty else { return lines }
        var table = TextTable(["DO", "BYTES", "RULE", "KEPT UNTIL", "RECORDING", "FILE", "WHY"])
        for item in plan.items {
            table.add([
                item.action.rawValue, String(item.bytes), item.rule, ScreenTime.text(item.keepUntil),
                item.recording.description, item.file, item.reason,
            ])
        }
        lines += [""] + table.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let all = plan.delete.recordings + plan.archive.recordings
        if all > plan.items.count { lines.append("and \(all - plan.items.count) more") }
        return lines
    }

    static func text(_ report: RetentionReport) -> [String] {
        var lines = report.failures.map { "FAILED: \($0)" }
        lines += [
            "deleted  \(amount(report.deleted)); numbers and keys of \(report.callsErased) calls with them",
            "archived \(amount(report.archived))", "left     \(amount(report.left)) for the next run",
            "freed    \(report.freedBytes) bytes",
        ]
        return lines
    }

    private static func amount(_ count: RetentionPlan.Count) -> String {
        "\(count.recordings) recordings, \(count.bytes) bytes"
    }
}
