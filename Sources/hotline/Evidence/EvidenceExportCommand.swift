import ArgumentParser
import Dispatch
import Evidence
import Foundation
import Recordings
import Storage

/// `hotline evidence export`: recordings, rows, chains and anchors of a period in one file that proves itself.
struct EvidenceExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes an evidence bundle: recordings, rows, chains and anchors in one tar.",
        discussion: """
            Beside a running server or without one. `hotline evidence verify BUNDLE` needs nothing else. Exit 1 where a \
            recording is missing or altered: the bundle is written all the same, and its verification says so. The \
            bundle holds personal data.
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var period: PeriodOptions
    @Option(help: ArgumentHelp("The bundle.", valueName: "file"))
    var out: String
    @Flag(help: "Replaces the file where there is one.")
    var force = false
    @Flag(help: "Links of each chain from its first event, not only from the last anchor before the period.")
    var wholeChain = false
    @Flag(help: "As JSON: file, bytes, events, recordings, faults.")
    var json = false

    func run() async throws {
        let (from, to, now) = try period.resolved()
        guard to <= now else {
            throw ValidationError("--to must not lie after the present: later events are not there yet.")
        }
        let folder = DataFolder(data.folder)
        let reader = try Store.openForQueries(folder: folder.path)
        let summary: EvidenceBundleWriter.Summary
        do {
            summary = try await export(reader, folder, from: from, to: to, now: now)
        } catch {
            try reader.close()
            throw error
        }
        try reader.close()
        try say(summary)
        if !summary.faults.isEmpty { throw ExitCode(1) }
    }

    private func export(
        _ reader: StoreReader, _ folder: DataFolder, from: UTCTime, to: UTCTime, now: UTCTime
    ) async throws -> EvidenceBundleWriter.Summary {
        let recordingKeys = try folder.openRecordingKeys()
        let plan = try await reader.bundlePlan(from: from, to: to, exported: now, isWhole: wholeChain)
        let seed = try AnchorKey.loadOrMake(folder)
        // Whatever signed the anchors, the present key last: it signs the bundle.
        let own = try BundleSignature(manifest: [], privateKey: seed).key
        var keys: [[UInt8]] = []
        for line in plan.anchors {
            do {
                let key = try Anchor(bytes: Array(line.utf8)).publicKey
                if !keys.contains(key), key != own { keys.append(key) }
            } catch {
                // Altered in the store: the bundle carries it as it is, and its verification says so.
                continue
            }
        }
        keys.append(own)
        let writer = try EvidenceBundleWriter(path: out, isReplacing: force, description: plan.description)
        try writer.begin(keys: keys, anchors: plan.anchors.map { Array($0.utf8) })
        for chain in plan.description.chains {
            var after = chain.start.sequence
            while after < chain.head.sequence {
                let page = try await reader.journal(chain: chain.name, after: after, through: chain.head.sequence)
                guard let last = page.last else {
                    throw CommandError(
                        "chain \(chain.name) ends at event \(after), its head names \(chain.head.sequence): run "
                            + "'hotline evidence verify'")
                }
                for record in page { try writer.append(record.sealed, type: record.type) }
                after = last.sealed.sequence
            }
            try writer.endChain()
        }
        return try await finish(Finishing(writer: writer), folder: folder, keys: recordingKeys, seed: seed)
    }

    /// Hands the writer to the thread that finishes it; nobody else uses it any more.
    private struct Finishing: @unchecked Sendable {
        let writer: EvidenceBundleWriter
    }

    /// Reading recordings blocks for long: on a thread of Dispatch's.
    private func finish(
        _ finishing: Finishing, folder: DataFolder, keys: RecordingKeys?, seed: [UInt8]
    ) async throws -> EvidenceBundleWriter.Summary {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        try finishing.writer.finish(
                            recordings: folder.recordings, archive: folder.archive, keys: keys, privateKey: seed)
                    })
            }
        }
    }

    private struct Said: Encodable {
        var file: String
        var bytes: Int64
        var events: Int64
        var recordings: Int64
        var faults: [String]
    }

    private func say(_ summary: EvidenceBundleWriter.Summary) throws {
        if json {
            let said = Said(
                file: out, bytes: summary.bytes, events: summary.events, recordings: summary.recordings,
                faults: summary.faults)
            return print(String(decoding: try QueryJSON.encode(said), as: UTF8.self))
        }
        for fault in summary.faults { print("FAULT: " + TextTable.printable(fault)) }
        print(
            "\(out): \(summary.bytes) bytes, \(summary.events) events, \(summary.recordings) recordings, "
                + "\(summary.faults.count) faults")
    }
}
