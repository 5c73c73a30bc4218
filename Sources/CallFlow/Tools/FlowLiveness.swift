/// Which variables still matter at each step: those that some way from there reads before anything sets them anew.
struct FlowLiveness {
    private let within: [String: Set<String>]
    private let before: [String: Set<String>]
    private let reads: [String: Set<String>]

    init(_ flow: Flow) {
        let reads = Dictionary(
            flow.steps.map { ($0.name, Self.reads(of: $0.verb)) }, uniquingKeysWith: { first, _ in first })
        let edges = Dictionary(grouping: FlowGraph(flow).edges, by: \.from)
        var before: [String: Set<String>] = [:]
        var within: [String: Set<String>] = [:]
        var changed = true
        while changed {
            changed = false
            for step in flow.steps.reversed() {
                let inside = (edges[step.name] ?? []).reduce(into: reads[step.name] ?? []) {
                    $0.formUnion((before[$1.to] ?? []).subtracting($1.sets))
                }
                within[step.name] = inside
                let now = inside.subtracting(step.verb.resets)
                if now != before[step.name] {
                    before[step.name] = now
                    changed = true
                }
            }
        }
        self.reads = reads
        self.before = before
        self.within = within
    }

    /// Those that matter once the step has been entered.
    func variables(at step: String) -> Set<String> { within[step] ?? [] }

    /// Those that matter where the step is about to be entered.
    func variables(before step: String) -> Set<String> { before[step] ?? [] }

    /// Those that the step itself reads.
    func reads(at step: String) -> Set<String> { reads[step] ?? [] }

    private static func reads(of verb: any Verb) -> Set<String> {
        var result = Set((verb.templates + verb.speech.flatMap(\.templates)).flatMap(\.variables))
        if let branch = verb as? BranchVerb { result.formUnion(branch.conditions.map(\.samples.variable)) }
        return result
    }
}
