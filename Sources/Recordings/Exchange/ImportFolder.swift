import Glibc

/// A folder of another system's recordings. Names in its files of records are never opened: they are looked for among
/// what is listed here, so that none leads out of the folder.
public struct ImportFolder: Sendable {
    /// Something in the folder that is no file to be taken in.
    public struct Refusal: Sendable, Hashable {
        /// Below the folder.
        public var path: String
        /// For people.
        public var reason: String
    }

    /// What is in the folder, sorted.
    public struct Listing: Sendable, Hashable {
        /// Paths below the folder whose ending is one of `endings`.
        public var files: [String]
        public var refused: [Refusal]

        public init(files: [String] = [], refused: [Refusal] = []) {
            self.files = files
            self.refused = refused
        }
    }

    /// Endings of files that may hold recordings, in lower case.
    public static let endings: Set<String> = ["wav", "flac", "mp3", "opus", "ogg"]
    /// UTF-8 bytes of a path below the folder.
    public static let longestPath = 400
    private static let mostFiles = 1_000_000
    private static let deepest = 16

    /// Without a slash at its end.
    public let path: String

    public init(path: String) { self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

    /// Lists the folder and those in it. Names that begin with a dot, and files of other endings, are passed over; symbolic
    /// links are not followed. Blocks.
    /// - Throws: `.folder`.
    public func list() throws(RecordingError) -> Listing {
        var listing = Listing()
        do throws(FileFailure) {
            _ = try OpenFile(path, O_RDONLY | O_DIRECTORY)
            try list("", depth: 0, into: &listing)
        } catch {
            throw RecordingError(
                .folder, "The folder of recordings cannot be listed: \(error.text)", errno: error.errno)
        }
        return listing
    }

    private func list(_ below: String, depth: Int, into listing: inout Listing) throws(FileFailure) {
        for name in try Files.names(in: below.isEmpty ? path : "\(path)/\(below)") where !name.hasPrefix(".") {
            let file = below.isEmpty ? name : "\(below)/\(name)"
            if let reason = try take(file, depth: depth, into: &listing) {
                listing.refused.append(Refusal(path: String(file.prefix(Self.longestPath)), reason: reason))
            }
        }
    }

    /// - Returns: why it is refused.
    private func take(_ file: String, depth: Int, into listing: inout Listing) throws(FileFailure) -> String? {
        guard !file.contains("\u{FFFD}") else { return "its name is no UTF-8" }
        guard !file.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            return "its name holds control characters"
        }
        guard file.utf8.count <= Self.longestPath else { return "its name is longer than \(Self.longestPath) bytes" }
        switch try Files.kind("\(path)/\(file)") {
        case .folder?:
            guard depth < Self.deepest else { return "it lies more than \(Self.deepest) folders deep" }
            try list(file, depth: depth + 1, into: &listing)
        case .file?:
            guard Self.endings.contains(Self.ending(file)) else { return nil }
            guard listing.files.count < Self.mostFiles else {
                throw FileFailure(path: path, operation: "listing (more than \(Self.mostFiles) files)", errno: E2BIG)
            }
            listing.files.append(file)
        case .other?: return "it is a symbolic link, or no file: links are not followed"
        case nil: break  // gone meanwhile
        }
        return nil
    }

    /// What stands behind the last dot of the last part, in lower case; nothing where there is none.
    package static func ending(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }
}
