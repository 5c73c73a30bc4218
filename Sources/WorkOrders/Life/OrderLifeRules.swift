/// The life of a type of order, as a file gives it: states, steps, clocks. What it means stands in `OrderLife`, how it is
/// written in docs/orders.md.
public struct OrderLifeRules: Sendable, Hashable {
    /// The state before the step `accept`; it belongs to whoever takes the call, and is never stored.
    public static let unborn = "new"
    /// Written for an owner or a doer: the owner of the present state.
    public static let ownerWord = "owner"

    public struct State: Sendable, Hashable {
        public var id: String
        public var title: String
        /// A role, or `$OPTION`; nil in a final state.
        public var owner: String?
        public var isFinal: Bool
        /// What `orders list` shows.
        public var status: OrderStatus
    }

    /// What an order owes by a time, and who owes it.
    public struct Clock: Sendable, Hashable {
        public var id: String
        public var title: String
        /// A role, `$OPTION`, or `owner`: whoever owns the order's state.
        public var owner: String
        /// The limit's name in policies is `CATEGORY.NAME`.
        public var limit: String
        /// The field by whose value the limit differs: `CATEGORY.NAME.VALUE` is looked for first.
        public var varies: String?
        /// The field that holds the due time, where a person sets it.
        public var dueField: String?
        /// It does not start where this does not hold.
        public var condition: OrderCondition
        /// No final state while it runs, but for an order that goes on under another number. Other clocks end with it.
        public var isRequired: Bool
        /// It is not started again once it has stopped.
        public var isOnce: Bool
        /// An extension moves it.
        public var isExtendable: Bool
        /// The steps whose stopping is judged; empty: any. What a clock of a right is (returning an order that is not
        /// one's own), which is not broken where the right is not used.
        public var judgedBy: [String]
        /// A set of alarms of the vocabulary; nil: nobody is warned.
        public var alarms: String?
        public var clause: String?
    }

    /// A clock that starts, where its condition holds.
    public struct Start: Sendable, Hashable {
        public var clock: String
        public var condition: OrderCondition
    }

    /// What must hold (`only`) or must not hold (`never`) for a step, with the reason told to whoever is refused.
    public struct Guard: Sendable, Hashable {
        public var condition: OrderCondition
        public var because: String
    }

    /// Fields that are needed where a condition holds.
    public struct Need: Sendable, Hashable {
        public var fields: [String]
        public var condition: OrderCondition
    }

    /// One outcome of a step: the first whose condition holds.
    public struct Case: Sendable, Hashable {
        public var condition: OrderCondition
        /// Nil: the state stays.
        public var to: String?
        public var starts: [Start]
        public var stops: [String]
        public var sets: [OrderCondition.Term]
        public var notify: [String]
    }

    /// What a step does that states and clocks do not say.
    public enum Effect: String, Sendable, Hashable, CaseIterable {
        case askExtension = "ask_extension"
        case grantExtension = "grant_extension"
        /// The order goes on under another's number; so do its clocks.
        case merge
        /// Another order goes on under this one's number.
        case absorb
        case link
        case acknowledge
        /// A recording is given later for a step that wanted one.
        case prove
    }

    public struct Step: Sendable, Hashable {
        public var id: String
        public var title: String
        /// States it is possible in; `any` in the file is every state that is not final.
        public var from: [String]
        /// Roles; `owner`; `$OPTION`; empty: everybody.
        public var by: [String]
        public var only: [Guard]
        public var never: [Guard]
        public var needs: [Need]
        public var takes: [String]
        public var whyIsNeeded: Bool
        /// What is shown as unproven without a recording.
        public var wantsRecording: Bool
        /// In the file's order; one without condition at most, at the end.
        public var cases: [Case]
        public var effect: Effect?
        /// Duties that outlive the order, by their limit's name.
        public var follows: [String]
        public var clause: String?
    }

    public let id: String
    public let title: String
    public let version: String
    public let categories: [String]
    public let vocabulary: OrderVocabulary
    /// In the file's order.
    public let states: [State]
    public let clocks: [Clock]
    public let steps: [Step]
    private let stateIndex: [String: Int]
    private let clockIndex: [String: Int]
    private let stepIndex: [String: Int]

    public init(
        id: String, title: String, version: String, categories: [String], vocabulary: OrderVocabulary,
        states: [State], clocks: [Clock], steps: [Step]
    ) {
        self.id = id
        self.title = title
        self.version = version
        self.categories = categories
        self.vocabulary = vocabulary
        self.states = states
        self.clocks = clocks
        self.steps = steps
        func index(_ ids: [String]) -> [String: Int] {
            Dictionary(zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
        }
        stateIndex = index(states.map(\.id))
        clockIndex = index(clocks.map(\.id))
        stepIndex = index(steps.map(\.id))
    }

    public func state(_ id: String) -> State? { stateIndex[id].map { states[$0] } }
    public func clock(_ id: String) -> Clock? { clockIndex[id].map { clocks[$0] } }
    public func step(_ id: String) -> Step? { stepIndex[id].map { steps[$0] } }
    /// The one that begins it; every life that was checked has one.
    public var acceptance: Step? { steps.first { $0.from.contains(Self.unborn) } }
}
