/// Collects digits into a variable, up to a finish key, a pause or the largest number of digits.
///
///     number:
///       verb: collect
///       prompts: [progress.enter_number]
///       into: asked.number
///       min: 12
///       max: 18
///       finish: "#"
///       timeout: 8s        # for the first digit
///       pause: 4s          # between digits: the entry is over
///       no_input: {prompts: [error.no_input], retries: 2, next: silent}
///       invalid: {prompts: [error.entry], retries: 2, next: person}
///       next: code
///       secret: true       # a PIN: noted nowhere; only look-ups may use it
///
/// Digits are the step's own. A global digit works where it is the whole entry and too short to be one: `0`, a pause.
struct CollectVerb: Verb {
    static let name = "collect"
    private let prompts: Speech
    private let bargeIn: BargeIn
    let into: String
    let isSecret: Bool
    private let min: Int
    private let max: Int
    private let finish: Character
    private let timeout: Int
    private let pause: Int
    private let noInput: Retry
    private let invalid: Retry
    private let next: Target
    private var entry = ""
    private var silences = 0
    private var failures = 0

    init?(_ step: StepReader) {
        let reader = step.reader
        let prompts = step.speech("prompts")
        bargeIn = BargeIn.decode(reader, default: .all)
        let into = step.variable("into")
        isSecret = reader.bool("secret", default: false)
        min = reader.int("min", in: 1...64, default: 1)
        let max = reader.int("max", in: 1...64)
        finish = step.key("finish", default: "#")
        let timeout = reader.milliseconds("timeout", in: 1000...60_000)
        pause = reader.milliseconds("pause", in: 1000...30_000, default: 4000)
        let noInput = step.retry("no_input", because: "A caller may press nothing")
        let invalid = step.retry("invalid", because: "A caller may press too few digits")
        let next = step.target("next")
        if let max, max < min {
            reader.complain(about: "max", "max in \(reader.place) is less than min", advice: "Make it \(min) or more")
        }
        if finish.isNumber {
            reader.complain(
                about: "finish", "finish in \(reader.place) is a digit, which could not be entered",
                advice: "Write \"#\" or \"*\"")
        }
        guard let prompts, let into, let max, let timeout, let noInput, let invalid, let next else { return nil }
        self.prompts = prompts
        self.into = into
        self.max = max
        self.timeout = timeout
        self.noInput = noInput
        self.invalid = invalid
        self.next = next
    }

    var exits: [Exit] {
        [
            Exit("entered", next, .input, sets: [into]), Exit("no input", noInput.next, .automatic),
            Exit("invalid", invalid.next, .input),
        ]
    }
    var speech: [Speech] { [prompts, noInput.prompts, invalid.prompts] }
    var sets: [String] { [into] }
    var needs: Need { .media }
    var memory: [Int] { [silences, failures, entry.count] }
    /// The numbers of digits that are an entry.
    var counts: ClosedRange<Int> { min...Swift.max(min, max) }
    var finishKey: Character { finish }
    var listens: Bool { true }
    func uses(_ key: Character) -> Bool { key == finish || key.isNumber }

    mutating func enter(_ state: inout FlowState) { ask(after: .nothing, &state) }

    private mutating func ask(after reminder: Speech, _ state: inout FlowState) {
        entry = ""
        if state.isCutShort(bargeIn) || !state.say(reminder + prompts, bargeIn: bargeIn) {
            state.wait(milliseconds: timeout)
        }
    }

    mutating func handle(_ event: StepEvent, _ state: inout FlowState) {
        switch event {
        case .spoken:
            state.wait(milliseconds: timeout)
        case .timer where entry.isEmpty:
            silences += 1
            if silences > noInput.retries { state.go(to: noInput.next) } else { ask(after: noInput.prompts, &state) }
        case .timer:
            complete(&state)
        case .key(finish):
            complete(&state)
        case .key(let key) where key.isNumber:
            entry.append(key)
            if entry.count == max {
                state.spare(String(finish))
                complete(&state)
            } else {
                state.wait(milliseconds: pause)
            }
        case .key:
            fail(&state)
        default: break
        }
    }

    private mutating func complete(_ state: inout FlowState) {
        state.cancelTimer()
        if entry.count >= min {
            state.set(into, entry)
            state.go(to: next)
        } else if entry.count == 1, let key = entry.first, state.globals[key] != nil {
            state.goGlobal(key)
        } else {
            fail(&state)
        }
    }

    private mutating func fail(_ state: inout FlowState) {
        state.cancelTimer()
        state.dropKeys()
        failures += 1
        if failures > invalid.retries { state.go(to: invalid.next) } else { ask(after: invalid.prompts, &state) }
    }
}
