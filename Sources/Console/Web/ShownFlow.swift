import CallFlow
import Documents

/// A flow as the console shows it.
public struct ShownFlow: Sendable {
    /// For whom it is.
    public enum Use: String, Sendable, CaseIterable {
        /// Who calls the hotline.
        case callers
        /// Calls from agents' phones: feature codes.
        case phones
        /// Whom we called, once the agent has gone.
        case outbound
    }

    public var use: Use
    public var flow: Flow
    /// Its file.
    public var file: String
    /// What the checker says against it, by place.
    public var warnings: [DocumentError]
    /// What prompts say, by id.
    public var texts: [String: String]

    public init(use: Use, flow: Flow, file: String, warnings: [DocumentError], texts: [String: String]) {
        self.use = use
        self.flow = flow
        self.file = file
        self.warnings = warnings
        self.texts = texts
    }
}
