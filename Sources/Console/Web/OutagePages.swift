import Access
import Calls
import Foundation
import Hummingbird
import Storage
import Switchboard

/// Outage bulletins: announced, withdrawn; and what the public sees of them, with an order's progress by number and code.
struct OutagePages: Sendable {
    let pages: Pages
    let reader: StoreReader
    /// Nil: there are no norms here.
    let duties: DutyBook?
    let orders: OrderBook?
    /// Whoever guesses codes is slowed down.
    let guesses: GuessLimit
    let notice: NoticeCard

    func add(to own: RouterGroup<ConsoleContext>, _ open: RouterGroup<ConsoleContext>) {
        own.get("outages") { request, context in try await list(complaint: nil, [:], request, context) }
        own.post("outages") { request, context in
            let form = try await pages.form(request, context)
            do {
                try await announce(form, context)
            } catch let problem as Problem where problem.status == .badRequest {
                return try await list(complaint: pages.said(problem.detail, context), entered(form), request, context)
            } catch let error as SwitchboardError where [.refused, .notFound].contains(error.code) {
                return try await list(complaint: pages.said(error.message, context), entered(form), request, context)
            }
            return pages.go("/outages?done=announced")
        }
        own.post("outages/:outage/withdrawal") { request, context in
            let form = try await pages.form(request, context)
            guard let id = OutageID(try context.part("outage")) else { throw Problem(.notFound, "no such outage") }
            try await book.withdraw(id, by: try actor(context), why: form["why"])
            return pages.go("/outages?done=withdrawn")
        }
        own.post("outages/notice") { request, context in
            let form = try await pages.form(request, context)
            return try await switched(form, "/outages?done=notice_on", request, context) {
                try await notice.set(form, context)
            }
        }
        own.post("outages/notice/end") { request, context in
            let form = try await pages.form(request, context)
            return try await switched(form, "/outages?done=notice_off", request, context) {
                try await notice.clear(form, context)
            }
        }
        open.get("public") { request, context in try await shown(nil, request, context) }
        open.post("public") { request, context in try await progress(request, context) }
    }

    /// After the notice was switched to where that is told; what it was refused for is told in its card.
    private func switched(
        _ form: Form, _ then: String, _ request: Request, _ context: ConsoleContext, _ change: () async throws -> Void
    ) async throws -> Response {
        let complaint: String
        do {
            try await change()
            return pages.go(then)
        } catch let problem as Problem where problem.status == .badRequest {
            complaint = pages.said(problem.detail, context)
        } catch let error as SwitchboardError where [.refused, .notFound].contains(error.code) {
            complaint = pages.said(error.message, context)
        }
        let card = notice.fields(complaint: complaint, entered: notice.entered(form), context)
        return try await list(complaint: nil, [:], card: card, request, context)
    }

    private var book: DutyBook {
        get throws {
            guard let duties else { throw Problem(.notFound, "there are no norms here, and no outages") }
            return duties
        }
    }

    private func actor(_ context: ConsoleContext) throws -> WorkNumber { try context.doer(nil) { $0 } }

    private static let inputs = ["kind", "area", "begins", "ends", "reason", "text"]

    private func entered(_ form: Form) -> [String: String] {
        Dictionary(uniqueKeysWithValues: Self.inputs.map { ($0, form[$0]) })
    }

    private func announce(_ form: Form, _ context: ConsoleContext) async throws {
        _ = try await book.announce(
            DutyBook.Outage(
                kind: form["kind"], area: try form.text("area", most: 200) ?? "", beginsAt: try instant(form["begins"]),
                endsAt: try instant(form["ends"]), reason: try form.text("reason", most: 500) ?? "",
                text: try form.text("text", most: 1000) ?? "", by: try actor(context)))
    }

    /// `2026-11-28T09:30`, local.
    private func instant(_ text: String) throws -> UTCTime {
        guard let time = pages.site.moment(text) else {
            throw Problem(.badRequest, "\(quoted(text)): 2026-11-28T09:30")
        }
        return time
    }

    private func list(
        complaint: String?, _ entered: [String: String], card: [String: Any]? = nil, _ request: Request,
        _ context: ConsoleContext
    ) async throws -> Response {
        var filter = OutageFilter()
        filter.notOverAt = UTCTime(pages.time.now())
        var fields: [String: Any] = [
            "outages": try await reader.outages(filter).map { row($0, context) }, "complaint": complaint ?? "",
            "kinds": DutyBook.outageKinds.map { kind in
                [
                    "value": kind, "label": pages.word("outage_\(kind)", context), "selected": entered["kind"] == kind,
                ] as [String: Any]
            },
        ]
        for name in Self.inputs { fields["e_\(name)"] = entered[name] ?? "" }
        fields.merge(card ?? notice.fields(context)) { $1 }
        // A card is given where the notice was refused.
        return pages.render(
            "outages", title: "nav_outages", fields, status: complaint == nil && card == nil ? .ok : .badRequest,
            request, context)
    }

    private func row(_ outage: OutageNotice, _ context: ConsoleContext) -> [String: Any] {
        [
            "id": outage.id.description, "kind": pages.word("outage_\(outage.kind)", context),
            "area": outage.area.isEmpty ? pages.word("outage_everywhere", context) : outage.area,
            "begins": pages.site.time(outage.beginsAt), "ends": pages.site.time(outage.endsAt),
            "reason": outage.reason, "text": outage.text, "by": outage.by,
        ]
    }

    // MARK: the public

    private func shown(
        _ progress: [String: Any]?, _ request: Request, _ context: ConsoleContext, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        var filter = OutageFilter()
        filter.notOverAt = UTCTime(pages.time.now())
        let outages = try await reader.outages(filter)
        var fields: [String: Any] = ["outages": outages.map { row($0, context) }, "is_empty": outages.isEmpty]
        if let progress { fields.merge(progress) { $1 } }
        return pages.render("public", title: "public_title", fields, status: status, request, context)
    }

    /// How far an order is, for whoever has its number and the code given with it: nothing else of it.
    private func progress(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let form = try await Form(request)
        let (number, code) = (String(form["number"].prefix(40)), String(form["code"].prefix(20)))
        guard guesses.mayTry(context.address, now: pages.time.now().mono) else {
            return try await shown(
                ["complaint": pages.word("public_slow", context)], request, context, status: .tooManyRequests)
        }
        guard let order = try await reader.orderByCode(number: number, code: code) else {
            guesses.failed(context.address, now: pages.time.now().mono)
            return try await shown(
                ["complaint": pages.word("public_unknown", context), "number": number], request, context,
                status: .notFound)
        }
        var found: [String: Any] = [
            "found": true, "number": order.number, "category": pages.word("category_\(order.category)", context),
            "created": pages.site.time(order.createdAt), "status": pages.word("status_\(order.status)", context),
        ]
        if let closed = order.closedAt { found["closed"] = pages.site.time(closed) }
        return try await shown(found, request, context)
    }
}
