import Calls
import Hummingbird
import Storage
import Switchboard

/// Recurring work and outages (docs/duties.md).
struct DutiesAPI: Sendable {
    let duties: DutyBook?
    let reader: StoreReader
    let desk: AgentDesk?

    func add(to group: RouterGroup<ConsoleContext>) {
        group.post("duties/:rule") { request, context in
            let rule = try context.part("rule")
            let body = try await request.read(DeedBody.self)
            try await here.done(
                DutyBook.Deed(
                    rule: rule, subject: body.subject ?? "", happenedAt: body.happenedAt,
                    by: try context.doer(body.by, desk.known),
                    note: body.note, evidence: body.evidence))
            return Response(status: .noContent)
        }
        group.get("outages") { request, _ in
            let query = try ListQuery(request, keys: ["at", "limit"])
            let at = try query.time("at")
            return try json(
                try await reader.outages(OutageFilter(notOverAt: at, limit: try query.limit(orElse: 1000))))
        }
        group.post("outages") { request, context in
            let body = try await request.read(OutageBody.self)
            let id = try await here.announce(
                DutyBook.Outage(
                    kind: body.kind, area: body.area ?? "", beginsAt: body.beginsAt, endsAt: body.endsAt,
                    announcedAt: body.announcedAt, reason: body.reason, text: body.text, prompt: body.prompt,
                    by: try context.doer(body.by, desk.known)))
            return try json(["id": id.description])
        }
        group.post("outages/:outage/withdrawal") { request, context in
            guard let id = OutageID(try context.part("outage")) else {
                throw Problem(.notFound, "an outage's id has 36 characters: `outages list` shows it")
            }
            let body = try await request.read(WithdrawalBody.self)
            try await here.withdraw(id, by: try context.doer(body.by, desk.known), why: body.why)
            return Response(status: .noContent)
        }
    }

    private var here: DutyBook {
        get throws {
            guard let duties else { throw Problem(.notFound, "this server has no norms: set `orders.norms`") }
            return duties
        }
    }
}

private struct DeedBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case subject
        case happenedAt = "happened_at"
        case by, note, evidence
    }

    var subject: String?
    var happenedAt: UTCTime?
    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
    var note: String
    var evidence: String?
}

private struct OutageBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, area
        case beginsAt = "begins_at"
        case endsAt = "ends_at"
        case announcedAt = "announced_at"
        case reason, text, prompt, by
    }

    var kind: String
    var area: String?
    var beginsAt: UTCTime
    var endsAt: UTCTime
    var announcedAt: UTCTime?
    var reason: String
    var text: String
    var prompt: String?
    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
}

private struct WithdrawalBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case by, why }

    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
    var why: String
}
