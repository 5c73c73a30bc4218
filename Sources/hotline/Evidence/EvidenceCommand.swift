import ArgumentParser
import Evidence
import Foundation
import Storage

struct EvidenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence", abstract: "Proves that nothing was altered.",
        subcommands: [
            EvidenceVerifyCommand.self, EvidenceExportCommand.self, AnchorsCommand.self, MakeAnchor.self,
        ])

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
