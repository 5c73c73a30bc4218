import CArchive
import Glibc

/// Writes a tar (ustar; pax headers only where a length or a name needs them) through libarchive onto a descriptor of
/// ours, so that a full disk is known by its errno. The same members give the same bytes.
final class ArchiveWriter {
    /// What libarchive's callback works on.
    private final class Target {
        let file: OpenFile
        let calls: DiskCalls
        var position: Int64 = 0
        var failure: FileFailure?

        init(file: OpenFile, calls: DiskCalls) {
            self.file = file
            self.calls = calls
        }
    }

    private let target: Target
    private let handle: OpaquePointer
    private var isClosed = false

    init(file: OpenFile, calls: DiskCalls) throws(FileFailure) {
        guard let made = archive_write_new() else {
            throw FileFailure(path: file.path, operation: "archive_write_new", errno: ENOMEM)
        }
        handle = made
        target = Target(file: file, calls: calls)
        archive_write_set_format_pax_restricted(handle)
        archive_write_add_filter_none(handle)
        // Two blocks of zeros end the file, and nothing after them.
        archive_write_set_bytes_in_last_block(handle, 1)
        let opened = archive_write_open(
            handle, Unmanaged.passUnretained(target).toOpaque(), nil,
            { _, context, bytes, count in
                guard let context else { return -1 }
                let target = Unmanaged<Target>.fromOpaque(context).takeUnretainedValue()
                guard target.failure == nil else { return -1 }
                do throws(FileFailure) {
                    try target.file.write(
                        UnsafeRawBufferPointer(start: bytes, count: count), at: target.position, calls: target.calls)
                } catch {
                    target.failure = error
                    return -1
                }
                target.position += Int64(count)
                return count
            }, nil)
        try check(opened, "open")
    }

    deinit {
        // What was given up in the middle of a member is not filled with zeros to its end.
        if !isClosed { archive_write_fail(handle) }
        archive_write_free(handle)
    }

    /// Begins a plain file.
    /// - Parameters:
    ///   - size: exactly so many bytes must follow.
    ///   - seconds: when it was changed, Unix time.
    func begin(_ name: String, size: Int64, modified seconds: Int64) throws(FileFailure) {
        guard let entry = archive_entry_new() else {
            throw FileFailure(path: target.file.path, operation: "archive_entry_new", errno: ENOMEM)
        }
        defer { archive_entry_free(entry) }
        archive_entry_set_pathname(entry, name)
        archive_entry_set_size(entry, size)
        archive_entry_set_filetype(entry, UInt32(Glibc.S_IFREG))
        archive_entry_set_perm(entry, 0o644)
        archive_entry_set_mtime(entry, time_t(seconds), 0)
        try check(archive_write_header(handle, entry), "write")
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FileFailure) {
        guard !bytes.isEmpty else { return }
        let written = archive_write_data(handle, bytes.baseAddress, bytes.count)
        try check(written < 0 ? Int32(truncatingIfNeeded: written) : ARCHIVE_OK, "write")
        guard written == bytes.count else {
            throw FileFailure(path: target.file.path, operation: "write", errno: EIO)
        }
    }

    /// Ends the archive. The file is not synced.
    func close() throws(FileFailure) {
        try check(archive_write_close(handle), "write")
        isClosed = true
    }

    private func check(_ status: Int32, _ operation: String) throws(FileFailure) {
        guard status < ARCHIVE_OK else { return }
        if let failure = target.failure { throw failure }
        let number = archive_errno(handle)
        throw FileFailure(path: target.file.path, operation: operation, errno: number > 0 ? number : EIO)
    }
}
