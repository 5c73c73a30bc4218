import Foundation
import Glibc

/// Hashes of what people prove themselves by. They stand in a file of their own: the journal, which is copied and given out, keeps
/// whatever was once in it.
struct Credentials: Sendable, Codable, Equatable {
    /// A link that sets somebody's first, or forgotten, password: once.
    struct Invitation: Sendable, Codable, Equatable {
        var person: String
        /// Unix time in microseconds.
        var until: Int64
    }

    /// A program's way in, with the rights of a person.
    struct Token: Sendable, Codable, Equatable {
        var person: String
        /// What it is for.
        var title: String
        /// Unix time in microseconds, as the next.
        var made: Int64
        var until: Int64
    }

    /// Argon2id, by the name to sign in with.
    var passwords: [String: String] = [:]
    /// By the link's SHA-256 in hex.
    var invitations: [String: Invitation] = [:]
    /// By the token's SHA-256 in hex.
    var tokens: [String: Token] = [:]
}

/// The file of credentials: readable by its owner alone, replaced as a whole.
struct CredentialFile: Sendable {
    let path: String

    /// - Throws: `AccessError` `.file`. A file that is not there is empty.
    func read() throws(AccessError) -> Credentials {
        guard FileManager.default.fileExists(atPath: path) else { return Credentials() }
        do {
            return try JSONDecoder().decode(Credentials.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw AccessError(
                .file, "\(path) cannot be read (\(error)): bring it back from a backup, or remove it and invite anew")
        }
    }

    /// Durable when it returns: a password that was changed stays changed. Blocks.
    func write(_ credentials: Credentials) throws(AccessError) {
        let draft = path + ".new"
        let bytes: [UInt8]
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            bytes = try Array(encoder.encode(credentials))
        } catch {
            throw AccessError(.file, "the credentials cannot be encoded: \(error)")
        }
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("made", draft) }
        defer { close(file) }
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(file, Array(bytes[done...]), bytes.count - done)
            guard count > 0 else { throw failure("written", draft) }
            done += count
        }
        guard fsync(file) == 0, rename(draft, path) == 0 else { throw failure("written", path) }
        let folder = open(
            URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure("made durable", path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure("made durable", path) }
    }

    private func failure(_ what: String, _ path: String) -> AccessError {
        AccessError(.file, "\(path) cannot be \(what): \(String(cString: strerror(errno)))")
    }
}
