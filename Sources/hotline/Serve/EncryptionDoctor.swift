import Console
import Foundation
import Recordings
import Storage

/// Looks whether recordings are encrypted, and whether the key file can be used.
struct EncryptionDoctor {
    /// Nil: none is configured.
    let keys: RecordingKeys?
    let dataFolder: String

    func examine() -> Finding {
        guard let keys else {
            return FileManager.default.fileExists(atPath: DataFolder(dataFolder).recordingKeys)
                ? Finding(
                    check: "encryption", state: .error,
                    message: "recordings of this data folder are encrypted, and `recordings.key_file` is not set",
                    next: "Set it: the server does not start without (docs/encryption.md)")
                : Finding(
                    check: "encryption", state: .ok, message: "recordings are not encrypted: no `recordings.key_file`",
                    next: "")
        }
        let ids = keys.ids
        if keys.path.hasPrefix(DataFolder(dataFolder).path + "/") {
            return Finding(
                check: "encryption", state: .warning,
                message: "recordings are encrypted, and \(keys.path) lies beside them: who takes one takes both",
                next: "Move the key file to another place, and name that in `recordings.key_file`")
        }
        return Finding(
            check: "encryption", state: .ok,
            message: "recordings are encrypted with key \(keys.currentID), the last of \(ids.count) in \(keys.path)",
            next: "")
    }
}
