import Documents

/// Every key with its value and where that came from: flag over environment over file over default.
struct EffectiveConfiguration: Sendable {
    /// A value in the type of its key.
    enum Value: Sendable, Hashable {
        case text(String)
        case integer(Int)
        /// Milliseconds.
        case duration(Int)
        case boolean(Bool)
        case list([String])
        case texts([String: String])
        case records([[String: String]])

        /// As `config check` prints it.
        var description: String {
            switch self {
            case .text(let text): text
            case .integer(let number): String(number)
            case .duration(let milliseconds): Milliseconds.text(milliseconds)
            case .boolean(let value): value ? "true" : "false"
            case .list(let items): items.joined(separator: ", ")
            case .texts(let texts):
                texts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
            case .records(let records):
                records.map { record in
                    record.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
                }.joined(separator: "; ")
            }
        }
    }

    struct Entry: Sendable {
        let value: Value
        /// `default`, `hotline.yaml:12`, `environment HOTLINE_HTTP_LISTEN`, `flag`.
        let origin: String
    }

    private(set) var entries: [String: Entry] = [:]

    /// - Parameters:
    ///   - text: the file's text, nil where there is none.
    ///   - flags: overrides from the command line, by key.
    /// - Throws: everything that is wrong, at once.
    init(
        text: String?, file: String, environment: [String: String], flags: [String: String]
    ) throws(DocumentErrors) {
        let diagnostics = Diagnostics()
        var nodes: [String: Node] = [:]
        if let text { nodes = Self.nodes(in: text, file: file, diagnostics) }
        for setting in Setting.all {
            if let flag = flags[setting.key] {
                entries[setting.key] = Self.entry(setting, text: flag, origin: "flag", diagnostics)
            } else if let variable = environment[setting.environment] {
                let origin = "environment \(setting.environment)"
                entries[setting.key] = Self.entry(setting, text: variable, origin: origin, diagnostics)
            } else if let node = nodes[setting.key] {
                entries[setting.key] = Self.entry(setting, node: node, diagnostics)
            } else {
                entries[setting.key] = Self.entry(setting, text: setting.standard, origin: "default", diagnostics)
            }
        }
        for name in environment.keys.sorted() where name.hasPrefix("HOTLINE_") && !Self.otherVariables.contains(name) {
            guard !Setting.all.contains(where: { $0.environment == name }) else { continue }
            diagnostics.add(
                error: DocumentError(
                    .unknownKey, file: "environment", line: 0, column: 0, message: "unknown variable \(name)",
                    advice: Names.advice(for: name, in: Setting.all.map(\.environment))))
        }
        try diagnostics.throwErrors()
    }

    /// Variables that are no settings: where the shipped data is, and what the tests use.
    private static let otherVariables: Set<String> = ["HOTLINE_SHARE", "HOTLINE_BIN"]

    private static func nodes(in text: String, file: String, _ diagnostics: Diagnostics) -> [String: Node] {
        let root: Node
        do {
            root = try Document.parse(text, file: file)
        } catch {
            diagnostics.add(error: error)
            return [:]
        }
        var nodes: [String: Node] = [:]
        let sections = Dictionary(grouping: Setting.all.filter { $0.key.contains(".") }) {
            String($0.key.prefix { $0 != "." })
        }
        guard !root.isNull else { return [:] }
        let reader = MappingReader(root, "the configuration", diagnostics)
        for setting in Setting.all where !setting.key.contains(".") {
            if let node = reader.optionalNode(setting.key) { nodes[setting.key] = node }
        }
        for (section, settings) in sections {
            guard let node = reader.optionalNode(section), !node.isNull else { continue }
            let inner = MappingReader(node, "`\(section)`", diagnostics)
            for setting in settings {
                let name = String(setting.key.dropFirst(section.count + 1))
                if let node = inner.optionalNode(name) { nodes[setting.key] = node }
            }
            inner.finish()
        }
        reader.finish()
        return nodes
    }

    private static func entry(_ setting: Setting, node: Node, _ diagnostics: Diagnostics) -> Entry? {
        let origin = "\(node.file):\(node.position.line)"
        func wrong(_ expected: String) -> Entry? {
            diagnostics.add(error: node.error(.badValue, "`\(setting.key)` must be \(expected)"))
            return nil
        }
        switch setting.kind {
        case .list:
            if let items = node.items {
                let texts = items.compactMap(\.text)
                guard texts.count == items.count else { return wrong("a list of texts") }
                return Entry(value: .list(texts), origin: origin)
            }
        case .texts:
            guard let entries = node.entries else { return wrong("a mapping of names to texts") }
            var texts: [String: String] = [:]
            for entry in entries {
                guard let text = entry.value.text else { return wrong("a mapping of names to texts") }
                texts[entry.key] = text
            }
            return Entry(value: .texts(texts), origin: origin)
        case .records(let keys):
            guard let items = node.items else { return wrong("a list of mappings") }
            let records = items.map { record(keys, $0, setting.key, diagnostics) }
            return Entry(value: .records(records), origin: origin)
        default: break
        }
        guard let text = node.text else { return wrong("a single value, not \(node.kindName)") }
        do {
            return Entry(value: try value(setting, text), origin: origin)
        } catch {
            return wrong(error.expected)
        }
    }

    private static func record(
        _ keys: [String], _ node: Node, _ place: String, _ diagnostics: Diagnostics
    ) -> [String: String] {
        let reader = MappingReader(node, "an entry of `\(place)`", diagnostics)
        var record: [String: String] = [:]
        for key in keys {
            if key.hasSuffix("?") {
                let name = String(key.dropLast())
                record[name] = reader.optionalString(name)
            } else {
                record[key] = reader.string(key)
            }
        }
        reader.finish()
        return record
    }

    private static func entry(
        _ setting: Setting, text: String, origin: String, _ diagnostics: Diagnostics
    ) -> Entry? {
        do {
            return Entry(value: try value(setting, text), origin: origin)
        } catch {
            diagnostics.add(
                error: DocumentError(
                    .badValue, file: origin, line: 0, column: 0,
                    message: "`\(setting.key)` must be \(error.expected), not `\(text)`"))
            return nil
        }
    }

    private struct WrongValue: Error { let expected: String }

    private static func value(_ setting: Setting, _ text: String) throws(WrongValue) -> Value {
        switch setting.kind {
        case .text:
            return .text(text)
        case .integer(let range):
            guard let number = Int(text), range.contains(number) else {
                throw WrongValue(expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return .integer(number)
        case .duration(let range):
            guard let milliseconds = Milliseconds.parse(text), range.contains(milliseconds) else {
                let lower = Milliseconds.text(range.lowerBound)
                throw WrongValue(
                    expected: "a duration from \(lower) to \(Milliseconds.text(range.upperBound)) (500ms, 2s, 10m)")
            }
            return .duration(milliseconds)
        case .boolean:
            switch text {
            case "true", "yes", "on": return .boolean(true)
            case "false", "no", "off": return .boolean(false)
            default: throw WrongValue(expected: "true or false")
            }
        case .choice(let choices):
            guard choices.contains(text) else { throw WrongValue(expected: choices.joined(separator: " or ")) }
            return .text(text)
        case .list:
            return .list(
                text.split(separator: ",").map { item in
                    String(item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
                })
        case .texts:
            guard text.isEmpty else { throw WrongValue(expected: "given in the file") }
            return .texts([:])
        case .records:
            guard text.isEmpty else { throw WrongValue(expected: "given in the file") }
            return .records([])
        }
    }
}
