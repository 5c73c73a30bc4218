import Glibc
import Synchronization

/// A file of the store, read as it was before it was encrypted, or as it is where it was not: everything that reads a
/// finished recording, or what follows from one, reads it through this. Of an encrypted file only the chunks asked for
/// are opened; the last one opened is kept.
final class StoredFile: Sendable {
    /// As it lies on the disk.
    let file: OpenFile
    /// Of the plain file, bytes; of a file that is not encrypted when it was opened.
    let length: Int64
    /// Nil: it is not encrypted.
    private let data: DataKey?
    private let opened = Mutex<(index: Int64, bytes: [UInt8])>((-1, []))

    var path: String { file.path }
    var isSealed: Bool { data != nil }

    /// Opens a file, not through a symbolic link.
    /// - Parameter keys: nil: there are none.
    /// - Throws: besides what `open` says `ENOKEY` where its key is not there, `EBADMSG` where it is not what was
    ///   encrypted.
    convenience init(_ path: String, keys: RecordingKeys?) throws(FileFailure) {
        try self.init(try OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK), keys: keys)
    }

    init(_ file: OpenFile, keys: RecordingKeys?) throws(FileFailure) {
        self.file = file
        var status = stat()
        guard fstat(file.descriptor, &status) == 0 else {
            throw FileFailure(path: file.path, operation: "fstat", errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileFailure(path: file.path, operation: "open as a file", errno: EINVAL)
        }
        let size = Int64(status.st_size)
        guard let (found, data) = try Self.open(Self.headers(of: file, size: size), path: file.path, keys: keys) else {
            length = size
            self.data = nil
            return
        }
        self.data = data
        guard size == SealedFormat.fileSize(found.length) else {
            throw FileFailure(
                path: file.path,
                operation:
                    "it was \(size < SealedFormat.fileSize(found.length) ? "cut off" : "made longer"): \(size) bytes, "
                    + "should be \(SealedFormat.fileSize(found.length))",
                errno: EBADMSG)
        }
        length = found.length
    }

    /// A file's headers, that at its beginning first, as far as they are whole; none where it is not encrypted.
    /// - Throws: `EBADMSG` where it is, and neither is whole.
    static func headers(of file: OpenFile, size: Int64) throws(FileFailure) -> [SealedHeader] {
        let last = max(0, size - Int64(SealedFormat.headerSize))
        let (first, second) = (SealedHeader.read(try read(file, at: 0)), SealedHeader.read(try read(file, at: last)))
        switch (first, second) {
        case (.header(let one), .header(let two)): return [one, two]
        case (.header(let one), _): return [one]
        case (.damaged, .header(let two)): return [two]
        case (.damaged(let what), _): throw FileFailure(path: file.path, operation: what, errno: EBADMSG)
        case (.other, .header(let two)):
            // What was torn may have lost its first bytes, too.
            return size == SealedFormat.fileSize(two.length) ? [two] : []
        case (.other, _): return []
        }
    }

    private static func read(_ file: OpenFile, at place: Int64) throws(FileFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: SealedFormat.headerSize)
        var span = bytes.mutableSpan
        let count = try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in
            try file.read(into: buffer, at: place)
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// The header that can be opened, and what is in it: the second one where only its key is there, since a rewrapping
    /// that the power ended may have left the first one under the old key.
    static func open(
        _ headers: [SealedHeader], path: String, keys: RecordingKeys?
    ) throws(FileFailure) -> (header: SealedHeader, data: DataKey)? {
        guard let first = headers.first else { return nil }
        do throws(FileFailure) {
            return (first, try dataKey(of: first, path: path, keys: keys))
        } catch {
            guard error.errno == ENOKEY, let second = headers.dropFirst().first, second.key != first.key,
                let keys, keys.key(second.key) != nil
            else { throw error }
            return (second, try dataKey(of: second, path: path, keys: keys))
        }
    }

    private static func dataKey(
        of header: SealedHeader, path: String, keys: RecordingKeys?
    ) throws(FileFailure) -> DataKey {
        guard let keys else {
            throw FileFailure(
                path: path, operation: "it is encrypted with key \(header.key), and there is no key file", errno: ENOKEY
            )
        }
        guard let key = keys.key(header.key) else {
            throw FileFailure(
                path: path, operation: "it is encrypted with key \(header.key), which is not in \(keys.path)",
                errno: ENOKEY)
        }
        guard let data = header.open(with: key) else {
            throw FileFailure(
                path: path, operation: "its header is not what was written with key \(header.key)", errno: EBADMSG)
        }
        return data
    }

    /// Fills `buffer` from an offset as far as the file reaches.
    /// - Returns: bytes read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileFailure) -> Int {
        guard let data else { return try file.read(into: buffer, at: offset) }
        var done = 0
        while done < buffer.count, offset + Int64(done) < length, offset >= 0 {
            let place = offset + Int64(done)
            let index = place / Int64(SealedFormat.chunkSize)
            let bytes = try chunk(index, data)
            let first = Int(place % Int64(SealedFormat.chunkSize))
            let count = min(bytes.count - first, buffer.count - done)
            bytes.withUnsafeBytes { chunk in
                UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + count]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: chunk[first..<first + count]))
            }
            done += count
        }
        return done
    }

    private func chunk(_ index: Int64, _ data: DataKey) throws(FileFailure) -> [UInt8] {
        if let bytes = opened.withLock({ $0.index == index ? $0.bytes : nil }) { return bytes }
        let count = SealedFormat.size(ofChunk: index, length: length)
        var sealed = [UInt8](repeating: 0, count: count + SealedFormat.chunkOverhead)
        var span = sealed.mutableSpan
        let read = try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in
            try file.read(into: buffer, at: SealedFormat.place(ofChunk: index))
        }
        let isLast = index == SealedFormat.chunks(length) - 1
        guard read == sealed.count,
            let bytes = SealedFormat.open(chunk: index, isLast: isLast, sealed, with: data.key)
        else {
            throw FileFailure(
                path: path,
                operation: "its bytes from \(index * Int64(SealedFormat.chunkSize)) on are not what was written",
                errno: EBADMSG)
        }
        opened.withLock { $0 = (index, bytes) }
        return bytes
    }

    /// Reads exactly so many bytes from the beginning, in pieces.
    /// - Throws: also where the file is shorter (`EIO`).
    func read(bytes total: Int64, _ take: ([UInt8]) throws(FileFailure) -> Void) throws(FileFailure) {
        var place: Int64 = 0
        while place < total {
            let bytes = try bytes(at: place, count: Int(min(262_144, total - place)))
            guard !bytes.isEmpty else { throw FileFailure(path: path, operation: "read", errno: EIO) }
            try take(bytes)
            place += Int64(bytes.count)
        }
    }

    /// All bytes, in pieces, as far as the file reaches now.
    func readAll(_ take: ([UInt8]) throws(FileFailure) -> Void) throws(FileFailure) {
        var place: Int64 = 0
        while case let bytes = try bytes(at: place, count: 262_144), !bytes.isEmpty {
            try take(bytes)
            place += Int64(bytes.count)
        }
    }

    private func bytes(at place: Int64, count: Int) throws(FileFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        let read = try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in
            try self.read(into: buffer, at: place)
        }
        bytes.removeLast(count - read)
        return bytes
    }

    /// All bytes of a file of at most `limit` bytes.
    static func contents(of path: String, limit: Int, keys: RecordingKeys?) throws(FileFailure) -> [UInt8] {
        let file = try StoredFile(path, keys: keys)
        guard file.length <= Int64(limit) else { throw FileFailure(path: path, operation: "read", errno: EFBIG) }
        return try file.bytes(at: 0, count: Int(file.length))
    }
}

extension RecordingError {
    /// A file of the store that cannot be opened or read: `.missing`, `.key`, `.altered`, `.room`, or else.
    init(_ failure: FileFailure, or other: Code) {
        let code: Code =
            switch failure.errno {
            case ENOENT: .missing
            case ENOKEY: .key
            case EBADMSG: .altered
            default: other
            }
        self.init(code, failure.text, errno: failure.errno)
    }
}
