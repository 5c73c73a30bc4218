/// One thing that the doctor looked at; `hotline doctor --json` and the console's findings show it.
public struct Finding: Codable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable {
        case ok, warning
        /// It would keep calls from being taken or recorded.
        case error
    }

    /// What was looked at: `disk`, `clock`, …
    public var check: String
    public var state: State
    public var message: String
    /// What to do; empty where nothing is.
    public var next: String

    public init(check: String, state: State, message: String, next: String) {
        self.check = check
        self.state = state
        self.message = message
        self.next = next
    }
}
