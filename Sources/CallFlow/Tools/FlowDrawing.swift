/// Draws a flow as text for drawing programs.
public enum FlowDrawing: String, Sendable, CaseIterable {
    /// For Markdown pages.
    case mermaid
    /// For Graphviz.
    case dot

    /// What stands in a drawing beside the names of steps.
    public struct Captions: Sendable {
        /// What prompts say, by id: the first that a step says stands in it.
        public var texts: [String: String]
        /// The words for verbs and ways out, by what the language calls them; those without one stand as they are.
        public var words: [String: String]
        /// Where the names of steps lead: the address before a step's name; nil: nowhere. Of Graphviz alone.
        public var link: String?

        public init(texts: [String: String] = [:], words: [String: String] = [:], link: String? = nil) {
            self.texts = texts
            self.words = words
            self.link = link
        }

        func word(_ label: String) -> String { words[label] ?? label }
    }

    public func text(of flow: Flow, _ captions: Captions = Captions()) -> String {
        switch self {
        case .mermaid: mermaid(flow, captions)
        case .dot: dot(flow, captions)
        }
    }

    private func mermaid(_ flow: Flow, _ captions: Captions) -> String {
        let ids = identifiers(flow)
        var lines = ["flowchart TD"]
        for step in FlowOutline(flow, texts: captions.texts).steps {
            let label = self.lines(of: step, captions).map { $0.replacing("\"", with: "'") }.joined(separator: "<br/>")
            let shape: (String, String) =
                switch step.verb {
                case MenuVerb.name, CollectVerb.name, RateVerb.name: ("{{\"", "\"}}")
                case QueueVerb.name: ("[[\"", "\"]]")
                case BranchVerb.name: ("{\"", "\"}")
                case HangupVerb.name: ("([\"", "\"])")
                default: ("[\"", "\"]")
                }
            lines.append("    \(ids[step.name, default: ""])\(shape.0)\(label)\(shape.1)")
        }
        for (from, to, label, dashed) in edges(flow, captions) {
            guard let from = ids[from], let to = ids[to] else { continue }
            let arrow = dashed ? "-.->" : "-->"
            lines.append("    \(from) \(arrow)|\"\(label.replacing("\"", with: "'"))\"| \(to)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func dot(_ flow: Flow, _ captions: Captions) -> String {
        var lines = [
            "digraph \"\(Self.escaped(flow.name))\" {", "    rankdir=TB;", "    bgcolor=white;",
            "    node [shape=box, fontname=\"sans-serif\"];", "    edge [fontname=\"sans-serif\", fontsize=12];",
        ]
        for step in FlowOutline(flow, texts: captions.texts).steps {
            let shape =
                switch step.verb {
                case MenuVerb.name, CollectVerb.name, RateVerb.name: "hexagon"
                case QueueVerb.name: "doubleoctagon"
                case BranchVerb.name: "diamond"
                case HangupVerb.name: "oval"
                default: "box"
                }
            let label = self.lines(of: step, captions).map(Self.escaped).joined(separator: "\\n")
            var attributes = "shape=\(shape), label=\"\(label)\""
            if let link = captions.link {
                attributes += ", URL=\"\(Self.escaped(link + step.name))\", tooltip=\"\(Self.escaped(step.name))\""
            }
            lines.append("    \"\(step.name)\" [\(attributes)];")
        }
        for (from, to, label, dashed) in edges(flow, captions) {
            lines.append(
                "    \"\(from)\" -> \"\(to)\" [label=\"\(Self.escaped(label))\"\(dashed ? ", style=dashed" : "")];")
        }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    /// A text for Graphviz: within quotes, and nothing in it taken for an escape or an HTML entity.
    private static func escaped(_ text: String) -> String {
        let plain = String.UnicodeScalarView(
            text.unicodeScalars.map { scalar -> Unicode.Scalar in
                switch scalar.properties.generalCategory {
                // Lines are ours to break, and what turns the direction of writing would turn the rest as well.
                case .control, .format, .lineSeparator, .paragraphSeparator: " "
                default: scalar
                }
            })
        return String(plain).replacing("&", with: "&amp;").replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }

    /// What stands in a step: its name, its verb, the first words that it says.
    private func lines(of step: FlowOutline.Step, _ captions: Captions) -> [String] {
        let words = captions.texts.isEmpty ? [] : step.says.map(Self.text)
        let plain = words.joined(separator: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return [step.name, captions.word(step.verb)] + Self.broken(plain)
    }

    private static func text(_ said: FlowOutline.Said) -> String {
        switch said {
        case .prompt(let id, let words): words.isEmpty ? id : words
        case .variable(let name): "${\(name)}"
        case .value(_, let text): text
        case .beep: ""
        }
    }

    /// Columns of a line, and lines of a step: Chinese characters take two columns.
    private static let columns = 28
    private static let most = 3

    /// A text in a few short lines; its rest is an ellipsis.
    private static func broken(_ text: String) -> [String] {
        var lines: [String] = []
        var line = ""
        var width = 0
        for character in text {
            let isWide = character.unicodeScalars.first.map { $0.value >= 0x1100 } ?? false
            let own = isWide ? 2 : 1
            // A full stop does not begin a line.
            if width + own > columns, !character.isPunctuation || width > columns {
                if lines.count + 1 == most { return lines + [line + "…"] }
                lines.append(line)
                (line, width) = ("", 0)
            }
            line.append(character)
            width += own
        }
        return line.isEmpty ? lines : lines + [line]
    }

    /// Edges with their labels. Global keys are drawn once, from the first step, or every step would have one.
    private func edges(
        _ flow: Flow, _ captions: Captions
    ) -> [(from: String, to: String, label: String, dashed: Bool)] {
        let outline = FlowOutline(flow)
        return outline.steps.flatMap { step in
            step.ways.map { (step.name, $0.step, captions.word($0.label), $0.isHangup) }
        } + outline.globals.map { (flow.start, $0.step, "\($0.label) \(captions.word("from anywhere"))", true) }
    }

    /// Mermaid has reserved words (`end`), so that steps get numbers.
    private func identifiers(_ flow: Flow) -> [String: String] {
        Dictionary(
            flow.steps.enumerated().map { ($0.element.name, "s\($0.offset)") }, uniquingKeysWith: { first, _ in first })
    }
}
