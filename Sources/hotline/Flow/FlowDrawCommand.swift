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

    func run() throws {
        print(format.text(of: try options.sound().flow), terminator: "")
    }
}

extension FlowDrawing: ExpressibleByArgument {}
