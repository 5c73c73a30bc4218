/// Answers the call, when the ring clock allows it, and goes on once media flows.
///
///     begin: {verb: answer, next: greet}
struct AnswerVerb: Verb {
    static let name = "answer"
    private let next: Target

    init?(_ step: StepReader) {
        guard let next = step.target("next") else { return nil }
        self.next = next
    }

    var exits: [Exit] { [Exit("next", next, .automatic)] }
    var needs: Need { .answers }

    mutating func enter(_ state: inout FlowState) {
        state.perform(.answer)
    }

    mutating func handle(_ event: StepEvent, _ state: inout FlowState) {
        if case .answered = event { state.go(to: next) }
    }
}
