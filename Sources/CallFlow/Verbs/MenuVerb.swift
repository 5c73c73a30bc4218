import Documents

/// Offers choices by key. Reminds a caller who presses nothing, and one who presses a wrong key, so many times.
///
///     main:
///       verb: menu
///       prompts: [menu.fault, menu.repeat]
///       keys: {"2": fault, "9": main}
///       timeout: 6s
///       no_input: {prompts: [error.no_input], retries: 2, next: silent}
///       wrong_key: {prompts: [error.wrong_key], retries: 2, next: person}
struct MenuVerb: Verb {
    static let name = "menu"
    private let prompts: Speech
    private let bargeIn: BargeIn
    private let keys: [(key: Character, target: Target)]
    private let timeout: Int
    private let noInput: Retry
    private let wrongKey: Retry
    private var silences = 0
    private var wrongKeys = 0

    init?(_ step: StepReader) {
        let prompts = step.speech("prompts")
        bargeIn = BargeIn.decode(step.reader, default: .all)
        keys = Self.keys(step)
        let timeout = Self.timeout(step)
        let noInput = step.retry("no_input", because: "A caller may press nothing")
        let wrongKey = step.retry("wrong_key", because: "A caller may press any key")
        guard let prompts, let timeout, let noInput, let wrongKey, !keys.isEmpty else { return nil }
        self.prompts = prompts
        self.timeout = timeout
        self.noInput = noInput
        self.wrongKey = wrongKey
    }

    /// Said apart from a missing key, because callers are left hanging where it is forgotten.
    private static func timeout(_ step: StepReader) -> Int? {
        guard step.reader.optionalNode("timeout") != nil else {
            step.diagnostics.add(
                error: step.node.error(
                    FlowProblem.missingBranch, "\(step.reader.place) has no time-out",
                    advice: "Add `timeout: 6s`, and a `no_input` branch"))
            return nil
        }
        return step.reader.optionalMilliseconds("timeout", in: 1000...60_000)
    }

    private static func keys(_ step: StepReader) -> [(key: Character, target: Target)] {
        guard let node = step.reader.node("keys") else { return [] }
        if node.entries?.isEmpty == true {
            step.reader.complain(
                about: "keys", "\(step.reader.place) offers no key", advice: "Write `keys: {\"1\": step, …}`")
        }
        return step.keys("keys")
    }

    var exits: [Exit] {
        keys.map { Exit(String($0.key), $0.target, .input) }
            + [Exit("no input", noInput.next, .automatic), Exit("wrong key", wrongKey.next, .input)]
    }
    var speech: [Speech] { [prompts, noInput.prompts, wrongKey.prompts] }
    var needs: Need { .media }
    var memory: [Int] { [silences, wrongKeys] }
    var listens: Bool { true }
    func uses(_ key: Character) -> Bool { keys.contains { $0.key == key } }

    mutating func enter(_ state: inout FlowState) { ask(after: .nothing, &state) }

    private func ask(after reminder: Speech, _ state: inout FlowState) {
        if state.isCutShort(bargeIn) || !state.say(reminder + prompts, bargeIn: bargeIn) {
            state.wait(milliseconds: timeout)
        }
    }

    mutating func handle(_ event: StepEvent, _ state: inout FlowState) {
        switch event {
        case .spoken:
            state.wait(milliseconds: timeout)
        case .timer:
            silences += 1
            if silences > noInput.retries { state.go(to: noInput.next) } else { ask(after: noInput.prompts, &state) }
        case .key(let key):
            state.cancelTimer()
            if let choice = keys.first(where: { $0.key == key }) {
                state.go(to: choice.target)
                return
            }
            // What was typed ahead was meant for another menu.
            state.dropKeys()
            wrongKeys += 1
            if wrongKeys > wrongKey.retries {
                state.go(to: wrongKey.next)
            } else {
                ask(after: wrongKey.prompts, &state)
            }
        default: break
        }
    }
}
