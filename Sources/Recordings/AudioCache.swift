import Calls
import Dispatch
import Glibc
import Synchronization

/// Files that can be made again at any time, bounded in size: other forms of recordings, peaks and figures of those that
/// have none. What was not used for longest goes first.
///
/// A file is made under a draft's name and renamed; two who ask for the same at once wait for one making. When a file was
/// last used stands in its access time, so that a restart forgets nothing.
public final class AudioCache: Sendable {
    private struct Entry {
        var bytes: Int64
        /// Nanoseconds of Unix time.
        var usedAt: Int64
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// Being made, and who waits for it.
        var waiting: [String: [CheckedContinuation<Result<RecordingFile, RecordingError>, Never>]] = [:]
        var made = 0
    }

    /// Wholly made by others' requests: more of them wait no longer.
    private static let mostAtOnce = 64

    private let folder: String
    private let limitBytes: Int64
    private let minimumFreeBytes: Int64
    private let keys: RecordingKeys?
    private let state = Mutex(State())
    /// Opening, renaming and removing.
    private let desk = DispatchQueue(label: "hotline.cache", qos: .userInitiated)
    /// Two at a time, so that a long recording does not hold up all others.
    private let makers = [
        DispatchQueue(label: "hotline.cache.1", qos: .utility), DispatchQueue(label: "hotline.cache.2", qos: .utility),
    ]

    /// Makes the folder, removes drafts of an earlier run, and what is beyond the bound. Blocks.
    /// - Parameters:
    ///   - limitBytes: of all files together; a single larger one is kept until the next is made.
    ///   - minimumFreeBytes: where the disk has less free, nothing is made.
    ///   - keys: open what is encrypted; whoever makes a file encrypts it. Nil: there are none.
    /// - Throws: `.folder`.
    public init(
        folder: String, limitBytes: Int64, minimumFreeBytes: Int64, keys: RecordingKeys? = nil
    ) throws(RecordingError) {
        self.keys = keys
        self.folder = folder
        self.limitBytes = limitBytes
        self.minimumFreeBytes = minimumFreeBytes
        do throws(FileFailure) {
            try Files.makeFolder(folder)
            var entries: [String: Entry] = [:]
            for name in try Files.names(in: folder) {
                if name.hasPrefix(".") {
                    try Files.remove("\(folder)/\(name)")
                } else if let entry = Self.entry("\(folder)/\(name)") {
                    entries[name] = entry
                }
            }
            state.withLock { $0.entries = entries }
        } catch {
            throw RecordingError(
                .folder, "The cache cannot be read: \(error.text). It may be removed as a whole.", errno: error.errno)
        }
        makeRoom(keeping: nil)
    }

    /// Files there, and their bytes together.
    public var size: (files: Int, bytes: Int64) {
        state.withLock { state in (state.entries.count, state.entries.values.reduce(0) { $0 + $1.bytes }) }
    }

    /// How many files were made since the start.
    package var made: Int { state.withLock { $0.made } }

    /// A file of the cache, made where it is not there.
    /// - Parameters:
    ///   - recording: whose audio it comes from; `remove` finds it by that.
    ///   - name: which of its files: letters, digits, `.` and `-`. A change of content needs another name.
    ///   - make: writes the file at the path given; blocks as long as it takes.
    /// - Throws: what `make` throws; `.room`, `.busy`, `.read`.
    public func file(
        of recording: RecordingID, _ name: String, make: @escaping @Sendable (String) throws(RecordingError) -> Void
    ) async throws(RecordingError) -> RecordingFile {
        let key = "\(recording).\(name)"
        let result = await withCheckedContinuation { continuation in
            desk.async { self.find(key, continuation, make) }
        }
        return try result.get()
    }

    /// Removes everything that was made from a recording: it is to be erased.
    public func remove(_ recording: RecordingID) async {
        await withCheckedContinuation { continuation in
            desk.async {
                let keys = self.state.withLock { state in
                    state.entries.keys.filter { $0.hasPrefix("\(recording).") }
                }
                for key in keys { self.remove(key) }
                continuation.resume()
            }
        }
    }

    private func find(
        _ key: String, _ continuation: CheckedContinuation<Result<RecordingFile, RecordingError>, Never>,
        _ make: @escaping @Sendable (String) throws(RecordingError) -> Void
    ) {
        if state.withLock({ $0.entries[key] != nil }) {
            if let file = try? RecordingFile(path: "\(folder)/\(key)", keys: keys) {  // removed by hand: made again
                use(key)
                return continuation.resume(returning: .success(file))
            }
            state.withLock { $0.entries[key] = nil }
        }
        enum Place { case first, later, refused }
        let place = state.withLock { state -> Place in
            if state.waiting[key] != nil {
                state.waiting[key]?.append(continuation)
                return .later
            }
            guard state.waiting.count < Self.mostAtOnce else { return .refused }
            state.waiting[key] = [continuation]
            return .first
        }
        switch place {
        case .later: return
        case .refused:
            continuation.resume(
                returning: .failure(
                    RecordingError(.busy, "\(Self.mostAtOnce) recordings are being made ready; ask again later")))
        case .first:
            let queue = makers[Int(key.utf8.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) } % UInt32(makers.count))]
            queue.async {
                let result = self.make(key, make)
                self.desk.async { self.finish(key, result) }
            }
        }
    }

    private func make(
        _ key: String, _ make: @Sendable (String) throws(RecordingError) -> Void
    ) -> Result<RecordingFile, RecordingError> {
        let draft = "\(folder)/.\(key).tmp"
        do throws(RecordingError) {
            let free = try DiskSpace(of: folder).freeBytes
            guard free >= minimumFreeBytes else {
                throw RecordingError(
                    .room,
                    "Only \(free / 1_000_000) MB are free: the room is kept for calls. Ask for the form as stored.")
            }
            try make(draft)
            do throws(FileFailure) {
                try Files.rename(draft, to: "\(folder)/\(key)")
            } catch {
                throw RecordingError(.read, error.text, errno: error.errno)
            }
            return .success(try RecordingFile(path: "\(folder)/\(key)", keys: keys))
        } catch {
            _ = try? Files.remove(draft)  // the next start removes what is left
            return .failure(error)
        }
    }

    private func finish(_ key: String, _ result: Result<RecordingFile, RecordingError>) {
        if case .success(let file) = result {
            let now = Self.now()
            state.withLock { state in
                state.entries[key] = Entry(bytes: file.length, usedAt: now)
                state.made += 1
            }
            makeRoom(keeping: key)
        }
        let waiting = state.withLock { $0.waiting.removeValue(forKey: key) ?? [] }
        for continuation in waiting { continuation.resume(returning: result) }
    }

    private func makeRoom(keeping kept: String?) {
        let leaving = state.withLock { state -> [String] in
            var bytes = state.entries.values.reduce(0) { $0 + $1.bytes }
            var leaving: [String] = []
            for (key, entry) in state.entries.sorted(by: { $0.value.usedAt < $1.value.usedAt }) {
                if bytes <= limitBytes { break }
                if key == kept { continue }
                bytes -= entry.bytes
                leaving.append(key)
            }
            return leaving
        }
        for key in leaving { remove(key) }
    }

    private func remove(_ key: String) {
        state.withLock { $0.entries[key] = nil }
        _ = try? Files.remove("\(folder)/\(key)")  // counted again at the next start
    }

    private func use(_ key: String) {
        let now = Self.now()
        state.withLock { $0.entries[key]?.usedAt = now }
        var times = [
            timespec(tv_sec: Int(now / 1_000_000_000), tv_nsec: Int(now % 1_000_000_000)),
            // UTIME_OMIT (utimensat(2)): the time of writing stays, which tells versions of a file apart.
            timespec(tv_sec: 0, tv_nsec: 0x3FFF_FFFE),
        ]
        utimensat(AT_FDCWD, "\(folder)/\(key)", &times, AT_SYMLINK_NOFOLLOW)
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static func entry(_ path: String) -> Entry? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Entry(
            bytes: Int64(status.st_size),
            usedAt: Int64(status.st_atim.tv_sec) * 1_000_000_000 + Int64(status.st_atim.tv_nsec))
    }
}
