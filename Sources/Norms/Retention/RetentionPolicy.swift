/// How long recordings are kept: rules as data (docs/retention.md). The longest of what applies wins; a minimum of the
/// law stands above the rules, a hold above all.
public struct RetentionPolicy: Sendable, Hashable {
    /// Which recordings a rule is about: every condition that is given must hold, one of a list is enough.
    public struct Conditions: Sendable, Hashable {
        /// Of an order that the recording, or its call, is linked to.
        public var categories: [String] = []
        /// How the call ended.
        public var outcomes: [String] = []
        /// What agents marked the call as.
        public var marks: [String] = []
        /// What the recording was made for: `call`, `consultation`.
        public var purposes: [String] = []
        /// `inbound`, `outbound`, …
        public var directions: [String] = []

        public init() {}
    }

    /// From when a rule counts.
    public enum Start: String, Sendable, Hashable, CaseIterable {
        /// The recording's beginning.
        case recorded
        /// The closing of its last order; of a recording without an order, its beginning.
        case closed
    }

    public struct Rule: Sendable, Hashable {
        /// Letters, digits, `-`, `_`; unique within the policy.
        public var id: String
        public var conditions: Conditions
        public var keep: CalendarPeriod
        public var start: Start
        /// What the rule rests on: the clause of a norm or a law, or whose decision it is.
        public var clause: String

        public init(
            id: String, conditions: Conditions = Conditions(), keep: CalendarPeriod, start: Start = .recorded,
            clause: String
        ) {
            self.id = id
            self.conditions = conditions
            self.keep = keep
            self.start = start
            self.clause = clause
        }
    }

    /// What becomes of a call's numbers and keys when the last of its recordings is deleted.
    public enum CallData: String, Sendable, Hashable, CaseIterable {
        case keep, erase
    }

    public var name: String
    public var version: String
    public var rules: [Rule]
    /// Where no rule applies.
    public var otherwise: Rule
    /// Nothing is deleted before these, neither by a rule nor at a person's wish.
    public var minima: [Rule]
    /// An order that nobody closed counts as closed so long after it was made.
    public var assumeClosedAfter: CalendarPeriod
    /// After so long a recording that stays is moved to the archive; nil: none is.
    public var archiveAfter: CalendarPeriod?
    public var callData: CallData

    public init(
        name: String, version: String, rules: [Rule], otherwise: Rule, minima: [Rule],
        assumeClosedAfter: CalendarPeriod, archiveAfter: CalendarPeriod? = nil, callData: CallData = .keep
    ) {
        self.name = name
        self.version = version
        self.rules = rules
        self.otherwise = otherwise
        self.minima = minima
        self.assumeClosedAfter = assumeClosedAfter
        self.archiveAfter = archiveAfter
        self.callData = callData
    }

    /// As facts cite it.
    public var citation: String { "\(name) \(version)" }
}
