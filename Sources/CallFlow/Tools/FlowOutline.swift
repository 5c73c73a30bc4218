import Documents

/// A flow told for people: each step with what is said in it and where it leads, in the file's order.
public struct FlowOutline: Sendable, Hashable {
    /// A piece of what is said.
    public enum Said: Sendable, Hashable {
        /// A prompt of the catalog; its words are empty where they are not known.
        case prompt(id: String, words: String)
        /// What a variable holds: prompts and values, or nothing.
        case variable(String)
        /// A value as it is spoken, and the text with variables that it is made of.
        case value(SpokenKind, String)
        case beep
    }

    /// A way out of a step.
    public struct Way: Sendable, Hashable {
        /// `1`, `no input`, `next`, `up to 3 times`, `notice.storm is set`.
        public let label: String
        /// The step it leads to.
        public let step: String
        /// Taken when the caller hangs up.
        public let isHangup: Bool
    }

    public struct Step: Sendable, Hashable {
        public let name: String
        /// As written in the file: `menu`.
        public let verb: String
        /// Where it stands in the file, from 1.
        public let line: Int
        /// Here the caller reaches a person, or leaves a voice message for one.
        public let isPerson: Bool
        /// What is said first; nothing of it twice, as in the next.
        public let says: [Said]
        /// What is said besides: reminders, announcements, bulletins, warnings.
        public let saysToo: [Said]
        public let ways: [Way]
    }

    /// The step that a call begins with.
    public let start: String
    /// Keys that work from anywhere, in their order.
    public let globals: [Way]
    public let steps: [Step]

    /// - Parameter texts: what the catalog's prompts say, by id.
    public init(_ flow: Flow, texts: [String: String] = [:]) {
        start = flow.start
        globals = flow.globals.sorted { $0.key < $1.key }
            .map { Way(label: String($0.key), step: $0.value.name, isHangup: false) }
        steps = flow.steps.map { step in
            let first = Self.said(step.verb.speech.prefix(1), texts)
            return Step(
                name: step.name, verb: type(of: step.verb).name, line: step.node.position.line,
                isPerson: step.isPerson || step.verb is QueueVerb, says: first,
                saysToo: Self.said(step.verb.speech.dropFirst(), texts).filter { !first.contains($0) },
                ways: step.verb.exits.map { exit in
                    let isHangup = if case .hangup = exit.kind { true } else { false }
                    return Way(label: exit.label, step: exit.target.name, isHangup: isHangup)
                })
        }
    }

    /// Pauses say nothing.
    private static func said(_ speech: some Sequence<Speech>, _ texts: [String: String]) -> [Said] {
        var result: [Said] = []
        for piece in speech.flatMap(\.pieces) {
            let said: Said
            switch piece {
            case .prompt(let id, _): said = .prompt(id: id, words: texts[id] ?? "")
            case .variable(let template): said = .variable(template.loneVariable ?? "")
            case .value(let kind, let template): said = .value(kind, template.node.text ?? "")
            case .beep: said = .beep
            case .silence: continue
            }
            if !result.contains(said) { result.append(said) }
        }
        return result
    }

    /// The step that a line of the file belongs to; nil for lines before the first, and for none.
    public func step(atLine line: Int) -> String? {
        line < 1 ? nil : steps.filter { $0.line <= line }.max { $0.line < $1.line }?.name
    }
}
