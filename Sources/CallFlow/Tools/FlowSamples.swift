/// Values worth trying for a flow's variables: such as make each condition hold and fail, and such as can be spoken.
struct FlowSamples {
    private let values: [String: [String]]

    init(_ flow: Flow) {
        var values: [String: [String]] = [:]
        func add(_ name: String, _ samples: [String]) {
            for sample in samples where !(values[name] ?? []).contains(sample) {
                values[name, default: []].append(sample)
            }
        }
        let prompt = flow.prompts.min() ?? ""
        for step in flow.steps {
            for piece in step.verb.speech.flatMap(\.pieces) {
                switch piece {
                case .variable(let template): template.variables.forEach { add($0, ["", prompt]) }
                case .value(let kind, let template): template.variables.forEach { add($0, [Self.sample(kind)]) }
                case .prompt, .silence, .beep: break
                }
            }
            // A number that can be called, and one that is withheld.
            ((step.verb as? QueueVerb)?.callBackNumber?.variables ?? []).forEach { add($0, ["13800000000", ""]) }
            for condition in (step.verb as? BranchVerb)?.conditions ?? [] {
                add(condition.samples.variable, condition.samples.values)
            }
        }
        self.values = values
    }

    private static func sample(_ kind: SpokenKind) -> String {
        switch kind {
        case .number, .count: "12"
        case .digits: "20261122-0007"
        case .phone: "13800000000"
        case .money: "102.30"
        case .date: "20261122"
        case .time: "22:05"
        }
    }

    /// Every combination of the variables' values, or where these are too many, each value once.
    func combinations(of names: [String], most: Int = 96) -> [[String: String]] {
        let choices = names.map { ($0, values[$0] ?? [""]) }
        let count = choices.reduce(1) { min($0 * $1.1.count, most + 1) }
        if count <= most {
            return choices.reduce([[:]]) { sets, choice in
                sets.flatMap { set in choice.1.map { set.merging([choice.0: $0]) { _, new in new } } }
            }
        }
        let first = Dictionary(
            choices.map { ($0.0, $0.1.first ?? "") }, uniquingKeysWith: { first, _ in first })
        return [first]
            + choices.flatMap { name, values in values.dropFirst().map { first.merging([name: $0]) { _, new in new } } }
    }
}
