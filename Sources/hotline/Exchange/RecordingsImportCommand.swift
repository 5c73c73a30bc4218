import ArgumentParser
import Foundation
import Recordings
import Storage
import Switchboard

/// `hotline recordings import`: another telephone system's recordings, with its records of calls.
struct RecordingsImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Takes in recordings of another telephone system, with its records of calls.",
        discussion: """
            Through the running server of the data folder. WAV, FLAC, MP3 and Opus are kept as FLAC, with the hash of the \
            file that was found. Ended at any point, the same command goes on where it was; what is there already is not \
            taken twice. Exit code 1 where something could not be placed: --report tells each with its file, line and \
            reason. docs/exchange.md
            """)

    @OptionGroup var data: DataOptions
    @Argument(help: "The folder with the recordings.")
    var folder: String
    @Option(help: ArgumentHelp("The file of call records (CDR): comma-separated values.", valueName: "file"))
    var cdr: String
    @Option(help: "Which column is what: asterisk, freepbx, freeswitch, or a YAML file of one's own.")
    var mapping: String
    @Option(
        help: ArgumentHelp("Writes what could not be placed: JSON where it ends so, else CSV.", valueName: "file"))
    var report: String?
    @Option(help: "Ends where the disk has fewer megabytes free: they are kept for calls.")
    var keepFree = 2000
    @Flag(help: "Takes nothing in and writes nothing; needs no server.")
    var dryRun = false
    @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
    var json = false

    func validate() throws {
        guard (0...10_000_000).contains(keepFree) else {
            throw ValidationError("--keep-free must lie between 0 and 10,000,000.")
        }
    }

    func run() async throws {
        let path = try mappingFile()
        let mapping = try CallRecordMapping(try FlowFile.read(path), file: path)
        let records = try CallRecordFile(
            try TableBytes.read(cdr), file: cdr, mapping: mapping, now: PeriodOptions.now)
        let target = DataFolder(data.folder)
        let keys = try target.openRecordingKeys()
        let client = try dryRun ? nil : ServerClient(folder: data.folder)
        let lock = try dryRun ? nil : ImportLock(target)
        defer { withExtendedLifetime(lock) {} }
        // A dry run shows what a first import would do where there is no store yet.
        let isNew = dryRun && !FileManager.default.fileExists(atPath: target.database)
        let reader = try isNew ? nil : Store.openForQueries(folder: target.path)
        var hand: (@Sendable ([ImportedRecording]) async throws -> [TakenRecording])?
        if let client { hand = { try await Self.hand($0, client) } }
        let line = ProgressLine()
        let importer = RecordingImporter(
            folder: ImportFolder(path: folder), recordings: target.recordings, keys: keys, mapping: mapping,
            recordFile: URL(fileURLWithPath: cdr).lastPathComponent,
            minimumFreeBytes: Int64(keepFree) * 1_000_000,
            known: { hashes in try await reader?.knownImports(hashes) ?? [:] }, hand: hand)
        let result: ImportReport
        do {
            result = try await importer.run(records) { progress in
                line.show(
                    progress.done, of: progress.total,
                    "placed \(progress.placed), known \(progress.known), refused \(progress.refused)")
            }
        } catch {
            line.end()
            try reader?.close()
            throw error
        }
        line.end()
        try reader?.close()
        try say(result)
        if !result.refused.isEmpty { throw ExitCode.failure }
    }

    private func mappingFile() throws -> String {
        if mapping.contains("/") || mapping.hasSuffix(".yaml") { return mapping }
        let file = try ShareFolder().resolve("\(mapping).yaml", in: "imports")
        guard FileManager.default.fileExists(atPath: file) else {
            throw CommandError(
                "no mapping `\(mapping)` is shipped: give asterisk, freepbx or freeswitch, or a YAML file of your own")
        }
        return file
    }

    private static func hand(
        _ recordings: [ImportedRecording], _ client: ServerClient
    ) async throws -> [TakenRecording] {
        let data = try await client.post(
            "recordings/imports", encodable: ["recordings": recordings], seconds: 600)
        return try JSONDecoder().decode([String: [TakenRecording]].self, from: data)["results"] ?? []
    }

    private func say(_ result: ImportReport) throws {
        if let report {
            let bytes =
                report.hasSuffix(".json") ? Array(try QueryJSON.encode(result.refused)) + [10] : result.table.bytes
            do {
                try Data(bytes).write(to: URL(fileURLWithPath: report), options: .atomic)
            } catch {
                throw CommandError("\(report) cannot be written: \(error.localizedDescription)")
            }
        }
        if json { return print(String(decoding: try QueryJSON.encode(result), as: UTF8.self)) }
        let shown = 20
        for one in result.refused.prefix(shown) {
            let place = [one.file, one.line.map { "line \($0)" }].compactMap(\.self).joined(separator: ", ")
            print(TextTable.printable("\(one.reason.rawValue)  \(place): \(one.message)"))
        }
        if result.refused.count > shown {
            print("… and \(result.refused.count - shown) more\(report == nil ? "; --report FILE has them all" : "")")
        }
        print(
            "\(result.records) records, \(result.files) files: \(result.placed) "
                + "\(result.isDryRun ? "would be placed" : "placed"), \(result.known) known, \(result.passedOver) passed over, "
                + "\(result.refused.count) refused")
    }
}

/// A file of records as bytes.
enum TableBytes {
    private static let most = 512 * 1_048_576

    /// - Throws: `CommandError` where it is too large, or cannot be read.
    static func read(_ path: String) throws -> [UInt8] {
        do {
            let url = URL(fileURLWithPath: path)
            let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            guard size <= most else { throw CommandError("\(path) is larger than 512 MiB; split it") }
            return Array(try Data(contentsOf: url))
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError("\(path) cannot be read: \(error.localizedDescription)")
        }
    }
}
