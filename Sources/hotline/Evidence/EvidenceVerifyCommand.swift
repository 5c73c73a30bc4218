import ArgumentParser
import Dispatch
import Evidence
import Foundation
import Recordings
import Storage

/// `hotline evidence verify`: the data folder's journal and tables, or a bundle, which needs no data folder.
struct EvidenceVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Checks a bundle, or every chain and row of the data folder.",
        discussion: """
            Without anchors the finding is "self-consistent only": whoever can write the whole file could have made \
            it so. With anchors that were kept elsewhere, and the key they were signed with, nothing before the \
            latest anchor can have been altered.

            A bundle: exit 0 intact, 1 altered (the first thing that does not hold is named), 2 unusable. The data \
            folder: exit 1 unless all holds.
            """)

    @OptionGroup var query: QueryOptions
    @Argument(help: "A bundle, as `evidence export` wrote it. Without it the data folder is checked.")
    var bundle: String?
    @Option(
        name: [.customLong("anchors"), .customLong("anchor")],
        help: ArgumentHelp(
            "A file of anchors kept elsewhere, one a line; may be given more than once.", valueName: "file"))
    var anchors: [String] = []
    @Option(
        help: ArgumentHelp(
            "The trusted Ed25519 public key, known from elsewhere: 64 hexadecimal digits, or a file that holds such "
                + "lines; may be given more than once.", valueName: "key"))
    var key: [String] = []

    func validate() throws {
        if bundle == nil, anchors.isEmpty != key.isEmpty {
            throw ValidationError("--anchors and --key belong together.")
        }
    }

    func run() async throws {
        if let bundle { return try await verify(bundle: bundle) }
        let heads = try trust().anchors.flatMap(\.anchor.heads)
        let report = try await query.ask { try await $0.verifyEvidence(anchors: heads) }
        if query.json { try query.printJSON(report) } else { print(EvidenceScreen(report).text) }
        if !report.ok { throw ExitCode(1) }
    }

    private func verify(bundle: String) async throws {
        let trust: BundleTrust
        do {
            trust = try self.trust()
        } catch {
            // Exit 1 says that the bundle was altered; nothing was said of it yet.
            FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
            throw ExitCode(2)
        }
        let report = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: EvidenceBundleVerifier(path: bundle, trust: trust).verify())
            }
        }
        if query.json { try query.printJSON(BundleJSON(report)) } else { print(BundleScreen(report).text) }
        switch report.finding?.verdict {
        case nil: return
        case .altered: throw ExitCode(1)
        case .unusable: throw ExitCode(2)
        }
    }

    private func trust() throws -> BundleTrust {
        var trust = BundleTrust(keys: try key.flatMap(Self.keys))
        for file in anchors {
            let text = try Data(contentsOf: URL(fileURLWithPath: file))
            do {
                try trust.addAnchors(Array(text), file: file)
            } catch {
                throw CommandError("\(error.message)")
            }
        }
        return trust
    }

    /// Keys on the command line, or in a file, one a line.
    private static func keys(_ argument: String) throws -> [[UInt8]] {
        if let key = Hexadecimal.bytes(argument), key.count == 32 { return [key] }
        let lines: [Substring]
        do {
            lines = try String(contentsOfFile: argument, encoding: .utf8).split(whereSeparator: \.isWhitespace)
        } catch {
            throw CommandError("--key \(argument): neither 64 hexadecimal digits nor a file that can be read")
        }
        let keys = lines.compactMap { Hexadecimal.bytes(String($0)) }.filter { $0.count == 32 }
        guard !keys.isEmpty, keys.count == lines.count else {
            throw CommandError("\(argument) must hold keys only, 64 hexadecimal digits each")
        }
        return keys
    }
}

/// A finding for a terminal.
struct EvidenceScreen {
    private let report: EvidenceReport

    init(_ report: EvidenceReport) { self.report = report }

    var text: String {
        var lines: [String] = []
        for chain in report.chains {
            let state = chain.firstBreak.map { "BROKEN at event \($0.sequence): \($0.message) (\($0.kind))" } ?? "holds"
            lines.append("chain \(chain.chain): \(chain.events) events, \(state)")
            lines.append("  head \(chain.headSequence) \(chain.headHash)")
            if chain.erased > 0 { lines.append("  \(chain.erased) bodies erased") }
            if chain.unapplied > 0 {
                lines.append("  \(chain.unapplied) events contradict the tables and stand in the journal only")
            }
        }
        lines.append("tables: \(report.rows) rows compared, \(report.differing) differ from the journal")
        for difference in report.differences {
            lines.append("  \(difference.table) \(difference.key): \(difference.message)")
        }
        if report.differing > Int64(report.differences.count) { lines.append("  …") }
        if report.spooled > 0 { lines.append("\(report.spooled) events wait in the spool for the database") }
        switch (report.ok, report.standing) {
        case (true, .anchored): lines.append("In order, and proved by \(report.anchors) anchored heads.")
        case (true, .selfConsistentOnly): lines.append("In order, self-consistent only: no anchors were given.")
        case (false, _): lines.append("NOT in order.")
        }
        return lines.map(TextTable.printable).joined(separator: "\n")
    }
}
