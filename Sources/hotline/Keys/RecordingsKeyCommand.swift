import ArgumentParser
import Foundation
import Recordings
import Storage

/// `hotline recordings key`: the file of keys with which recordings are encrypted.
struct RecordingsKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Makes the keys with which recordings are encrypted (docs/encryption.md).",
        subcommands: [New.self])

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a new key to a key file, as the one with which recordings are encrypted from then on.",
            discussion: """
                The file is made where it is missing, readable by its owner alone. A running server takes the new key \
                without a restart. Recordings made before stay under their keys until 'hotline recordings rewrap'. Who \
                loses the file loses the recordings: keep a copy elsewhere, apart from the backups.
                """)

        @Argument(help: "The key file, as `recordings.key_file` names it.")
        var file: String
        @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
        var json = false

        private struct Said: Encodable {
            var file: String
            var key: String
        }

        func run() throws {
            let id = try RecordingKeys.add(to: file, remark: PeriodOptions.now.description)
            if json {
                print(String(decoding: try QueryJSON.encode(Said(file: file, key: id.description)), as: UTF8.self))
                return
            }
            print("\(file): key \(id) is the current one.")
            print("Copy the file to a safe place now, apart from the backups: without it no recording can be heard.")
        }
    }
}
