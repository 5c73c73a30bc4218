import Documents

/// What a step says: prompts, pauses, tones, and values spoken from fragments.
struct Speech: Sendable {
    enum Piece: Sendable {
        case prompt(String, Node)
        /// A variable that holds prompts' ids, and values as `kind:value`, with blanks between; empty says nothing.
        case variable(Template)
        case silence(milliseconds: Int)
        case beep
        case value(SpokenKind, Template)
    }

    let pieces: [Piece]

    static let nothing = Speech(pieces: [])

    var isEmpty: Bool { pieces.isEmpty }

    static func + (left: Speech, right: Speech) -> Speech { Speech(pieces: left.pieces + right.pieces) }

    /// The variables read, with where they stand.
    var templates: [Template] {
        pieces.compactMap { piece in
            switch piece {
            case .variable(let template), .value(_, let template): template
            case .prompt, .silence, .beep: nil
            }
        }
    }

    /// - Parameter values: false where a spoken value is not expected (`play`).
    static func decode(_ node: Node, _ key: String, values: Bool, _ diagnostics: Diagnostics) -> Speech {
        Speech(
            pieces: (node.items ?? [node]).compactMap { item in
                if item.entries != nil { return composed(item, key, values: values, diagnostics) }
                return plain(item, key, diagnostics)
            })
    }

    private static func plain(_ item: Node, _ key: String, _ diagnostics: Diagnostics) -> Piece? {
        guard let text = item.text else {
            diagnostics.add(
                error: item.error(
                    .badValue, "\(key) must hold prompt ids, not \(item.kindName)",
                    advice: "Write `[greeting.hello, notice.recording]`"))
            return nil
        }
        if text == "beep" { return .beep }
        guard text.contains("${") else { return .prompt(text, item) }
        guard let template = Template(text, item, diagnostics) else { return nil }
        guard template.loneVariable != nil else {
            diagnostics.add(
                error: item.error(
                    .badValue, "\"\(text)\" mixes text and variables",
                    advice: "A prompt is an id, or one variable that holds an id"))
            return nil
        }
        return .variable(template)
    }

    private static func composed(
        _ item: Node, _ key: String, values: Bool, _ diagnostics: Diagnostics
    ) -> Piece? {
        let reader = MappingReader(item, key, diagnostics)
        defer { reader.finish() }
        let kinds = SpokenKind.allCases.map(\.rawValue)
        let silence = reader.optionalMilliseconds("silence", in: 20...10_000)
        var found: [(SpokenKind, Node)] = []
        for kind in SpokenKind.allCases {
            if let value = reader.optionalNode(kind.rawValue) { found.append((kind, value)) }
        }
        if let silence, found.isEmpty { return .silence(milliseconds: silence) }
        guard item.entries?.count == 1, let (kind, value) = found.first else {
            let known = (["silence"] + kinds).joined(separator: ", ")
            diagnostics.add(
                error: item.error(
                    .badValue, "an item of \(key) has one key", advice: "One of \(known)"))
            return nil
        }
        guard values else {
            diagnostics.add(
                error: item.error(
                    .badValue, "`play` speaks prompts, not values", advice: "Use the verb `say` for `\(kind.rawValue)`")
            )
            return nil
        }
        guard let text = value.text else {
            diagnostics.add(error: value.error(.badValue, "\(kind.rawValue) must be a text such as ${order.number}"))
            return nil
        }
        return Template(text, value, diagnostics).map { .value(kind, $0) }
    }
}
