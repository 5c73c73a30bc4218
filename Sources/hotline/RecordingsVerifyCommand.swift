import ArgumentParser
import Calls
import Dispatch
import Foundation
import Recordings
import Storage

/// `hotline recordings verify`: are the files those that were finished and journalled, all of them and no others?
struct RecordingsVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Compares every finished recording's file with its hash and length.",
        discussion: """
            Beside a running server or without one. Exit code 1 unless every file is there and unaltered and no file \
            is unaccounted for.
            """)

    @OptionGroup var data: DataOptions
    @Flag(help: "Prints JSON: checked, ok, missing, altered, unlinked.")
    var json = false

    func run() async throws {
        let reader = try Store.openForQueries(folder: data.folder)
        let folder = DataFolder(data.folder)
        let verifier = RecordingVerifier(
            folder: folder.recordings, archive: folder.archive, keys: try folder.openRecordingKeys())
        var report = try await Self.verify(try await Self.rows(reader), verifier)
        if !report.unlinked.isEmpty {
            // A recording may have been finished while the files were read.
            let now = Set(try await Self.rows(reader).flatMap { RecordingVerifier.files($0.file) })
            report.unlinked.removeAll { now.contains($0) }
        }
        try reader.close()
        if json {
            print(String(decoding: try QueryJSON.encode(report), as: UTF8.self))
        } else {
            Self.text(report).forEach { print($0) }
        }
        if !report.isAllOK { throw ExitCode.failure }
    }

    /// All finished recordings of the store.
    private static func rows(_ reader: StoreReader) async throws -> [RecordingVerifier.Row] {
        let page = 1_000
        var rows: [RecordingVerifier.Row] = []
        var before: RecordingID?
        while true {
            let summaries = try await reader.recordings(
                filter: RecordingFilter(state: .finished, limit: page, before: before))
            rows += summaries.compactMap { summary in
                guard let file = summary.file, let sha256 = summary.sha256, let frames = summary.frames else {
                    return nil
                }
                return RecordingVerifier.Row(
                    id: summary.id, file: file, sha256: sha256, frames: frames, channels: summary.channels.count)
            }
            guard summaries.count == page, let last = summaries.last else { return rows }
            before = last.id
        }
    }

    /// Reading files blocks: on a thread of Dispatch's.
    private static func verify(
        _ rows: [RecordingVerifier.Row], _ verifier: RecordingVerifier
    ) async throws -> RecordingVerifier.Report {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try verifier.verify(rows) })
            }
        }
    }

    private static func text(_ report: RecordingVerifier.Report) -> [String] {
        var lines = report.missing.map { "missing   \($0.file)  recording \($0.id)" }
        lines += report.altered.map { "altered   \($0.file)  recording \($0.id): \($0.reason)" }
        lines += report.unlinked.map { "unlinked  \($0): no recording names it" }
        lines.append(
            "\(report.checked) checked, \(report.ok) ok, \(report.missing.count) missing, \(report.altered.count) "
                + "altered, \(report.unlinked.count) unlinked")
        return lines
    }
}
