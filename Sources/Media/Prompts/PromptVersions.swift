import Foundation

/// A file that a prompt had before, kept with the credit that the catalog gave it.
public struct PromptVersion: Sendable, Hashable, Codable {
    /// `<prompt>~<when, UTC>~<beginning of the SHA-256>`: the file's name without `.wav`.
    public var name: String
    /// The prompt's.
    public var id: String
    /// When it was set aside, UTC in microseconds.
    public var replacedAt: Int64
    /// Who replaced it.
    public var replacedBy: String
    /// What the catalog said of it; nil: nothing.
    public var voice: String?
    public var licence: String?
    /// Of the file.
    public var sha256: String
    /// Of the words that it was made from, as the catalog said.
    public var textSHA256: String?

    private enum CodingKeys: String, CodingKey {
        case name, id
        case replacedAt = "replaced_at"
        case replacedBy = "replaced_by"
        case voice, licence, sha256
        case textSHA256 = "text_sha256"
    }
}

/// What a catalog's prompts sounded like before, in the folder `.earlier` beside it: for each version a WAV file and, of
/// the same name, a JSON file that says what it is. Nothing is ever removed from it. Blocking.
public struct PromptVersions: Sendable {
    /// Who replaces a prompt, and when.
    public struct Note: Sendable {
        public var by: String
        /// UTC in microseconds.
        public var at: Int64

        public init(by: String, at: Int64) {
            self.by = by
            self.at = at
        }
    }

    public let folder: String
    /// A file of ours that says what a version is has less.
    private static let mostBytes = 65_536

    public init(_ catalog: PromptCatalog) { folder = catalog.folder + "/.earlier" }

    /// A prompt's versions, the last replaced first. What cannot be read is passed over: it can be seen in the folder.
    public func all(of id: String) -> [PromptVersion] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            return []
        }
        // No id holds a `~`.
        return names.filter { $0.hasPrefix(id + "~") && $0.hasSuffix(".json") }.compactMap { name in
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)"), data.count < Self.mostBytes
            else { return nil }
            do {
                let version = try JSONDecoder().decode(PromptVersion.self, from: data)
                // The name decides which file is read.
                guard version.id == id, version.name + ".json" == name,
                    FileManager.default.fileExists(atPath: path(of: version))
                else { return nil }
                return version
            } catch {
                return nil
            }
        }.sorted { ($0.replacedAt, $0.name) > ($1.replacedAt, $1.name) }
    }

    /// Where a version's file is.
    public func path(of version: PromptVersion) -> String { "\(folder)/\(version.name).wav" }

    /// - Throws: `MediaError` with code `.prompt` where it cannot be read.
    public func bytes(of version: PromptVersion) throws(MediaError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path(of: version)) else {
            throw MediaError(.prompt, "\(path(of: version)): cannot be read")
        }
        return Array(data)
    }

    /// Keeps a prompt's present file, once for each content and credit: who goes back and forth fills no disk.
    /// - Throws: `MediaError` with code `.prompt` where it cannot be written.
    func keep(_ bytes: [UInt8], sha256: String, of entry: PromptCatalog.Entry, _ note: Note) throws(MediaError) {
        let time = Date(timeIntervalSince1970: Double(note.at) / 1_000_000)
            .formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        let version = PromptVersion(
            name: "\(entry.id)~\(time)~\(sha256.prefix(12))", id: entry.id, replacedAt: note.at, replacedBy: note.by,
            voice: entry.voice, licence: entry.licence, sha256: sha256, textSHA256: entry.textSHA256)
        let isKept = all(of: entry.id).contains {
            $0.sha256 == sha256 && $0.voice == version.voice && $0.licence == version.licence
                && $0.textSHA256 == version.textSHA256
        }
        guard !isKept else { return }
        let description: Data
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            description = try encoder.encode(version)
        } catch {
            throw MediaError(.prompt, "\(folder): the former file cannot be kept: \(error.localizedDescription)")
        }
        // A version counts once both are there.
        try DurableFile.write(bytes, to: path(of: version))
        try DurableFile.write(Array(description), to: "\(folder)/\(version.name).json")
    }
}
