/// Draws a flow as text for drawing programs.
public enum FlowDrawing: String, Sendable, CaseIterable {
    /// For Markdown pages.
    case mermaid
    /// For Graphviz.
    case dot

    public func text(of flow: Flow) -> String {
        switch self {
        case .mermaid: mermaid(flow)
        case .dot: dot(flow)
        }
    }

    private func mermaid(_ flow: Flow) -> String {
        let ids = identifiers(flow)
        var lines = ["flowchart TD"]
        for step in flow.steps {
            let label = "\(step.name)<br/>\(type(of: step.verb).name)"
            let shape: (String, String) =
                switch step.verb {
                case is MenuVerb, is CollectVerb, is RateVerb: ("{{\"", "\"}}")
                case is QueueVerb: ("[[\"", "\"]]")
                case is BranchVerb: ("{\"", "\"}")
                case is HangupVerb: ("([\"", "\"])")
                default: ("[\"", "\"]")
                }
            lines.append("    \(ids[step.name, default: ""])\(shape.0)\(label)\(shape.1)")
        }
        for (from, to, label, dashed) in edges(flow) {
            guard let from = ids[from], let to = ids[to] else { continue }
            let arrow = dashed ? "-.->" : "-->"
            lines.append("    \(from) \(arrow)|\"\(label)\"| \(to)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func dot(_ flow: Flow) -> String {
        var lines = ["digraph \"\(flow.name)\" {", "    rankdir=TB;", "    node [shape=box, fontname=\"sans-serif\"];"]
        for step in flow.steps {
            let shape =
                switch step.verb {
                case is MenuVerb, is CollectVerb, is RateVerb: "hexagon"
                case is QueueVerb: "doubleoctagon"
                case is BranchVerb: "diamond"
                case is HangupVerb: "oval"
                default: "box"
                }
            lines.append("    \"\(step.name)\" [shape=\(shape), label=\"\(step.name)\\n\(type(of: step.verb).name)\"];")
        }
        for (from, to, label, dashed) in edges(flow) {
            lines.append(
                "    \"\(from)\" -> \"\(to)\" [label=\"\(label.replacing("\"", with: "'"))\"\(dashed ? ", style=dashed" : "")];"
            )
        }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    /// Edges with their labels. Global keys are drawn once, from a note of their own, or every step would have one.
    private func edges(_ flow: Flow) -> [(from: String, to: String, label: String, dashed: Bool)] {
        var result: [(String, String, String, Bool)] = []
        for step in flow.steps {
            for exit in step.verb.exits {
                let dashed = if case .hangup = exit.kind { true } else { false }
                result.append((step.name, exit.target.name, exit.label.replacing("\"", with: "'"), dashed))
            }
        }
        for (key, target) in flow.globals.sorted(by: { $0.key < $1.key }) {
            result.append((flow.start, target.name, "\(key) from anywhere", true))
        }
        return result
    }

    /// Mermaid has reserved words (`end`), so that steps get numbers.
    private func identifiers(_ flow: Flow) -> [String: String] {
        Dictionary(
            flow.steps.enumerated().map { ($0.element.name, "s\($0.offset)") }, uniquingKeysWith: { first, _ in first })
    }
}
