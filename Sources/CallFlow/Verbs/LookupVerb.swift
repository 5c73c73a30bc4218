import Documents

/// Asks a named source (a back end of the configuration, or `orders`), while prompts keep the caller company.
///
///     ask:
///       verb: lookup
///       source: account
///       arguments: {number: "${asked.account}"}
///       timeout: 5s
///       prompts: [wait.lookup]
///       into: account               # results become account.found, account.balance; the source's name by default
///       results: [found, balance]
///       next: found
///       fallback: sorry             # time-out, failure: must be there
struct LookupVerb: Verb {
    static let name = "lookup"
    /// The source has its own clock; ours only ends a wait that nobody else does.
    private static let grace = 2000
    private let source: String
    private let arguments: [String: Template]
    private let timeout: Int
    private let prompts: Speech
    private let into: String
    private let results: [String]
    private let next: Target
    private let fallback: Target
    private var outcome: Target?

    init?(_ step: StepReader) {
        let source = step.variable("source")
        arguments = step.templates("arguments")
        let timeout = step.reader.milliseconds("timeout", in: 100...30_000)
        prompts = step.optionalSpeech("prompts")
        let into = step.reader.optionalString("into").flatMap { step.checked($0, "into") }
        results = step.reader.strings("results").compactMap { step.checked($0, "results") }
        let next = step.target("next")
        if step.reader.optionalNode("fallback") == nil {
            step.diagnostics.add(
                error: step.node.error(
                    FlowProblem.missingBranch, "\(step.reader.place) has no `fallback` branch",
                    advice: "A source can be away: add `fallback: step`"))
        }
        guard let source, let timeout, let next, let fallback = step.optionalTarget("fallback") else { return nil }
        self.source = source
        self.into = into ?? source
        self.timeout = timeout
        self.next = next
        self.fallback = fallback
    }

    var exits: [Exit] { [Exit("answered", next, .automatic), Exit("fallback", fallback, .automatic)] }
    var speech: [Speech] { [prompts] }
    var sets: [String] { results.map { "\(into).\($0)" } }
    var resets: [String] { sets }
    var templates: [Template] { Array(arguments.values) }
    var memory: [Int] { [outcome == nil ? 0 : outcome == next ? 1 : 2] }
    /// Results as the source names them, of values by variable.
    func answer(_ values: [String: String]) -> [String: String] {
        Dictionary(results.map { ($0, values["\(into).\($0)"] ?? "") }, uniquingKeysWith: { first, _ in first })
    }
    var needs: Need { prompts.isEmpty ? .nothing : .media }

    mutating func enter(_ state: inout FlowState) {
        // An earlier answer must not be taken for this one's.
        for name in sets { state.set(name, "") }
        let values = arguments.mapValues { $0.text(state.variables) }
        state.perform(.lookup(source: source, arguments: values, timeoutMilliseconds: timeout))
        state.wait(milliseconds: timeout + Self.grace)
        _ = state.say(prompts, bargeIn: .none)
    }

    mutating func handle(_ event: StepEvent, _ state: inout FlowState) {
        switch event {
        case .lookupFinished(let values):
            for result in results { state.set("\(into).\(result)", values[result] ?? "") }
            finish(next, &state)
        case .lookupFailed:
            finish(fallback, &state)
        case .timer:
            state.giveUp(.lookup)
            state.note("lookup_timeout", ["source": source])
            finish(fallback, &state)
        case .spoken:
            if let outcome { state.go(to: outcome) }
        default: break
        }
    }

    /// The prompts are not cut short: half a word would sound like a fault.
    private mutating func finish(_ target: Target, _ state: inout FlowState) {
        guard outcome == nil else { return }
        outcome = target
        state.cancelTimer()
        if state.play == nil { state.go(to: target) }
    }
}
