import Audit
import Calls
import Documents
import Norms
import Quality
import Recordings
import Storage

/// Conversations scored by scorecards: drawn, filled in as far as machines can, submitted, appealed, decided
/// (docs/quality.md). Whether somebody may hear the recording at all is asked before, by whoever lets them in.
public struct ReviewDesk: Sendable {
    /// Who does it.
    public struct Actor: Sendable, Hashable {
        /// By which they sign in.
        public var name: String
        /// Their own, where they are an agent.
        public var workNumber: String?

        public init(name: String, workNumber: String?) {
            self.name = name
            self.workNumber = workNumber
        }
    }

    /// A conversation before a reviewer, with what machines measured of it.
    public struct Sheet: Sendable {
        public var scorecard: Scorecard
        public var conversation: RecordedConversation
        public var agent: String
        /// By item; items of which nothing is measured are left out.
        public var measured: [String: Measured]

        /// Where in the recording an item's moment is, in milliseconds; nil where there is none.
        public func position(of item: String) -> Int64? {
            guard let at = measured[item]?.at, let started = conversation.startedAt, at >= started else { return nil }
            return (at - started) / 1000
        }
    }

    /// What is to be drawn.
    public struct Drawing: Sendable {
        public var kind: Sampling.Kind
        public var scorecard: String
        /// Calls offered from … to.
        public var from: UTCTime
        public var to: UTCTime
        public var count: Int
        /// Nil: all agents.
        public var agent: String?
        /// Who is to score, by the names they sign in with, and their work numbers where they have one.
        public var reviewers: [Actor]

        public init(
            kind: Sampling.Kind, scorecard: String, from: UTCTime, to: UTCTime, count: Int, agent: String?,
            reviewers: [Actor]
        ) {
            self.kind = kind
            self.scorecard = scorecard
            self.from = from
            self.to = to
            self.count = count
            self.agent = agent
            self.reviewers = reviewers
        }
    }

    /// 366 days in microseconds.
    private static let longestPeriod: Int64 = 366 * 86_400_000_000
    /// UTF-8 bytes of a reason at most.
    public static let mostReason = 2000

    /// Sorted by id.
    public let scorecards: [Scorecard]
    private let profiles: [String: NormProfile]
    private let calendar: WorkingCalendar
    private let zone: ZoneOffsets
    private let store: Store
    private let replay: Replay?
    private let identifiers: Identifiers
    private let time: any TimeSource

    /// - Parameters:
    ///   - profiles: those of the folder, where they have been read already; nil: they are read.
    ///   - replay: knows where in a recording nobody spoke; nil: that is left to the reviewer.
    /// - Throws: `DocumentErrors` with what is wrong with the folder of norms or a scorecard.
    public init(
        norms: NormFolder, profiles known: [NormProfile]? = nil, zone: ZoneOffsets, store: Store,
        replay: Replay? = nil, identifiers: Identifiers, time: any TimeSource
    ) throws {
        let profiles = try known ?? norms.profiles().map(\.profile)
        scorecards = try ScorecardFolder.read(norms, profiles: profiles)
        self.profiles = Dictionary(uniqueKeysWithValues: profiles.map { ($0.id, $0) })
        calendar = try norms.calendar()
        self.zone = zone
        self.store = store
        self.replay = replay
        self.identifiers = identifiers
        self.time = time
    }

    private var reader: StoreReader { store.reader }

    /// - Throws: `SwitchboardError` `.notFound` with what there is.
    public func scorecard(_ id: String) throws(SwitchboardError) -> Scorecard {
        if let scorecard = scorecards.first(where: { $0.id == id }) { return scorecard }
        let known = scorecards.map(\.id)
        throw SwitchboardError(
            .notFound,
            "there is no scorecard `\(id.prefix(60))`. "
                + Names.advice(for: id, in: known, otherwise: "There are: \(known.joined(separator: ", "))"))
    }

    private func context(_ scorecard: Scorecard, _ now: Instant) throws(SwitchboardError) -> AuditContext {
        guard let profile = profiles[scorecard.profile] else {
            throw SwitchboardError(
                .configuration, "scorecard \(scorecard.id) asks for \(scorecard.profile), which is gone")
        }
        return AuditContext(
            profile: profile, clock: profile.clock(calendar: calendar, zone: zone), rings: RingClock(), from: 0,
            to: now.wall, asOf: now.wall)
    }

    // MARK: scoring

    /// Who has a part in a recording that could be scored, in the order of their talks.
    /// - Throws: `SwitchboardError` `.notFound`; `StorageError`.
    public func agents(in recording: RecordingID) async throws -> [String] {
        Self.agents(in: try await conversation(recording))
    }

    private static func agents(in conversation: RecordedConversation) -> [String] {
        var agents: [String] = []
        for talk in conversation.call.talks where !agents.contains(talk.agent) { agents.append(talk.agent) }
        return agents
    }

    private func conversation(_ recording: RecordingID) async throws -> RecordedConversation {
        guard let found = try await reader.conversation(recording, asOf: UTCTime(time.now())) else {
            throw SwitchboardError(.notFound, "there is no recording \(recording)")
        }
        return found
    }

    /// A scorecard laid beside a conversation.
    /// - Throws: `SwitchboardError` `.notFound`, `.refused`; `StorageError`.
    public func sheet(_ recording: RecordingID, agent: String, scorecard id: String) async throws -> Sheet {
        let scorecard = try scorecard(id)
        let found = try await conversation(recording)
        guard found.isFinished else {
            throw SwitchboardError(.refused, "recording \(recording) is not finished: there is nothing to hear yet")
        }
        let agents = Self.agents(in: found)
        guard agents.contains(agent) else {
            throw SwitchboardError(
                .notFound,
                "agent \(agent.prefix(20)) has no part in that call"
                    + (agents.isEmpty ? "; nobody has" : "; \(agents.joined(separator: ", ")) have"))
        }
        let measures = ScorecardMeasures(scorecard, try context(scorecard, time.now()))
        // Of a call with several agents the sound is everybody's, and nobody's alone.
        let sound = agents.count == 1 ? found.sound : nil
        let silences = scorecard.needsSilences ? try await silences(found) : nil
        let conversation = Conversation(call: found.call, agent: agent, sound: sound, silences: silences)
        var measured: [String: Measured] = [:]
        for item in scorecard.items { measured[item.id] = measures.measured(item, of: conversation) }
        return Sheet(scorecard: scorecard, conversation: found, agent: agent, measured: measured)
    }

    /// When nobody spoke; nil where that cannot be said.
    private func silences(_ found: RecordedConversation) async throws -> [Conversation.Silence]? {
        guard let replay, let started = found.startedAt else { return nil }
        let sound: (summary: RecordingSummary, figures: SoundFigures)
        do {
            sound = try await replay.figures(found.recording)
        } catch is SwitchboardError {
            // Its file cannot be read, of which whoever plays it is told: the rest can be scored all the same.
            return nil
        }
        let figures = sound.figures
        let silences = sound.summary.pauses.cut(
            outOf: figures.commonSilences, length: figures.lengthMilliseconds, minimum: figures.minimumMilliseconds)
        return silences.map { Conversation.Silence(from: started + $0[0] * 1000, to: started + $0[1] * 1000) }
    }

    /// Writes down a review; durable when this returns.
    /// - Parameter sample: the drawing it belongs to; a calibration is known by it.
    /// - Throws: `ReviewProblems` with everything wrong with the answers; `SwitchboardError` `.notFound`, `.refused`;
    ///   `StorageError`.
    public func submit(
        _ recording: RecordingID, agent: String, scorecard: String, answers: [ReviewSheet.Answer],
        sample: SampleID? = nil, by actor: Actor
    ) async throws -> ReviewID {
        let sheet = try await sheet(recording, agent: agent, scorecard: scorecard)
        guard actor.workNumber != agent else {
            throw SwitchboardError(.refused, "nobody scores their own conversations")
        }
        let isCalibration = try await isCalibration(sample, recording, agent, scorecard, by: actor)
        var filter = ReviewFilter(limit: 1)
        filter.recording = recording
        filter.agent = agent
        filter.reviewer = actor.name
        filter.scorecard = scorecard
        filter.isCalibration = isCalibration
        if let present = try await reader.reviews(filter).first {
            throw SwitchboardError(.refused, "you have scored it already: amend review \(present.id)")
        }
        let answered = try ReviewSheet(sheet.scorecard, answers: answers, measured: sheet.measured)
        let now = time.now()
        let until = try context(sheet.scorecard, now).clock.due(
            Term(sheet.scorecard.appealDays, .workingDays), from: now.wall)
        let id: ReviewID = identifiers.next()
        try await store.record([
            .reviewSubmitted(
                ReviewSubmitted(
                    review: id, revision: 1, recording: recording, call: sheet.conversation.call.id, agent: agent,
                    at: now, by: actor.name, scorecard: sheet.scorecard.id, version: sheet.scorecard.version,
                    sample: sample, isCalibration: isCalibration, score: answered.score.hundredths,
                    isFailed: answered.score.isFailed, isCritical: !answered.score.failedCritical.isEmpty,
                    appealUntil: until.at, why: nil, answers: Self.answers(answered, sheet.measured)))
        ])
        return id
    }

    private func isCalibration(
        _ sample: SampleID?, _ recording: RecordingID, _ agent: String, _ scorecard: String, by actor: Actor
    ) async throws -> Bool {
        guard let sample else { return false }
        let tasks = try await reader.reviewTasks(reviewer: actor.name, limit: 10_000)
        guard
            let task = tasks.first(where: {
                $0.sample == sample && $0.recording == recording && $0.agent == agent && $0.scorecard == scorecard
            })
        else { throw SwitchboardError(.refused, "that conversation does not wait for you in drawing \(sample)") }
        return task.kind == .calibration
    }

    private static func answers(
        _ sheet: ReviewSheet, _ measured: [String: Measured]
    ) -> [ReviewSubmitted.Answer] {
        zip(sheet.scorecard.items, sheet.answers).map { item, answer in
            ReviewSubmitted.Answer(
                item: item.id, value: answer.value, points: item.points, scale: item.scale, note: answer.note,
                position: answer.position, measured: measured[item.id])
        }
    }

    // MARK: afterwards

    /// The reviewer corrects themselves; what was there before stays beside it.
    /// - Throws: as `submit`.
    public func amend(
        _ id: ReviewID, answers: [ReviewSheet.Answer], why: String, by actor: Actor
    ) async throws {
        let (detail, state) = try await review(id)
        var review = state
        try Self.check(why)
        let revision = try Self.allowed { () throws(Review.Refusal) in try review.amend(by: actor.name, why: why) }
        try await store.record([
            .reviewSubmitted(try revised(detail, revision: revision, answers: answers, why: why, by: actor))
        ])
    }

    /// The agent does not agree.
    /// - Throws: `SwitchboardError` `.notFound`, `.refused` with the reason; `StorageError`.
    public func appeal(_ id: ReviewID, why: String, by actor: Actor) async throws {
        let (detail, state) = try await review(id)
        var review = state
        try Self.check(why)
        let now = time.now()
        try Self.allowed { () throws(Review.Refusal) in
            try review.appeal(by: actor.workNumber, why: why, now: now.wall)
        }
        let summary = detail.summary
        try await store.record([
            .reviewAppealed(
                ReviewAppealed(
                    review: id, recording: summary.recording, call: summary.call, at: now, by: actor.name, why: why))
        ])
    }

    /// Somebody else decides an appeal.
    /// - Parameter answers: of a changed review; nil where it is upheld.
    /// - Throws: as `submit`.
    public func decide(
        _ id: ReviewID, answers: [ReviewSheet.Answer]?, why: String, by actor: Actor
    ) async throws {
        let (detail, state) = try await review(id)
        var review = state
        try Self.check(why)
        let outcome: Review.Outcome = answers == nil ? .upheld : .changed
        let revision = try Self.allowed { () throws(Review.Refusal) in
            try review.decide(outcome, by: actor.name, workNumber: actor.workNumber, why: why)
        }
        let summary = detail.summary
        let decided = AppealDecided(
            review: id, recording: summary.recording, call: summary.call, at: time.now(), by: actor.name,
            outcome: outcome, why: why)
        guard let revision, let answers else { return try await store.record([.appealDecided(decided)]) }
        try await store.record([
            .reviewSubmitted(try revised(detail, revision: revision, answers: answers, why: why, by: actor)),
            .appealDecided(decided),
        ])
    }

    /// A review, made again from what was written down.
    private func review(_ id: ReviewID) async throws -> (ReviewDetail, Review) {
        guard let detail = try await reader.review(id) else {
            throw SwitchboardError(.notFound, "there is no review \(id)")
        }
        let summary = detail.summary
        let review = Review(
            reviewer: summary.reviewer, agent: summary.agent, isCalibration: summary.isCalibration,
            appealUntil: summary.appealUntil.microseconds, state: summary.state, revisions: summary.revision,
            writers: Set(detail.revisions.map(\.by)))
        return (detail, review)
    }

    /// The scorecard that a review can be read and revised by: its own version's, or today's where that asks for the same.
    public func scorecard(of detail: ReviewDetail) -> Scorecard? {
        guard let card = scorecards.first(where: { $0.id == detail.summary.scorecard }) else { return nil }
        if card.version == detail.summary.version { return card }
        func key(_ id: String, _ points: Int, _ scale: Int) -> String { "\(id) \(points) \(scale)" }
        let asked = Set((detail.revisions.first?.answers ?? []).map { key($0.item, $0.points, $0.scale) })
        return asked == Set(card.items.map { key($0.id, $0.points, $0.scale) }) ? card : nil
    }

    /// Another revision, by the same items and what was measured at the first.
    // Not inlined: with its errors inside an asynchronous function the optimiser of Swift 6.3.1 crashes ("while splitting
    // coroutine", in `make build` only).
    @inline(never)
    private func revised(
        _ detail: ReviewDetail, revision: Int, answers: [ReviewSheet.Answer], why: String, by actor: Actor
    ) throws -> ReviewSubmitted {
        let summary = detail.summary
        guard let scorecard = scorecard(of: detail) else {
            let today = try self.scorecard(summary.scorecard)
            throw SwitchboardError(
                .refused, "it was scored by version \(summary.version) of \(today.id), which is \(today.version) today")
        }
        let measured = detail.measured
        let sheet = try ReviewSheet(scorecard, answers: answers, measured: measured)
        return ReviewSubmitted(
            review: summary.id, revision: revision, recording: summary.recording, call: summary.call,
            agent: summary.agent, at: time.now(), by: actor.name, scorecard: scorecard.id, version: summary.version,
            sample: summary.sample, isCalibration: summary.isCalibration, score: sheet.score.hundredths,
            isFailed: sheet.score.isFailed, isCritical: !sheet.score.failedCritical.isEmpty,
            appealUntil: summary.appealUntil.microseconds, why: why, answers: Self.answers(sheet, measured))
    }

    private static func check(_ why: String) throws {
        if why.utf8.count > mostReason {
            throw SwitchboardError(.argument, "a reason has at most \(mostReason) bytes of UTF-8")
        }
    }

    private static func allowed<Answer>(_ body: () throws(Review.Refusal) -> Answer) throws -> Answer {
        do throws(Review.Refusal) {
            return try body()
        } catch {
            throw SwitchboardError(error.code == .noReason ? .argument : .refused, error.description)
        }
    }

    // MARK: drawing

    /// Draws conversations and hands them to reviewers; durable when this returns.
    /// - Returns: how many there are to score, out of how many.
    /// - Throws: `SwitchboardError` `.notFound`, `.argument`; `StorageError`.
    public func draw(_ drawing: Drawing, by actor: Actor) async throws -> (parts: Int, candidates: Int) {
        let scorecard = try scorecard(drawing.scorecard)
        guard drawing.from < drawing.to,
            drawing.to.microseconds - drawing.from.microseconds <= Self.longestPeriod
        else { throw SwitchboardError(.argument, "a period ends after its begin, and lasts 366 days at most") }
        guard !drawing.reviewers.isEmpty else { throw SwitchboardError(.argument, "name who is to score them") }
        let takesAll = drawing.kind == .breaches || drawing.kind == .severe
        guard takesAll || (1...Sampling.mostAssignments).contains(drawing.count) else {
            throw SwitchboardError(.argument, "a number from 1 to \(Sampling.mostAssignments) is wanted")
        }
        let candidates = try await reader.reviewCandidates(
            from: drawing.from, to: drawing.to, agent: drawing.agent)
        let numbers = Dictionary(
            drawing.reviewers.map { ($0.name, $0.workNumber) }, uniquingKeysWith: { first, _ in first })
        let seed = identifiers.random()
        let sampling = Sampling(kind: drawing.kind, count: takesAll ? 0 : drawing.count, seed: seed)
        let assignments = sampling.draw(from: candidates, reviewers: Array(numbers.keys)) { reviewer, agent in
            (numbers[reviewer] ?? nil) == agent
        }
        guard !assignments.isEmpty else {
            throw SwitchboardError(
                .refused, "none of \(candidates.count) conversations of that period fits: nothing was drawn")
        }
        let text = String(seed, radix: 16)
        try await store.record([
            .sampleDrawn(
                SampleDrawn(
                    sample: identifiers.next(), at: time.now(), by: actor.name, kind: drawing.kind,
                    scorecard: scorecard.id, from: drawing.from.microseconds, to: drawing.to.microseconds,
                    count: sampling.count, agent: drawing.agent,
                    seed: String(repeating: "0", count: 16 - text.count) + text, candidates: candidates.count,
                    parts: assignments.map {
                        SampleDrawn.Part(
                            recording: $0.candidate.recording, call: $0.candidate.call, agent: $0.candidate.agent,
                            reviewer: $0.reviewer)
                    }))
        ])
        return (assignments.count, candidates.count)
    }

    // MARK: figures

    /// Reviews submitted in a period, in figures.
    /// - Parameters:
    ///   - agent: nil: all.
    ///   - includes: whether a review is counted.
    /// - Throws: `SwitchboardError` `.notFound`; `StorageError`.
    public func report(
        from: UTCTime, to: UTCTime, scorecard id: String, agent: String? = nil,
        includes: (QualityReport.Row) -> Bool = { _ in true }
    ) async throws -> QualityReport {
        let scorecard = try scorecard(id)
        let rows = try await reader.reviewRows(from: from, to: to, scorecard: id, agent: agent)
        return QualityReport(rows.filter(includes), items: scorecard.items.map(\.id))
    }
}

extension ReviewDetail {
    /// What machines said of each item at the first revision.
    public var measured: [String: Measured] {
        var measured: [String: Measured] = [:]
        for answer in revisions.first?.answers ?? [] { measured[answer.item] = answer.measured }
        return measured
    }
}
