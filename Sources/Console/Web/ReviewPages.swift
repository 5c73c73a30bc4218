import Access
import Calls
import Foundation
import Hummingbird
import Quality
import Storage
import Switchboard

/// One conversation before its reviewer, and one review with everything that became of it.
struct ReviewPages: Sendable {
    let pages: Pages
    let reader: StoreReader
    let reviews: ReviewDesk
    let reasonIsRequired: Bool
    private var gate: Gatekeeper { pages.gate }

    func add(to seeing: RouterGroup<ConsoleContext>, _ scoring: RouterGroup<ConsoleContext>) {
        scoring.get("quality/score/:id") { request, context in
            let id = try context.recordingID()
            try await gate.check(try context.person, .scoreRecordings, recording: id)
            let query = try ListQuery(request, keys: ["agent", "scorecard", "sample"])
            return try await blank(
                id, agent: try query.text("agent"), scorecard: try query.text("scorecard"),
                sample: try query.text("sample"), nil, complaint: nil, request, context)
        }
        scoring.post("quality/score/:id") { request, context in
            let id = try context.recordingID()
            try await gate.check(try context.person, .scoreRecordings, recording: id)
            return try await submit(id, try await pages.form(request, context), request, context)
        }
        seeing.get("quality/reviews/:review") { request, context in
            let detail = try await gate.review(try context.reviewID(), for: try context.person, .seeScores)
            return try await show(detail, nil, complaint: nil, request, context)
        }
        for (name, right) in [
            ("amendment", Right.scoreRecordings), ("appeal", .appealScores), ("decision", .scoreRecordings),
        ] {
            seeing.post("quality/reviews/:review/\(RouterPath(stringLiteral: name))") { request, context in
                let form = try await pages.form(request, context)
                guard Rights.allows(try context.person, right) else {
                    throw Problem(.forbidden, pages.word("error_right", context))
                }
                let detail = try await gate.review(try context.reviewID(), for: try context.person, right)
                return try await change(detail, name, form, request, context)
            }
        }
    }

    /// Does what a form asks for; where that is refused, the page is shown again with the reason and what was typed.
    private func answered(
        _ context: ConsoleContext, _ doing: () async throws -> Response,
        orElse shown: (_ complaint: String) async throws -> Response
    ) async throws -> Response {
        let complaint: String
        do {
            return try await doing()
        } catch let problems as ReviewProblems {
            complaint = words(problems, context)
        } catch let error as SwitchboardError where [.argument, .refused].contains(error.code) {
            complaint = pages.said(error.message, context)
        } catch let problem as Problem where problem.status == .badRequest {
            complaint = pages.said(problem.detail, context)
        }
        return try await shown(complaint)
    }

    // MARK: a new one

    private func submit(
        _ id: RecordingID, _ form: Form, _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        try await answered(context) {
            let agent = try await agent(form["agent"], in: id, context)
            let sample = form["sample"].isEmpty ? nil : SampleID(form["sample"])
            let scorecard = try reviews.scorecard(form["scorecard"])
            let review = try await reviews.submit(
                id, agent: agent, scorecard: scorecard.id, answers: try answers(form, scorecard), sample: sample,
                by: ReviewDesk.Actor(try context.person))
            return pages.go("/quality/reviews/\(review)?done=scored")
        } orElse: { complaint in
            try await blank(
                id, agent: form["agent"], scorecard: form["scorecard"], sample: form["sample"], form,
                complaint: complaint, request, context)
        }
    }

    /// Whose part it is: the only agent in it, where none is named.
    private func agent(
        _ said: String?, in id: RecordingID, _ context: ConsoleContext
    ) async throws -> String {
        let all = try await reviews.agents(in: id)
        guard let agent = (said.flatMap { $0.isEmpty ? nil : $0 }) ?? all.first else {
            throw Problem(.conflict, pages.word("review_no_agent", context))
        }
        guard gate.concerns(agent, try context.person, .scoreRecordings) else {
            throw Problem(.forbidden, pages.word("error_right", context))
        }
        return agent
    }

    private func blank(
        _ id: RecordingID, agent said: String?, scorecard named: String?, sample: String?, _ form: Form?,
        complaint: String?, _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        let agent = try await agent(said, in: id, context)
        guard let scorecard = named.flatMap({ $0.isEmpty ? nil : $0 }) ?? reviews.scorecards.first?.id else {
            throw Problem(.notFound, pages.word("review_no_scorecard", context))
        }
        let sheet = try await reviews.sheet(id, agent: agent, scorecard: scorecard)
        var fields: [String: Any] = [
            "recording": id.description, "agent": agent, "sample": sample ?? "", "scorecard_id": sheet.scorecard.id,
            "scorecard": sheet.scorecard.title[context.language], "pass": sheet.scorecard.pass,
            "others": try await reviews.agents(in: id).filter { $0 != agent }.map { ["number": $0] },
            "scorecards": reviews.scorecards.filter { $0.id != sheet.scorecard.id }.map {
                ["id": $0.id, "title": $0.title[context.language]]
            },
            "complaint": complaint ?? "",
            "call_at": pages.site.time(UTCTime(microseconds: sheet.conversation.call.offeredAt)),
            "groups": groups(sheet.scorecard, sheet.measured, context, places(sheet)) { item in
                form.map { entered($0, item) } ?? usual(item, sheet.measured[item.id], sheet.position(of: item.id))
            },
        ]
        fields.merge(try await player(id, context)) { $1 }
        return pages.render(
            "review-new", title: "review_new", fields, status: complaint == nil ? .ok : .badRequest, request, context)
    }

    // MARK: one that is there

    private func change(
        _ detail: ReviewDetail, _ what: String, _ form: Form, _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        let id = detail.summary.id
        let actor = ReviewDesk.Actor(try context.person)
        return try await answered(context) {
            let why = try form.text("why", most: 700) ?? ""
            let scorecard = try reviews.scorecard(detail.summary.scorecard)
            switch what {
            case "amendment":
                try await reviews.amend(id, answers: try answers(form, scorecard), why: why, by: actor)
            case "appeal": try await reviews.appeal(id, why: why, by: actor)
            default:
                let isChanged = form["outcome"] == Review.Outcome.changed.rawValue
                try await reviews.decide(
                    id, answers: isChanged ? try answers(form, scorecard) : nil, why: why, by: actor)
            }
            return pages.go("/quality/reviews/\(id)?done=\(what)")
        } orElse: { complaint in
            try await show(detail, form, complaint: complaint, request, context)
        }
    }

    private func show(
        _ detail: ReviewDetail, _ form: Form?, complaint: String?, _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        let review = detail.summary
        let person = try context.person
        let scorecard = reviews.scorecard(of: detail)
        let now = pages.time.now().wall
        let writers = Set(detail.revisions.map(\.by))
        let mayScore = gate.concerns(review.agent, person, .scoreRecordings)
        let last = detail.revisions.last?.answers ?? []
        var fields: [String: Any] = [
            "id": review.id.description, "recording": review.recording.description, "agent": review.agent,
            "call_at": pages.site.time(review.offeredAt), "reviewer": review.reviewer,
            "at": pages.site.time(review.submittedAt), "score": pages.share(review.score),
            "failed": review.isFailed, "critical": review.isCritical, "calibration": review.isCalibration,
            "state": pages.word("review_\(review.state.rawValue)", context),
            "appeal_until": pages.site.time(review.appealUntil), "complaint": complaint ?? "",
            "appealed_at": pages.site.time(review.appealedAt), "appealed_by": review.appealedBy ?? "",
            "appealed_why": review.appealedWhy ?? "", "decided_at": pages.site.time(review.decidedAt),
            "decided_by": review.decidedBy ?? "", "decided_why": review.decidedWhy ?? "", "why": form?["why"] ?? "",
            "may_appeal": review.state == .submitted && !review.isCalibration && person.workNumber == review.agent
                && Rights.allows(person, .appealScores) && now < review.appealUntil.microseconds,
            "may_amend": review.state == .submitted && person.name == review.reviewer && scorecard != nil
                && !review.isCalibration,
            "may_decide": review.state == .appealed && mayScore && !writers.contains(person.name)
                && person.workNumber != review.agent && scorecard != nil,
            "revisions": detail.revisions.reversed().map { revision($0, scorecard, context) },
        ]
        if let scorecard {
            fields["scorecard"] = scorecard.title[context.language]
            fields["groups"] = groups(scorecard, detail.measured, context) { item in
                form.map { entered($0, item) } ?? last.first { $0.item == item.id }.map { stored($0) } ?? Entry()
            }
        } else {
            fields["scorecard"] = "\(review.scorecard)@\(review.version)"
        }
        return pages.render(
            "review", title: "review_title", fields, status: complaint == nil ? .ok : .badRequest, request, context)
    }

    private func revision(
        _ revision: ReviewDetail.Revision, _ scorecard: Scorecard?, _ context: ConsoleContext
    ) -> [String: Any] {
        [
            "number": revision.number, "at": pages.site.time(revision.at), "by": revision.by, "why": revision.why ?? "",
            "score": pages.share(revision.score), "failed": revision.isFailed,
            "answers": revision.answers.map { answer in
                let item = scorecard?.item(answer.item)
                return [
                    "text": item?.words[context.language] ?? answer.item, "clause": item?.clause ?? "",
                    "value": value(answer.value, scale: answer.scale, context), "note": answer.note ?? "",
                    "points": answer.points, "measured": answer.measured.map { measured($0, context) } ?? "",
                    "is_bad": answer.value == 0, "position": answer.position.map { clock($0) } ?? "",
                    "seconds": answer.position.map { seconds($0) } ?? "",
                ] as [String: Any]
            },
        ]
    }

    private func value(_ value: Int?, scale: Int, _ context: ConsoleContext) -> String {
        guard let value else { return pages.word("answer_none", context) }
        return scale == 1 ? pages.word(value == 1 ? "answer_yes" : "answer_no", context) : "\(value)/\(scale)"
    }

    // MARK: answers

    /// What stands in the form for an item.
    private struct Entry {
        /// `0` …, `none`; empty: not answered.
        var value = ""
        var note = ""
        /// Seconds.
        var position = ""
    }

    private func usual(_ item: Scorecard.Item, _ measured: Measured?, _ position: Int64?) -> Entry {
        let usual = measured.flatMap { Scorecard.usualAnswer(to: $0.verdict, scale: item.scale) }
        return Entry(
            value: usual.map { $0.value.map(String.init) ?? "none" } ?? "",
            position: measured?.verdict == .broken ? position.map { seconds($0) } ?? "" : "")
    }

    private func entered(_ form: Form, _ item: Scorecard.Item) -> Entry {
        Entry(value: form["v_\(item.id)"], note: form["n_\(item.id)"], position: form["p_\(item.id)"])
    }

    private func stored(_ answer: ReviewDetail.Answer) -> Entry {
        Entry(
            value: answer.value.map(String.init) ?? "none", note: answer.note ?? "",
            position: answer.position.map { seconds($0) } ?? "")
    }

    /// - Throws: `Problem` 400.
    private func answers(_ form: Form, _ scorecard: Scorecard) throws -> [ReviewSheet.Answer] {
        try scorecard.items.compactMap { item in
            let said = form["v_\(item.id)"]
            if said.isEmpty { return nil }
            let value = said == "none" ? nil : Int(said)
            if said != "none", value == nil { throw Problem(.badRequest, "\(item.id): \(quoted(said))") }
            var position: Int64?
            if let text = try form.text("p_\(item.id)", most: 12) {
                guard let seconds = Double(text), (0...86_400).contains(seconds) else {
                    throw Problem(.badRequest, "\(item.id): \(quoted(text)): 12.5")
                }
                position = Int64((seconds * 1000).rounded())
            }
            return ReviewSheet.Answer(
                item: item.id, value: value, note: try form.text("n_\(item.id)", most: 600), position: position)
        }
    }

    /// Where in the recording what was measured happened, by item.
    private func places(_ sheet: ReviewDesk.Sheet) -> [String: Int64] {
        Dictionary(
            uniqueKeysWithValues: sheet.scorecard.items.compactMap { item in
                sheet.position(of: item.id).map { (item.id, $0) }
            })
    }

    private func groups(
        _ scorecard: Scorecard, _ measured: [String: Measured], _ context: ConsoleContext,
        _ places: [String: Int64] = [:], _ entry: (Scorecard.Item) -> Entry
    ) -> [[String: Any]] {
        scorecard.groups.map { group in
            [
                "title": group.words[context.language],
                "items": group.items.map { item in
                    let entry = entry(item)
                    let place = places[item.id]
                    let values = (0...item.scale).reversed().map(String.init) + ["none"]
                    return [
                        "id": item.id, "text": item.words[context.language], "clause": item.clause,
                        "points": item.points, "critical": item.isCritical,
                        "measured": measured[item.id].map { self.measured($0, context) } ?? "", "note": entry.note,
                        "place": place.map { clock($0) } ?? "", "place_seconds": place.map { seconds($0) } ?? "",
                        "position": entry.position,
                        "options": values.map { value in
                            [
                                "value": value, "item": item.id, "checked": entry.value == value,
                                "label": label(value, item.scale, context),
                            ] as [String: Any]
                        },
                    ] as [String: Any]
                },
            ]
        }
    }

    private func label(_ value: String, _ scale: Int, _ context: ConsoleContext) -> String {
        if value == "none" { return pages.word("answer_none", context) }
        return scale == 1 ? pages.word(value == "1" ? "answer_yes" : "answer_no", context) : value
    }

    /// What machines say, in words: "kept · 3.2 s".
    private func measured(_ measured: Measured, _ context: ConsoleContext) -> String {
        var parts = [pages.word("measured_\(measured.verdict.rawValue)", context)]
        switch measured.unit {
        case .milliseconds: parts.append(measured.amount.map { "\(seconds($0)) s" } ?? "")
        case .share: parts.append(pages.share(measured.amount.map { Int($0) }))
        case nil: break
        }
        if let why = measured.why { parts.append(pages.site.words[context.language][Self.key(why)] ?? why) }
        return parts.filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// The word for a reason of the judges' vocabulary.
    private static func key(_ why: String) -> String {
        "why_" + why.map { $0.isLetter ? String($0) : "_" }.joined()
    }

    private func words(_ problems: ReviewProblems, _ context: ConsoleContext) -> String {
        let scorecards = reviews.scorecards
        return problems.all.prefix(20).map { problem in
            let text = scorecards.lazy.compactMap { $0.item(problem.item) }.first?.words[context.language]
            return "\(text ?? problem.item): \(pages.word("problem_\(problem.reason.rawValue)", context))"
        }.joined(separator: "；")
    }

    private func seconds(_ milliseconds: Int64) -> String {
        let tenths = (milliseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10)"
    }

    private func clock(_ milliseconds: Int64) -> String { RecordingPages.length(Double(milliseconds) / 1000) }

    private func player(_ id: RecordingID, _ context: ConsoleContext) async throws -> [String: Any] {
        guard let detail = try await reader.recordingDetail(id) else {
            throw Problem(.notFound, "there is no recording \(id)")
        }
        return [
            "id": id.description,
            "length_ms": detail.found.recording.seconds.map { Int(($0 * 1000).rounded()) } ?? 0,
            "reason_required": reasonIsRequired,
            "words_json": try DataBlock.text(pages.site.words[context.language, of: "player"]),
        ]
    }
}
