import ArgumentParser
import Calls
import Console
import Foundation
import Storage

/// The agents of the running server and how each stands.
struct AgentsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the agents of the running server and what each is doing.")
    @OptionGroup var data: DataOptions
    @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
    var json = false

    func run() async throws {
        let answer = try await ServerClient(folder: data.folder).get("agents")
        guard !json else { return print(String(decoding: answer, as: UTF8.self)) }
        let agents = try JSONDecoder().decode([AgentView].self, from: answer)
        var table = TextTable(["number", "name", "role", "department", "state", "since", "phone", "call", "forms"])
        for agent in agents {
            let state = [agent.state.rawValue, agent.reason].compactMap(\.self).filter { !$0.isEmpty }
            table.add([
                agent.number.text, agent.name, agent.role.rawValue, agent.department, state.joined(separator: ": "),
                ScreenTime.text(agent.since), agent.isReachable ? "registered" : "-", agent.call?.description ?? "-",
                agent.formPending.isEmpty ? "-" : String(agent.formPending.count),
            ])
        }
        print(table.text)
        if let reports = agents.compactMap(\.unheardReports).first, reports > 0 {
            print("\n\(reports) reports wait for a shift leader: hotline messages list --kind report --unheard")
        }
    }
}

/// Takes over the agents' file as it stands now, without a restart.
struct AgentsReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract:
            "Has the running server read the agents' file anew; calls go on. A file with a mistake changes nothing.")
    @OptionGroup var data: DataOptions

    func run() async throws {
        let answer = try await ServerClient(folder: data.folder).post("roster")
        for warning in try JSONDecoder().decode(RosterView.self, from: answer).warnings { print("warning: \(warning)") }
    }
}

/// The queues of the running server and who waits in them.
struct QueueStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows who waits in the queues of the running server.")
    @OptionGroup var data: DataOptions
    @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
    var json = false

    func run() async throws {
        let answer = try await ServerClient(folder: data.folder).get("queues")
        guard !json else { return print(String(decoding: answer, as: UTF8.self)) }
        let queues = try JSONDecoder().decode([QueueView].self, from: answer)
        var table = TextTable(["queue", "state", "serving", "waiting", "position", "since", "priority", "ringing"])
        for queue in queues {
            let state = queue.isDraining ? "draining" : queue.isOpen ? "open" : "closed"
            let first = [queue.name, state, String(queue.serving), String(queue.waiting.count)]
            guard !queue.waiting.isEmpty else {
                table.add(first + ["-", "-", "-", "-"])
                continue
            }
            for (index, waiter) in queue.waiting.enumerated() {
                table.add(
                    (index == 0 ? first : ["", "", "", ""]) + [
                        String(waiter.position), ScreenTime.text(waiter.since),
                        waiter.priority.joined(separator: " "), waiter.offeredTo?.text ?? "-",
                    ])
            }
        }
        print(table.text)
    }
}

struct QueueDrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Takes nobody new into a queue; those who wait are served.")
    @OptionGroup var data: DataOptions
    @Argument(help: "The queue's name.")
    var queue: String

    func run() async throws {
        try await ServerClient(folder: data.folder).post("queues/\(try ServerClient.part(queue))/drain")
    }
}

struct QueueEmergencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emergency", abstract: "Declares an emergency, or its end: fault reports are served first.")
    @OptionGroup var data: DataOptions
    @Argument(help: "on or off.")
    var state: String

    func run() async throws {
        guard ["on", "off"].contains(state) else { throw ValidationError("say `on` or `off`, not `\(state)`") }
        try await ServerClient(folder: data.folder).post("emergency", ["declared": .boolean(state == "on")])
    }
}
