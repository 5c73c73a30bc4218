import Foundation
import LoadCaller

/// `hotline-load`: reads the command line, runs, prints, and says by its exit code what came of it.
@main
struct HotlineLoad {
    static func main() {
        do throws(LoadError) {
            switch try Arguments.read(Array(CommandLine.arguments.dropFirst()), file: text) {
            case .help: FileHandle.standardOutput.write(Data(Arguments.help.utf8))
            case .run(let plan): exit(try run(plan))
            }
        } catch {
            complain("hotline-load: \(error)")
            exit(2)
        }
    }

    private static func run(_ plan: Plan) throws(LoadError) -> Int32 {
        let report = try LoadRun(plan, say: complain).run()
        if plan.json != "-" { FileHandle.standardOutput.write(Data(Table.text(report).utf8)) }
        if let path = plan.json { try write(report, to: path) }
        return report.exitCode
    }

    private static func write(_ report: Report, to path: String) throws(LoadError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            let data = try encoder.encode(report) + Data("\n".utf8)
            if path == "-" {
                FileHandle.standardOutput.write(data)
            } else {
                try data.write(to: URL(fileURLWithPath: path))
            }
        } catch {
            throw LoadError("--json \(path): \(error)")
        }
    }

    private static func text(_ path: String) throws(LoadError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else { throw LoadError("\(path): cannot be read") }
        return String(decoding: data, as: UTF8.self)
    }

    private static func complain(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}
