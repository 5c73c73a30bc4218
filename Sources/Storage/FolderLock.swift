import Foundation

/// The exclusive hold on a data folder. The kernel lets go of it when the process ends, however it ends.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `StorageError` with code `.locked`, naming the holder's process, or `.folder`.
    init(_ folder: DataFolder) throws(StorageError) {
        let path = folder.lock
        // O_CLOEXEC: a command that the server starts must not keep the lock beyond the server's own end.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StorageError(.folder, "\(path) cannot be opened", underlying: systemMessage(errno))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let failure = errno
            close(descriptor)
            guard failure == EWOULDBLOCK else {
                throw StorageError(.folder, "\(path) cannot be locked", underlying: systemMessage(failure))
            }
            throw StorageError(.locked, "the data folder \(folder.path) is in use by \(Self.holder(path))")
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            let failure = errno
            close(descriptor)
            throw StorageError(.folder, "\(path) cannot be written", underlying: systemMessage(failure))
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    private static func holder(_ path: String) -> String {
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            guard let pid = Int(text.prefix { $0 != "\n" }) else { return "another server" }
            return "another server, process \(pid): stop it, or give another folder with --data"
        } catch {
            return "another server (its process number cannot be read: \(error))"
        }
    }
}
