/// Speaks values among prompts: numbers, digits, telephone numbers, money, dates, times.
///
///     tell: {verb: say, items: [order.number, {digits: "${order.number}"}], barge_in: "9*", next: again}
struct SayVerb: Verb {
    static let name = "say"
    private let items: Speech
    private let bargeIn: BargeIn
    private let next: Target

    init?(_ step: StepReader) {
        let items = step.speech("items")
        bargeIn = BargeIn.decode(step.reader, default: .all)
        guard let next = step.target("next"), let items else { return nil }
        self.items = items
        self.next = next
    }

    var exits: [Exit] { [Exit("next", next, .automatic)] }
    var speech: [Speech] { [items] }
    var needs: Need { .media }

    mutating func enter(_ state: inout FlowState) {
        if state.isCutShort(bargeIn) || !state.say(items, bargeIn: bargeIn) { state.go(to: next) }
    }

    mutating func handle(_ event: StepEvent, _ state: inout FlowState) {
        if case .spoken = event { state.go(to: next) }
    }
}
