import Evidence
import Glibc

/// Lines on their way into an archive, which wants to know their length first: a file without a name, gone with this
/// object whatever happens.
final class SpooledLines {
    private let file: OpenFile
    private let calls: DiskCalls
    private var pending: [UInt8] = []
    private var written: Int64 = 0
    private static let buffer = 262_144

    /// - Parameter path: a name that nobody else uses; it is taken away at once.
    init(path: String, calls: DiskCalls) throws(FileFailure) {
        file = try OpenFile(path, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
        try Files.remove(path)
        self.calls = calls
    }

    var length: Int64 { written + Int64(pending.count) }

    func add(_ line: [UInt8]) throws(FileFailure) {
        pending += line
        pending.append(10)
        if pending.count >= Self.buffer { try flush() }
    }

    private func flush() throws(FileFailure) {
        let bytes = pending
        try bytes.span.withUnsafeBytes { (buffer) throws(FileFailure) in
            try file.write(buffer, at: written, calls: calls)
        }
        written += Int64(pending.count)
        pending.removeAll(keepingCapacity: true)
    }

    /// All of it, from the beginning, in pieces.
    func read(_ take: ([UInt8]) throws(FileFailure) -> Void) throws(FileFailure) {
        try flush()
        try file.read(bytes: written, take)
    }
}

extension OpenFile {
    /// Reads exactly so many bytes from the beginning, in pieces.
    /// - Throws: also where the file is shorter (`EIO`).
    func read(bytes total: Int64, _ take: ([UInt8]) throws(FileFailure) -> Void) throws(FileFailure) {
        var place: Int64 = 0
        while place < total {
            var bytes = [UInt8](repeating: 0, count: Int(min(262_144, total - place)))
            var span = bytes.mutableSpan
            let count = try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in
                try read(into: buffer, at: place)
            }
            guard count == bytes.count else { throw FileFailure(path: path, operation: "read", errno: EIO) }
            try take(bytes)
            place += Int64(count)
        }
    }
}
