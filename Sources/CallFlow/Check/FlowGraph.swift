/// Which step leads to which.
struct FlowGraph {
    struct Edge {
        let from: String
        let to: String
        let kind: Exit.Kind
        /// Variables that have new values behind it.
        var sets: [String] = []
    }

    let edges: [Edge]
    private let forward: [String: [Edge]]

    init(_ flow: Flow) {
        var edges: [Edge] = []
        for step in flow.steps {
            for exit in step.verb.exits {
                edges.append(Edge(from: step.name, to: exit.target.name, kind: exit.kind, sets: exit.sets))
            }
            // Global keys work where something is said or asked, after the answer.
            if case .media = step.verb.needs, !(step.verb is any KeepingVerb), !(step.verb is any RecordingVerb) {
                for (key, target) in flow.globals where !step.verb.uses(key) || step.verb is CollectVerb {
                    edges.append(Edge(from: step.name, to: target.name, kind: .input))
                }
            }
        }
        self.edges = edges
        forward = Dictionary(grouping: edges, by: \.from)
    }

    /// Every step that can be reached from there, the start among them, along edges that count.
    func reachable(from start: String, where counts: (Edge) -> Bool = { _ in true }) -> Set<String> {
        var seen: Set<String> = [start]
        var open = [start]
        while let step = open.popLast() {
            for edge in forward[step] ?? [] where counts(edge) && seen.insert(edge.to).inserted {
                open.append(edge.to)
            }
        }
        return seen
    }

    /// Every step from which one of the goals can be reached, the goals among them.
    func reaching(_ goals: Set<String>, where counts: (Edge) -> Bool = { _ in true }) -> Set<String> {
        let backward = Dictionary(grouping: edges.filter(counts), by: \.to)
        var seen = goals
        var open = Array(goals)
        while let step = open.popLast() {
            for edge in backward[step] ?? [] where seen.insert(edge.from).inserted { open.append(edge.from) }
        }
        return seen
    }

    /// The steps on a loop of automatic edges, in order, or nil where there is none.
    func automaticLoop(among steps: [String]) -> [String]? {
        var done: Set<String> = []
        for start in steps where !done.contains(start) {
            // Depth first, with the path kept: a step met again on its own path closes a loop.
            var path: [String] = []
            var onPath: Set<String> = []
            var stack: [(step: String, leaving: Bool)] = [(start, false)]
            while let (step, leaving) = stack.popLast() {
                if leaving {
                    path.removeLast()
                    onPath.remove(step)
                    done.insert(step)
                    continue
                }
                if onPath.contains(step) {
                    guard let index = path.firstIndex(of: step) else { continue }
                    return Array(path[index...])
                }
                if done.contains(step) { continue }
                path.append(step)
                onPath.insert(step)
                stack.append((step, true))
                for edge in forward[step] ?? [] where edge.kind == .automatic { stack.append((edge.to, false)) }
            }
        }
        return nil
    }
}
