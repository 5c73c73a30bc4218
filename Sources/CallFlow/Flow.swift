import Documents

/// A call flow, loaded and proved sound.
public struct Flow: Sendable {
    public let name: String
    /// `name@` and the first 12 hex digits of the file's hash, as the loader's caller gave it.
    public let version: String

    /// The categories of work orders that a flow may name.
    public static let categories: Set<String> = [
        "fault", "complaint", "report", "consultation", "business", "suggestion", "callback",
    ]

    /// Reads a flow and proves it sound. The flow is nil where there is an error.
    ///
    /// - Parameters:
    ///   - text: the file's contents.
    ///   - file: its name, for messages.
    ///   - prompts: the ids of the prompt catalog.
    ///   - variables: names that the configuration defines beside those of the call (`unit.…`, `notice.…`).
    ///   - categories: the categories of work orders.
    ///   - version: `name@hash`.
    public static func load(
        text: String, file: String, prompts: Set<String>, variables: Set<String> = [],
        categories: Set<String> = Flow.categories, version: String = ""
    ) -> (flow: Flow?, diagnostics: Diagnostics) {
        (nil, Diagnostics())
    }
}
