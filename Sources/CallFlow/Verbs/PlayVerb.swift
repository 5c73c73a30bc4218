/// Plays prompts.
///
///     notice: {verb: play, prompts: [notice.recording], barge_in: false, note: recording_notice, next: main}
struct PlayVerb: Verb {
    static let name = "play"
    private let prompts: Speech
    private let bargeIn: BargeIn
    /// A mark on the call's timeline once the prompts were heard, with their ids.
    private let mark: String?
    private let next: Target

    init?(_ step: StepReader) {
        let prompts = step.speech("prompts", values: false)
        bargeIn = BargeIn.decode(step.reader, default: .all)
        mark = step.reader.optionalString("note").flatMap { step.checked($0, "note") }
        guard let next = step.target("next"), let prompts else { return nil }
        self.prompts = prompts
        self.next = next
    }

    var exits: [Exit] { [Exit("next", next, .automatic)] }
    var speech: [Speech] { [prompts] }
    var needs: Need { .media }

    mutating func enter(_ state: inout FlowState) {
        if state.isCutShort(bargeIn) || !state.say(prompts, bargeIn: bargeIn) { state.go(to: next) }
    }

    mutating func handle(_ event: StepEvent, _ state: inout FlowState) {
        guard case .spoken = event else { return }
        if let mark {
            let ids = prompts.pieces.compactMap { piece in
                if case .prompt(let id, _) = piece { id } else { nil }
            }
            state.note(mark, ["prompts": ids.joined(separator: " ")])
        }
        state.go(to: next)
    }
}
