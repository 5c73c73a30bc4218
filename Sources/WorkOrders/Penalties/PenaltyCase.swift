/// A proposal until a person has decided: confirmed with a sum, or dropped with a reason. Once decided it stays.
public struct PenaltyCase: Sendable, Hashable {
    public enum Decision: Sendable, Hashable {
        /// In yuan.
        case confirmed(yuan: Int, persons: Int)
        case dropped
    }

    /// Who decided what, when and why.
    public struct Verdict: Sendable, Hashable {
        public var decision: Decision
        public var by: OrderActor
        /// Unix µs, UTC.
        public var at: Int64
        public var why: String
    }

    public enum Refusal: Error, Sendable, Hashable {
        case decidedAlready(Verdict)
        /// The document allows other sums.
        case sum(PenaltyProposal.Bounds)
        /// Who may not decide: whoever had the order judges not themselves.
        case party(String)
        case reasonMissing
    }

    public let proposal: PenaltyProposal
    public private(set) var verdict: Verdict?

    public init(_ proposal: PenaltyProposal) { self.proposal = proposal }

    /// What is due; nil before somebody has confirmed it, and where it was dropped.
    public var yuan: Int? {
        if case .confirmed(let yuan, _) = verdict?.decision { return yuan }
        return nil
    }

    /// - Parameters:
    ///   - yuan: within the document's figures for so many persons; where it gives none, any sum from 0.
    public mutating func confirm(
        yuan: Int, persons: Int = 1, by actor: OrderActor, at: Int64, why: String
    ) throws(Refusal) {
        try check(actor, why)
        let bounds = proposal.bounds(persons: persons) ?? PenaltyProposal.Bounds(least: 0, most: nil)
        guard bounds.contains(yuan) else { throw .sum(bounds) }
        verdict = Verdict(decision: .confirmed(yuan: yuan, persons: persons), by: actor, at: at, why: why)
    }

    public mutating func drop(by actor: OrderActor, at: Int64, why: String) throws(Refusal) {
        try check(actor, why)
        verdict = Verdict(decision: .dropped, by: actor, at: at, why: why)
    }

    private func check(_ actor: OrderActor, _ why: String) throws(Refusal) {
        if let verdict { throw .decidedAlready(verdict) }
        guard why.contains(where: { !$0.isWhitespace }) else { throw .reasonMissing }
        if let unit = actor.unit, unit == proposal.unit { throw .party(unit) }
    }
}

/// Deducted in the month's performance pay, and carried over to the months after it until it is complete (000-G 第二十八条).
public enum PenaltyDeduction {
    /// - Parameters:
    ///   - owed: yuan.
    ///   - available: each month's performance pay, in yuan; what is negative counts as nothing.
    /// - Returns: what each month bears, and what is left beyond the last.
    public static func plan(owed: Int, available: [Int]) -> (months: [Int], left: Int) {
        var left = max(0, owed)
        let months = available.map { pay in
            let part = min(left, max(0, pay))
            left -= part
            return part
        }
        return (months, left)
    }
}
