import ArgumentParser
import Foundation
import Storage

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copies the store to a file while the server runs, and checks the copy.",
        discussion: """
            The copy holds calls, orders and the journal. Recordings are files of their own: copy their folder too. \
            The key file of encrypted recordings is not in the backup, and must not be: keep a copy of it elsewhere.
            """)

    @Argument(help: "The file to make; it must not exist.")
    var file: String
    @OptionGroup var data: DataOptions

    func run() throws {
        let reader = try Store.openForQueries(folder: data.folder)
        do {
            try reader.backup(to: file)
        } catch {
            try reader.close()
            throw error
        }
        try reader.close()
        print("\(file) holds the store of \(data.folder), and was checked.")
        let folder = DataFolder(data.folder)
        print("Recordings are in \(folder.recordings) and \(folder.archive); copy those folders too.")
        if FileManager.default.fileExists(atPath: folder.recordingKeys) {
            print("They are encrypted. The key file is not in the backup: keep a copy of it apart from this one.")
        }
    }
}

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Puts a backup into a data folder that has no store.",
        discussion: "Work order numbers go on 1,000 further, so that none given after the backup is given again.")

    @Argument(help: "A file that `hotline backup` made.")
    var file: String
    @OptionGroup var data: DataOptions

    func run() throws {
        try Store.restore(backup: file, folder: data.folder)
        print("\(data.folder) holds the store of \(file).")
        print("Put the recordings beside it, then: hotline recordings verify")
    }
}
