import CallFlow
import Documents
import Evidence
import Foundation
import Logging

/// Loads a flow's file, with a version that names its content.
enum FlowFile {
    /// - Throws: `DocumentErrors` with everything wrong with it, or `CommandError` where it cannot be read.
    static func load(_ path: String, prompts: Set<String>, variables: Set<String>, log: Logger) throws -> Flow {
        let text = try read(path)
        let (flow, diagnostics) = Flow.load(
            text: text, file: path, prompts: prompts, variables: variables, version: version(of: text, path: path))
        for warning in diagnostics.warnings { log.notice("flow warning", metadata: ["warning": "\(warning)"]) }
        try diagnostics.throwErrors()
        guard let flow else { throw CommandError("\(path): the flow could not be loaded") }
        return flow
    }

    static func read(_ path: String) throws -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw CommandError("\(path): cannot be read: \(error.localizedDescription)")
        }
    }

    /// `power-hotline@` and the first 12 hex digits of the file's SHA-256.
    static func version(of text: String, path: String) -> String {
        let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        var hash = SHA256Stream()
        hash.update(bytes: Array(text.utf8))
        return "\(name)@\(hash.finish().prefix(12))"
    }
}
