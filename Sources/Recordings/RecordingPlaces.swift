import Evidence
import Glibc

/// Where finished recordings stand: in the folder of recordings or, once archived, in the archive under the same name.
/// Peaks and figures stand in the first alone; they are made again from the audio where they are wanted.
public struct RecordingPlaces: Sendable {
    /// Of the recordings, without a slash at its end.
    public let folder: String
    /// Likewise; nil: there is none.
    public let archive: String?
    /// What opens encrypted ones; nil: there are none.
    public let keys: RecordingKeys?

    private static let chunk = 1 << 20

    public init(folder: String, archive: String?, keys: RecordingKeys? = nil) {
        self.keys = keys
        self.folder = folder
        self.archive = archive
    }

    /// Where a file is: in the archive where it is only there.
    /// - Parameter file: below either, as the store has it.
    public func path(of file: String) -> String {
        let first = "\(folder)/\(file)"
        guard let archive, RecordingVerifier.isInside(file), access(first, F_OK) != 0 else { return first }
        let second = "\(archive)/\(file)"
        return access(second, F_OK) == 0 ? second : first
    }

    /// Copies a file into the archive as it lies on the disk: under a draft's name, synchronised, read back and compared,
    /// then renamed. The first one stays. Done again after a crash it finds its own copy. Blocks.
    /// - Parameter sha256: of the file as it was finished, before it was encrypted, lower-case hex.
    /// - Throws: `.missing`; `.altered` where the file is not as it was finished, or the copy is not what was written;
    ///   `.room` where the archive is full; `.archive` where there is none, or it cannot be written; `.key` where the
    ///   file is encrypted and its key not there: what cannot be compared is not moved.
    public func archive(_ file: String, sha256: String) throws(RecordingError) {
        try archive(file, sha256: sha256, calls: .system)
    }

    package func archive(_ file: String, sha256: String, calls: DiskCalls) throws(RecordingError) {
        guard let archive else { throw RecordingError(.archive, "There is no archive to move \(file) to.") }
        guard RecordingVerifier.isInside(file) else {
            throw RecordingError(.altered, "The name \(file) leads out of the folder.")
        }
        let target = "\(archive)/\(file)"
        let parts = Self.split(target)
        let draft = "\(parts.folder)/.\(parts.name).tmp"
        do throws(FileFailure) {
            if try Files.kind(target) == .file, try isIntact(target, sha256) { return }
            let source = try OpenFile("\(folder)/\(file)", O_RDONLY | O_NOFOLLOW)
            try Files.makeFolder(parts.folder)
            try copy(source, to: draft, sha256: sha256, calls: calls)
            try Files.rename(draft, to: target)
            try Files.syncFolder(parts.folder)
        } catch {
            // What is left of it is written over by the next try.
            unlink(draft)
            switch error.errno {
            case ENOENT: throw RecordingError(.missing, "\(file) cannot be archived: \(error.text)", errno: ENOENT)
            case ENOSPC, EDQUOT:
                throw RecordingError(.room, "The archive \(archive) is full: \(error.text)", errno: error.errno)
            case EBADMSG: throw RecordingError(.altered, "\(file) cannot be archived: \(error.operation)")
            case ENOKEY: throw RecordingError(.key, "\(file) cannot be archived: \(error.operation)", errno: ENOKEY)
            default: throw RecordingError(.archive, "\(file) cannot be archived: \(error.text)", errno: error.errno)
            }
        }
    }

    /// Removes the files of a recording that was archived (the first one, its peaks and figures) or deleted (all there
    /// are), and makes that durable. What is gone already is passed over. Blocks.
    /// - Parameters:
    ///   - isDeleted: nothing of it is to stay.
    ///   - isArchived: a copy stands in the archive, or stood there.
    /// - Returns: bytes freed.
    /// - Throws: `.missing` where the archive has not the copy that is to stay, or is itself not there: then nothing is
    ///   removed; `.folder`.
    public func remove(_ file: String, isDeleted: Bool, isArchived: Bool) throws(RecordingError) -> Int64 {
        guard RecordingVerifier.isInside(file) else {
            throw RecordingError(.folder, "The name \(file) leads out of the folder: nothing was removed.")
        }
        do throws(FileFailure) {
            if isArchived || !isDeleted {
                let copy = "\(archive ?? "")/\(file)"
                // Folders of the archive are never removed: without that of the day it is another volume, or none.
                guard archive != nil, try Files.kind(isDeleted ? Self.split(copy).folder : copy) != nil else {
                    throw FileFailure(path: copy, operation: "finding the archived copy", errno: ENOENT)
                }
            }
            var freed = try Self.remove(RecordingVerifier.files(file), in: folder)
            if isDeleted, isArchived, let archive { freed += try Self.remove([file], in: archive) }
            return freed
        } catch {
            throw RecordingError(
                error.errno == ENOENT ? .missing : .folder, "\(file) cannot be removed: \(error.text)",
                errno: error.errno)
        }
    }

    private static func remove(_ files: [String], in folder: String) throws(FileFailure) -> Int64 {
        var freed: Int64 = 0
        for file in files {
            let path = "\(folder)/\(file)"
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            try Files.remove(path)
            freed += Int64(status.st_size)
        }
        let day = split("\(folder)/\(files[0])").folder
        if try Files.kind(day) == .folder { try Files.syncFolder(day) }
        return freed
    }

    private func copy(_ source: OpenFile, to draft: String, sha256: String, calls: DiskCalls) throws(FileFailure) {
        let target = try OpenFile(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
        var offset: Int64 = 0
        var bytes = [UInt8](repeating: 0, count: Self.chunk)
        while true {
            var span = bytes.mutableSpan
            let count = try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in
                try source.read(into: buffer, at: offset)
            }
            if count == 0 { break }
            let piece = Array(bytes[..<count])
            try piece.span.withUnsafeBytes { (buffer) throws(FileFailure) in
                try target.write(buffer, at: offset, calls: calls)
            }
            offset += Int64(count)
        }
        try target.sync(calls: calls)
        // From the disk, not from what the kernel remembers of the writing.
        posix_fadvise(target.descriptor, 0, 0, POSIX_FADV_DONTNEED)
        guard try isIntact(draft, sha256) else {
            throw FileFailure(
                path: draft,
                operation: try isIntact(source.path, sha256)
                    ? "the copy is not what was written" : "it is not as it was finished", errno: EBADMSG)
        }
    }

    /// Whether a file is as it was finished, before it was encrypted: all that its hash is known of.
    private func isIntact(_ path: String, _ sha256: String) throws(FileFailure) -> Bool {
        do throws(FileFailure) {
            return try FileHash.sha256(path, keys: keys) == sha256
        } catch {
            guard error.errno == EBADMSG else { throw error }
            return false
        }
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }
}
