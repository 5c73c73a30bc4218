import Calls
import Evidence

/// Which conversations are to be scored: drawn so that anybody can draw again, and finds the same.
///
/// Each candidate has a place by SHA-256 of the seed and its recording's id; the first ones are taken. The seed is made by the
/// server at the drawing and written down with it, so that nobody chooses.
public struct Sampling: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// `count` of all.
        case random
        /// `count` of each agent.
        case perAgent = "per_agent"
        /// Every one that broke a norm.
        case breaches
        /// Every one with an order of severity `serious` or `major`, or a caller marked as angry.
        case severe
        /// `count` of all, each scored by every reviewer without seeing the others.
        case calibration
    }

    /// One agent's part in a recorded call.
    public struct Candidate: Sendable, Hashable {
        public var recording: RecordingID
        public var call: CallID
        public var agent: String
        public var isBreach: Bool
        public var isSevere: Bool

        public init(recording: RecordingID, call: CallID, agent: String, isBreach: Bool, isSevere: Bool) {
            self.recording = recording
            self.call = call
            self.agent = agent
            self.isBreach = isBreach
            self.isSevere = isSevere
        }
    }

    /// What a reviewer has to do.
    public struct Assignment: Sendable, Hashable {
        public var candidate: Candidate
        public var reviewer: String
    }

    /// The most that one drawing gives.
    public static let mostAssignments = 2000

    public var kind: Kind
    /// Of `random`, `per_agent`, `calibration`; the others take all.
    public var count: Int
    public var seed: UInt64

    public init(kind: Kind, count: Int, seed: UInt64) {
        self.kind = kind
        self.count = count
        self.seed = seed
    }

    /// - Parameters:
    ///   - candidates: in any order.
    ///   - reviewers: by name; who is to score. Each gets as many as the next, in turn.
    ///   - isOwn: whether a reviewer is an agent themselves, and this one: nobody scores themselves.
    /// - Returns: in the order of drawing; at most `mostAssignments`.
    public func draw(
        from candidates: [Candidate], reviewers: [String], isOwn: (_ reviewer: String, _ agent: String) -> Bool
    ) -> [Assignment] {
        let chosen = chosen(from: candidates)
        let reviewers = reviewers.sorted()
        guard !reviewers.isEmpty else { return [] }
        var assignments: [Assignment] = []
        var turn = 0
        for candidate in chosen {
            if kind == .calibration {
                for reviewer in reviewers where !isOwn(reviewer, candidate.agent) {
                    assignments.append(Assignment(candidate: candidate, reviewer: reviewer))
                }
                continue
            }
            let order = reviewers.indices.map { reviewers[(turn + $0) % reviewers.count] }
            guard let reviewer = order.first(where: { !isOwn($0, candidate.agent) }) else { continue }
            turn += 1
            assignments.append(Assignment(candidate: candidate, reviewer: reviewer))
        }
        return Array(assignments.prefix(Self.mostAssignments))
    }

    private func chosen(from candidates: [Candidate]) -> [Candidate] {
        let places = candidates.map { (place(of: $0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
        switch kind {
        case .random, .calibration: return Array(places.prefix(count))
        case .breaches: return places.filter(\.isBreach)
        case .severe: return places.filter(\.isSevere)
        case .perAgent:
            var taken: [String: Int] = [:]
            return places.filter { candidate in
                let so = taken[candidate.agent, default: 0]
                guard so < count else { return false }
                taken[candidate.agent] = so + 1
                return true
            }
        }
    }

    /// Hexadecimal text, which sorts as its bytes.
    private func place(of candidate: Candidate) -> String {
        var hash = SHA256Stream()
        hash.update(bytes: (0..<8).map { UInt8(truncatingIfNeeded: seed >> UInt64(56 - 8 * $0)) })
        hash.update(bytes: candidate.recording.bytes)
        hash.update(bytes: Array(candidate.agent.utf8))
        return hash.finish()
    }
}
