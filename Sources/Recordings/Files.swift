import CLinux
import Glibc

/// The system calls by which audio gets to the disk and which can fail for want of room. Tests put failing ones in.
package struct DiskCalls: Sendable {
    /// Writes so many bytes at an offset; the count written, or -1 with errno.
    package var write: @Sendable (Int32, UnsafeRawPointer, Int, Int64) -> Int
    /// Makes a file's data durable; 0, or -1 with errno.
    package var sync: @Sendable (Int32) -> Int32
    /// Makes a folder's entries durable; 0, or -1 with errno.
    package var syncFolder: @Sendable (Int32) -> Int32

    package init(
        write: @escaping @Sendable (Int32, UnsafeRawPointer, Int, Int64) -> Int,
        sync: @escaping @Sendable (Int32) -> Int32,
        syncFolder: @escaping @Sendable (Int32) -> Int32 = { fsync($0) }
    ) {
        self.write = write
        self.sync = sync
        self.syncFolder = syncFolder
    }

    /// The kernel's own.
    package static let system = DiskCalls(
        write: { pwrite($0, $1, $2, off_t($3)) },
        sync: { fdatasync($0) })
}

/// A failed system call.
package struct FileFailure: Error {
    package var path: String
    /// What was tried: `open`, `write`, …
    package var operation: String
    package var errno: Int32

    /// Somebody else's file, a folder in its place, a key that is gone. What the folder or the disk lacks, all files lack.
    var isOfOneFile: Bool {
        switch errno {
        case EISDIR, ELOOP, ENOKEY, EBADMSG: return true
        case EACCES, EPERM:
            do throws(FileFailure) {
                return try Files.kind(path) != nil
            } catch {
                return false
            }
        default: return false
        }
    }

    package var text: String {
        switch errno {
        // What is wrong with an encrypted file, in words of ours.
        case ENOKEY, EBADMSG: "\(path): \(operation)"
        default: "\(path): \(operation) failed, \(Files.text(errno))"
        }
    }
}

/// An open file, closed with its last reference.
final class OpenFile: Sendable {
    let descriptor: Int32
    let path: String

    init(_ path: String, _ flags: Int32, mode: mode_t = 0o640) throws(FileFailure) {
        let opened = open(path, flags | O_CLOEXEC, mode)
        guard opened >= 0 else { throw FileFailure(path: path, operation: "open", errno: errno) }
        descriptor = opened
        self.path = path
    }

    deinit { close(descriptor) }

    /// The file's length in bytes.
    func length() throws(FileFailure) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw FileFailure(path: path, operation: "fstat", errno: errno)
        }
        return Int64(status.st_size)
    }

    /// Fills `buffer` from an offset as far as the file reaches.
    /// - Returns: bytes read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileFailure) -> Int {
        var done = 0
        while done < buffer.count, let base = buffer.baseAddress {
            let count = pread(descriptor, base + done, buffer.count - done, off_t(offset + Int64(done)))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure(path: path, operation: "read", errno: errno) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Writes all bytes at an offset.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64, calls: DiskCalls) throws(FileFailure) {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let count = calls.write(descriptor, base + done, bytes.count - done, offset + Int64(done))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                throw FileFailure(path: path, operation: "write", errno: count == 0 ? ENOSPC : errno)
            }
            done += count
        }
    }

    func sync(calls: DiskCalls) throws(FileFailure) {
        guard calls.sync(descriptor) == 0 else { throw FileFailure(path: path, operation: "fdatasync", errno: errno) }
    }
}

/// Small file operations on paths.
enum Files {
    /// The system's words for an error number.
    static func text(_ number: Int32) -> String { String(cString: strerror(number)) }

    /// Makes a folder and those above it, durably: a power failure must not take the folder, and with it the files
    /// that were synced in it.
    static func makeFolder(_ path: String, calls: DiskCalls = .system) throws(FileFailure) {
        guard mkdir(path, 0o750) != 0 else { return try syncParent(of: path, calls: calls) }
        let number = errno
        if number == EEXIST { return }
        guard number == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw FileFailure(path: path, operation: "mkdir", errno: number)
        }
        try makeFolder(String(path[..<slash]), calls: calls)
        if mkdir(path, 0o750) != 0 && errno != EEXIST {
            throw FileFailure(path: path, operation: "mkdir", errno: errno)
        }
        try syncParent(of: path, calls: calls)
    }

    private static func syncParent(of path: String, calls: DiskCalls) throws(FileFailure) {
        guard let slash = path.lastIndex(of: "/") else { return try syncFolder(".", calls: calls) }
        try syncFolder(slash == path.startIndex ? "/" : String(path[..<slash]), calls: calls)
    }

    /// Makes the entries of a folder durable.
    static func syncFolder(_ path: String, calls: DiskCalls = .system) throws(FileFailure) {
        let folder = try OpenFile(path, O_RDONLY | O_DIRECTORY)
        guard calls.syncFolder(folder.descriptor) == 0 else {
            throw FileFailure(path: path, operation: "fsync", errno: errno)
        }
    }

    /// The names in a folder, sorted, without `.` and `..`; none where there is no such folder.
    static func names(in path: String) throws(FileFailure) -> [String] {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return [] }
            throw FileFailure(path: path, operation: "opendir", errno: errno)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else { break }
            let name = String(cString: hotline_entry_name(entry))
            if name != "." && name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw FileFailure(path: path, operation: "readdir", errno: errno) }
        return names.sorted()
    }

    static func rename(_ from: String, to: String) throws(FileFailure) {
        guard Glibc.rename(from, to) == 0 else { throw FileFailure(path: from, operation: "rename", errno: errno) }
    }

    /// Removes a file; one that is not there is passed over.
    static func remove(_ path: String) throws(FileFailure) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw FileFailure(path: path, operation: "unlink", errno: errno)
        }
    }

    /// What a path names: nil where nothing is there.
    static func kind(_ path: String) throws(FileFailure) -> Kind? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileFailure(path: path, operation: "lstat", errno: errno)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        default: return .other
        }
    }
    enum Kind { case file, folder, other }

    /// When a file was written last, in microseconds of Unix time.
    static func writtenAt(_ path: String) throws(FileFailure) -> Int64 {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw FileFailure(path: path, operation: "lstat", errno: errno) }
        return Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1000
    }

    /// All bytes of a file, as they lie on the disk, of at most `limit` bytes.
    static func contents(of path: String, limit: Int) throws(FileFailure) -> [UInt8] {
        let file = try OpenFile(path, O_RDONLY)
        let length = try file.length()
        guard length <= Int64(limit) else { throw FileFailure(path: path, operation: "read", errno: EFBIG) }
        var bytes = [UInt8](repeating: 0, count: Int(length))
        var span = bytes.mutableSpan
        let read = try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in try file.read(into: buffer, at: 0)
        }
        bytes.removeLast(bytes.count - read)
        return bytes
    }

    /// Replaces a file as a whole: a reader sees the old or the new one, also after a power failure once the folder is
    /// synced.
    static func replace(_ path: String, with bytes: [UInt8], calls: DiskCalls) throws(FileFailure) {
        let draft = path + ".tmp"
        let file = try OpenFile(draft, O_WRONLY | O_CREAT | O_TRUNC)
        try bytes.span.withUnsafeBytes { (buffer) throws(FileFailure) in
            try file.write(buffer, at: 0, calls: calls)
        }
        try file.sync(calls: calls)
        do throws(FileFailure) {
            try rename(draft, to: path)
        } catch {
            // Nothing is left beside what is in the way; a draft that cannot be removed goes at the next start.
            unlink(draft)
            throw error
        }
    }
}
