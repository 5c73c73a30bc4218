/// The life of one review: submitted, amended by its reviewer, appealed by the agent, decided by somebody else. Nothing is ever
/// overwritten: each revision stands beside the ones before.
///
/// A value: the owner asks what may happen next, and makes it again from what was written down.
public struct Review: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable {
        case submitted
        case appealed
        /// The appeal did not change it.
        case upheld
        /// It did: the last revision is the decider's.
        case changed
    }

    /// What was asked of it and cannot be.
    public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
        public enum Code: String, Sendable, Hashable {
            case notReviewer = "not_reviewer"
            case notAgent = "not_agent"
            case ownReview = "own_review"
            case tooLate = "too_late"
            case alreadyAppealed = "already_appealed"
            case notAppealed = "not_appealed"
            case calibration
            case noReason = "no_reason"
        }

        public var code: Code
        public var description: String

        init(_ code: Code, _ description: String) {
            self.code = code
            self.description = description
        }
    }

    /// How an appeal ends.
    public enum Outcome: String, Sendable, Hashable, Codable, CaseIterable {
        case upheld
        case changed
    }

    /// Who scored, by the name they sign in with.
    public let reviewer: String
    /// The work number of whom it is about.
    public let agent: String
    /// Made to compare reviewers with one another: it counts for no agent.
    public let isCalibration: Bool
    public private(set) var state = State.submitted
    /// From 1.
    public private(set) var revisions = 1
    /// Unix microseconds, UTC: an appeal must come before it.
    public let appealUntil: Int64
    /// Everybody who wrote a revision.
    private var writers: Set<String>

    public init(reviewer: String, agent: String, isCalibration: Bool, appealUntil: Int64) {
        self.reviewer = reviewer
        self.agent = agent
        self.isCalibration = isCalibration
        self.appealUntil = appealUntil
        writers = [reviewer]
    }

    /// One that was written down before, as it stands.
    /// - Parameter writers: who wrote its revisions.
    public init(
        reviewer: String, agent: String, isCalibration: Bool, appealUntil: Int64, state: State, revisions: Int,
        writers: Set<String>
    ) {
        self.init(reviewer: reviewer, agent: agent, isCalibration: isCalibration, appealUntil: appealUntil)
        self.state = state
        self.revisions = revisions
        self.writers.formUnion(writers)
    }

    /// The reviewer corrects themselves; not in a calibration, whose other answers they may have seen since.
    /// - Returns: the new revision's number.
    public mutating func amend(by person: String, why: String) throws(Refusal) -> Int {
        if isCalibration { throw Refusal(.calibration, "a calibration is answered once") }
        guard person == reviewer else { throw Refusal(.notReviewer, "only \(reviewer), who made it, amends a review") }
        guard state == .submitted else {
            throw Refusal(.alreadyAppealed, "a review that was appealed is changed by the decision alone")
        }
        try Self.check(why)
        revisions += 1
        return revisions
    }

    /// - Parameter now: Unix microseconds, UTC.
    public mutating func appeal(by workNumber: String?, why: String, now: Int64) throws(Refusal) {
        if isCalibration { throw Refusal(.calibration, "a calibration counts for nobody: there is nothing to appeal") }
        guard workNumber == agent else { throw Refusal(.notAgent, "only agent \(agent), whom it is about, appeals") }
        guard state == .submitted else { throw Refusal(.alreadyAppealed, "it was appealed already") }
        guard now < appealUntil else { throw Refusal(.tooLate, "the time for an appeal is over") }
        try Self.check(why)
        state = .appealed
    }

    /// - Returns: the new revision's number where it is changed; nil otherwise.
    public mutating func decide(
        _ outcome: Outcome, by person: String, workNumber: String?, why: String
    ) throws(Refusal) -> Int? {
        guard state == .appealed else { throw Refusal(.notAppealed, "there is no appeal to decide") }
        guard !writers.contains(person), workNumber != agent else {
            throw Refusal(.ownReview, "an appeal is decided by somebody who neither scored nor is scored")
        }
        try Self.check(why)
        switch outcome {
        case .upheld:
            state = .upheld
            return nil
        case .changed:
            state = .changed
            writers.insert(person)
            revisions += 1
            return revisions
        }
    }

    private static func check(_ why: String) throws(Refusal) {
        if why.allSatisfy(\.isWhitespace) { throw Refusal(.noReason, "say why") }
    }
}
