import Evidence
import Glibc
import Synchronization

/// The key file: what recordings are sealed with, and opened. A text file that its owner alone may read; a line holds a
/// key's id, its 64 hexadecimal digits, and whatever stands behind them for people; `#` begins a remark. The last key is
/// the current one, with which new recordings are sealed.
///
/// The file is read again where it has changed, so that a new key counts without a restart. What was known stays known
/// until then: a key that is taken out of the file, or a file that is away, ends nothing that goes on.
public final class RecordingKeys: Sendable {
    /// The file's path.
    public let path: String

    private struct State {
        var known: [RecordingKeyID: RecordingKey]
        var current: RecordingKey
        var listed: [RecordingKeyID]
        var stamp: Stamp
    }

    private struct Stamp: Equatable {
        var seconds: Int
        var nanoseconds: Int
        var bytes: Int
        var inode: UInt
    }

    private struct Content {
        var keys: [RecordingKey]
        var text: [UInt8]
        var stamp: Stamp
    }

    private static let limit = 1 << 20

    private let state: Mutex<State>

    /// Reads the file.
    /// - Throws: `.key` where it cannot be read, others may read it, or a line is wrong; the message says which and what to
    ///   do.
    public init(path: String) throws(RecordingError) {
        self.path = path
        let content = try Self.read(path)
        guard let current = content.keys.last else {
            throw RecordingError(.key, "\(path) holds no key: 'hotline recordings key new \(path)' adds one")
        }
        state = Mutex(
            State(
                known: Dictionary(content.keys.map { ($0.id, $0) }) { $1 }, current: current,
                listed: content.keys.map(\.id), stamp: content.stamp))
    }

    /// The ids in the file, the current one last.
    public var ids: [RecordingKeyID] {
        refresh()
        return state.withLock { $0.listed }
    }

    /// The id of the current key.
    public var currentID: RecordingKeyID { current.id }

    package var current: RecordingKey {
        refresh()
        return state.withLock { $0.current }
    }

    func key(_ id: RecordingKeyID) -> RecordingKey? {
        if let known = state.withLock({ $0.known[id] }) { return known }
        refresh()
        return state.withLock { $0.known[id] }
    }

    /// Every key known, the current one first.
    var all: [RecordingKey] {
        refresh()
        return state.withLock { state in
            [state.current]
                + state.known.values.filter { $0.id != state.current.id }.sorted { $0.id.number < $1.id.number }
        }
    }

    private func refresh() {
        var status = stat()
        guard stat(path, &status) == 0, state.withLock({ $0.stamp }) != Self.stamp(status) else { return }
        // A file that cannot be used now, half written by hand perhaps, is tried again when it is asked the next time.
        guard let content = try? Self.read(path), let current = content.keys.last else { return }
        state.withLock { state in
            for key in content.keys { state.known[key.id] = key }
            state.current = current
            state.listed = content.keys.map(\.id)
            state.stamp = content.stamp
        }
    }

    private static func stamp(_ status: stat) -> Stamp {
        Stamp(
            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec, bytes: Int(status.st_size),
            inode: UInt(status.st_ino))
    }

    private static func read(_ path: String) throws(RecordingError) -> Content {
        var bytes: [UInt8]
        let stamp: Stamp
        do throws(FileFailure) {
            let file = try OpenFile(path, O_RDONLY | O_NONBLOCK)
            var status = Glibc.stat()
            guard fstat(file.descriptor, &status) == 0 else {
                throw FileFailure(path: path, operation: "fstat", errno: errno)
            }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw FileFailure(path: path, operation: "open as a file", errno: EINVAL)
            }
            guard status.st_mode & 0o077 == 0 else {
                throw FileFailure(path: path, operation: "rights", errno: EPERM)
            }
            stamp = Self.stamp(status)
            guard stamp.bytes <= limit else { throw FileFailure(path: path, operation: "read", errno: EFBIG) }
            bytes = [UInt8](repeating: 0, count: stamp.bytes)
            var span = bytes.mutableSpan
            let count = try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in
                try file.read(into: buffer, at: 0)
            }
            bytes.removeLast(bytes.count - count)
        } catch {
            let advice =
                switch error.operation {
                case "rights": "The key file \(path) may be read by others than its owner: chmod 600 \(path)"
                default:
                    "The key file cannot be read: \(error.text). Without it no recording can be encrypted or opened; bring "
                        + "it back from where its copy is kept"
                }
            throw RecordingError(.key, advice, errno: error.errno)
        }
        return Content(keys: try parse(bytes, path: path), text: bytes, stamp: stamp)
    }

    private static func parse(_ bytes: [UInt8], path: String) throws(RecordingError) -> [RecordingKey] {
        var keys: [RecordingKey] = []
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            func wrong(_ what: String) -> RecordingError {
                // What stands there is not repeated: it may be a key.
                RecordingError(.key, "\(path):\(index + 1): \(what)")
            }
            guard let id = RecordingKeyID(String(first)), words.count >= 2 else {
                throw wrong("a line is an id of 8 hexadecimal digits and a key of 64")
            }
            guard let bytes = Hexadecimal.bytes(String(words[1])), bytes.count == RecordingKey.size else {
                throw wrong("the key behind \(id) is not 64 hexadecimal digits")
            }
            let key = RecordingKey(bytes)
            guard key.id == id else {
                throw wrong("the key behind \(id) has the id \(key.id): it was altered, or is another")
            }
            guard !keys.contains(where: { $0.id == id }) else { throw wrong("the key \(id) stands there twice") }
            keys.append(key)
        }
        return keys
    }

    /// Adds a new key to a file as its current one, durably; the file is made where it is missing. Blocks.
    /// - Parameter remark: stands behind the key, for people: one line.
    /// - Returns: the new key's id.
    /// - Throws: `.key` where the file is there and cannot be used, or cannot be written.
    public static func add(to path: String, remark: String) throws(RecordingError) -> RecordingKeyID {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8]
        var key: RecordingKey
        repeat {
            bytes = (0..<RecordingKey.size).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            key = RecordingKey(bytes)
        } while key.id.number == 0
        do throws(FileFailure) {
            var text: [UInt8]
            var target = path
            if try Files.kind(path) == nil {
                text = Array(
                    ("# Keys of recordings (docs/encryption.md): id, key, since when. The last one is the current one.\n"
                        + "# Without this file no encrypted recording can ever be heard again: keep a copy elsewhere.\n")
                        .utf8)
            } else {
                let content: Content
                do throws(RecordingError) {
                    content = try read(path)
                } catch {
                    throw FileFailure(path: error.message, operation: Self.unusable, errno: error.errno ?? 0)
                }
                guard !content.keys.contains(where: { $0.id == key.id }) else {
                    throw FileFailure(path: path, operation: "a new key with an id that is there", errno: EEXIST)
                }
                text = content.text
                if text.last != 10, !text.isEmpty { text.append(10) }
                // The link stays one.
                if let real = realpath(path, nil) {
                    target = String(cString: real)
                    free(real)
                }
            }
            text += Array("\(key.id) \(Hexadecimal.text(bytes)) \(remark)\n".utf8)
            try place(text, at: target)
        } catch {
            if error.operation == Self.unusable { throw RecordingError(.key, error.path, errno: error.errno) }
            throw RecordingError(.key, "The key file cannot be written: \(error.text)", errno: error.errno)
        }
        return key.id
    }

    private static let unusable = "unusable"

    private static func place(_ text: [UInt8], at path: String) throws(FileFailure) {
        let draft = "\(path).\(getpid()).tmp"
        do throws(FileFailure) {
            let file = try OpenFile(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
            try text.span.withUnsafeBytes { (buffer) throws(FileFailure) in
                try file.write(buffer, at: 0, calls: .system)
            }
            try file.sync(calls: .system)
            try Files.rename(draft, to: path)
        } catch {
            unlink(draft)
            throw error
        }
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        try Files.syncFolder(folder)
    }
}
