import Foundation
import Recordings
import Storage

/// The key file's place in the data folder, where every command finds it: a link to the file that is configured. The keys
/// themselves never stand in the data folder, nor in a backup of it.
enum RecordingKeyLink {
    /// Makes the link, or lets it lead to the file that is configured now.
    /// - Parameter target: nil: none is configured.
    /// - Throws: `CommandError` where the data folder has a key file and the configuration none: recordings would be made
    ///   in the clear without anybody having said so; where something else stands at the link's place.
    static func make(_ data: DataFolder, to target: String?) throws {
        let files = FileManager.default
        let path = data.recordingKeys
        let present: String?
        do {
            present = try files.destinationOfSymbolicLink(atPath: path)
        } catch {
            // No link: nothing stands there, or something else does.
            present = nil
        }
        guard let target else {
            guard let present else { return }
            throw CommandError(
                "recordings in \(data.path) are encrypted with \(present), and `recordings.key_file` is not set: set it; "
                    + "or, to make recordings in the clear from now on, remove \(path)")
        }
        if present == target { return }
        do {
            if present != nil {
                try files.removeItem(atPath: path)
            } else if files.fileExists(atPath: path) {
                throw CommandError(
                    "\(path) is in the way: the key file is linked there. Move it out of the data folder, and name it in "
                        + "`recordings.key_file`")
            }
            try files.createSymbolicLink(atPath: path, withDestinationPath: target)
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError("\(path) cannot be made a link: \(error.localizedDescription)")
        }
    }
}

extension DataFolder {
    /// What opens this folder's encrypted recordings; nil: it has no key file.
    /// - Throws: `RecordingError` with code `.key` where it has one that cannot be used.
    func openRecordingKeys() throws(RecordingError) -> RecordingKeys? {
        var status = stat()
        guard lstat(recordingKeys, &status) == 0 else { return nil }
        let target: String
        do {
            target = try FileManager.default.destinationOfSymbolicLink(atPath: recordingKeys)
        } catch {
            target = recordingKeys
        }
        return try RecordingKeys(path: target)
    }
}
