import Glibc

/// Writes a file of the store, encrypted or not, at any place that is not beyond its end. One chunk is in memory; used by
/// one thread.
package final class StoredFileWriter {
    let file: OpenFile
    /// Of the plain file, bytes.
    package private(set) var length: Int64 = 0

    private let key: RecordingKey?
    private let data: DataKey?
    private let calls: DiskCalls
    /// The chunk in memory.
    private var index: Int64 = 0
    private var chunk: [UInt8] = []
    private var isChanged = false
    private var isDone = false

    /// - Parameters:
    ///   - path: written over.
    ///   - key: nil: it is not encrypted.
    package init(_ path: String, key: RecordingKey?, calls: DiskCalls) throws(FileFailure) {
        file = try OpenFile(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW)
        self.key = key
        self.calls = calls
        data = key == nil ? nil : DataKey()
        chunk.reserveCapacity(key == nil ? 0 : SealedFormat.chunkSize)
    }

    /// Reads what was written.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileFailure) -> Int {
        guard let data else { return try file.read(into: buffer, at: offset) }
        var done = 0
        while done < buffer.count, offset + Int64(done) < length {
            let place = offset + Int64(done)
            try hold(place / Int64(SealedFormat.chunkSize), data)
            let first = Int(place % Int64(SealedFormat.chunkSize))
            let count = min(chunk.count - first, buffer.count - done)
            for number in 0..<count { buffer[done + number] = chunk[first + number] }
            done += count
        }
        return done
    }

    /// Writes all bytes at an offset.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileFailure) {
        guard let data else {
            try file.write(bytes, at: offset, calls: calls)
            length = max(length, offset + Int64(bytes.count))
            return
        }
        guard offset <= length, !isDone else {
            throw FileFailure(path: file.path, operation: "writing beyond the end", errno: EINVAL)
        }
        var done = 0
        while done < bytes.count {
            let place = offset + Int64(done)
            try hold(place / Int64(SealedFormat.chunkSize), data)
            let first = Int(place % Int64(SealedFormat.chunkSize))
            let count = min(SealedFormat.chunkSize - first, bytes.count - done)
            let piece = bytes[done..<done + count]
            chunk.replaceSubrange(first..<min(chunk.count, first + count), with: piece)
            isChanged = true
            done += count
            length = max(length, place + Int64(count))
        }
    }

    /// Brings a chunk into memory, and the one that is there to the disk.
    private func hold(_ wanted: Int64, _ data: DataKey) throws(FileFailure) {
        if wanted == index { return }
        try flush(isLast: false, data)
        index = wanted
        let count = SealedFormat.size(ofChunk: wanted, length: length)
        guard count > 0 else {
            chunk.removeAll(keepingCapacity: true)
            return
        }
        var sealed = [UInt8](repeating: 0, count: count + SealedFormat.chunkOverhead)
        var span = sealed.mutableSpan
        let read = try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in
            try file.read(into: buffer, at: SealedFormat.place(ofChunk: wanted))
        }
        guard read == sealed.count,
            let bytes = SealedFormat.open(chunk: wanted, isLast: false, sealed, with: data.key)
        else { throw FileFailure(path: file.path, operation: "what was just written is not there", errno: EBADMSG) }
        chunk = bytes
    }

    private func flush(isLast: Bool, _ data: DataKey) throws(FileFailure) {
        guard isChanged || isLast, !chunk.isEmpty else { return }
        guard let sealed = SealedFormat.seal(chunk: index, isLast: isLast, chunk, with: data.key) else {
            throw FileFailure(path: file.path, operation: "encrypt", errno: EINVAL)
        }
        try put(sealed, at: SealedFormat.place(ofChunk: index))
        isChanged = false
    }

    private func put(_ bytes: [UInt8], at place: Int64) throws(FileFailure) {
        try bytes.span.withUnsafeBytes { (buffer) throws(FileFailure) in
            try file.write(buffer, at: place, calls: calls)
        }
    }

    /// Completes the file and makes it durable; nothing can be written after it.
    /// - Returns: the plain file's length in bytes.
    package func finish() throws(FileFailure) -> Int64 {
        if let data, let key, !isDone {
            if length > 0 {
                try hold(SealedFormat.chunks(length) - 1, data)
                try flush(isLast: true, data)
            }
            guard let header = SealedHeader(length: length, data: data, key: key) else {
                throw FileFailure(path: file.path, operation: "encrypt", errno: EINVAL)
            }
            try put(header.bytes, at: SealedFormat.fileSize(length) - Int64(SealedFormat.headerSize))
            try put(header.bytes, at: 0)
            isDone = true
        }
        try file.sync(calls: calls)
        return data == nil ? try file.length() : length
    }
}

extension Files {
    /// Writes a small file of the store, encrypted where there is a key; not synced.
    static func write(_ bytes: [UInt8], to path: String, key: RecordingKey?) throws(FileFailure) {
        let content = try stored(bytes, path: path, key: key)
        let file = try OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
        try content.span.withUnsafeBytes { (buffer) throws(FileFailure) in
            try file.write(buffer, at: 0, calls: .system)
        }
    }

    /// What a small file of the store has on the disk.
    static func stored(_ bytes: [UInt8], path: String, key: RecordingKey?) throws(FileFailure) -> [UInt8] {
        guard let key else { return bytes }
        guard let sealed = SealedFormat.file(bytes, with: key) else {
            throw FileFailure(path: path, operation: "encrypt", errno: EINVAL)
        }
        return sealed
    }
}
