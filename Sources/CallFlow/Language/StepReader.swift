import Documents

/// Reads what steps have in common, on top of a mapping's reader.
struct StepReader {
    let reader: MappingReader
    /// The step's name.
    let name: String

    var diagnostics: Diagnostics { reader.diagnostics }
    var node: Node { reader.node }

    func target(_ key: String) -> Target? { target(key, in: reader) }

    func optionalTarget(_ key: String) -> Target? {
        reader.optionalNode(key).flatMap { node in
            reader.optionalString(key).map { Target(name: $0, node: node) }
        }
    }

    /// - Parameter values: whether numbers, dates and the like may be spoken among the prompts.
    func speech(_ key: String, values: Bool = true) -> Speech? {
        reader.node(key).map { Speech.decode($0, key, values: values, diagnostics) }
    }

    func optionalSpeech(_ key: String, values: Bool = true) -> Speech {
        reader.optionalNode(key).map { Speech.decode($0, key, values: values, diagnostics) } ?? .nothing
    }

    /// Nil after a complaint that says why the branch must be there.
    func retry(_ key: String, because reason: String) -> Retry? {
        guard let node = reader.optionalNode(key) else {
            diagnostics.add(
                error: self.node.error(
                    FlowProblem.missingBranch, "\(reader.place) has no `\(key)` branch",
                    advice: "\(reason): add `\(key): {prompts: […], retries: 2, next: …}`"))
            return nil
        }
        let nested = MappingReader(node, "\(reader.place), \(key)", diagnostics)
        defer { nested.finish() }
        let prompts = nested.optionalNode("prompts").map { Speech.decode($0, "prompts", values: true, diagnostics) }
        let retries = nested.int("retries", in: 0...9, default: 2)
        return target("next", in: nested).map { Retry(prompts: prompts ?? .nothing, retries: retries, next: $0) }
    }

    func optionalRetry(_ key: String) -> Retry? {
        reader.optionalNode(key) == nil ? nil : retry(key, because: "")
    }

    /// Texts with variables, by name.
    /// - Parameter isEmptyAllowed: an empty text stands for itself.
    func templates(_ key: String, isEmptyAllowed: Bool = false) -> [String: Template] {
        var result: [String: Template] = [:]
        for (name, text, node) in isEmptyAllowed ? reader.stringMapAllowingEmpty(key) : reader.stringMap(key) {
            guard Template.isName(name) else {
                diagnostics.add(
                    error: node.error(
                        .badValue, "\"\(name.prefix(60))\" in \(reader.place), \(key) is no name",
                        advice: "Use lower-case letters, digits, `_` and dots"))
                continue
            }
            result[name] = Template(text, node, diagnostics)
        }
        return result
    }

    /// Keys of the telephone and the steps they lead to, in the file's order; none where the key is missing.
    func keys(_ key: String) -> [(key: Character, target: Target)] {
        reader.stringMap(key).compactMap { text, name, node in
            guard text.count == 1, let key = text.first, BargeIn.telephone.contains(key) else {
                diagnostics.add(
                    error: node.error(
                        .badValue, "\"\(text.prefix(20))\" in \(reader.place) is no telephone key",
                        advice: "Keys are 0–9, \"*\" and \"#\""))
                return nil
            }
            return (key, Target(name: name, node: node))
        }
    }

    /// The name of a queue, as written.
    func queue(_ key: String) -> (name: String, node: Node)? {
        guard let name = reader.string(key), let node = reader.optionalNode(key) else { return nil }
        guard (1...64).contains(name.count), !name.contains("${") else {
            reader.complain(
                about: key, "\"\(name.prefix(60))\" in \(reader.place) is no queue's name",
                advice: "Write a name of the agents' file, such as `\(key): service`")
            return nil
        }
        return (name, node)
    }

    /// The name of a variable that the step sets.
    func variable(_ key: String) -> String? { reader.string(key).flatMap { checked($0, key) } }

    func checked(_ name: String, _ key: String) -> String? {
        guard Template.isName(name) else {
            reader.complain(
                about: key, "\"\(name.prefix(60))\" in \(reader.place) is no variable's name",
                advice: "Use lower-case letters, digits, `_` and dots")
            return nil
        }
        return name
    }

    /// One key of the telephone, in quotes.
    func key(_ key: String, default value: Character) -> Character {
        guard let text = reader.optionalString(key) else { return value }
        guard text.count == 1, let first = text.first, BargeIn.telephone.contains(first) else {
            reader.complain(about: key, "\(key) in \(reader.place) must be one key", advice: "Write \"#\" or \"*\"")
            return value
        }
        return first
    }

    private func target(_ key: String, in reader: MappingReader) -> Target? {
        guard let node = reader.node(key), let name = reader.optionalString(key) else { return nil }
        return Target(name: name, node: node)
    }
}
