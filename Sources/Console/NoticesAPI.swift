import Calls
import Hummingbird
import Storage
import Switchboard

/// Notices that callers hear in the flow while they hold (docs/duties.md).
struct NoticesAPI: Sendable {
    let notices: Notices?
    let desk: AgentDesk?
    let time: any TimeSource

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("notices") { request, _ in
            _ = try ListQuery(request, keys: [])
            return try json(try here.records(at: time.now()))
        }
        group.put("notices/:notice") { request, context in
            let name = try context.part("notice")
            let body = try await request.read(NoticeBody.self)
            try await here.set(
                name, prompt: body.prompt, until: body.until, by: try context.doer(body.by, desk.known),
                why: try body.why.kept(as: "why", most: 500) ?? "")
            return Response(status: .noContent)
        }
        group.delete("notices/:notice") { request, context in
            let name = try context.part("notice")
            try await request.readNothing()
            let query = try ListQuery(request, keys: ["by", "why"])
            try await here.clear(
                name, by: try context.doer(try query.workNumber("by"), desk.known),
                why: try query.text("why", most: 500) ?? "")
            return Response(status: .noContent)
        }
    }

    private var here: Notices {
        get throws {
            guard let notices else { throw Problem(.notFound, "there are no notices here") }
            return notices
        }
    }
}

private struct NoticeBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case prompt, until, why, by }

    var prompt: String
    /// Nil: until it is taken back.
    var until: UTCTime?
    /// Nil: nothing is said for the journal.
    var why: String?
    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
}
