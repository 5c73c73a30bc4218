/// Which variables still matter at each step: those that some way from there reads before anything sets them anew.
struct FlowLiveness {
    private let live: [String: Set<String>]

    init(_ flow: Flow) {
        var live: [String: Set<String>] = [:]
        let reads = Dictionary(
            flow.steps.map { ($0.name, Self.reads(of: $0.verb)) }, uniquingKeysWith: { first, _ in first })
        let leads = Dictionary(grouping: FlowGraph(flow).edges, by: \.from).mapValues { $0.map(\.to) }
        var changed = true
        while changed {
            changed = false
            for step in flow.steps.reversed() {
                let after = (leads[step.name] ?? []).reduce(into: Set<String>()) { $0.formUnion(live[$1] ?? []) }
                let now = after.subtracting(step.verb.sets).union(reads[step.name] ?? [])
                if now != live[step.name] ?? [] {
                    live[step.name] = now
                    changed = true
                }
            }
        }
        self.live = live
    }

    func variables(at step: String) -> Set<String> { live[step] ?? [] }

    private static func reads(of verb: any Verb) -> Set<String> {
        var result = Set((verb.templates + verb.speech.flatMap(\.templates)).flatMap(\.variables))
        if let branch = verb as? BranchVerb { result.formUnion(branch.conditions.map(\.samples.variable)) }
        // What a step sets it may say, once it is set.
        return result
    }
}
