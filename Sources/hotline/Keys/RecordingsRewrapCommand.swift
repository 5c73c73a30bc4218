import ArgumentParser
import Foundation
import Recordings
import Storage

/// `hotline recordings rewrap`: after a new key, the recordings that are there are brought under it.
struct RecordingsRewrapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewrap",
        abstract: "Brings all encrypted recordings under the current key, and tells which keys are no longer needed.",
        discussion: """
            Only 256 bytes of each file are written, whatever its length. It may be interrupted and done again at any time, \
            beside a running server or without one. Recordings in the clear stay so. Exit code 1 where something could not \
            be done.
            """)

    @OptionGroup var data: DataOptions
    @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
    var json = false

    func run() async throws {
        let folder = DataFolder(data.folder)
        guard let keys = try folder.openRecordingKeys() else {
            throw CommandError(
                "\(folder.path) has no key file: nothing in it is encrypted, or no server has run since "
                    + "`recordings.key_file` was set")
        }
        let line = ProgressLine()
        let work = Rewrapping(
            keys: keys, dataFolder: folder.path.hasSuffix("/") ? String(folder.path.dropLast()) : folder.path,
            folders: [folder.recordings, folder.archive, folder.cache])
        let report: Rewrapping.Report
        do {
            report = try await DiskWork.run {
                Result { () throws(RecordingError) in
                    try work.run { line.show($0, of: nil, "files looked at") }
                }
            }.get()
        } catch {
            line.end()
            throw error
        }
        line.end()
        if json {
            print(String(decoding: try QueryJSON.encode(report), as: UTF8.self))
        } else {
            Self.text(report, file: keys.path).forEach { print(TextTable.printable($0)) }
        }
        if !report.faults.isEmpty { throw ExitCode.failure }
    }

    private static func text(_ report: Rewrapping.Report, file: String) -> [String] {
        var lines = report.faults.map { "FAULT: \($0)" }
        lines.append(
            "\(report.rewrapped) files brought under the current key, \(report.current) were under it, \(report.plain) "
                + "are not encrypted, \(report.faults.count) faults")
        for key in report.keys {
            let use =
                "\(key.files) files, \(key.segments) segments of the audio log, \(key.recordings) recordings under way"
            let state =
                key.isCurrent
                ? "current; \(use)"
                : key.isSpare
                    ? "no longer needed: its line may leave \(file), once no backup needs it"
                    : "\(key.isThere ? "to be kept" : "NOT IN \(file)"): \(use)"
            lines.append("key \(key.id)  \(state)")
        }
        return lines
    }
}
