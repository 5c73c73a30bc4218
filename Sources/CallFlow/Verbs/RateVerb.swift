import Documents

/// Asks how content the caller is with who served: one key, 1 to 5. Who presses nothing is not asked again.
///
///     survey:
///       verb: rate
///       prompts: [rate.question]
///       timeout: 8s
///       wrong_key: [error.wrong_key]   # before the question is put again
///       retries: 1                     # how often it is, after a wrong key
///       next: thanks
///       none: bye                      # no score
struct RateVerb: Verb {
    static let name = "rate"
    /// Scores are keys.
    static let scores = "12345"
    private let prompts: Speech
    private let wrongKey: Speech
    private let bargeIn: BargeIn
    private let timeout: Int
    private let retries: Int
    private let next: Target
    private let none: Target
    private var wrongKeys = 0

    init?(_ step: StepReader) {
        let reader = step.reader
        let prompts = step.speech("prompts")
        wrongKey = step.optionalSpeech("wrong_key")
        bargeIn = BargeIn.decode(reader, default: .all)
        let timeout = reader.milliseconds("timeout", in: 1000...60_000)
        retries = reader.int("retries", in: 0...9, default: 1)
        let next = step.target("next")
        if reader.optionalNode("none") == nil {
            step.diagnostics.add(
                error: step.node.error(
                    FlowProblem.missingBranch, "\(reader.place) has no `none` branch",
                    advice: "A caller may give no score: add `none: step`"))
        }
        guard let prompts, let timeout, let next, let none = step.optionalTarget("none") else { return nil }
        self.prompts = prompts
        self.timeout = timeout
        self.next = next
        self.none = none
    }

    var exits: [Exit] { [Exit("1…5", next, .input), Exit("none", none, .automatic)] }
    var speech: [Speech] { [prompts, wrongKey] }
    var sets: [String] { ["rate.score"] }
    var resets: [String] { sets }
    var needs: Need { .media }
    var listens: Bool { true }
    var memory: [Int] { [wrongKeys] }
    func uses(_ key: Character) -> Bool { Self.scores.contains(key) }

    mutating func enter(_ state: inout FlowState) {
        state.set("rate.score", "")
        // What was pressed before was no judgement of this.
        state.dropKeys()
        ask(after: .nothing, &state)
    }

    private func ask(after reminder: Speech, _ state: inout FlowState) {
        if !state.say(reminder + prompts, bargeIn: bargeIn) { state.wait(milliseconds: timeout) }
    }

    mutating func handle(_ event: StepEvent, _ state: inout FlowState) {
        switch event {
        case .spoken:
            state.wait(milliseconds: timeout)
        case .timer:
            state.go(to: none)
        case .key(let key):
            state.cancelTimer()
            if Self.scores.contains(key), let score = key.wholeNumberValue {
                state.set("rate.score", String(score))
                state.perform(.rate(score: score))
                state.go(to: next)
                return
            }
            state.dropKeys()
            wrongKeys += 1
            if wrongKeys > retries { state.go(to: none) } else { ask(after: wrongKey, &state) }
        default: break
        }
    }
}
