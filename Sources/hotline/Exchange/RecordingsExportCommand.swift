import ArgumentParser
import Calls
import Foundation
import Recordings
import Storage
import Switchboard

/// `hotline recordings export`: recordings for other programs.
struct RecordingsExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Gives recordings out: as a table, as a folder of files, as vCons.",
        discussion: """
            All options of `recordings list` choose which; without --limit all that fit. --folder and --vcon need the \
            running server, which journals each recording before it is given out. Nothing that is there is written over. \
            Exit code 1 where a recording could not be given out. What is written holds personal data. docs/exchange.md
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var search: RecordingSearchOptions
    @Option(help: "Only from this time on: 2026-11-22 or 2026-11-22T08:00, local unless it ends in Z or +08:00.")
    var from: TimeArgument?
    @Option(help: "Only before this time.")
    var to: TimeArgument?
    @Option(help: "At most so many. Default: all.")
    var limit: Int?
    @Option(help: ArgumentHelp("A table: CSV in UTF-8 with a byte-order mark, for spreadsheets.", valueName: "file"))
    var csv: String?
    @Option(help: ArgumentHelp("The files under readable names, with a table beside them.", valueName: "dir"))
    var folder: String?
    @Option(help: ArgumentHelp("One vCon (core draft, 0.4.0) a call.", valueName: "dir"))
    var vcon: String?
    @Option(help: ArgumentHelp("Audio beside the vCons, which name it below this address.", valueName: "https"))
    var vconURL: String?
    @Option(help: "Who asks, by work number: for the journal.")
    var by: WorkNumber?
    @Option(help: "Why: for the journal.")
    var reason: String?
    @Flag(help: "As JSON: recordings, written, same, faults.")
    var json = false

    func validate() throws {
        guard [csv, folder, vcon].compactMap(\.self).count == 1 else {
            throw ValidationError("Give one of --csv, --folder and --vcon.")
        }
        guard limit ?? 1 >= 1 else { throw ValidationError("--limit must be 1 or more.") }
        if let vconURL {
            guard vcon != nil else { throw ValidationError("--vcon-url goes with --vcon.") }
            guard vconURL.hasPrefix("https://"), URL(string: vconURL)?.host?.isEmpty == false else {
                throw ValidationError("--vcon-url must be an https:// address: the draft allows no other.")
            }
        }
        guard reason?.unicodeScalars.count ?? 0 <= 400 else {
            throw ValidationError("--reason must have at most 400 characters.")
        }
    }

    func run() async throws {
        let filter = try search.filter(from: from?.time, to: to?.time, limit: 1)
        let target = DataFolder(data.folder)
        let keys = try csv == nil ? target.openRecordingKeys() : nil
        let client = try csv == nil ? ServerClient(folder: data.folder) : nil
        let reader = try Store.openForQueries(folder: target.path)
        let (by, reason) = (by, reason)
        let exporter = RecordingExporter(
            reader: reader, places: RecordingPlaces(folder: target.recordings, archive: target.archive, keys: keys),
            zone: .current,
            note: { recordings, format in
                guard let client else { return }
                for first in stride(from: 0, to: recordings.count, by: RecordingBook.mostNoted) {
                    let some = Array(recordings[first..<min(first + RecordingBook.mostNoted, recordings.count)])
                    _ = try await client.post(
                        "recordings/exports",
                        encodable: Body(recordings: some, format: format, by: by, reason: reason), seconds: 60)
                }
            })
        let report: ExportReport
        do {
            report = try await export(exporter, filter)
        } catch {
            try reader.close()
            throw error
        }
        try reader.close()
        try say(report)
        if !report.faults.isEmpty { throw ExitCode.failure }
    }

    private struct Body: Encodable, Sendable {
        var recordings: [RecordingID]
        var format: String
        var by: WorkNumber?
        var reason: String?
    }

    private func export(_ exporter: RecordingExporter, _ filter: RecordingFilter) async throws -> ExportReport {
        if let csv {
            let (table, rows) = try await exporter.table(filter, limit: limit ?? .max)
            var report = ExportReport()
            report.recordings = rows
            if csv == "-" {
                FileHandle.standardOutput.write(Data(table.bytes))
            } else if try RecordingCopy.write(table.bytes, to: csv) == .written {
                report.written = 1
            } else {
                report.same = 1
            }
            return report
        }
        let line = ProgressLine()
        defer { line.end() }
        let show = { @Sendable (done: Int) in line.show(done, of: nil, "recordings") }
        if let folder {
            try Self.make(folder)
            return try await exporter.copy(filter, limit: limit ?? .max, to: folder, progress: show)
        }
        let vcon = vcon ?? "."
        try Self.make(vcon)
        return try await exporter.vCons(
            filter, limit: limit ?? .max, to: vcon, url: vconURL, now: PeriodOptions.now, progress: show)
    }

    private static func make(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandError("\(folder) cannot be made: \(error.localizedDescription)")
        }
    }

    private func say(_ report: ExportReport) throws {
        if csv == "-" { return }
        if json { return print(String(decoding: try QueryJSON.encode(report), as: UTF8.self)) }
        for fault in report.faults { print(TextTable.printable("FAULT: \(fault.recording): \(fault.message)")) }
        print(
            "\(report.recordings) recordings: \(report.written) files written, \(report.same) there already, "
                + "\(report.faults.count) faults")
    }
}
