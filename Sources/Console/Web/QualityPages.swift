import Access
import Audit
import Calls
import Foundation
import Hummingbird
import Quality
import Storage
import Switchboard

/// What is to be scored, what was scored, figures (docs/quality.md).
struct QualityPages: Sendable {
    let pages: Pages
    let reader: StoreReader
    let reviews: ReviewDesk
    let api: QualityAPI
    private var gate: Gatekeeper { pages.gate }

    private static let pageSize = 50
    /// Of the drawing's form.
    private static let inputs = ["kind", "scorecard", "from_day", "to_day", "count", "agent"]

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("quality") { request, context in try await overview(complaint: nil, nil, request, context) }
        group.post("quality/samples") { request, context in
            let form = try await pages.form(request, context)
            do {
                try await draw(form, context)
            } catch let problem as Problem where problem.status == .badRequest {
                return try await overview(complaint: pages.said(problem.detail, context), form, request, context)
            } catch let error as SwitchboardError where [.argument, .refused, .notFound].contains(error.code) {
                return try await overview(complaint: pages.said(error.message, context), form, request, context)
            }
            return pages.go("/quality?done=drawn")
        }
        group.get("quality/report") { request, context in try await report(request, context) }
        group.get("quality/report.csv") { request, context in try await table(request, context) }
    }

    // MARK: overview

    private func overview(
        complaint: String?, _ entered: Form?, _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        let person = try context.person
        let asked = try ListQuery(request, keys: ["agent", "reviewer", "state", "done"])
        var filter = ReviewFilter(limit: Self.pageSize)
        filter.agent = try asked.text("agent").flatMap { $0.isEmpty ? nil : $0 }
        filter.reviewer = try asked.text("reviewer").flatMap { $0.isEmpty ? nil : $0 }
        filter.state = try asked.text("state").flatMap { Review.State(rawValue: $0) }
        if Rights.reach(of: person, .seeScores) == .own { filter.agent = person.workNumber ?? "-" }
        let shown = try await gate.visible(try await reader.reviews(filter), to: context.asker)
        let scores = Rights.allows(person, .scoreRecordings)
        var fields: [String: Any] = [
            "reviews": shown.map { row($0, context) }, "is_empty": shown.isEmpty, "scores": scores,
            "complaint": complaint ?? "", "q_agent": filter.agent ?? "", "q_reviewer": filter.reviewer ?? "",
            "states": Review.State.allCases.map { state in
                [
                    "value": state.rawValue, "label": pages.word("review_\(state.rawValue)", context),
                    "selected": filter.state == state,
                ] as [String: Any]
            },
        ]
        if scores {
            let tasks = try await reader.reviewTasks(reviewer: person.name, limit: Self.pageSize)
            fields["tasks"] = tasks.map { task($0, context) }
            fields["no_tasks"] = tasks.isEmpty
            var waiting = ReviewFilter(limit: Self.pageSize)
            waiting.state = .appealed
            let appeals = try await gate.visible(try await reader.reviews(waiting), to: context.asker)
            fields["appeals"] = appeals.map { row($0, context) }
            fields["has_appeals"] = !appeals.isEmpty
        }
        if Rights.reach(of: person, .scoreRecordings) == .all {
            fields["draw"] = drawing(entered, context)
            fields["samples"] = try await reader.samples(limit: 10).map { sample($0, context) }
        }
        return pages.render(
            "quality", title: "nav_quality", fields, status: complaint == nil ? .ok : .badRequest, request, context)
    }

    private func row(_ review: ReviewSummary, _ context: ConsoleContext) -> [String: Any] {
        [
            "href": "/quality/reviews/\(review.id)", "at": pages.site.time(review.submittedAt), "agent": review.agent,
            "call_at": pages.site.time(review.offeredAt), "reviewer": review.reviewer,
            "score": pages.share(review.score), "failed": review.isFailed, "critical": review.isCritical,
            "state": pages.word("review_\(review.state.rawValue)", context), "calibration": review.isCalibration,
        ]
    }

    private func task(_ task: ReviewTask, _ context: ConsoleContext) -> [String: Any] {
        let query = "agent=\(task.agent)&scorecard=\(task.scorecard)&sample=\(task.sample)"
        return [
            "href": "/quality/score/\(task.recording)?\(query)", "call_at": pages.site.time(task.offeredAt),
            "agent": task.agent, "kind": pages.word("sample_\(task.kind.rawValue)", context),
            "drawn_at": pages.site.time(task.drawnAt),
        ]
    }

    private func sample(_ sample: SampleSummary, _ context: ConsoleContext) -> [String: Any] {
        [
            "at": pages.site.time(sample.drawnAt), "by": sample.drawnBy,
            "kind": pages.word("sample_\(sample.kind.rawValue)", context), "parts": sample.parts,
            "candidates": sample.candidates, "seed": sample.seed, "agent": sample.agent ?? "",
        ]
    }

    // MARK: drawing

    private func drawing(_ entered: Form?, _ context: ConsoleContext) -> [String: Any] {
        let chosen = Set(entered?.all("reviewer") ?? [])
        var fields: [String: Any] = [
            "kinds": Sampling.Kind.allCases.map { kind in
                [
                    "value": kind.rawValue, "label": pages.word("sample_\(kind.rawValue)", context),
                    "selected": entered?["kind"] == kind.rawValue,
                ] as [String: Any]
            },
            "scorecards": reviews.scorecards.map { scorecard in
                [
                    "value": scorecard.id, "label": scorecard.title[context.language],
                    "selected": entered?["scorecard"] == scorecard.id,
                ] as [String: Any]
            },
            "reviewers": pages.people.all.filter { Rights.allows($0, .scoreRecordings) }.map { person in
                ["value": person.name, "label": person.title, "checked": chosen.contains(person.name)] as [String: Any]
            },
        ]
        for name in Self.inputs { fields["e_\(name)"] = entered?[name] ?? (name == "count" ? "10" : "") }
        return fields
    }

    private func draw(_ form: Form, _ context: ConsoleContext) async throws {
        let person = try context.person
        guard Rights.reach(of: person, .scoreRecordings) == .all else {
            throw Problem(.forbidden, pages.word("error_right", context))
        }
        guard let kind = Sampling.Kind(rawValue: form["kind"]) else {
            throw Problem(.badRequest, quoted(form["kind"]))
        }
        guard let from = pages.site.day(form["from_day"]), let to = pages.site.day(form["to_day"], after: 1) else {
            throw Problem(.badRequest, pages.word("period_wrong", context))
        }
        let reviewers = try form.all("reviewer").map { try api.reviewer($0) }
        let agent = try form.text("agent", most: 12)
        if let agent, WorkNumber(agent) == nil { throw Problem(.badRequest, quoted(agent)) }
        _ = try await reviews.draw(
            ReviewDesk.Drawing(
                kind: kind, scorecard: form["scorecard"], from: from, to: to, count: Int(form["count"]) ?? 0,
                agent: agent, reviewers: reviewers), by: ReviewDesk.Actor(person))
    }

    // MARK: figures

    private func asked(
        _ request: Request, _ context: ConsoleContext
    ) async throws -> (scorecard: Scorecard, figures: QualityReport, from: String, to: String, agent: String) {
        let query = try ListQuery(request, keys: ["from_day", "to_day", "scorecard", "agent"])
        // The month that runs.
        let today = pages.site.today(pages.time.now())
        let from = try query.text("from_day").flatMap { $0.isEmpty ? nil : $0 } ?? "\(today.prefix(8))01"
        let to = try query.text("to_day").flatMap { $0.isEmpty ? nil : $0 } ?? today
        guard let first = pages.site.day(from), let after = pages.site.day(to, after: 1) else {
            throw Problem(.badRequest, pages.word("period_wrong", context))
        }
        let agent = try query.text("agent").flatMap { $0.isEmpty ? nil : $0 }
        let named = try query.text("scorecard").flatMap { $0.isEmpty ? nil : $0 } ?? reviews.scorecards.first?.id
        let (id, figures) = try await api.report(
            from: first, to: after, scorecard: named, agent: agent, context)
        return (try reviews.scorecard(id), figures, from, to, agent ?? "")
    }

    private func report(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let (scorecard, figures, from, to, agent) = try await asked(request, context)
        func line(_ line: QualityReport.Line) -> [String: Any] {
            [
                "name": line.name, "reviews": line.reviews, "mean": pages.share(line.mean),
                "failed": line.failed, "critical": line.critical, "appealed": line.appealed, "changed": line.changed,
                "overruled": line.overruled,
            ]
        }
        let items = Dictionary(uniqueKeysWithValues: scorecard.items.map { ($0.id, $0) })
        return pages.render(
            "quality-report", title: "quality_report",
            [
                "from_day": from, "to_day": to, "agent": agent, "scorecard": scorecard.title[context.language],
                "all": line(figures.all), "agents": figures.agents.map(line), "reviewers": figures.reviewers.map(line),
                "items": figures.items.map { item in
                    [
                        "text": items[item.item]?.words[context.language] ?? item.item,
                        "clause": items[item.item]?.clause ?? "", "answered": item.answered,
                        "share": pages.share(item.share), "failed": item.failed,
                    ] as [String: Any]
                },
                "calibrations": figures.calibrations.map { one in
                    [
                        "recording": String(one.conversation.prefix(36)),
                        "reviewers": one.reviewers.joined(separator: "、"),
                        "spread": pages.share(one.spread), "agreement": pages.share(one.agreement),
                        "differing": one.differing.map { items[$0]?.words[context.language] ?? $0 }
                            .joined(separator: "；"),
                    ]
                },
                "has_calibrations": !figures.calibrations.isEmpty,
                "csv": "/quality/report.csv?from_day=\(from)&to_day=\(to)&scorecard=\(scorecard.id)"
                    + (agent.isEmpty ? "" : "&agent=\(agent)"),
            ], request, context)
    }

    /// A line an agent, one a reviewer and one an item, for spreadsheets.
    private func table(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let (scorecard, figures, from, to, _) = try await asked(request, context)
        try await pages.people.note(
            .exported, try context.person.name, subject: "quality \(scorecard.id) \(from) \(to)",
            address: context.address)
        var csv = CommaSeparatedText([
            "kind", "name", "reviews", "mean", "failed", "critical", "appealed", "changed", "overruled",
        ])
        for (kind, lines) in [("agent", figures.agents), ("reviewer", figures.reviewers)] {
            for line in lines {
                csv.add([
                    kind, line.name, "\(line.reviews)", pages.plainShare(line.mean), "\(line.failed)",
                    "\(line.critical)", "\(line.appealed)", "\(line.changed)", "\(line.overruled)",
                ])
            }
        }
        for item in figures.items {
            csv.add(["item", item.item, "\(item.answered)", pages.plainShare(item.share), "\(item.failed)"])
        }
        var headers = Pages.headers
        headers[.contentType] = "text/csv; charset=utf-8"
        headers[.contentDisposition] = "attachment; filename=\"quality-\(from)-\(to).csv\""
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: csv.bytes)))
    }
}

extension Pages {
    /// Hundredths of a per cent as reports write a share; empty for none.
    func share(_ hundredths: Int?) -> String { hundredths.map { shares.shown(Self.cell($0)) } ?? "" }

    /// The same for programs.
    func plainShare(_ hundredths: Int?) -> String { hundredths.map { shares.plain(Self.cell($0)) } ?? "" }

    private var shares: ReportText { ReportText(zone: site.zone) }

    private static func cell(_ hundredths: Int) -> ReportDocument.Cell { .share(Int64(hundredths), of: 10_000) }
}

extension Scorecard.Words {
    subscript(language: Language) -> String { language == .chinese ? chinese : english }
}
