import CallFlow
import Documents
import Foundation
import Testing

/// The files that the project ships, found from this file's own place.
enum Shipped {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The prompt catalog: texts by id.
    static func prompts() throws -> [String: String] {
        let diagnostics = Diagnostics()
        let document = try Document.parse(text("prompts/zh-CN/catalog.yaml"), file: "catalog.yaml")
        let reader = MappingReader(document, "the catalog", diagnostics)
        var result: [String: String] = [:]
        for item in reader.node("prompts")?.items ?? [] {
            let prompt = MappingReader(item, "prompt", diagnostics)
            if let id = prompt.string("id"), let text = prompt.string("text") { result[id] = text }
        }
        try diagnostics.throwErrors()
        return result
    }

    static func flow(_ name: String = "power-hotline") throws -> Flow {
        let prompts = try prompts()
        let loaded = Flow.load(
            text: try text("flows/\(name).yaml"), file: "flows/\(name).yaml", prompts: Set(prompts.keys),
            texts: prompts, version: "\(name)@test")
        try loaded.diagnostics.throwErrors()
        return try #require(loaded.flow)
    }
}
