import ArgumentParser
import CallFlow

/// `hotline flow draw`.
struct FlowDrawCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "draw", abstract: "Draws a flow, as text for Mermaid or Graphviz.",
        discussion: "Example: hotline flow draw --format dot | dot -Tsvg -o flow.svg")

    @OptionGroup var options: FlowOptions

    @Option(help: "mermaid or dot.")
    var format = FlowDrawing.mermaid

    @Flag(help: "With the first words that each step says.")
    var words = false

    func run() throws {
        let (flow, texts) = try options.sound()
        print(format.text(of: flow, FlowDrawing.Captions(texts: words ? texts : [:])), terminator: "")
    }
}

extension FlowDrawing: ExpressibleByArgument {}
