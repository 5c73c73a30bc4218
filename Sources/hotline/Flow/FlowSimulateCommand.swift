import ArgumentParser
import CallFlow
import Storage

/// `hotline flow simulate`.
struct FlowSimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Tries a flow with a scripted caller, under a virtual clock.",
        discussion: """
            The script of --keys is followed one move at a time, whenever the flow waits for the caller:

              0-9 * #   press the key          w    do nothing until a time-out
              s5        speak for 5 s          h    hang up

            and in a queue, as words with spaces between:

              position:3/90   place, seconds to wait   answered:1001   an agent answers
              left            the agent hangs up       timeout, full, closed, no_agents, failed   the wait ends

            Afterwards the caller does nothing. Exit status 1 where a move could not be made.

            Example: hotline flow simulate --keys "2 s8 # 9 h" --set call.late=true
            """)

    @OptionGroup var options: FlowOptions

    @Option(help: ArgumentHelp("What the caller does.", valueName: "script"))
    var keys = ""

    @Option(help: ArgumentHelp("A variable of the call; repeatable.", valueName: "name=value"))
    var set: [String] = []

    @Option(
        help: ArgumentHelp(
            "What a look-up answers; repeatable. Sources without an answer fail.", valueName: "source.name=value"))
    var answer: [String] = []

    @Flag(help: "Orders cannot be made.")
    var orderFails = false

    @Flag(help: "Press keys into the prompts that they cut short, instead of hearing them out.")
    var impatient = false

    @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
    var json = false

    func validate() throws {
        do { _ = try FlowScript.moves(keys) } catch { throw ValidationError("--keys: \(error)") }
        for pair in set where !pair.contains("=") { throw ValidationError("--set takes name=value, not `\(pair)`.") }
        for entry in answer {
            guard let (name, _) = Self.pair(entry), name.dropFirst().dropLast().contains(".") else {
                throw ValidationError("--answer takes source.name=value, not `\(entry)`.")
            }
        }
    }

    private struct Event: Encodable {
        let ms: Int
        let kind: String
        let text: String
    }

    private struct Answer: Encodable {
        let flowVersion: String
        let events: [Event]
        let steps: [String]
        let prompts: [String]
        let orders: [String]
        let release: String?
        let unusedMoves: Int
        let refusal: String?

        enum CodingKeys: String, CodingKey {
            case events, steps, prompts, orders, release, refusal
            case flowVersion = "flow_version"
            case unusedMoves = "unused_moves"
        }
    }

    func run() throws {
        let given = Dictionary(set.compactMap(Self.pair), uniquingKeysWith: { _, last in last })
        let (flow, texts) = try options.sound(defining: given.keys)
        var lookups: [String: [String: String]] = [:]
        for (name, value) in answer.compactMap(Self.pair) {
            let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
            if parts.count == 2 { lookups[parts[0], default: [:]][parts[1]] = value }
        }
        let (moves, places) = try FlowScript.read(keys)
        var script = FlowScript(
            moves: moves, variables: Self.variables.merging(given) { _, given in given },
            lookups: lookups, isPatient: !impatient, places: places)
        if orderFails { script.order = nil }
        let result = FlowSimulator.run(flow, script)
        if json {
            let answer = Answer(
                flowVersion: flow.version,
                events: result.transcript.map { Event(ms: $0.at, kind: $0.kind, text: $0.text) }, steps: result.steps,
                prompts: result.prompts, orders: result.orders, release: result.release?.rawValue,
                unusedMoves: result.unused, refusal: result.refusal)
            print(String(decoding: try QueryJSON.encode(answer), as: UTF8.self))
        } else {
            print(flow.version)
            for entry in result.transcript { print(Self.line(entry, texts)) }
            if let refusal = result.refusal { print("error: --keys: \(refusal)") }
            if result.unused > 1 { print("\(result.unused) moves of the script were not made") }
        }
        if result.refusal != nil || result.isCut { throw ExitCode(1) }
    }

    /// A call like any other; synthetic.
    private static let variables = [
        "call.caller": "13800001234", "call.caller_known": "true", "call.called": "95598", "call.late": "false",
        "call.rings": "1", "time.minutes": "600", "time.weekday": "1", "time.date": "20261123",
    ]

    private static func pair(_ text: String) -> (String, String)? {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        return (String(parts[0]), String(parts[1]))
    }

    /// `  12.0 s  play     您好 …`: prompts as they sound, ids where their text is not known.
    private static func line(_ entry: FlowSimulator.Entry, _ texts: [String: String]) -> String {
        let tenths = entry.at / 100
        let time = "\(tenths / 10).\(tenths % 10) s"
        let text =
            entry.kind == "play"
            ? entry.text.split(separator: " ").map { texts[String($0)] ?? String($0) }.joined(separator: " ")
            : entry.text
        let indent = String(repeating: " ", count: max(0, 9 - time.count))
        let kind = entry.kind + String(repeating: " ", count: max(1, 9 - entry.kind.count))
        return "\(indent)\(time)  \(kind)\(text)"
    }
}
