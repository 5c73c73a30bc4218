import CallFlow
import Console
import Documents
import Evidence
import Foundation
import WorkOrders

/// A flow as read from its file, sound or not: the one way in which every command loads one.
struct FlowFile {
    let path: String
    /// Nil where the flow is refused.
    let flow: Flow?
    let diagnostics: Diagnostics

    /// - Parameters:
    ///   - prompts: what the catalog's prompts say, by id.
    ///   - variables: names that the configuration defines.
    ///   - queues: the queues of the agents' file; nil where there is none: then a flow may name any, since nobody is
    ///     brought to one (`desk.agents` is not `true`).
    /// - Throws: `CommandError` where the file cannot be read.
    init(_ path: String, prompts: [String: String], variables: Set<String>, queues: Set<String>? = nil) throws {
        let text = try Self.read(path)
        self.path = path
        (flow, diagnostics) = Flow.load(
            text: text, file: path, prompts: Set(prompts.keys), texts: prompts, variables: variables,
            categories: Set(OrderCategory.allCases.map(\.rawValue)), queues: queues,
            version: Self.version(of: text, path: path))
    }

    /// - Throws: `DocumentErrors` with everything wrong with it.
    func sound() throws -> Flow {
        try diagnostics.throwErrors()
        guard let flow else { throw CommandError("\(path): the flow could not be loaded") }
        return flow
    }

    /// The flow as the console shows it.
    /// - Parameter prompts: what the catalog's prompts say, by id.
    /// - Throws: as `sound`.
    func shown(_ use: ShownFlow.Use, prompts: [String: String]) throws -> ShownFlow {
        ShownFlow(use: use, flow: try sound(), file: path, warnings: diagnostics.warnings, texts: prompts)
    }

    /// The text of a file, or an error that names it.
    static func read(_ path: String) throws -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw CommandError("\(path): cannot be read: \(error.localizedDescription)")
        }
    }

    /// `power-hotline@` and the first 12 hex digits of the file's SHA-256.
    private static func version(of text: String, path: String) -> String {
        let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        var hash = SHA256Stream()
        hash.update(bytes: Array(text.utf8))
        return "\(name)@\(hash.finish().prefix(12))"
    }
}
