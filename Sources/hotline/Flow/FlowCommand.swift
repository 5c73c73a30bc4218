import ArgumentParser
import CallFlow
import Documents
import Foundation
import Media
import Switchboard

/// `hotline flow …`: call flows are checked, tried and drawn without a telephone.
struct FlowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flow", abstract: "Checks, simulates and draws call flows.",
        subcommands: [FlowCheckCommand.self, FlowSimulateCommand.self, FlowDrawCommand.self])
}

/// Which flow, and the prompts that it may use.
struct FlowOptions: ParsableArguments {
    @Argument(help: "The flow's file; a bare name is one of the shipped flows.")
    var flow = "power-hotline.yaml"

    @Option(help: "The folder that holds the prompt catalog. Default: the shipped prompts of --locale.")
    var prompts: String?

    @Option(help: "Which of the shipped prompts.")
    var locale = "zh-CN"

    @Option(
        name: .customLong("variable"),
        help: ArgumentHelp("A variable that the configuration defines; repeatable.", valueName: "name"))
    var variables: [String] = []

    @Option(help: "The agents' file: the flow's queues must be there. Without, a flow may name any.")
    var agents: String?

    /// The flow with everything that is to say of it; the flow is nil where it is refused.
    func load(defining names: some Sequence<String> = []) throws -> LoadedFlow {
        let folder = try prompts ?? ShareFolder().resolve(locale, in: "prompts")
        let catalog = try PromptCatalog(folder: folder)
        let path =
            flow.contains("/") || FileManager.default.fileExists(atPath: flow)
            ? flow : try ShareFolder().resolve(flow, in: "flows")
        let texts = Dictionary(catalog.entries.map { ($0.id, $0.text) }, uniquingKeysWith: { first, _ in first })
        let file = try FlowFile(
            path, prompts: texts, variables: Set(variables).union(names),
            queues: agents.map { try RosterFile(path: $0).roster.queueNames })
        return LoadedFlow(path: path, flow: file.flow, diagnostics: file.diagnostics, texts: texts)
    }

    /// The flow, or every complaint about it.
    func sound(defining names: some Sequence<String> = []) throws -> (flow: Flow, texts: [String: String]) {
        let loaded = try load(defining: names)
        try loaded.diagnostics.throwErrors()
        guard let flow = loaded.flow else { throw CommandError("\(loaded.path): the flow could not be loaded") }
        return (flow, loaded.texts)
    }
}

/// A flow as read, sound or not.
struct LoadedFlow {
    let path: String
    let flow: Flow?
    let diagnostics: Diagnostics
    /// What the prompts say, by id.
    let texts: [String: String]
}
