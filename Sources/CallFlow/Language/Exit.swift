import Documents

/// The name of a step that another step leads to.
struct Target: Sendable, Hashable {
    let name: String
    /// For complaints.
    let node: Node
}

/// A way out of a step.
struct Exit: Sendable {
    enum Kind: Sendable {
        /// Taken without the caller's doing: a loop of these alone would never end.
        case automatic
        /// Taken because the caller pressed something.
        case input
        /// Taken by itself, but only so many times in a call.
        case limited
        /// Taken when the caller hangs up.
        case hangup
    }

    /// For drawings and transcripts: `1`, `no input`, `next`.
    let label: String
    let target: Target
    let kind: Kind
    /// Variables that have new values on this way, whatever they held before.
    let sets: [String]

    init(_ label: String, _ target: Target, _ kind: Kind, sets: [String] = []) {
        self.label = label
        self.target = target
        self.kind = kind
        self.sets = sets
    }
}
