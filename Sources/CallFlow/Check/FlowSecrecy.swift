/// Where the caller's keys are nobody's business, also before they are asked for.
struct FlowSecrecy: Sendable {
    /// The secret entries, the steps that pause the recording, and the steps from which one follows without another
    /// question: what is typed ahead there is meant for it.
    let masked: Set<String>
    /// Every step from which a secret entry can be reached.
    let ahead: Set<String>

    static let none = FlowSecrecy(masked: [], ahead: [])

    private init(masked: Set<String>, ahead: Set<String>) {
        self.masked = masked
        self.ahead = ahead
    }

    init(_ flow: Flow) {
        let entries = Set(flow.steps.filter(\.verb.isSecret).map(\.name))
        guard !entries.isEmpty else {
            masked = []
            ahead = []
            return
        }
        let graph = FlowGraph(flow)
        let asking = Set(flow.steps.filter(\.verb.listens).map(\.name))
        ahead = graph.reaching(entries)
        masked = graph.reaching(entries) { edge in
            switch edge.kind {
            case .automatic, .limited: !asking.contains(edge.from)
            // The key that leads along the edge is used up.
            case .input: false
            case .hangup: false
            }
        }
    }
}
