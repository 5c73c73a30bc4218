import Documents

/// Reads a flow's file into steps; what the steps mean together is the checker's.
struct FlowDecoder {
    /// More steps than a person can keep in mind.
    private static let mostSteps = 500
    let diagnostics: Diagnostics
    let prompts: Set<String>
    let version: String

    /// The flow with the steps that could be read, and the names of all that are written. Nil where there is nothing to
    /// check.
    func decode(_ root: Node) -> (flow: Flow, written: Set<String>)? {
        let reader = MappingReader(root, "the flow", diagnostics)
        let name = reader.string("flow")
        let title = reader.string("title", default: "")
        let isInternal = reader.bool("internal", default: false)
        let start = reader.string("start")
        let locale = reader.string("locale", default: "zh-CN")
        if locale != "zh-CN" {
            reader.complain(
                about: "locale", "there is no speech for the locale \"\(locale.prefix(20))\"", advice: "Write zh-CN")
        }
        var defaults: [String: String] = [:]
        for (name, value, node) in reader.stringMapAllowingEmpty("variables") {
            if Template.isName(name) {
                defaults[name] = value
            } else {
                diagnostics.add(
                    error: node.error(
                        .badValue, "\"\(name.prefix(60))\" is no variable's name",
                        advice: "Use lower-case letters, digits, `_` and dots"))
            }
        }
        let globals = globals(reader)
        guard let entries = reader.node("steps")?.entries else {
            if reader.optionalNode("steps") != nil {
                reader.complain(about: "steps", "steps must be a mapping of names to steps")
            }
            reader.finish()
            return nil
        }
        reader.finish()
        if entries.count > Self.mostSteps {
            reader.complain(
                about: "steps", .limit, "more than \(Self.mostSteps) steps", advice: "Split the flow into several")
            return nil
        }
        let steps = entries.compactMap(step)
        guard let name, let start else { return nil }
        return (
            Flow(
                name: name, title: title, version: version.isEmpty ? name : version, isInternal: isInternal,
                start: start, defaults: defaults, globals: globals, steps: steps, prompts: prompts),
            Set(entries.map(\.key))
        )
    }

    private func globals(_ reader: MappingReader) -> [Character: Target] {
        var result: [Character: Target] = [:]
        for (text, name, node) in reader.stringMap("global") {
            guard text.count == 1, let key = text.first, BargeIn.telephone.contains(key) else {
                diagnostics.add(
                    error: node.error(
                        .badValue, "\"\(text.prefix(20))\" is no telephone key", advice: "Keys are 0–9, \"*\" and \"#\""
                    ))
                continue
            }
            result[key] = Target(name: name, node: node)
        }
        return result
    }

    private func step(_ entry: Node.Entry) -> Flow.Step? {
        let name = entry.key
        let reader = MappingReader(entry.value, "step \"\(name.prefix(60))\"", diagnostics)
        if !Template.isName(name) {
            diagnostics.add(
                error: DocumentError(
                    .badValue, file: entry.value.file, position: entry.keyPosition,
                    message: "\"\(name.prefix(60))\" is no step's name",
                    advice: "Use lower-case letters, digits, `_` and dots"))
        }
        let isPerson = reader.bool("person", default: false)
        guard let verbName = reader.string("verb") else { return nil }
        guard let type = Verbs.named(verbName) else {
            reader.complain(
                about: "verb", FlowProblem.unknownVerb, "unknown verb \"\(verbName.prefix(40))\" in \(reader.place)",
                advice: Names.advice(
                    for: verbName, in: Verbs.names, otherwise: "Verbs are \(Verbs.names.joined(separator: ", "))"))
            return nil
        }
        let verb = type.init(StepReader(reader: reader, name: name))
        reader.finish()
        return verb.map { Flow.Step(name: name, node: entry.value, isPerson: isPerson || $0 is QueueVerb, verb: $0) }
    }
}

extension MappingReader {
    /// As `stringMap`, with empty values as empty texts.
    func stringMapAllowingEmpty(_ key: String) -> [(String, String, Node)] {
        guard let node = optionalNode(key) else { return [] }
        guard let entries = node.entries else { return stringMap(key).map { ($0.key, $0.value, $0.node) } }
        return entries.compactMap { entry in
            guard case .scalar(let text, _) = entry.value.kind else {
                complain(about: key, "\(entry.key) in \(key) must be a text")
                return nil
            }
            return (entry.key, entry.value.isNull ? "" : text, entry.value)
        }
    }
}
