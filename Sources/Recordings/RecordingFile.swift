import Glibc

/// An audio file opened for replay: read in pieces, off the cooperative pool. It stays readable when its name is removed.
/// Of an encrypted one bytes and length are the plain file's.
public final class RecordingFile: Sendable {
    private let file: StoredFile
    /// Bytes.
    public let length: Int64
    /// When it was written, in nanoseconds: tells two files of one name apart.
    public let writtenAt: Int64

    /// Opens a file, not through a symbolic link.
    /// - Parameter keys: nil: there are none, and an encrypted file cannot be opened.
    /// - Throws: `.missing`, `.read`, `.key`, `.altered`.
    public init(path: String, keys: RecordingKeys? = nil) throws(RecordingError) {
        do throws(FileFailure) {
            file = try StoredFile(path, keys: keys)
            var status = stat()
            guard fstat(file.file.descriptor, &status) == 0 else {
                throw FileFailure(path: path, operation: "fstat", errno: errno)
            }
            length = file.length
            writtenAt = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        } catch {
            throw RecordingError(error, or: .read)
        }
    }

    /// So many bytes from a place on.
    /// - Throws: `.altered` where the file has become shorter meanwhile, or is not what was encrypted; `.read`.
    public func read(at offset: Int64, count: Int) async throws(RecordingError) -> [UInt8] {
        try await DiskWork.run { [file] in Self.read(file, offset, count) }.get()
    }

    private static func read(_ file: StoredFile, _ offset: Int64, _ count: Int) -> Result<[UInt8], RecordingError> {
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        do throws(FileFailure) {
            let read = try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in
                try file.read(into: buffer, at: offset)
            }
            guard read == count else {
                return .failure(RecordingError(.altered, "\(file.path) ends at byte \(offset + Int64(read))"))
            }
            return .success(bytes)
        } catch {
            return .failure(RecordingError(error, or: .read))
        }
    }
}
