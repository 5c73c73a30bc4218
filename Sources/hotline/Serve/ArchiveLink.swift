import Foundation
import Storage

/// The archive's place in the data folder, where every command finds it: a link to the folder that is configured.
enum ArchiveLink {
    /// Makes the link, and the folder that it leads to.
    /// - Throws: `CommandError` where the folder cannot be made, or something else stands at the link's place.
    static func make(_ data: DataFolder, to target: String) throws {
        let files = FileManager.default
        do {
            try files.createDirectory(
                atPath: target, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandError("`retention.archive`: \(target) cannot be made: \(error.localizedDescription)")
        }
        let present: String?
        do {
            present = try files.destinationOfSymbolicLink(atPath: data.archive)
        } catch {
            // No link: nothing stands there, or something else does.
            present = nil
        }
        if present == target { return }
        if let present {
            throw CommandError(
                "\(data.archive) leads to \(present), `retention.archive` names \(target): move what is archived there, and "
                    + "remove the link")
        }
        guard !files.fileExists(atPath: data.archive) else {
            throw CommandError(
                "\(data.archive) holds archived recordings already: move them to \(target), and remove the folder")
        }
        do {
            try files.createSymbolicLink(atPath: data.archive, withDestinationPath: target)
        } catch {
            throw CommandError("\(data.archive) cannot be made a link: \(error.localizedDescription)")
        }
    }
}
