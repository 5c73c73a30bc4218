/// Sets variables, each to a text with variables in it as they were before the step.
///
///     from_fault: {verb: set, values: {want.skill: fault}, next: person}
struct SetVerb: Verb {
    static let name = "set"
    private let values: [String: Template]
    private let next: Target

    init?(_ step: StepReader) {
        let hasValues = step.reader.node("values") != nil
        values = step.templates("values", isEmptyAllowed: true)
        if hasValues, values.isEmpty, !step.diagnostics.hasErrors {
            step.reader.complain(
                about: "values", "\(step.reader.place) sets nothing", advice: "Write `values: {want.skill: fault}`")
        }
        guard hasValues, let next = step.target("next") else { return nil }
        self.next = next
    }

    var exits: [Exit] { [Exit("next", next, .automatic, sets: sets)] }
    var sets: [String] { values.keys.sorted() }
    var templates: [Template] { Array(values.values) }
    var needs: Need { .nothing }

    mutating func enter(_ state: inout FlowState) {
        let before = state.variables
        for (name, value) in values { state.set(name, value.text(before)) }
        state.go(to: next)
    }
}
