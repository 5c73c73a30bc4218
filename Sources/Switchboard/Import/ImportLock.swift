import Foundation
import Storage

/// Keeps two imports off one data folder. The kernel lets go of it when the process ends, however it ends.
public final class ImportLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `SwitchboardError` with code `.refused` where another import runs, or the file cannot be made.
    public init(_ folder: DataFolder) throws(SwitchboardError) {
        let path = "\(folder.path)/import.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw SwitchboardError(.refused, "\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw SwitchboardError(.refused, "another import into \(folder.path) is going on")
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
