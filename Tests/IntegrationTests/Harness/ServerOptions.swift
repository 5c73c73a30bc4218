import Foundation

/// The configuration a test's server runs with; everything else is as shipped.
struct ServerOptions: Sendable {
    /// Where it listens; port 0 takes a free one.
    var sip = "127.0.0.1:0"
    /// Only this address may call: 127.0.0.2 is the stranger.
    var allow = ["127.0.0.1/32", "::1/128"]
    var maxCalls = 300
    /// The shipped flow, or one of `Tests/IntegrationTests/Flows`.
    var flow = "power-hotline.yaml"
    var answerOnRing = 1
    var answerAfter = "1s"
    var drain = "20s"
    /// The port on loopback at which the carrier's gateway takes calls out; nil: nobody can be called.
    var gateway: Int?
    /// The agents' file's text; nil: no agents.
    var agents: String?
    /// Hundredths of its time that the media thread may work before calls are refused: tests share their machine. Given by
    /// the environment, so that the file stays a test's own.
    var loadLimit = 100
    /// Lines added at the end, for what one test needs.
    var more = ""

    /// Added to the server's environment.
    var environment: [String: String] = [:]
    /// Options of `serve` besides those that every test gives.
    var arguments: [String] = []
    /// Whether the test writes to the server's standard input.
    var hasKeyboard = false

    /// All that the server is given.
    var wholeEnvironment: [String: String] {
        environment.merging(["HOTLINE_RTP_LOAD_LIMIT": "\(loadLimit)"], uniquingKeysWith: { own, _ in own })
    }

    /// The configuration file's text.
    /// - Parameter agentsFile: where `agents` stands.
    func yaml(agentsFile: String) -> String {
        """
        sip:
          allow: [\(allow.map { "\"\($0)\"" }.joined(separator: ", "))]
          max_calls: \(maxCalls)
        \(gateway.map { "  gateway: \"127.0.0.1:\($0)\"" } ?? "")
        answer:
          on_ring: \(answerOnRing)
          after: \(answerAfter)
        flow:
          file: \(flowPath)
        prompts:
          folder: \(Repository.prompts.path)
        stop:
          drain: \(drain)
        \(agents == nil ? "" : "agents:\n  file: \(agentsFile)\n")\(more)
        """
    }

    private var flowPath: String {
        let own = Repository.root.appendingPathComponent("Tests/IntegrationTests/Flows/\(flow)").path
        let shipped = Repository.root.appendingPathComponent("flows/\(flow)").path
        return FileManager.default.fileExists(atPath: own) ? own : shipped
    }
}
