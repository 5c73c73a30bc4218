import Documents

/// A call flow, loaded and proved sound.
public struct Flow: Sendable {
    /// A step: its verb, and where it stands in the file.
    struct Step: Sendable {
        let name: String
        let node: Node
        /// Here the caller reaches a person, or leaves a voice message for one.
        let isPerson: Bool
        let verb: any Verb
    }

    public let name: String
    /// What the flow is for, for people; may be empty.
    public let title: String
    /// `name@` and the first 12 hex digits of the file's hash, as the loader's caller gave it.
    public let version: String
    /// For calls from agents' phones, not for callers: it need not lead to a person, and knows `agent.number`.
    public let isInternal: Bool
    /// The step that a call begins with.
    public let start: String
    /// The variables that the flow expects from the configuration, with their values where it gives none.
    let defaults: [String: String]
    /// Keys that work from anywhere.
    let globals: [Character: Target]
    /// In the file's order.
    let steps: [Step]
    /// The ids of the prompt catalog.
    let prompts: Set<String>
    private let indices: [String: Int]
    /// Where keys are secret.
    private(set) var secrecy = FlowSecrecy.none

    init(
        name: String, title: String, version: String, isInternal: Bool, start: String, defaults: [String: String],
        globals: [Character: Target], steps: [Step], prompts: Set<String>
    ) {
        self.name = name
        self.title = title
        self.version = version
        self.isInternal = isInternal
        self.start = start
        self.defaults = defaults
        self.globals = globals
        self.steps = steps
        self.prompts = prompts
        indices = Dictionary(
            steps.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
        secrecy = FlowSecrecy(self)
    }

    /// The categories of work orders that a flow may name.
    public static let categories: Set<String> = [
        "fault", "complaint", "report", "consultation", "business", "suggestion", "callback", "information",
    ]

    /// The names of all steps, in the file's order.
    public var stepNames: [String] { steps.map(\.name) }

    /// Every prompt that the flow may say by name; those named by variables, and the fragments of spoken values, are
    /// not among them.
    public var promptsUsed: Set<String> {
        Set(
            steps.flatMap { step in
                step.verb.speech.flatMap { speech in
                    speech.pieces.compactMap { piece in
                        if case .prompt(let id, _) = piece { id } else { nil }
                    }
                }
            })
    }

    /// Whether a step says a variable, or does something by it.
    public func reads(_ variable: String) -> Bool {
        steps.contains { step in
            (step.verb.templates + step.verb.speech.flatMap(\.templates)).contains { $0.variables.contains(variable) }
        }
    }

    /// Every queue that the flow names, for callers or for messages.
    public var queuesUsed: Set<String> { Set(queues.map(\.queue.name)) }

    /// The queues as written, with their steps.
    var queues: [(step: String, queue: (name: String, node: Node))] {
        steps.compactMap { step in
            switch step.verb {
            case let verb as QueueVerb: (step.name, verb.queue)
            case let verb as InboxVerb: (step.name, verb.queue)
            default: nil
            }
        }
    }

    /// Variables that hold what the caller entered in secret.
    var secrets: Set<String> {
        Set(steps.compactMap { ($0.verb as? CollectVerb).flatMap { $0.isSecret ? $0.into : nil } })
    }

    func step(named name: String) -> Step? { indices[name].map { steps[$0] } }

    /// Reads a flow and proves it sound. The flow is nil where there is an error.
    ///
    /// - Parameters:
    ///   - text: the file's contents.
    ///   - file: its name, for messages.
    ///   - prompts: the ids of the prompt catalog.
    ///   - texts: what the prompts say, by id, where known: for the lint of advertising.
    ///   - variables: names that the configuration defines beside those of the call and of the flow's `variables:`.
    ///   - categories: the categories of work orders.
    ///   - queues: the queues of the agents' file; nil where they are not known, and not to be checked.
    ///   - version: `name@hash`.
    public static func load(
        text: String, file: String, prompts: Set<String>, texts: [String: String] = [:],
        variables: Set<String> = [], categories: Set<String> = Flow.categories, queues: Set<String>? = nil,
        version: String = ""
    ) -> (flow: Flow?, diagnostics: Diagnostics) {
        let diagnostics = Diagnostics()
        let root: Node
        do {
            root = try Document.parse(text, file: file)
        } catch {
            diagnostics.add(error: error)
            return (nil, diagnostics)
        }
        let decoder = FlowDecoder(diagnostics: diagnostics, prompts: prompts, version: version)
        guard let decoded = decoder.decode(root) else { return (nil, diagnostics) }
        let checker = FlowChecker(
            flow: decoded.flow, written: decoded.written, root: root, texts: texts,
            variables: variables.union(FlowChecker.callVariables)
                .union(decoded.flow.isInternal ? FlowChecker.phoneVariables : []), categories: categories,
            queues: queues,
            diagnostics: diagnostics)
        checker.check()
        return (diagnostics.hasErrors ? nil : decoded.flow, diagnostics)
    }
}
