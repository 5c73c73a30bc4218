import ArgumentParser
import Foundation
import Storage
import Switchboard

/// `hotline recordings reconcile`: has every call the recording that it had to have, and every recording its file?
struct RecordingsReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Lays calls, recordings and files beside each other.",
        discussion: """
            A running server does it and journals what it finds: alarms are opened and cleared. Without a server it is \
            only told. Exit code 1 where anything is wrong. docs/recordings.md lists what is looked for.
            """)

    @OptionGroup var query: QueryOptions
    @Option(help: "Calls offered from this time on, local unless it ends in Z or +08:00. Default: a week ago.")
    var from: TimeArgument?
    @Option(help: "Calls offered before this time. Default: now.")
    var to: TimeArgument?
    @Flag(help: "Reads every file of the period, by default of all times, whatever the day's budget.")
    var all = false

    func run() async throws {
        let report = try await check()
        if query.json {
            try query.printJSON(report)
        } else {
            Self.text(report).forEach { print(TextTable.printable($0)) }
        }
        if !report.isAllOK { throw ExitCode.failure }
    }

    private func check() async throws -> ReconciliationReport {
        if RunningServer.process(DataFolder(query.data.folder)) != nil {
            let data = try await ServerClient(folder: query.data.folder).post(
                "recordings/reconciliation", encodable: Body(from: from?.time, to: to?.time, all: all), seconds: 86_400)
            return try JSONDecoder().decode(ReconciliationReport.self, from: data)
        }
        let now = PeriodOptions.now
        let begin =
            from?.time
            ?? UTCTime(
                microseconds: all ? 0 : now.microseconds - ReconciliationQuestion.usualMicroseconds)
        let end = to?.time ?? now
        guard begin < end else { throw ValidationError("--from must lie before --to (default: now).") }
        let question = ReconciliationQuestion(
            from: begin, to: end, hashing: all ? .all : .budget(bytes: 0, after: nil))
        let folder = DataFolder(query.data.folder)
        let keys = try folder.openRecordingKeys()
        return try await query.ask { reader in
            try await Reconciler(reader: reader, folder: folder.recordings, archive: folder.archive, keys: keys)
                .run(question, now: now)
        }
    }

    private struct Body: Encodable {
        var from: UTCTime?
        var to: UTCTime?
        var all: Bool
    }

    private static func text(_ report: ReconciliationReport) -> [String] {
        var lines = report.findings.map { finding in
            "\(finding.kind.rawValue)  \(finding.file ?? finding.subject): \(finding.message)"
        }
        lines.append(
            "\(report.calls) calls, \(report.recordings) recordings, \(report.files) files, \(report.hashed) read whole "
                + "(\(report.hashedBytes / 1_000_000) MB): \(report.findings.count) findings")
        if let opened = report.opened, let cleared = report.cleared {
            lines.append("alarms: \(opened) opened, \(cleared) cleared")
        } else {
            lines.append("no server runs: nothing was journalled")
        }
        return lines
    }
}
