import ArgumentParser
import Evidence
import Foundation
import Storage

struct EvidenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence", abstract: "Proves that nothing was altered.",
        subcommands: [Verify.self, MakeAnchor.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks every chain, and every row against the journal. Exit 1 unless all holds.",
            discussion: """
                Without anchors the finding is "self-consistent only": whoever can write the whole file could have made \
                it so. With anchors that were kept elsewhere, and the key they were signed with, nothing before the \
                latest anchor can have been altered.
                """)

        @OptionGroup var query: QueryOptions
        @Option(help: "An anchor's file, as `evidence anchor` wrote it; may be given more than once.")
        var anchor: [String] = []
        @Option(help: "The trusted Ed25519 public key: 64 hexadecimal digits, known from elsewhere.")
        var key: String?

        func validate() throws {
            if anchor.isEmpty != (key == nil) { throw ValidationError("--anchor and --key belong together.") }
        }

        func run() async throws {
            let heads = try trustedHeads()
            let report = try await query.ask { try await $0.verifyEvidence(anchors: heads) }
            if query.json { try query.printJSON(report) } else { print(EvidenceScreen(report).text) }
            if !report.ok { throw ExitCode(1) }
        }

        private func trustedHeads() throws -> [ChainHead] {
            guard let key else { return [] }
            guard let trusted = Hexadecimal.bytes(key), trusted.count == 32 else {
                throw ValidationError("--key must be 64 hexadecimal digits.")
            }
            var heads: [ChainHead] = []
            for file in anchor {
                let content = try Data(contentsOf: URL(fileURLWithPath: file))
                let lines = content.split(separator: 10)
                guard !lines.isEmpty else { throw CommandError("\(file) holds no anchor") }
                for (index, line) in lines.enumerated() {
                    do {
                        let anchor = try Anchor(bytes: Array(line))
                        try anchor.verify(trusted: trusted)
                        heads += anchor.heads
                    } catch {
                        throw CommandError("\(file):\(index + 1): \(error)")
                    }
                }
            }
            return heads
        }
    }

    struct MakeAnchor: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "anchor", abstract: "Signs where every chain stands now: one line to keep elsewhere.",
            discussion: """
                The key stands in the data folder (`anchor.key`) and is made at the first use. Keep its public half, \
                which `--public-key` prints, where the auditor finds it.
                """)

        @OptionGroup var data: DataOptions
        @Flag(help: "Prints the public key only.")
        var publicKey = false

        func run() async throws {
            let folder = DataFolder(data.folder)
            let reader = try Store.openForQueries(folder: folder.path)
            let heads = try await reader.heads()
            try reader.close()
            let seed = try AnchorKey.loadOrMake(folder)
            let wall = Int64((Date().timeIntervalSince1970 * 1_000_000).rounded())
            let node = heads.first?.chain ?? ""
            let anchor = try Anchor(heads: heads, wall: wall, node: node, privateKey: seed)
            print(publicKey ? Hexadecimal.text(anchor.publicKey) : String(decoding: anchor.bytes, as: UTF8.self))
        }
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
