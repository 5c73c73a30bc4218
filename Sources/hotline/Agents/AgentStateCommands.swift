import ArgumentParser
import Calls
import Foundation

/// What every command to one agent takes.
struct AgentOptions: ParsableArguments {
    @OptionGroup var data: DataOptions
    @Argument(help: "The agent's work number.")
    var number: String

    func post(_ path: String, _ body: [String: JSONScalar]) async throws {
        try await ServerClient(folder: data.folder).post("agents/\(try checked())/\(path)", body)
    }

    /// - Throws: `ValidationError` for what is no work number.
    private func checked() throws -> WorkNumber {
        guard let number = WorkNumber(number) else {
            throw ValidationError("`\(number)` is no work number: 1 to 12 letters and digits")
        }
        return number
    }

    func change(_ state: String, reason: String? = nil) async throws {
        var body: [String: JSONScalar] = ["state": .text(state), "by": .text(AgentChangeSource.command.rawValue)]
        if let reason { body["reason"] = .text(reason) }
        try await post("state", body)
    }
}

struct AgentLogInCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "login", abstract: "Logs an agent in.")
    @OptionGroup var agent: AgentOptions
    func run() async throws { try await agent.change("available") }
}

struct AgentLogOutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Logs an agent out; a running call is finished first.")
    @OptionGroup var agent: AgentOptions
    func run() async throws { try await agent.change("logged_out") }
}

struct AgentReadyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ready", abstract: "Ends an agent's absence or wrap-up.")
    @OptionGroup var agent: AgentOptions
    func run() async throws { try await agent.change("ready") }
}

struct AgentAwayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "away", abstract: "Sets an agent away; a running call is finished first.")
    @OptionGroup var agent: AgentOptions
    @Option(help: "Why: lunch, training, …")
    var reason: String
    func run() async throws { try await agent.change("away", reason: reason) }
}

struct AgentCallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Steers the call that an agent is in.",
        discussion: """
            hold, resume, mute, unmute; consult --to N, then complete, conference or cancel; transfer --to N, \
            shift_leader; mark --mark nuisance|wrong_number|angry|dropped [--degree 1-3] [--note TEXT] [--hand-over]; \
            pause [--reason TEXT], unpause; hang_up. An angry caller has a degree, and goes to a shift leader with \
            --hand-over. While the recording is paused it holds silence, and the caller's keys are told as dots.
            """)
    @OptionGroup var agent: AgentOptions
    @Argument(help: "What to do.")
    var action: String
    @Option(help: "The work number to consult or to transfer to.")
    var to: String?
    @Option(help: "nuisance, wrong_number, angry or dropped.")
    var mark: String?
    @Option(help: "How angry the caller is: 1 annoyed, 2 agitated, 3 beside himself.")
    var degree: Int?
    @Option(help: "A note with the mark.")
    var note: String?
    @Option(help: "Why the recording pauses.")
    var reason: String?
    @Flag(help: "Hands an angry caller to a shift leader in the same step.")
    var handOver = false

    /// Words that are shorter here than in the API.
    private static let short = ["pause": "pause_recording", "unpause": "resume_recording"]

    func run() async throws {
        var body: [String: JSONScalar] = ["action": .text(Self.short[action] ?? action)]
        if let to { body["to"] = .text(to) }
        if let mark { body["mark"] = .text(mark) }
        if let degree { body["degree"] = .number(degree) }
        if let note { body["note"] = .text(note) }
        if let reason { body["reason"] = .text(reason) }
        if handOver { body["hand_over"] = .boolean(true) }
        try await agent.post("call", body)
    }
}

struct AgentNoOrderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "no-order", abstract: "Says that a call an agent served needs no work order.")
    @OptionGroup var agent: AgentOptions
    @Option(help: "The call: one of `form_pending` in `agents list --json`.")
    var call: CallID
    @Option(help: "Why none is needed.")
    var reason: String

    func run() async throws {
        try await agent.post("no_order", ["call": .text(call.description), "reason": .text(reason)])
    }
}

struct AgentSuperviseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "supervise", abstract: "Rings a supervisor's phone into an agent's call, or changes the mode.")
    @OptionGroup var agent: AgentOptions
    @Option(help: "The supervisor's or shift leader's work number.")
    var by: String
    @Option(help: "listen, whisper (the agent alone hears), barge (all hear), stop.")
    var mode: String

    func run() async throws {
        var body: [String: JSONScalar] = ["by": .text(by)]
        if mode != "stop" { body["mode"] = .text(mode) }
        try await agent.post("supervision", body)
    }
}
