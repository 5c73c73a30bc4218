import Calls
import Glibc

/// Compares what the store says of finished recordings with the files.
public struct RecordingVerifier: Sendable {
    /// A finished recording as the store has it.
    public struct Row: Sendable, Hashable {
        public var id: RecordingID
        /// Below the folder of recordings.
        public var file: String
        /// Lower-case hex.
        public var sha256: String
        /// Samples in each channel.
        public var frames: Int64
        public var channels: Int

        public init(id: RecordingID, file: String, sha256: String, frames: Int64, channels: Int) {
            self.id = id
            self.file = file
            self.sha256 = sha256
            self.frames = frames
            self.channels = channels
        }
    }

    /// One recording that is not as it was finished.
    public struct Altered: Sendable, Hashable, Codable {
        public var id: RecordingID
        public var file: String
        /// What differs, for people.
        public var reason: String
    }

    /// A recording whose file is gone.
    public struct Missing: Sendable, Hashable, Codable {
        public var id: RecordingID
        public var file: String
    }

    /// The result; its JSON keys are a contract.
    public struct Report: Sendable, Hashable, Codable {
        /// Rows compared.
        public var checked = 0
        /// Rows whose file is there and has the bytes and the length that it was finished with.
        public var ok = 0
        public var missing: [Missing] = []
        public var altered: [Altered] = []
        /// Files below the folder that no row names.
        public var unlinked: [String] = []

        public init() {}

        /// Nothing is missing, altered or unlinked.
        public var isAllOK: Bool { missing.isEmpty && altered.isEmpty && unlinked.isEmpty }
    }

    /// Where the files are.
    public let places: RecordingPlaces

    /// - Parameters:
    ///   - folder: of recordings, without a slash at its end.
    ///   - archive: where archived ones stand; nil: there is none.
    ///   - keys: what opens encrypted ones; nil: there are none, and those are told as altered, with their key.
    public init(folder: String, archive: String? = nil, keys: RecordingKeys? = nil) {
        places = RecordingPlaces(folder: folder, archive: archive, keys: keys)
    }

    /// The folder of recordings.
    public var folder: String { places.folder }
    private var keys: RecordingKeys? { places.keys }

    /// Reads every file named, and lists the folder. Blocks; off the cooperative pool.
    /// - Throws: `.folder` where the folder cannot be listed.
    public func verify(_ rows: some Sequence<Row>) throws(RecordingError) -> Report {
        var report = Report()
        var known = Set<String>()
        for row in rows {
            report.checked += 1
            known.formUnion(Self.files(row.file))
            switch check(row) {
            case .ok: report.ok += 1
            case .missing: report.missing.append(Missing(id: row.id, file: row.file))
            case .altered(let reason): report.altered.append(Altered(id: row.id, file: row.file, reason: reason))
            }
        }
        try list(below: "") { file in
            if !known.contains(file) { report.unlinked.append(file) }
        }
        return report
    }

    /// Tells every file below a part of the folder, sorted; drafts are passed over.
    /// - Parameter below: `2026/11/22`, or nothing for the whole folder.
    /// - Throws: `.folder`.
    public func list(below: String, _ found: (String) -> Void) throws(RecordingError) {
        do throws(FileFailure) {
            try list(below, depth: 0, found)
        } catch {
            throw RecordingError(.folder, "The recordings cannot be listed: \(error.text)", errno: error.errno)
        }
    }

    /// The files that belong to a recording: its audio, its peaks and its figures.
    public static func files(_ file: String) -> [String] {
        guard let dot = file.lastIndex(of: ".") else { return [file] }
        return [file, file[..<dot] + ".dat", file[..<dot] + ".silence.json"]
    }

    /// How a file compares with its row.
    public enum Finding: Sendable, Hashable {
        case ok, missing
        /// What differs, for people.
        case altered(String)
    }

    /// Whether a name from a row stays within the folder: a row comes from a store that someone may have edited.
    public static func isInside(_ file: String) -> Bool {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        return !parts.contains { $0.isEmpty || $0 == "." || $0 == ".." || $0.utf8.contains(0) }
    }

    /// Looks without reading: is the file there, and as long as it was?
    /// - Parameter bytes: the length that it was finished with; nil where that is not known.
    public func look(_ file: String, bytes: Int64?) -> Finding {
        guard Self.isInside(file) else { return .altered("the file's name leads out of the folder") }
        let path = places.path(of: file)
        do throws(FileFailure) {
            guard let kind = try Files.kind(path) else { return .missing }
            guard kind == .file else { return .altered("not a file") }
            let length = try StoredFile(path, keys: keys).length
            guard bytes == nil || length == bytes else {
                return .altered("\(length) bytes long, was \(bytes ?? 0)")
            }
            return .ok
        } catch {
            return .altered("cannot be read: \(error.text)")
        }
    }

    /// When a file below the folder was written last, in microseconds of Unix time; nil where it is not there.
    public func writtenAt(_ file: String) -> Int64? {
        var status = stat()
        guard Self.isInside(file), lstat("\(folder)/\(file)", &status) == 0 else { return nil }
        return Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1000
    }

    /// Reads the whole file and compares hash and length, of an encrypted one those of what was encrypted.
    public func check(_ row: Row) -> Finding {
        guard Self.isInside(row.file) else { return .altered("the file's name leads out of the folder") }
        let path = places.path(of: row.file)
        do throws(FileFailure) {
            guard let kind = try Files.kind(path) else { return .missing }
            guard kind == .file else { return .altered("not a file") }
            let sha256 = try FileHash.sha256(path, keys: keys)
            guard sha256 == row.sha256 else { return .altered("SHA-256 is \(sha256), was \(row.sha256)") }
        } catch {
            return .altered("cannot be read: \(error.text)")
        }
        do throws(RecordingError) {
            let info = try SoundFileInfo(path: path, keys: keys)
            guard info.frames == row.frames && info.channels == row.channels else {
                return .altered(
                    "\(info.frames) samples in \(info.channels) channels, should be \(row.frames) in \(row.channels)")
            }
        } catch {
            return .altered(error.message)
        }
        return .ok
    }

    /// Names that begin with a dot are drafts of files being finished.
    private func list(_ below: String, depth: Int, _ found: (String) -> Void) throws(FileFailure) {
        for name in try Files.names(in: below.isEmpty ? folder : "\(folder)/\(below)") where !name.hasPrefix(".") {
            let path = below.isEmpty ? name : "\(below)/\(name)"
            if depth < 8, try Files.kind("\(folder)/\(path)") == .folder {
                try list(path, depth: depth + 1, found)
            } else {
                found(path)
            }
        }
    }
}
