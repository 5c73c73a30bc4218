import Documents
import Foundation

extension PromptCatalog {
    /// Reads `catalog.yaml` in a folder.
    /// - Throws: `MediaError` with code `.prompt` and every complaint about the catalog, one a line, with its place.
    public init(folder: String) throws(MediaError) {
        let path = folder + "/catalog.yaml"
        let text = try Self.text(at: path)
        let root: Node
        do throws(DocumentError) {
            root = try Document.parse(text, file: path)
        } catch {
            throw MediaError(.prompt, error.description)
        }
        let diagnostics = Diagnostics()
        let reader = MappingReader(root, "the catalog", diagnostics)
        let locale = reader.string("locale", default: (folder as NSString).lastPathComponent)
        // Written for people who look for it; there is only one.
        _ = reader.int("rate", in: PromptLevel.rate...PromptLevel.rate, default: PromptLevel.rate)
        let items = reader.node("prompts")
        if let items, items.items == nil {
            diagnostics.add(
                error: items.error(
                    .badValue, "prompts must be a list, not \(items.kindName)", advice: "Write `- id: name` entries"))
        }
        let entries = (items?.items ?? []).compactMap { Self.entry($0, diagnostics) }
        reader.finish()
        Self.refuseRepetitions(entries, diagnostics)
        guard !diagnostics.hasErrors else {
            throw MediaError(.prompt, diagnostics.errors.map(\.description).joined(separator: "\n"))
        }
        self.init(folder: folder, locale: locale, entries: entries.map(\.entry))
    }

    /// Sets keys of one entry in the catalog's file, which is replaced at once, and reads it anew. A key without a value
    /// is taken out.
    /// - Throws: `MediaError` with code `.prompt`.
    mutating func update(_ id: String, _ values: [(key: String, value: String?)]) throws(MediaError) {
        // Read anew: somebody may have edited the catalog while a voice was speaking.
        let current = try PromptCatalog(folder: folder)
        guard let entry = current.entries.first(where: { $0.id == id }) else {
            throw MediaError(.prompt, "\(path) no longer has the prompt `\(id)`")
        }
        var text = CatalogText(try Self.text(at: path), path: path)
        try text.set(values, line: entry.line, column: entry.column)
        try DurableFile.write(Array(text.text.utf8), to: path)
        self = try PromptCatalog(folder: folder)
    }

    /// Finds out before any work whether `update` can write to the entry.
    /// - Throws: `MediaError` with code `.prompt` where it cannot.
    func checkEditable(_ entry: Entry, _ values: [(key: String, value: String?)] = []) throws(MediaError) {
        var text = CatalogText(try Self.text(at: path), path: path)
        try text.set(values, line: entry.line, column: entry.column)
    }

    private static func text(at path: String) throws(MediaError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw MediaError(.prompt, "\(path) is not there or cannot be read; name a folder that holds a catalog.yaml")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw MediaError(.prompt, "\(path) is not UTF-8; save it as such")
        }
        return text
    }

    private typealias Placed = (entry: Entry, node: Node)

    private static func entry(_ node: Node, _ diagnostics: Diagnostics) -> Placed? {
        let name = node.entries?.first { $0.key == "id" }?.value.text
        let reader = MappingReader(node, name.map { "prompt \"\($0)\"" } ?? "the prompt", diagnostics)
        let id = reader.string("id")
        let text = reader.string("text")
        let file = reader.string("file", default: (id ?? "") + ".wav")
        let first = node.entries?.first?.keyPosition ?? node.position
        let entry = Entry(
            id: id ?? "", kind: reader.choice("kind", default: .speech), text: text ?? "",
            spoken: reader.optionalString("spoken"), file: file,
            voice: reader.optionalString("voice"), licence: reader.optionalString("licence"),
            sha256: reader.optionalString("sha256"), textSHA256: reader.optionalString("text_sha256"),
            place: "\(node.file):\(node.position.line)", line: first.line, column: first.column)
        reader.finish()
        if let id, !isName(id) {
            reader.complain(
                about: "id", .badValue, "\"\(id.prefix(64))\" is no prompt id",
                advice: "Use 1 to 64 of a–z, 0–9, `_`, `-` and `.`")
        }
        if id != nil, !isSafe(file) {
            reader.complain(
                about: "file", .badValue, "\"\(file.prefix(64))\" must be a .wav file below the catalog's folder",
                advice: "Write `name.wav` or `folder/name.wav`")
        }
        for key in ["sha256", "text_sha256"] {
            let value = key == "sha256" ? entry.sha256 : entry.textSHA256
            if let value, value.utf8.count != 64 || !value.allSatisfy(\.isHexDigit) {
                reader.complain(
                    about: key, .badValue, "\(key) must be 64 hex digits", advice: "Run `hotline prompts build`")
            }
        }
        return id == nil ? nil : (entry, node)
    }

    private static func refuseRepetitions(_ entries: [Placed], _ diagnostics: Diagnostics) {
        var ids: [String: Int] = [:]
        var files: [String: String] = [:]
        for (entry, node) in entries {
            if let line = ids.updateValue(entry.line, forKey: entry.id) {
                diagnostics.add(
                    error: node.error(
                        .duplicateKey, "prompt \"\(entry.id)\" stands twice (first in line \(line))",
                        advice: "Remove one of them"))
            } else if let other = files.updateValue(entry.id, forKey: entry.file) {
                diagnostics.add(
                    error: node.error(
                        .badValue, "prompts \"\(other)\" and \"\(entry.id)\" have the same file \(entry.file)",
                        advice: "Give each its own"))
            }
        }
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                    UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// A relative path that stays below the folder.
    private static func isSafe(_ file: String) -> Bool {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        return file.utf8.count <= 200 && file.lowercased().hasSuffix(".wav")
            && parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.contains("\0") }
    }
}
