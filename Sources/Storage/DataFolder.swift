import Foundation

/// The files of the store in a data folder.
public struct DataFolder: Sendable, Hashable {
    /// The folder itself.
    public let path: String

    public init(_ path: String) { self.path = path }

    /// The SQLite database; `-wal` and `-shm` stand beside it while it is open.
    public var database: String { file("hotline.sqlite") }
    /// Held by the one server that writes; its process number is inside.
    public var lock: String { file("server.lock") }
    /// Facts that wait for the database.
    public var spool: String { file("spool.jsonl") }
    /// The Ed25519 seed that signs anchors.
    public var anchorKey: String { file("anchor.key") }
    /// Where the running server's web side listens: `host:port`.
    public var httpAddress: String { file("http.address") }
    /// What requests to the API must bear; made at the first start.
    public var apiToken: String { file("api.token") }
    /// Hashes of passwords and tokens of those who use the console.
    public var credentials: String { file("credentials.json") }
    /// Below it stand the recordings by date.
    public var recordings: String { file("recordings") }
    /// Below it stand archived recordings, under the same names: a folder, or a link to one.
    public var archive: String { file("archive") }
    /// A link to the file of the keys with which recordings are encrypted, where there is one.
    public var recordingKeys: String { file("recordings.key") }
    /// The day of the last run of retention.
    public var retention: String { file("retention.json") }
    /// Other forms of recordings, made when they are asked for; may be removed at any time.
    public var cache: String { file("cache") }
    /// How far the daily checking of recordings has come.
    public var reconciliation: String { file("reconciliation.json") }

    /// How far the journal has been told to another program.
    public var eventFeed: String { file("events.json") }

    private func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }

    /// Makes the folder, readable by its owner alone, where it is missing.
    /// - Throws: `StorageError` with code `.folder`.
    func make() throws(StorageError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StorageError(
                .folder, "the data folder \(path) cannot be made: give another with --data", underlying: "\(error)")
        }
    }
}

/// The system's words for the last failed call.
func systemMessage(_ number: Int32) -> String { String(cString: strerror(number)) }

/// Makes a folder's entries durable: a new or renamed file can be gone after a power cut without it.
func synchronizeFolder(_ path: String) throws(StorageError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
        throw StorageError(.folder, "the folder \(path) cannot be opened", underlying: systemMessage(errno))
    }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
        throw StorageError(.folder, "the folder \(path) cannot be synchronised", underlying: systemMessage(errno))
    }
}
