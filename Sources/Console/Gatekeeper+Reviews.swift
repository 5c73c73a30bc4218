import Access
import Calls
import Quality
import Storage

// Who sees which review: by the recording, by whom it is about, and by who has still to score the same in a calibration.

extension Gatekeeper {
    /// A review that somebody may do this with.
    /// - Throws: `Problem` 403 where a right is missing; 404 where there is no such review, or it is to seem so.
    func review(_ id: ReviewID, for person: Person, _ right: Right) async throws -> ReviewDetail {
        guard let detail = try await reader.review(id) else { throw Problem(.notFound, "there is no review \(id)") }
        try Self.open(try await verdicts([detail.summary], person, right)[0], "review", id.description)
        return detail
    }

    /// Those of them that somebody may see; everything for the machine.
    func visible(_ reviews: [ReviewSummary], to asker: Asker?) async throws -> [ReviewSummary] {
        guard let person = asker?.person else { return reviews }
        let verdicts = try await verdicts(reviews, person, .seeScores)
        return zip(reviews, verdicts).filter { $1 == .allowed }.map(\.0)
    }

    /// Whether an agent's scores are somebody's to see, or to give.
    func concerns(_ agent: String, _ person: Person, _ right: Right) -> Bool {
        switch Rights.reach(of: person, right) {
        case .none: false
        case .own: person.workNumber == agent
        case .department: person.workNumber == agent || !person.units(units).isDisjoint(with: units(agent))
        case .all: true
        }
    }

    /// Which rows of the figures somebody's figures are made of: what a calibration is to keep blind, figures keep, too.
    func figures(for person: Person) async throws -> @Sendable (QualityReport.Row) -> Bool {
        let isOwn = Rights.reach(of: person, .seeScores) == .own
        let blind = isOwn ? [] : try await stillToScore(person)
        let names = Set(blind.map { "\($0.recording)/\($0.agent)" })
        return { row in
            guard concerns(row.agent, person, .seeScores) else { return false }
            if row.reviewer == person.name { return true }
            return isOwn ? !row.isCalibration : !names.contains(row.conversation)
        }
    }

    private func verdicts(
        _ reviews: [ReviewSummary], _ person: Person, _ right: Right
    ) async throws -> [Verdict] {
        let subjects = try await reader.recordingSubjects(Array(Set(reviews.map(\.recording))))
        // Nobody scores themselves: whoever sees only their own has nothing to score.
        let isOwn = Rights.reach(of: person, right) == .own
        let isOthers = reviews.contains { $0.reviewer != person.name }
        let blind = isOthers && !isOwn ? try await stillToScore(person) : []
        return reviews.map { review in
            guard let subject = subjects[review.recording] else { return .hidden }
            let verdict = Rights.verdict(person, right, on: subject, units: units)
            guard verdict == .allowed else { return verdict }
            guard concerns(review.agent, person, right) else { return .refused }
            guard review.reviewer != person.name else { return .allowed }
            // What a calibration says of an agent is not about the agent.
            if isOwn { return review.isCalibration ? .hidden : .allowed }
            // No score of theirs is to be coloured by another, whatever that was given for.
            return blind.contains(Conversation(review.recording, review.agent)) ? .hidden : .allowed
        }
    }

    private struct Conversation: Hashable {
        var recording: RecordingID
        var agent: String

        init(_ recording: RecordingID, _ agent: String) {
            self.recording = recording
            self.agent = agent
        }
    }

    /// What waits for them in calibrations.
    private func stillToScore(_ person: Person) async throws -> Set<Conversation> {
        // Whoever may not score any more never will: nothing waits for them.
        guard Rights.allows(person, .scoreRecordings) else { return [] }
        let tasks = try await reader.reviewTasks(reviewer: person.name, limit: 10_000)
        return Set(tasks.filter { $0.kind == .calibration }.map { Conversation($0.recording, $0.agent) })
    }
}
