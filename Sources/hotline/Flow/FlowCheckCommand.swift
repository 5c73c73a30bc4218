import ArgumentParser
import CallFlow
import Documents
import Storage

/// `hotline flow check`.
struct FlowCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Proves that a flow cannot fail in mid-call, and walks every path of it.",
        discussion: "Exit status 1 where the flow is refused. Warnings refuse nothing.")

    @OptionGroup var options: FlowOptions

    @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
    var json = false

    private struct Complaint: Encodable {
        let severity: String
        let code: String
        let line: Int
        let column: Int
        let message: String
        let advice: String

        init(_ severity: String, _ error: DocumentError) {
            self.severity = severity
            code = error.code.name
            line = error.line
            column = error.column
            message = error.message
            advice = error.advice
        }
    }

    private struct Answer: Encodable {
        let file: String
        let ok: Bool
        let flowVersion: String?
        let steps: Int?
        let situations: Int?
        let complaints: [Complaint]
        let problems: [String]

        enum CodingKeys: String, CodingKey {
            case file, ok, steps, situations, complaints, problems
            case flowVersion = "flow_version"
        }
    }

    func run() throws {
        let loaded = try options.load()
        let walk = loaded.flow.map { FlowWalker.walk($0) }
        let isSound = loaded.flow != nil && walk?.problems.isEmpty == true
        let diagnostics = loaded.diagnostics
        if json {
            let answer = Answer(
                file: loaded.path, ok: isSound, flowVersion: loaded.flow?.version,
                steps: loaded.flow?.stepNames.count, situations: walk?.situations,
                complaints: diagnostics.errors.map { Complaint("error", $0) }
                    + diagnostics.warnings.map { Complaint("warning", $0) },
                problems: walk?.problems ?? [])
            print(String(decoding: try QueryJSON.encode(answer), as: UTF8.self))
        } else {
            for error in diagnostics.errors { print("error: \(error)") }
            for warning in diagnostics.warnings { print("warning: \(warning)") }
            for problem in walk?.problems ?? [] { print("error: \(loaded.path): \(problem)") }
            if diagnostics.suppressed > 0 { print("… and \(diagnostics.suppressed) more") }
            if let flow = loaded.flow, let walk {
                let cut = walk.isCut ? ", not all of them" : ""
                print(
                    "\(flow.version): \(flow.stepNames.count) steps, \(walk.situations) situations walked\(cut), "
                        + (isSound ? "sound" : "not sound"))
            } else {
                print("\(loaded.path): refused, \(diagnostics.errors.count) errors")
            }
        }
        guard isSound else { throw ExitCode(1) }
    }
}
