import Calls

/// What one rule says of one call, order, or piece of work.
public struct AuditItem: Sendable, Hashable {
    /// What is judged.
    public enum Subject: Sendable, Hashable {
        case call(CallID)
        /// By its number.
        case order(String)
        /// A duty of a period: `suggestion-box/2026-11-20`.
        case duty(String)

        /// As reports name it.
        public var text: String {
            switch self {
            case .call(let id): id.description
            case .order(let number): number
            case .duty(let name): name
            }
        }
    }

    public enum Verdict: Sendable, Hashable {
        case kept
        case broken
        /// Open, and not due as of the audit's moment.
        case pending
        /// The rule has no figure to break: what was measured is shown.
        case shown
        /// Why it cannot be said: a constant of a few words, which reports count by.
        case notJudged(String)
    }

    public var subject: Subject
    public var verdict: Verdict
    /// When what is judged began: Unix time in microseconds, UTC.
    public var at: Int64
    /// What was measured, in milliseconds; nil where it is a yes or no, or nothing was measured.
    public var milliseconds: Int64?
    /// Until when, where the limit is a moment.
    public var due: Int64?
    /// When it was done; nil while it is not.
    public var done: Int64?
    /// A work number.
    public var agent: String?
    /// The department or crew.
    public var unit: String?
    /// What is missing or wrong, in words.
    public var note: String?
    /// Of a breach: where it is heard and filed.
    public var trail = Trail()

    /// The recordings and orders, or calls, that belong to a breach.
    public struct Trail: Sendable, Hashable {
        /// As text.
        public var recordings: [String] = []
        /// By number.
        public var orders: [String] = []

        public init() {}
    }

    public init(
        _ subject: Subject, _ verdict: Verdict, at: Int64, milliseconds: Int64? = nil, due: Int64? = nil,
        done: Int64? = nil, agent: String? = nil, unit: String? = nil, note: String? = nil
    ) {
        self.subject = subject
        self.verdict = verdict
        self.at = at
        self.milliseconds = milliseconds
        self.due = due
        self.done = done
        self.agent = agent
        self.unit = unit
        self.note = note
    }
}
