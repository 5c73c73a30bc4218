/// Reads a mapping key by key, collects what is wrong with it, and in the end refuses the keys that nobody read.
///
///     let reader = MappingReader(node, "the trunk", diagnostics)
///     let host = reader.string("host")                               // required: nil after a complaint
///     let port = reader.int("port", in: 1...65535, default: 5060)    // a default: never nil
///     let realm = reader.optionalString("realm")                     // may be missing
///     reader.finish()                                                // unknown keys, with the nearest name
///
/// Every reading method complains through the collector and goes on, so that one run shows every error. A reference,
/// because the keys read are remembered across calls; used by one thread.
public final class MappingReader {
    /// The mapping, for complaints of one's own.
    public let node: Node
    /// What the mapping describes, for messages: `step "greet"`, `the trunk`.
    public let place: String
    public let diagnostics: Diagnostics
    private let entries: [String: Node.Entry]
    private let isMapping: Bool
    private var known: [String] = []

    /// Something that is no mapping is complained about, and read as if it were empty (nothing, `key:`, is empty).
    public init(_ node: Node, _ place: String, _ diagnostics: Diagnostics) {
        self.node = node
        self.place = place
        self.diagnostics = diagnostics
        isMapping = node.entries != nil || node.isNull
        if !isMapping {
            diagnostics.add(
                error: node.error(
                    .badValue, "\(place) must be a mapping, not \(node.kindName)", advice: "Write `key: value` lines"))
        }
        entries = Dictionary(
            (node.entries ?? []).map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: - Nodes

    /// The value of a key as it stands, nil where it is missing or nothing.
    public func optionalNode(_ key: String) -> Node? {
        known.append(key)
        guard let value = entries[key]?.value, !value.isNull else { return nil }
        return value
    }

    /// The value of a key that must be there.
    public func node(_ key: String) -> Node? {
        if let value = optionalNode(key) { return value }
        complainMissing(key)
        return nil
    }

    /// Whether the key is written, whatever its value.
    public func has(_ key: String) -> Bool { entries[key] != nil }

    /// Where the key stands, or the mapping where the key is missing.
    public func position(of key: String) -> Position { entries[key]?.keyPosition ?? node.position }

    /// A nested mapping that may be missing.
    public func optionalMapping(_ key: String) -> MappingReader? {
        optionalNode(key).map { MappingReader($0, "\(place), \(key)", diagnostics) }
    }

    /// A nested mapping that must be there.
    public func mapping(_ key: String) -> MappingReader? {
        node(key).map { MappingReader($0, "\(place), \(key)", diagnostics) }
    }

    /// A list of mappings; empty where the key is missing.
    /// - Parameter what: one of them, for messages.
    public func list(_ key: String, what: String) -> [MappingReader] {
        guard let node = optionalNode(key) else { return [] }
        guard let items = node.items else {
            complain(about: key, "`\(key)` in \(place) must be a list")
            return []
        }
        return items.enumerated().map { MappingReader($1, "\(place), \(what) \($0 + 1)", diagnostics) }
    }

    // MARK: - Texts

    public func optionalString(_ key: String) -> String? {
        optionalNode(key).flatMap { string(from: $0, key: key) }
    }

    public func string(_ key: String) -> String? { node(key).flatMap { string(from: $0, key: key) } }

    public func string(_ key: String, default value: String) -> String { optionalString(key) ?? value }

    /// A list of texts; a single text counts as a list of one. Nil where the key is missing.
    public func optionalStrings(_ key: String) -> [String]? {
        optionalNode(key).map { node in
            (node.items ?? [node]).compactMap { string(from: $0, key: key) }
        }
    }

    public func strings(_ key: String, default value: [String] = []) -> [String] { optionalStrings(key) ?? value }

    /// A mapping of names to texts, in the file's order; empty where the key is missing.
    public func stringMap(_ key: String) -> [(key: String, value: String, node: Node)] {
        guard let node = optionalNode(key) else { return [] }
        guard let entries = node.entries else {
            complain(node, key, "a mapping of names to texts")
            return []
        }
        return entries.compactMap { entry in
            string(from: entry.value, key: "\(key).\(entry.key)").map { (entry.key, $0, entry.value) }
        }
    }

    // MARK: - Numbers, switches, durations, choices

    public func optionalInt(_ key: String, in range: ClosedRange<Int>) -> Int? {
        optionalNode(key).flatMap { node in
            guard case .scalar(let text, quoted: false) = node.kind, let value = Int(text), range.contains(value)
            else { return complain(node, key, "a whole number from \(range.lowerBound) to \(range.upperBound)") }
            return value
        }
    }

    public func int(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard optionalNode(key) != nil else { return missing(key) }
        return optionalInt(key, in: range)
    }

    public func int(_ key: String, in range: ClosedRange<Int>, default value: Int) -> Int {
        optionalInt(key, in: range) ?? value
    }

    /// `true` or `false`, not in quotes.
    public func optionalBool(_ key: String) -> Bool? {
        optionalNode(key).flatMap { node in
            switch node.kind {
            case .scalar("true", quoted: false): true
            case .scalar("false", quoted: false): false
            default: complain(node, key, "true or false, without quotes")
            }
        }
    }

    public func bool(_ key: String, default value: Bool) -> Bool { optionalBool(key) ?? value }

    /// A duration in milliseconds: `500ms`, `2s`, `1m`, `2h`.
    public func optionalMilliseconds(_ key: String, in range: ClosedRange<Int>) -> Int? {
        optionalNode(key).flatMap { node in
            guard let text = node.text, let value = Milliseconds.parse(text), range.contains(value) else {
                let from = Milliseconds.text(range.lowerBound)
                let to = Milliseconds.text(range.upperBound)
                return complain(node, key, "a duration such as 500ms, 2s or 1m, from \(from) to \(to)")
            }
            return value
        }
    }

    public func milliseconds(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard optionalNode(key) != nil else { return missing(key) }
        return optionalMilliseconds(key, in: range)
    }

    public func milliseconds(_ key: String, in range: ClosedRange<Int>, default value: Int) -> Int {
        optionalMilliseconds(key, in: range) ?? value
    }

    /// One of an enumeration's raw values.
    public func optionalChoice<Choice>(_ key: String, of _: Choice.Type = Choice.self) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        optionalNode(key).flatMap { node in
            let names = Choice.allCases.map(\.rawValue)
            guard let text = node.text, let value = Choice(rawValue: text) else {
                let near = node.text.map { Names.advice(for: $0, in: names) } ?? ""
                return complain(node, key, "one of \(names.joined(separator: ", "))", advice: near)
            }
            return value
        }
    }

    public func choice<Choice>(_ key: String, default value: Choice) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        optionalChoice(key) ?? value
    }

    // MARK: - The end

    /// Refuses the keys that nobody has asked for.
    public func finish() {
        for entry in node.entries ?? [] where !known.contains(entry.key) {
            let advice = Names.advice(
                for: entry.key, in: known, otherwise: "Known here: \(known.uniqued().joined(separator: ", "))")
            diagnostics.add(
                error: DocumentError(
                    .unknownKey, file: node.file, position: entry.keyPosition,
                    message: "unknown key \"\(entry.key)\" in \(place)", advice: advice))
        }
    }

    /// A complaint about the value of a key, or about the mapping where the key is missing.
    public func complain(about key: String, _ message: String, advice: String = "") {
        complain(about: key, .badValue, message, advice: advice)
    }

    /// The same, with a code of the caller's own.
    public func complain(about key: String, _ code: DocumentError.Code, _ message: String, advice: String = "") {
        let about = entries[key]?.value ?? node
        diagnostics.add(error: about.error(code, message, advice: advice))
    }

    private func string(from node: Node, key: String) -> String? {
        guard let text = node.text else { return complain(node, key, "a text") }
        return text
    }

    private func missing<Value>(_ key: String) -> Value? {
        complainMissing(key)
        return nil
    }

    private func complainMissing(_ key: String) {
        // Where it is no mapping at all, that has been said.
        guard isMapping else { return }
        diagnostics.add(
            error: node.error(.missingKey, "\"\(key)\" is missing in \(place)", advice: "Add `\(key): …`"))
    }

    @discardableResult
    private func complain<Value>(_ node: Node, _ key: String, _ wanted: String, advice: String = "") -> Value? {
        let written = node.text.map { "\"\($0.prefix(60))\"" } ?? node.kindName
        diagnostics.add(
            error: node.error(.badValue, "\(key) in \(place) must be \(wanted), not \(written)", advice: advice))
        return nil
    }

    private func complain(_ node: Node, _ key: String, _ wanted: String) {
        let _: Never? = complain(node, key, wanted, advice: "")
    }
}

extension Array where Element: Hashable {
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
