import Access
import Calls
import Hummingbird
import Quality
import Storage
import Switchboard

/// Scorecards, reviews, what is to be scored, figures (docs/quality.md).
struct QualityAPI: Sendable {
    let reviews: ReviewDesk
    let reader: StoreReader
    let gate: Gatekeeper

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("scorecards") { _, _ in try json(reviews.scorecards.map { ScorecardView($0) }) }
        group.get("recordings/:id/scorecards/:scorecard") { request, context in
            let query = try ListQuery(request, keys: ["agent"])
            let sheet = try await reviews.sheet(
                try context.recordingID(), agent: try await agent(query.text("agent"), context),
                scorecard: try context.part("scorecard"))
            return try json(SheetView(sheet))
        }
        group.post("recordings/:id/reviews") { request, context in
            let actor = try actor(context)
            let body = try await request.read(ReviewBody.self)
            let id = try await answering {
                try await reviews.submit(
                    try context.recordingID(), agent: try await agent(body.agent, context), scorecard: body.scorecard,
                    answers: try body.answers.map { try $0.body.answer }, sample: body.sample, by: actor)
            }
            return try json(["id": id.description])
        }
        group.get("reviews") { request, context in try await list(request, context) }
        group.get("reviews/:review") { _, context in
            if let review = context.review { return try json(review) }
            guard let detail = try await reader.review(try context.reviewID()) else {
                throw Problem(.notFound, "there is no review \(try context.reviewID())")
            }
            return try json(detail)
        }
        group.post("reviews/:review/amendment") { request, context in
            let actor = try actor(context)
            let body = try await request.read(AmendmentBody.self)
            try await answering {
                try await reviews.amend(
                    try context.reviewID(), answers: try body.answers.map { try $0.body.answer },
                    why: try reason(body.why), by: actor)
            }
            return Response(status: .noContent)
        }
        group.post("reviews/:review/appeal") { request, context in
            let actor = try actor(context)
            let body = try await request.read(WhyBody.self)
            try await reviews.appeal(
                try context.reviewID(), why: try reason(body.why), by: actor)
            return Response(status: .noContent)
        }
        group.post("reviews/:review/decision") { request, context in
            let actor = try actor(context)
            let body = try await request.read(DecisionBody.self)
            let answers = try body.answers?.map { try $0.body.answer }
            guard (body.outcome.value == .changed) == (answers != nil) else {
                throw Problem(.badRequest, "`outcome` is `changed` with `answers`, or `upheld` without")
            }
            try await answering {
                try await reviews.decide(
                    try context.reviewID(), answers: answers, why: try reason(body.why), by: actor)
            }
            return Response(status: .noContent)
        }
        group.get("review_tasks") { request, context in
            let query = try ListQuery(request, keys: ["limit"])
            let tasks = try await reader.reviewTasks(
                reviewer: context.asker?.person?.name, limit: try query.limit(orElse: 100))
            return try json(tasks)
        }
        group.post("samples") { request, context in
            let actor = try actor(context)
            let body = try await request.read(SampleBody.self)
            let (parts, candidates) = try await reviews.draw(
                ReviewDesk.Drawing(
                    kind: body.kind.value, scorecard: body.scorecard, from: body.from, to: body.to,
                    count: body.count?.value ?? 0, agent: body.agent?.text,
                    reviewers: try body.reviewers.map { try reviewer($0) }),
                by: actor)
            return try json(["parts": parts, "candidates": candidates])
        }
        group.get("quality") { request, context in
            let query = try ListQuery(request, keys: ["from", "to", "scorecard", "agent"])
            let report = try await report(
                from: try query.time("from"), to: try query.time("to"), scorecard: try query.text("scorecard"),
                agent: try query.text("agent"), context)
            return try json(QualityView(report.figures, scorecard: report.scorecard))
        }
    }

    /// What is wrong with answers is the asker's doing.
    private func answering<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
        do {
            return try await body()
        } catch let problems as ReviewProblems {
            throw Problem(.badRequest, String(problems.description.prefix(2000)))
        }
    }

    private func reason(_ why: String) throws -> String { try Optional(why).kept(as: "why", most: 700) ?? "" }

    /// Who scores.
    /// - Throws: `Problem` 409 for the machine: a score bears a person's name.
    private func actor(_ context: ConsoleContext) throws -> ReviewDesk.Actor {
        guard let person = context.asker?.person else {
            throw Problem(.conflict, "what reviewers do bears a person's name: ask with a token of theirs")
        }
        return ReviewDesk.Actor(person)
    }

    /// - Throws: `Problem` 400 for somebody who may not score.
    func reviewer(_ name: String) throws -> ReviewDesk.Actor {
        guard let person = gate.people.person(name), Rights.allows(person, .scoreRecordings) else {
            throw Problem(.badRequest, "\(quoted(name)) is nobody who may score")
        }
        return ReviewDesk.Actor(person)
    }

    /// Whose part of the recording is meant: the one agent in it, where none is named.
    private func agent(_ said: String?, _ context: ConsoleContext) async throws -> String {
        let all = try await reviews.agents(in: try context.recordingID())
        if all.isEmpty { throw Problem(.conflict, "no agent has a part in this recording: there is nobody to score") }
        guard let agent = said ?? (all.count == 1 ? all[0] : nil) else {
            throw Problem(
                .badRequest, "`agent` is one of \(all.joined(separator: ", "))")
        }
        if let person = context.asker?.person, !gate.concerns(agent, person, .scoreRecordings) {
            throw Problem(.forbidden, "agent \(quoted(agent)) is not of your department")
        }
        return agent
    }

    private func list(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let query = try ListQuery(
            request, keys: ["agent", "reviewer", "recording", "state", "scorecard", "from", "to", "limit", "before"])
        var filter = ReviewFilter(limit: try query.limit(orElse: 100))
        filter.agent = try query.text("agent")
        filter.reviewer = try query.text("reviewer")
        filter.scorecard = try query.text("scorecard")
        filter.from = try query.time("from")
        filter.to = try query.time("to")
        filter.recording = try query.text("recording").map { try RecordingID(given: $0, as: "recording") }
        if let text = try query.text("state") {
            guard let state = Review.State(rawValue: text) else {
                let known = Review.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(.badRequest, "`state` is one of \(known), not \(quoted(text))")
            }
            filter.state = state
        }
        filter.before = try query.text("before").map { try ReviewID(given: $0, as: "review") }
        if let person = context.asker?.person, Rights.reach(of: person, .seeScores) == .own {
            guard filter.agent == nil || filter.agent == person.workNumber, let number = person.workNumber else {
                throw Problem(.forbidden, "other agents' scores are not yours to see")
            }
            filter.agent = number
        }
        return try json(try await gate.visible(try await reader.reviews(filter), to: context.asker))
    }
}

extension QualityAPI {
    /// The figures of a period that somebody may see.
    /// - Throws: `Problem` 400, 403.
    func report(
        from: UTCTime?, to: UTCTime?, scorecard: String?, agent: String?, _ context: ConsoleContext
    ) async throws -> (scorecard: String, figures: QualityReport) {
        guard let from, let to, from < to else {
            throw Problem(.badRequest, "`from` and `to` bound a period: the first moment, and the first after it")
        }
        guard let scorecard = scorecard ?? (reviews.scorecards.count == 1 ? reviews.scorecards[0].id : nil) else {
            let known = reviews.scorecards.map(\.id).joined(separator: ", ")
            throw Problem(
                .badRequest, "`scorecard` is one of \(known.isEmpty ? "none: there are no scorecards" : known)")
        }
        let person = context.asker?.person
        if let agent, let person, !gate.concerns(agent, person, .seeScores) {
            throw Problem(.forbidden, "agent \(quoted(agent))'s scores are not yours to see")
        }
        let includes: @Sendable (QualityReport.Row) -> Bool
        if let person { includes = try await gate.figures(for: person) } else { includes = { _ in true } }
        let figures = try await reviews.report(
            from: from, to: to, scorecard: scorecard, agent: agent, includes: includes)
        return (scorecard, figures)
    }
}

extension ReviewDesk.Actor {
    init(_ person: Person) { self.init(name: person.name, workNumber: person.workNumber) }
}

private struct AnswerBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case item, value, note
        case position = "position_ms"
    }

    var item: String
    var value: WholeNumber?
    var note: String?
    var position: WholeNumber?

    var answer: ReviewSheet.Answer {
        get throws {
            guard (0...86_400_000).contains(position?.value ?? 0) else {
                throw Problem(.badRequest, "`position_ms` must lie between 0 and 86400000")
            }
            return ReviewSheet.Answer(
                item: item, value: value?.value, note: try note.kept(as: "note", most: 600),
                position: position.map { Int64($0.value) })
        }
    }
}

private struct ReviewBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case scorecard, agent
        case sample = "sample_id"
        case answers
    }

    var scorecard: String
    var agent: String?
    var sample: SampleID?
    var answers: [Strict<AnswerBody>]
}

private struct AmendmentBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case answers, why }

    var answers: [Strict<AnswerBody>]
    var why: String
}

private struct WhyBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case why }

    var why: String
}

private struct DecisionBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case outcome, answers, why }

    var outcome: Word<Review.Outcome>
    var answers: [Strict<AnswerBody>]?
    var why: String
}

private struct SampleBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case kind, scorecard, from, to, count, agent, reviewers }

    var kind: Word<Sampling.Kind>
    var scorecard: String
    var from: UTCTime
    var to: UTCTime
    var count: WholeNumber?
    var agent: WorkNumber?
    var reviewers: [String]
}
