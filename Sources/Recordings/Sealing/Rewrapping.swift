import AudioLog
import Calls
import FoundationEssentials
import Glibc

/// Brings every encrypted file of a data folder under the current key of the key file: only the headers are written, in
/// place. It may end anywhere: the header at a file's end is written and synced before the one at its beginning is
/// touched, so that one of them is whole at every moment; done again, it goes on with what is left. Beside a running
/// server or without one.
public struct Rewrapping: Sendable {
    /// The result; its JSON keys are a contract.
    public struct Report: Sendable, Hashable, Codable {
        /// Files that were brought under the current key.
        public var rewrapped = 0
        /// Files that were under it already.
        public var current = 0
        /// Files that are not encrypted.
        public var plain = 0
        /// What could not be done, for people; each with its file.
        public var faults: [String] = []
        /// The keys of the file, the current one last, and any other that something is encrypted with.
        public var keys: [Key] = []

        /// A key, and what there is afterwards that needs it.
        public struct Key: Sendable, Hashable, Codable {
            public var id: String
            public var isCurrent: Bool
            /// It stands in the key file.
            public var isThere: Bool
            public var files = 0
            /// Of the audio log, those kept as damaged among them: they go by themselves, or by hand.
            public var segments = 0
            /// Under way or not yet journalled: they go by themselves.
            public var recordings = 0

            /// Nothing needs it, and it is not the current one: it may leave the key file. Never said where there are
            /// faults: what could not be looked at may need any key.
            public var isSpare = false

            enum CodingKeys: String, CodingKey {
                case id, files, segments, recordings
                case isCurrent = "current"
                case isThere = "in_file"
                case isSpare = "spare"
            }
        }
    }

    private let keys: RecordingKeys
    /// With recordings, or what is made of them.
    private let folders: [String]
    private let audioLog: String
    private let partials: String
    private let calls: DiskCalls

    /// - Parameters:
    ///   - dataFolder: without a slash at its end.
    ///   - folders: with recordings or what is made of them; one that is not there is passed over.
    public init(keys: RecordingKeys, dataFolder: String, folders: [String]) {
        self.init(keys: keys, dataFolder: dataFolder, folders: folders, calls: .system)
    }

    package init(keys: RecordingKeys, dataFolder: String, folders: [String], calls: DiskCalls) {
        self.keys = keys
        self.folders = folders
        self.calls = calls
        audioLog = dataFolder + "/audio-log"
        partials = dataFolder + "/partials"
    }

    /// Does it. Blocks.
    /// - Parameter progress: told how many files were looked at.
    /// - Throws: `.folder` where a folder cannot be listed; `.finish` where the disk refuses to write: nothing is worse
    ///   than before, and it can be done again.
    public func run(progress: (Int) -> Void = { _ in }) throws(RecordingError) -> Report {
        var report = Report()
        var needed: [RecordingKeyID: (files: Int, segments: Int, recordings: Int)] = [:]
        let target = keys.current
        var seen = 0
        do throws(FileFailure) {
            for folder in folders {
                // A link to a volume that is not there, or a folder that is closed: what is in it may need any key.
                if try Files.kind(folder) != nil, access(folder, R_OK | X_OK) != 0 {
                    report.faults.append("\(folder) cannot be listed: \(Files.text(errno)). Is its volume mounted?")
                    continue
                }
                try walk(folder, depth: 0) { (path) throws(FileFailure) in
                    for id in try rewrap(path, to: target, &report) { needed[id, default: (0, 0, 0)].files += 1 }
                    seen += 1
                    if seen % 100 == 0 { progress(seen) }
                }
            }
            try count(&needed)
        } catch {
            throw RecordingError(
                error.operation == "write" || error.operation == "fdatasync" ? .finish : .folder,
                "The recordings cannot be brought under key \(target.id): \(error.text). What was done stays done; do it "
                    + "again when that is mended.", errno: error.errno)
        }
        let listed = keys.ids
        let others = needed.keys.filter { !listed.contains($0) }.sorted { $0.description < $1.description }
        report.keys = (others + listed).map { id in
            let use = needed[id] ?? (0, 0, 0)
            let isThere = listed.contains(id)
            return Report.Key(
                id: id.description, isCurrent: id == target.id, isThere: isThere, files: use.files,
                segments: use.segments, recordings: use.recordings,
                isSpare: isThere && id != target.id && use == (0, 0, 0) && report.faults.isEmpty)
        }
        return report
    }

    private func walk(
        _ folder: String, depth: Int, _ found: (String) throws(FileFailure) -> Void
    ) throws(FileFailure) {
        // Drafts, whose names begin with a dot, get their headers at their end.
        for name in try Files.names(in: folder) where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            switch try Files.kind(path) {
            case .folder where depth < 8: try walk(path, depth: depth + 1, found)
            case .file: try found(path)
            default: continue
            }
        }
    }

    /// - Returns: the keys that the file needs afterwards.
    private func rewrap(
        _ path: String, to key: RecordingKey, _ report: inout Report
    ) throws(FileFailure) -> Set<RecordingKeyID> {
        let file: OpenFile
        let headers: [SealedHeader]
        let size: Int64
        do throws(FileFailure) {
            file = try OpenFile(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
            size = try file.length()
            headers = try StoredFile.headers(of: file, size: size)
        } catch {
            // Deleted or moved since the folder was listed.
            if error.errno != ENOENT { report.faults.append(error.text) }
            return []
        }
        guard let first = headers.first else {
            report.plain += 1
            return []
        }
        guard size == SealedFormat.fileSize(first.length) else {
            report.faults.append("\(path) is \(size) bytes long, should be \(SealedFormat.fileSize(first.length))")
            return Set(headers.map(\.key))
        }
        if first.key == key.id, headers == [first, first] {
            report.current += 1
            return [key.id]
        }
        let new: SealedHeader?
        do throws(FileFailure) {
            new = try StoredFile.open(headers, path: path, keys: keys).flatMap { header, data in
                SealedHeader(length: header.length, data: data, key: key)
            }
        } catch {
            report.faults.append(error.text)
            return Set(headers.map(\.key))
        }
        guard let new else { throw FileFailure(path: path, operation: "encrypt", errno: EINVAL) }
        let tail = size - Int64(SealedFormat.headerSize)
        for place in [tail, 0] {
            try new.bytes.span.withUnsafeBytes { (buffer) throws(FileFailure) in
                try file.write(buffer, at: place, calls: calls)
            }
            try file.sync(calls: calls)
        }
        report.rewrapped += 1
        return [key.id]
    }

    /// What the audio log and the recordings under way need.
    private func count(
        _ needed: inout [RecordingKeyID: (files: Int, segments: Int, recordings: Int)]
    ) throws(FileFailure) {
        for name in try Files.names(in: audioLog) where name.contains(".hlas") {
            guard let bytes = try contents("\(audioLog)/\(name)", limit: AudioLogFormat.segmentHeaderSize),
                let header = AudioLogSegmentHeader(reading: bytes.span.bytes), header.key != 0
            else { continue }
            needed[RecordingKeyID(number: header.key), default: (0, 0, 0)].segments += 1
        }
        struct Index: Decodable { var key: RecordingKeyID? }
        for name in try Files.names(in: partials) where name.contains(".index") {
            guard let bytes = try contents("\(partials)/\(name)", limit: 16 * 1_048_576) else { continue }
            // One that is broken says nothing of its key.
            guard let key = (try? JSONDecoder().decode(Index.self, from: Data(bytes)))?.key else { continue }
            needed[key, default: (0, 0, 0)].recordings += 1
        }
    }

    /// The first bytes of a file; nil where it went meanwhile.
    private func contents(_ path: String, limit: Int) throws(FileFailure) -> [UInt8]? {
        do throws(FileFailure) {
            let file = try OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            var bytes = [UInt8](repeating: 0, count: Int(min(Int64(limit), try file.length())))
            var span = bytes.mutableSpan
            let count = try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in
                try file.read(into: buffer, at: 0)
            }
            bytes.removeLast(bytes.count - count)
            return bytes
        } catch {
            if error.errno == ENOENT { return nil }
            throw error
        }
    }
}
