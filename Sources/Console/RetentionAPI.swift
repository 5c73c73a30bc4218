import Calls
import Hummingbird
import Storage
import Switchboard

/// Retention, holds, and a person's data.
struct RetentionAPI: Sendable {
    /// Nil: not here.
    let retention: Retention?
    let reader: StoreReader
    let desk: AgentDesk?

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("retention/plan") { request, _ in
            _ = try ListQuery(request, keys: [])
            return try json(try await here.plan())
        }
        group.post("retention/runs") { request, _ in
            try await request.readNothing()
            return try json(try await here.run())
        }
        group.get("holds") { request, _ in
            let isAll = try ListQuery(request, keys: ["all"]).flag("all")
            return try json(try await reader.holds(inForceOnly: !isAll))
        }
        group.post("holds") { request, context in
            let body = try await request.read(HoldBody.self)
            let by = try context.doer(body.by, desk.known)
            return try json(try await here.place(on: try body.target, reason: body.reason, by: by))
        }
        group.post("holds/:id/release") { request, context in
            let text = try context.part("id")
            guard let id = HoldID(text) else { throw Problem(.badRequest, "this is no hold's id, 36 characters") }
            let body = try await request.read(ReleaseBody.self)
            let by = try context.doer(body.by, desk.known)
            return try json(try await here.release(id, reason: body.reason, by: by))
        }
        group.post("persons/exports") { request, context in
            let body = try await request.read(ExportBody.self)
            let by = try context.doer(body.by, desk.known)
            return try json(try await here.export(body.number, reason: body.reason, by: by))
        }
        group.post("persons/erasures") { request, context in
            let body = try await request.read(ErasureBody.self)
            let by = try context.doer(body.by, desk.known)
            return try json(
                try await here.erase(body.number, reason: body.reason, by: by, isDryRun: body.dryRun ?? false))
        }
    }

    private var here: Retention {
        get throws {
            guard let retention else { throw Problem(.notFound, "this server keeps no recordings to decide about") }
            return retention
        }
    }
}

private struct HoldBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case recording, call, order, reason, by }

    var recording: RecordingID?
    var call: CallID?
    /// By its number.
    var order: String?
    var reason: String
    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?

    var target: Retention.HoldTarget {
        get throws {
            switch (recording, call, order) {
            case (let id?, nil, nil): return .recording(id)
            case (nil, let id?, nil): return .call(id)
            case (nil, nil, let number?): return .order(number)
            default: throw Problem(.badRequest, "give one of `recording`, `call` and `order`")
            }
        }
    }
}

private struct ReleaseBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case reason, by }

    var reason: String
    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
}

private struct ExportBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case number, reason, by }

    var number: String
    var reason: String
    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
}

private struct ErasureBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case number, reason, by
        case dryRun = "dry_run"
    }

    var number: String
    var reason: String
    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
    var dryRun: Bool?
}
