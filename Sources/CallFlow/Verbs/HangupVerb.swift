import Documents

/// Ends the call. With `wait` the caller is asked to hang up first (002 三 规范 2: 须等客户先挂断), waited for, and
/// warned; without, the call is released after its prompts.
///
///     bye: {verb: hangup, prompts: [bye.thanks, bye.hang_up], wait: 8s, warning: [bye.warning]}
struct HangupVerb: Verb {
    private enum Phase: Int, Sendable {
        case asking, waiting, warning, over
    }
    private enum Reason: String, CaseIterable {
        case completed, inactive
    }

    static let name = "hangup"
    private let prompts: Speech
    private let wait: Int?
    private let warning: Speech
    private let release: FlowRelease
    private var phase = Phase.asking

    init?(_ step: StepReader) {
        prompts = step.optionalSpeech("prompts")
        let wait = step.reader.optionalMilliseconds("wait", in: 1000...120_000)
        warning = step.optionalSpeech("warning")
        let reason: Reason = step.reader.choice("reason", default: .completed)
        if wait != nil, warning.isEmpty {
            step.reader.complain(
                about: "warning", .missingKey, "\(step.reader.place) waits but releases without a warning",
                advice: "Add `warning: [bye.warning]`")
        }
        if wait == nil, !warning.isEmpty {
            step.reader.complain(
                about: "warning", "\(step.reader.place) warns but does not wait", advice: "Add `wait: 8s`")
        }
        self.wait = wait
        release =
            switch reason {
            case .inactive: .inactive
            case .completed: wait == nil ? .completed : .afterWait
            }
    }

    var exits: [Exit] { [] }
    var speech: [Speech] { [prompts, warning] }
    var needs: Need { prompts.isEmpty && wait == nil ? .nothing : .media }
    // A global key works to the last: the caller may think of something.
    var listens: Bool { phase == .waiting }
    var memory: [Int] { [phase.rawValue] }

    mutating func enter(_ state: inout FlowState) {
        state.dropKeys()
        if !state.say(prompts, bargeIn: .keys("")) { asked(&state) }
    }

    private mutating func asked(_ state: inout FlowState) {
        guard let wait else { return end(&state) }
        phase = .waiting
        state.wait(milliseconds: wait)
    }

    mutating func handle(_ event: StepEvent, _ state: inout FlowState) {
        switch (phase, event) {
        case (.asking, .spoken): asked(&state)
        case (.waiting, .timer):
            phase = .warning
            if !state.say(warning, bargeIn: .keys("")) { end(&state) }
        case (.warning, .spoken): end(&state)
        default: break
        }
    }

    private mutating func end(_ state: inout FlowState) {
        phase = .over
        state.release(release)
    }
}
