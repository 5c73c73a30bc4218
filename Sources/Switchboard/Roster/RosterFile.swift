import Documents
import Evidence
import Foundation
import Lines

/// The agents' file as it stood on the disk when it was read.
public struct RosterFile: Sendable {
    public let path: String
    /// Of the file's bytes, 64 hex digits; the secrets' files are not in it.
    public let sha256: String
    public let roster: Roster
    /// What should be mended, though it stops nothing; one each, with its place.
    public let warnings: [DocumentError]

    /// - Parameter numbers: how the lines write callers' numbers, for the key customers.
    /// - Throws: everything wrong with it, in the file's order; its files of secrets and numbers are read too.
    public init(path: String, numbers: NumberRules = .china) throws(DocumentErrors) {
        let text: String
        let isPublic: Bool
        switch RosterSource.read(path) {
        case .text(let read, let isReadable): (text, isPublic) = (read, isReadable)
        case .unreadable(let why):
            let error = DocumentError(
                .unreadable, file: path, line: 0, column: 0, message: why,
                advice: "Name the agents' file (docs/agents.md)")
            throw DocumentErrors([error])
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try self.init(text: text, path: path, isPublic: isPublic, numbers: numbers) { named in
            RosterSource.read(named.hasPrefix("/") ? named : "\(folder)/\(named)")
        }
    }

    /// - Parameter read: gives the text of a file that the roster names.
    init(
        text: String, path: String, isPublic: Bool, numbers: NumberRules, read: (String) -> RosterSource
    ) throws(DocumentErrors) {
        (roster, warnings) = try Roster.decode(text, file: path, isPublic: isPublic, numbers: numbers, read: read)
        self.path = path
        sha256 = SHA256Stream.hex(of: Array(text.utf8))
    }
}

/// A text that a roster is made of, or why there is none.
package enum RosterSource: Sendable {
    /// - Parameter isPublic: everybody on the machine may read it.
    case text(String, isPublic: Bool)
    case unreadable(String)

    static let largest = 1 << 20

    /// Reads a whole file of at most 1 MiB.
    static func read(_ path: String) -> RosterSource {
        // What a link leads to has the permissions that count.
        let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
            guard attributes[.type] as? FileAttributeType == .typeRegular else {
                return .unreadable("it is no file, but a folder or a device")
            }
            guard let size = attributes[.size] as? Int, size <= largest else {
                return .unreadable("it is larger than \(largest) bytes")
            }
            let data = try Data(contentsOf: url)
            guard let text = String(data: data, encoding: .utf8) else { return .unreadable("it is not UTF-8") }
            let permissions = (attributes[.posixPermissions] as? Int) ?? 0
            return .text(text, isPublic: permissions & 0o004 != 0)
        } catch {
            return .unreadable("it cannot be read: \(error.localizedDescription)")
        }
    }
}
