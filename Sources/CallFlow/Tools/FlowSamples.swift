/// Values worth trying for a flow's variables: such as make each condition hold and fail, and such as can be spoken.
struct FlowSamples {
    /// So many combinations of a look-up's results are tried all; of more, those that each branch tells apart.
    private static let mostAnswers = 512

    private let values: [String: [String]]
    private let branches: [BranchVerb]

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
        }
        branches = flow.steps.compactMap { $0.verb as? BranchVerb }
        for condition in branches.flatMap(\.conditions) {
            let (name, samples) = condition.samples
            // What can be spoken stands for anything that is present.
            let isTried = values[name]?.contains { !$0.isEmpty } == true
            add(name, samples == Condition.presence && isTried ? [""] : samples)
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
        return oneByOne(choices)
    }

    /// What a source may answer with: every way that a branch takes for it is among them.
    func answers(to lookup: LookupVerb) -> [[String: String]] {
        let names = lookup.sets
        let choices = names.map { ($0, values[$0] ?? [""]) }
        if choices.reduce(1, { min($0 * $1.1.count, Self.mostAnswers + 1) }) <= Self.mostAnswers {
            return combinations(of: names, most: Self.mostAnswers)
        }
        var result = oneByOne(choices)
        for branch in branches where branch.conditions.contains(where: { names.contains($0.samples.variable) }) {
            let domains = Dictionary(
                branch.conditions.map { ($0.samples.variable, values[$0.samples.variable] ?? [""]) },
                uniquingKeysWith: { first, _ in first })
            for way in branch.exits.indices {
                guard let values = branch.values(taking: way, from: domains) else { continue }
                result.append(result[0].merging(values.filter { names.contains($0.key) }) { _, new in new })
            }
        }
        return result
    }

    private func oneByOne(_ choices: [(String, [String])]) -> [[String: String]] {
        let first = Dictionary(
            choices.map { ($0.0, $0.1.first ?? "") }, uniquingKeysWith: { first, _ in first })
        return [first]
            + choices.flatMap { name, values in values.dropFirst().map { first.merging([name: $0]) { _, new in new } } }
    }
}
