import ArgumentParser
import Calls
import Foundation

struct AgentDialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dial", abstract: "Calls somebody for an agent: the agent's phone rings first.",
        discussion: """
            The call is recorded, the notice of it is played, and the recording is linked to the order with its role: \
            call_back, contact or return_visit.
            """)
    @OptionGroup var data: DataOptions
    @Argument(help: "The agent's work number.")
    var agent: String
    @Option(help: "Whom to call; without it who is to be called back, or the order's caller.")
    var number: String?
    @Option(help: "The order's number.")
    var order: String?
    @Option(help: "call_back, contact or return_visit.")
    var role = "contact"
    @Option(help: "Call back whoever asked for it in this call, or whose line broke in it: an id of `callbacks list`.")
    var callback: CallID?

    func run() async throws {
        var body: [String: JSONScalar] = ["agent": .text(agent), "role": .text(callback == nil ? role : "call_back")]
        if let number { body["number"] = .text(number) }
        if let order { body["order"] = .text(order) }
        if let callback { body["asking"] = .text(callback.description) }
        let answer = try await ServerClient(folder: data.folder).post("calls", body)
        print(String(decoding: answer, as: UTF8.self))
    }
}
