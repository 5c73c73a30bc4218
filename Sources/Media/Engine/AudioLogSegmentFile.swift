import AudioLog
import Glibc

/// The segment that is being written. Belongs to the writer's thread.
final class AudioLogSegmentFile {
    let path: String
    var encoder: AudioLogEncoder
    /// CLOCK_MONOTONIC, nanoseconds.
    let createdAt: Int64
    private let descriptor: Int32
    private let disk: AudioLogDisk
    /// Bytes the kernel has.
    private(set) var written: Int64 = 0
    /// Bytes that readers were told of.
    var published: Int64 = 0
    /// Bytes that are durable.
    private(set) var synced: Int64 = 0

    /// - Throws: the error number.
    init(
        folder: String, header: AudioLogSegmentHeader, sealer: AudioLogSealer?, disk: AudioLogDisk
    ) throws(SystemFailure) {
        let path = folder + "/" + AudioLogSegmentHeader.fileName(sequence: header.sequence)
        let descriptor = disk.create(path)
        guard descriptor >= 0 else { throw SystemFailure(operation: "open", path: path, number: errno) }
        self.descriptor = descriptor
        self.path = path
        self.disk = disk
        encoder = AudioLogEncoder(header, sealer: sealer)
        createdAt = header.created.mono
    }

    deinit { close(descriptor) }

    var sequence: UInt64 { encoder.header.sequence }
    var isDirty: Bool { synced < written }

    /// Writes as much as it can; a part that was written is not written again.
    /// - Returns: bytes written.
    func write(_ bytes: UnsafeRawBufferPointer) throws(SystemFailure) -> Int {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let count = disk.write(descriptor, base + done, bytes.count - done, written)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                if done > 0 { return done }
                throw SystemFailure(operation: "write", path: path, number: count == 0 ? ENOSPC : errno)
            }
            done += count
            written += Int64(count)
        }
        return done
    }

    func sync() throws(SystemFailure) {
        let upTo = written
        guard disk.sync(descriptor) == 0 else { throw SystemFailure(operation: "sync", path: path, number: errno) }
        synced = upTo
    }
}

/// A system call that failed.
struct SystemFailure: Error {
    var operation: String
    var path: String
    var number: Int32

    var error: MediaError {
        let advice =
            switch number {
            case ENOSPC, EDQUOT: "make room on its disk; recordings have gaps until then"
            case EACCES, EROFS, EPERM: "see who may write there; recordings have gaps until then"
            default: "look at the disk and the kernel's log; recordings have gaps until it works again"
            }
        return MediaError(
            .audioLog,
            "The audio log cannot be written (\(operation) \(path)): \(String(cString: strerror(number))); \(advice)",
            errno: number)
    }
}
