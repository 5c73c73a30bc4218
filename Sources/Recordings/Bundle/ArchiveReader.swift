import CArchive
import Glibc

/// Reads an uncompressed tar through libarchive, member by member, as a stream. Nothing is ever unpacked to the disk.
///
/// The file is hostile. Refused are: anything that is no uncompressed tar (so that nothing grows while it is read),
/// links, devices, folders, sparse members, members without a length, and headers that libarchive finds damaged.
final class ArchiveReader {
    struct Member {
        /// As it stands in the archive: not to be trusted as a path.
        var name: String
        /// As the header says.
        var size: Int64
    }

    private let handle: OpaquePointer
    private let file: OpenFile
    private var position: Int64 = 0
    private var size: Int64 = 0
    private var members = 0

    /// - Throws: `.read` where the file cannot be opened, `.archive` where it is none.
    init(path: String) throws(RecordingError) {
        do throws(FileFailure) {
            // Not waiting for whoever might write to a pipe.
            file = try OpenFile(path, O_RDONLY | O_NONBLOCK)
        } catch {
            throw RecordingError(.read, "\(path) cannot be opened: \(Files.text(error.errno))", errno: error.errno)
        }
        var status = stat()
        guard fstat(file.descriptor, &status) == 0, status.st_mode & S_IFMT == Glibc.S_IFREG else {
            throw RecordingError(.archive, "\(path) is no file")
        }
        guard let made = archive_read_new() else { throw RecordingError(.read, "no memory to read \(path)") }
        handle = made
        archive_read_support_filter_none(handle)
        archive_read_support_format_tar(handle)
        guard archive_read_open_fd(handle, file.descriptor, 262_144) == ARCHIVE_OK else { throw failure() }
    }

    deinit { archive_read_free(handle) }

    /// The next member; nil at the archive's end.
    func next() throws(RecordingError) -> Member? {
        var entry: OpaquePointer?
        let status = archive_read_next_header(handle, &entry)
        if status == ARCHIVE_EOF { return nil }
        guard status == ARCHIVE_OK, let entry else { throw failure() }
        members += 1
        let place = "member \(members) of \(file.path)"
        guard let text = archive_entry_pathname(entry) else {
            throw RecordingError(.archive, "\(place) has a name that cannot be read")
        }
        let name = String(cString: text)
        guard archive_entry_hardlink(entry) == nil, archive_entry_symlink(entry) == nil,
            archive_entry_filetype(entry) == UInt32(Glibc.S_IFREG)
        else {
            throw RecordingError(.archive, "\(place) is a link, a folder or a device; a bundle has plain files only")
        }
        guard archive_entry_sparse_count(entry) == 0, archive_entry_size_is_set(entry) != 0,
            archive_entry_size(entry) >= 0
        else { throw RecordingError(.archive, "\(place) is sparse or has no length; a bundle has plain files only") }
        position = 0
        size = archive_entry_size(entry)
        return Member(name: name, size: size)
    }

    /// The member's next bytes, at most some hundred thousand; empty at its end.
    func read() throws(RecordingError) -> [UInt8] {
        while true {
            var buffer: UnsafeRawPointer?
            var count = 0
            var offset: Int64 = 0
            let status = archive_read_data_block(handle, &buffer, &count, &offset)
            if status == ARCHIVE_EOF {
                guard position == size else {
                    throw RecordingError(
                        .archive, "member \(members) of \(file.path) has \(position) bytes, its header says \(size)")
                }
                return []
            }
            guard status == ARCHIVE_OK else { throw failure() }
            guard offset == position, Int64(count) <= size - position else {
                throw RecordingError(.archive, "member \(members) of \(file.path) has holes")
            }
            guard count > 0 else { continue }
            position += Int64(count)
            return [UInt8](UnsafeRawBufferPointer(start: buffer, count: count))
        }
    }

    private func failure() -> RecordingError {
        let words = archive_error_string(handle).map { String(cString: $0) } ?? "unknown failure"
        let number = archive_errno(handle)
        return RecordingError(
            .archive,
            "\(file.path), after member \(members): \(words). It is no uncompressed tar, or it is damaged or cut off",
            errno: number > 0 && number < 200 ? number : nil)
    }
}
