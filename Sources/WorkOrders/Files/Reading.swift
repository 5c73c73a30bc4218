import Documents

extension MappingReader {
    /// The entries of a mapping of mappings, each with its name; names are checked.
    func named(_ key: String, what: String) -> [(id: String, reader: MappingReader)] {
        guard let node = optionalNode(key) else { return [] }
        guard let entries = node.entries else {
            complain(about: key, "`\(key)` must be a mapping of names to \(what)s")
            return []
        }
        return entries.compactMap { entry in
            guard Self.isName(entry.key) else {
                diagnostics.add(
                    error: DocumentError(
                        .badValue, file: entry.value.file, position: entry.keyPosition,
                        message: "\"\(entry.key.prefix(60))\" is no name for a \(what)",
                        advice: "Names have small letters, digits and _, at most 40, and begin with a letter"))
                return nil
            }
            return (entry.key, MappingReader(entry.value, "\(what) \"\(entry.key)\"", diagnostics))
        }
    }

    /// A required name of the file's own.
    func name(_ key: String) -> String? {
        guard let text = string(key) else { return nil }
        guard Self.isName(text.filter { $0 != "-" }) else {
            complain(about: key, "\"\(text.prefix(60))\" is no name", advice: "Small letters, digits, - and _")
            return nil
        }
        return text
    }

    /// Complains about each text of a list that is not known.
    func check(_ texts: [String], of key: String, in known: some Sequence<String>, what: String) {
        for text in texts where !known.contains(text) {
            let all = known.sorted()
            complain(
                about: key, .unknownName, "`\(key)` in \(place): there is no \(what) \"\(text.prefix(60))\"",
                advice: Names.advice(for: text, in: all, otherwise: "Known: \(all.prefix(40).joined(separator: ", "))"))
        }
    }

    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (97...122).contains(first), text.utf8.count <= 40 else { return false }
        return text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
    }
}

/// Reads conditions, knowing which keys and values there are.
struct ConditionDecoder {
    var vocabulary: OrderVocabulary
    /// Empty where `state` is no key.
    var states: [String] = []
    var clocks: [String] = []
    var categories: [String] = []

    /// A condition that may be missing: always.
    func read(_ reader: MappingReader, _ key: String) -> OrderCondition {
        guard let node = reader.optionalNode(key) else { return .always }
        guard let entries = node.entries else {
            reader.complain(about: key, "`\(key)` in \(reader.place) must be a mapping of keys to values")
            return .always
        }
        return OrderCondition(
            terms: entries.compactMap { entry in
                let values = (entry.value.items ?? [entry.value]).compactMap(\.text)
                guard !values.isEmpty else {
                    error(reader, entry, "`\(entry.key)` needs a value, or several")
                    return nil
                }
                guard let known = known(entry.key) else {
                    let keys = keys.sorted()
                    error(
                        reader, entry, "there is no `\(entry.key)` to ask for",
                        Names.advice(
                            for: entry.key, in: keys, otherwise: "Known: fields, state, category, profile.…, clock.…"))
                    return nil
                }
                if let bad = values.first(where: { !known.isEmpty && !known.contains($0) }) {
                    error(
                        reader, entry, "`\(entry.key)` is never \"\(bad.prefix(60))\"",
                        Names.advice(for: bad, in: known, otherwise: "It is: \(known.joined(separator: ", "))"))
                }
                return OrderCondition.Term(entry.key, values)
            })
    }

    private var keys: [String] {
        vocabulary.fields.keys + ["state", "category"] + vocabulary.options.keys.map { "profile.\($0)" }
            + clocks.map { "clock.\($0)" }
    }

    /// What a key may be; empty: anything; nil: there is no such key.
    func known(_ key: String) -> [String]? {
        if key == "state" { return states.isEmpty ? nil : states }
        if key == "category" { return categories.isEmpty ? nil : categories }
        if key.hasPrefix("profile.") { return vocabulary.options[String(key.dropFirst(8))]?.values }
        if key.hasPrefix("clock.") { return clocks.contains(String(key.dropFirst(6))) ? ["yes", "no"] : nil }
        guard let field = vocabulary.fields[key] else { return nil }
        switch field.kind {
        case .choice(let values): return values + [OrderCondition.unset]
        case .department: return vocabulary.departments.keys.sorted() + [OrderCondition.unset]
        default: return []
        }
    }

    private func error(_ reader: MappingReader, _ entry: Node.Entry, _ message: String, _ advice: String = "") {
        reader.diagnostics.add(
            error: DocumentError(
                .unknownName, file: entry.value.file, position: entry.keyPosition,
                message: "\(message) (\(reader.place))",
                advice: advice))
    }
}
