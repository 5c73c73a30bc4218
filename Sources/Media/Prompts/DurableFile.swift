import Glibc

/// Files that are there whole or not at all, whatever fails. Blocking.
enum DurableFile {
    /// Writes a file beside its place, brings it onto the disk, and puts it there at once. The mode of a file that was
    /// there stays.
    /// - Throws: `MediaError` with code `.prompt`, naming the path.
    static func write(_ bytes: [UInt8], to path: String) throws(MediaError) {
        let temporary = path + ".part"
        var former = stat()
        let mode = stat(path, &former) == 0 ? former.st_mode & 0o777 : 0o644
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw Self.error(path) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = Self.error(path)
                close(file)
                unlink(temporary)
                throw failure
            }
            written += count
        }
        close(file)
        do throws(MediaError) {
            try replace(path, by: temporary)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Puts a file that lies in the same folder in another's place, once what it holds is on the disk.
    /// - Throws: as `write`.
    static func replace(_ path: String, by temporary: String) throws(MediaError) {
        try sync(temporary, as: path)
        guard rename(temporary, path) == 0 else { throw Self.error(path) }
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try sync(folder.isEmpty ? "/" : folder, as: path)
    }

    private static func sync(_ path: String, as name: String) throws(MediaError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Self.error(name) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw Self.error(name) }
    }

    private static func error(_ path: String) -> MediaError {
        let number = errno
        return MediaError(
            .prompt,
            "\(path): cannot be written (\(String(cString: strerror(number)))); check folder, permissions and space",
            errno: number)
    }

    /// Runs `work` while nobody else who asks for the same folder does: the server and a command beside it.
    /// - Throws: `MediaError` with code `.prompt` where the folder is not there, and what `work` throws.
    static func alone<Value>(in folder: String, _ work: () throws(MediaError) -> Value) throws(MediaError) -> Value {
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw Self.error(folder) }
        defer {
            // Closing alone leaves it to a copy that a child has between its fork and its exec.
            flock(file, LOCK_UN)
            close(file)
        }
        while flock(file, LOCK_EX) != 0 {
            // A file system without locks: then the two must not meet, as before there were any.
            guard errno == EINTR else { break }
        }
        return try work()
    }
}
