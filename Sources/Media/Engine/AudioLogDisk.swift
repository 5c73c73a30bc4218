import CLinux
import Glibc

/// The system calls that the audio log's writer makes; tests put failing ones in.
package struct AudioLogDisk: Sendable {
    /// Makes a new file; its descriptor, or -1 with errno.
    package var create: @Sendable (String) -> Int32
    /// Writes at an offset; the count written, or -1 with errno.
    package var write: @Sendable (Int32, UnsafeRawPointer, Int, Int64) -> Int
    /// Makes a file's data durable; 0, or -1 with errno.
    package var sync: @Sendable (Int32) -> Int32

    package init(
        create: @escaping @Sendable (String) -> Int32,
        write: @escaping @Sendable (Int32, UnsafeRawPointer, Int, Int64) -> Int,
        sync: @escaping @Sendable (Int32) -> Int32
    ) {
        self.create = create
        self.write = write
        self.sync = sync
    }

    /// The kernel's own.
    package static let system = AudioLogDisk(
        create: { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640) },
        write: { pwrite($0, $1, $2, off_t($3)) },
        sync: { fdatasync($0) })
}

/// The folder of the segments.
enum AudioLogFolder {
    /// Makes it where it is missing, with the folders above it.
    static func make(_ path: String) throws(MediaError) {
        if mkdir(path, 0o750) == 0 || errno == EEXIST { return }
        let number = errno
        guard number == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw MediaError(
                .audioLog, "The audio log's folder \(path) cannot be made: \(String(cString: strerror(number)))",
                errno: number)
        }
        try make(String(path[..<slash]))
        guard mkdir(path, 0o750) == 0 || errno == EEXIST else {
            let number = errno
            throw MediaError(
                .audioLog, "The audio log's folder \(path) cannot be made: \(String(cString: strerror(number)))",
                errno: number)
        }
    }

    /// The names in it.
    static func names(_ path: String) throws(MediaError) -> [String] {
        guard let folder = opendir(path) else {
            let number = errno
            throw MediaError(
                .audioLog, "The audio log's folder \(path) cannot be read: \(String(cString: strerror(number)))",
                errno: number)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(String(cString: hotline_entry_name(entry)))
        }
        return names
    }

    /// Makes the folder's entries durable; false with errno where that failed.
    static func sync(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }
}
