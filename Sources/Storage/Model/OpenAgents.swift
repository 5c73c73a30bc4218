import Calls

/// What was open when the program last ended: a restart classifies it with facts of its own (`AgentChanged` with source
/// `restart`, `QueueLeft` with exit `interrupted`, `OfferEnded` with `failed`, `AgentLeft` by `unknown`).
public struct OpenAgents: Sendable, Hashable {
    /// An agent whose last state is not `logged_out`.
    public struct State: Sendable, Hashable {
        public var agent: WorkNumber
        public var node: String
        public var state: AgentState
        public var reason: String?
        public var since: Instant
        /// The boot that `since` belongs to; nil where a restart wrote it.
        public var boot: String?
    }

    /// A caller who entered a queue and has not left it.
    public struct Passage: Sendable, Hashable {
        public var call: CallID
        public var node: String
        public var queue: String
        public var enteredAt: Instant
        public var boot: String
        /// The offers of this wait so far: what `QueueLeft` has to sum up.
        public var offers: Int
        public var rings: Int
        public var ringMilliseconds: Int64
    }

    /// An agent's leg that is being offered, or was answered and has not ended.
    public struct Leg: Sendable, Hashable {
        public var call: CallID
        public var leg: LegID
        public var agent: WorkNumber
        public var purpose: AgentPurpose
        public var node: String
        public var boot: String
        public var offeredAt: Instant
        public var alertedAt: Instant?
        public var answeredAt: Instant?
        /// Nil: `OfferEnded` is missing too.
        public var outcome: OfferOutcome?
    }

    /// A call-back that a caller asked for and that has not been made: its place in the queue is kept.
    public struct Place: Sendable, Hashable {
        public var call: CallID
        public var node: String
        public var queue: String
        /// To call back.
        public var number: String
        /// Normalised number of the call that asked; nil where withheld.
        public var caller: String?
        public var skill: String?
        public var priority: [String]
        /// When the queue was entered, in a boot that may be over.
        public var enteredAt: Instant
    }

    /// By work number.
    public var states: [State]
    /// In the order of entering.
    public var passages: [Passage]
    /// In the order of offering.
    public var legs: [Leg]
    /// In the order of entering the queue. Nothing to classify: they are taken up again.
    public var places: [Place]
    /// The last event of each node's journal, by node: the program was alive then.
    public var lastSeen: [String: Instant]

    /// Nothing is left to classify.
    public var isEmpty: Bool { states.isEmpty && passages.isEmpty && legs.isEmpty }
}
