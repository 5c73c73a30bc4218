/// Takes a voice message: prompts, a beep, then the caller speaks until a key, silence or the limit.
///
///     leave:
///       verb: record
///       prompts: [message.fault]
///       limit: 2m
///       silence: 5s
///       finish: "#"
///       minimum: 1s
///       too_short: {prompts: [error.no_message], retries: 1, next: bye}
///       on_hangup: make_order       # who hangs up after speaking has left a message, too
///       next: make_order
struct RecordVerb: Verb {
    private enum Phase: Int, Sendable {
        case asking, beeping, recording
    }

    static let name = "record"
    private let prompts: Speech
    private let bargeIn: BargeIn
    private let limit: Int
    private let silence: Int
    private let finish: String
    private let minimum: Int
    private let tooShort: Retry?
    private let onHangup: Target?
    private let next: Target
    private var phase = Phase.asking
    private var failures = 0

    init?(_ step: StepReader) {
        let reader = step.reader
        prompts = step.optionalSpeech("prompts")
        bargeIn = BargeIn.decode(reader, default: .all)
        let limit = reader.milliseconds("limit", in: 1000...1_800_000)
        silence = reader.milliseconds("silence", in: 1000...60_000, default: 5000)
        finish = Self.finishKeys(step)
        minimum = reader.milliseconds("minimum", in: 0...60_000, default: 1000)
        tooShort =
            minimum == 0
            ? step.optionalRetry("too_short") : step.retry("too_short", because: "A caller may say nothing")
        onHangup = step.optionalTarget("on_hangup")
        guard let limit, let next = step.target("next"), minimum == 0 || tooShort != nil else { return nil }
        self.limit = limit
        self.next = next
    }

    private static func finishKeys(_ step: StepReader) -> String {
        let keys = step.reader.string("finish", default: "#")
        if keys.isEmpty || !keys.allSatisfy({ BargeIn.telephone.contains($0) }) {
            step.reader.complain(
                about: "finish", "finish in \(step.reader.place) must name telephone keys",
                advice: "Write `finish: \"#\"`")
        }
        return keys
    }

    var exits: [Exit] {
        [Exit("recorded", next, .automatic, sets: sets)]
            + (tooShort.map { [Exit("too short", $0.next, .automatic)] } ?? [])
            + (onHangup.map { [Exit("hung up", $0, .hangup)] } ?? [])
    }
    var speech: [Speech] { [prompts] + (tooShort.map { [$0.prompts] } ?? []) }
    var sets: [String] { ["message.milliseconds", "message.end"] }
    var needs: Need { .media }
    var memory: [Int] { [phase.rawValue, failures] }
    var dropsKeys: Bool { phase != .asking }

    mutating func enter(_ state: inout FlowState) {
        state.dropKeys()
        ask(after: .nothing, &state)
    }

    private mutating func ask(after reminder: Speech, _ state: inout FlowState) {
        phase = .asking
        if !state.say(reminder + prompts, bargeIn: bargeIn) { beep(&state) }
    }

    private mutating func beep(_ state: inout FlowState) {
        state.dropKeys()
        phase = .beeping
        _ = state.say(Speech(pieces: [.beep]), bargeIn: .none)
    }

    mutating func handle(_ event: StepEvent, _ state: inout FlowState) {
        switch (phase, event) {
        case (.asking, .spoken):
            beep(&state)
        case (.beeping, .spoken):
            phase = .recording
            state.afterHangup = onHangup?.name
            state.perform(.startMessage(maxMilliseconds: limit, silenceMilliseconds: silence, finishKeys: finish))
        case (.recording, .messageEnded(let milliseconds, let reason)):
            ended(milliseconds, reason, &state)
        default: break
        }
    }

    private mutating func ended(_ milliseconds: Int, _ reason: MessageEnd, _ state: inout FlowState) {
        if milliseconds < minimum, let tooShort {
            state.afterHangup = nil
            failures += 1
            if failures > tooShort.retries { state.go(to: tooShort.next) } else { ask(after: tooShort.prompts, &state) }
            return
        }
        // Many press the finish key twice.
        if reason == .finishKey { state.spare(finish) }
        state.set("message.milliseconds", String(milliseconds))
        state.set("message.end", reason.rawValue)
        state.go(to: next)
    }
}
