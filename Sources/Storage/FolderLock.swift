import Foundation

/// The exclusive hold on a data folder.
final class FolderLock: Sendable {
    private let lock: FileLock

    /// - Throws: `StorageError` with code `.locked`, naming the holder's process, or `.folder`.
    init(_ folder: DataFolder) throws(StorageError) {
        let path = folder.lock
        do {
            lock = try FileLock(path)
        } catch {
            switch error {
            case .held:
                throw StorageError(.locked, "the data folder \(folder.path) is in use by \(Self.holder(path))")
            case .failed(let number):
                throw StorageError(.folder, "\(path) cannot be opened and locked", underlying: systemMessage(number))
            }
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(lock.descriptor, 0) == 0, pwrite(lock.descriptor, text, text.count, 0) == text.count else {
            throw StorageError(.folder, "\(path) cannot be written", underlying: systemMessage(errno))
        }
    }

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
