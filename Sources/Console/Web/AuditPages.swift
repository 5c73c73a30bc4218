import Access
import Audit
import Calls
import Foundation
import Hummingbird
import Norms
import Recordings
import Storage
import Switchboard

/// Audits: a profile over a period, each figure with its clause, each breach down to the recording.
struct AuditPages: Sendable {
    let pages: Pages
    /// Nil: there are no norms here.
    let audits: AuditOffice?
    let reader: StoreReader
    /// Whose profile is asked for where nobody chooses.
    let usual: String?

    private static let mostBreaches = 200
    /// The longest period that a page waits for, in days.
    private static let longest = 400

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("audit") { request, context in try await show(request, context) }
        group.post("audit/evidence") { request, context in
            _ = try await pages.form(request, context)
            return try await verify(request, context)
        }
    }

    private func show(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        guard let audits else { throw Problem(.notFound, "there are no norms here") }
        let query = request.uri.queryParameters
        let profiles = try audits.norms.profiles().map(\.profile)
        let today = pages.site.today(pages.time.now())
        let month = String(today.prefix(8)) + "01"
        let asked = (
            profile: query.get("profile") ?? usual ?? profiles.first?.id ?? "", from: query.get("from") ?? month,
            to: query.get("to") ?? today
        )
        var fields: [String: Any] = [
            "profiles": profiles.map { profile in
                ["value": profile.id, "label": profile.name, "selected": profile.id == asked.profile] as [String: Any]
            },
            "from": asked.from, "to": asked.to,
        ]
        // The form first: a period of many calls takes a moment, and nobody asked for it yet.
        guard query.get("profile") != nil else {
            return pages.render("audit", title: "audit_title", fields, request, context)
        }
        do {
            guard let profile = profiles.first(where: { $0.id == asked.profile }) else {
                throw Problem(.badRequest, "\(quoted(asked.profile)): \(profiles.map(\.id).joined(separator: ", "))")
            }
            guard let from = pages.site.day(asked.from), let to = pages.site.day(asked.to, after: 1), from < to,
                (to.microseconds - from.microseconds) / 86_400_000_000 <= Self.longest
            else { throw Problem(.badRequest, pages.word("audit_period_wrong", context)) }
            let report = try await audits.report(
                profile,
                AuditOffice.Question(
                    from: from.microseconds, to: to.microseconds, asOf: UTCTime(pages.time.now()),
                    mostBreaches: Self.mostBreaches))
            if let format = query.get("format") { return try await given(out: report, as: format, asked.from, context) }
            fields.merge(try self.fields(report, profile, asked.from, asked.to, context)) { $1 }
        } catch let problem as Problem where problem.status == .badRequest {
            fields["complaint"] = pages.said(problem.detail, context)
            return pages.render("audit", title: "audit_title", fields, status: .badRequest, request, context)
        }
        return pages.render("audit", title: "audit_title", fields, request, context)
    }

    // MARK: the figures

    private func fields(
        _ report: AuditReport, _ profile: NormProfile, _ from: String, _ to: String, _ context: ConsoleContext
    ) throws -> [String: Any] {
        let figures = report.run.figures.filter { $0.all > 0 || $0.span != nil }
        // Computed from all passages each time it is asked for.
        let times = report.run.answers.figures
        let answers = times.total
        let address = "/audit?profile=\(profile.id)&from=\(from)&to=\(to)"
        return [
            "has_report": true, "profile_title": profile.name, "citation": profile.citation,
            "as_of": pages.site.time(UTCTime(microseconds: report.run.context.asOf)),
            "event": report.basis.event.map { "\($0.chain) #\($0.sequence)" } ?? "",
            "calendar": report.basis.calendar,
            "figures": figures.map { figure($0, context) },
            "silent": report.run.figures.filter { $0.all == 0 && $0.span == nil }.count,
            "unmeasured": report.unmeasured.map { ["clause": $0.rule.clause, "because": $0.because] },
            "publications": report.publications.map { publication in
                [
                    "clause": publication.rule.clause, "nominal": "\(publication.nominal)",
                    "date": "\(publication.date.date)",
                ]
            },
            "csv": "\(address)&format=csv", "json": "\(address)&format=json", "html": "\(address)&format=html",
            "xlsx": "\(address)&format=xlsx",
            "chart_json": try DataBlock.text(Chart(times, words: chartWords(context))),
            "in_time": share(answers.inTimeOfOffered.numerator, of: answers.inTimeOfOffered.denominator),
            "abandoned": share(answers.abandonment.numerator, of: answers.abandonment.denominator),
            "entered": answers.entered,
        ]
    }

    /// As reports write it: never all where something is missing.
    private func share(_ part: Int, of whole: Int) -> String { text.shown(.share(Int64(part), of: Int64(whole))) }

    private var text: ReportText { ReportText(zone: pages.site.zone) }

    private func figure(_ figure: AuditFigure, _ context: ConsoleContext) -> [String: Any] {
        let breaches = figure.breaches.prefix(Self.mostBreaches).map { item -> [String: Any] in
            var row: [String: Any] = [
                "at": pages.site.time(UTCTime(microseconds: item.at)), "subject": item.subject.text,
                "measured": item.milliseconds.map { text.shown(.milliseconds($0)) } ?? "",
                "due": pages.site.time(item.due.map { UTCTime(microseconds: $0) }),
                "done": pages.site.time(item.done.map { UTCTime(microseconds: $0) }), "agent": item.agent ?? "",
                "unit": item.unit ?? "", "note": item.note ?? "",
                "recordings": item.trail.recordings.map { ["id": $0] },
                "orders": item.trail.orders.map { ["number": $0] },
            ]
            if case .order(let number) = item.subject { row["order"] = number }
            return row
        }
        return [
            "rule": figure.rule.id, "clause": figure.rule.clause, "words": figure.rule.words.text, "kept": figure.kept,
            "broken": figure.broken, "pending": figure.pending, "not_judged": figure.notJudgedCount,
            "reasons": figure.notJudged.sorted { $0.key < $1.key }.map {
                ["why": $0.key, "count": $0.value] as [String: Any]
            },
            "share": share(figure.kept, of: figure.judged),
            "conclusion": pages.word("conclusion_\(figure.conclusion.rawValue)", context),
            "is_broken": figure.conclusion == .broken, "is_kept": figure.conclusion == .kept,
            "breaches": Array(breaches), "has_breaches": !breaches.isEmpty,
            "unlisted": max(0, figure.broken - breaches.count), "has_unlisted": figure.broken > breaches.count,
        ]
    }

    // MARK: the chart of answer times

    /// How many answers in which ring, the limit beside it.
    private struct Chart: Encodable {
        var rings: [Int]
        var answers: [Int]
        /// The last ring within the profile's limit; null where it has none.
        var limit: Int?
        var words: [String: String]

        init(_ figures: AnswerFigures, words: [String: String]) {
            let ringing = figures.total.answers.ringing
            rings = ringing.rings.map(\.ring)
            answers = ringing.rings.map(\.answers)
            if case .within(let amount)? = figures.ringLimit, amount.unit == .rings { limit = amount.count }
            self.words = words
        }
    }

    private func chartWords(_ context: ConsoleContext) -> [String: String] {
        [
            "answers": pages.word("chart_answers", context), "ring": pages.word("chart_ring", context),
            "limit": pages.word("chart_limit", context), "within": pages.word("chart_within", context),
            "beyond": pages.word("chart_beyond", context),
        ]
    }

    // MARK: given out

    private func given(
        out report: AuditReport, as format: String, _ from: String, _ context: ConsoleContext
    ) async throws -> Response {
        let document = report.document
        let (bytes, type): ([UInt8], String)
        switch format {
        case "csv": (bytes, type) = (ReportCSV.bytes(document, zone: pages.site.zone), "text/csv; charset=utf-8")
        case "html":
            (bytes, type) = (Array(ReportHTML.text(document, zone: pages.site.zone).utf8), "text/html; charset=utf-8")
        case "json":
            (bytes, type) = (
                Array(try QueryJSON.encode(report.json { UTCTime(microseconds: $0).description })),
                "application/json; charset=utf-8"
            )
        case "xlsx":
            let zone = pages.site.zone
            let book = await DiskWork.run {
                Result { () throws(SwitchboardError) in try Spreadsheet.bytes(document, zone: zone) }
            }
            (bytes, type) = (
                try book.get(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            )
        default: throw Problem(.badRequest, "\(quoted(format)): csv, html, json, xlsx")
        }
        var headers = Pages.headers
        headers[.contentType] = type
        headers[.contentDisposition] =
            "attachment; filename=\"audit-\(report.run.context.profile.id)-\(from).\(format)\""
        // A page of another maker's style must not run anything here.
        headers[.contentSecurityPolicy] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    // MARK: evidence

    /// Walks the journal's chains and tells what came of it.
    private func verify(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let report = try await reader.verifyEvidence()
        return pages.render(
            "evidence", title: "evidence_title",
            [
                "is_whole": report.ok, "differing": "\(report.differing)", "rows": "\(report.rows)",
                "spooled": "\(report.spooled)",
                "breaks": report.chains.compactMap { chain in
                    chain.firstBreak.map { ["chain": chain.chain, "sequence": "\($0.sequence)", "text": $0.message] }
                },
                "differences": report.differences.map { ["table": $0.table, "key": $0.key, "text": $0.message] },
                "heads": report.chains.map { chain in
                    [
                        "chain": chain.chain, "sequence": "\(chain.headSequence)", "hash": chain.headHash,
                        "events": "\(chain.events)", "erased": "\(chain.erased)",
                    ]
                },
            ], request, context)
    }
}
