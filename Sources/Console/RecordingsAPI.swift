import Calls
import Hummingbird
import Storage
import Switchboard

/// Finds recordings, and keeps notes of them. The parameters of `GET recordings` are those of `RecordingParameters`.
struct RecordingsAPI: Sendable {
    let exchange: Exchange
    let reader: StoreReader
    let gate: Gatekeeper

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("recordings") { request, context in
            let (filter, isCounted) = try Self.filter(request.uri.queryParameters.map { ($0.key, $0.value) })
            var list = ListBody(page: try await gate.page(filter, for: context.asker))
            if isCounted { list.count = try await gate.count(filter, for: context.asker) }
            return try json(list)
        }
        group.get("recordings/:id") { _, context in
            let id = try context.recordingID()
            var detail = try await detail(id)
            detail.found = gate.shown(detail.found, to: context.asker?.person)
            return try json(detail)
        }
        group.get("recordings/:id/notes") { _, context in
            let id = try context.recordingID()
            return try json(try await detail(id).notes)
        }
        group.post("recordings/:id/notes") { request, context in
            let id = try context.recordingID()
            let body = try await request.read(NoteBody.self)
            if let complaint = RecordingNoted.complaint(about: body.text) { throw Problem(.badRequest, complaint) }
            let recording = try await detail(id).found.recording
            let end = recording.seconds.map { Int64(($0 * 1000).rounded(.up)) } ?? Self.longestMilliseconds
            let place = (body.atMilliseconds?.value).map(Int64.init)
            if let place, !(0...end).contains(place) {
                throw Problem(.badRequest, "`at_ms` must lie within the recording: 0 to \(end), not \(place)")
            }
            try await exchange.note(
                id, of: recording.callID, by: try context.doer(body.by) { $0 },
                position: place.map { AudioPosition(milliseconds: $0) },
                text: body.text)
            return Response(status: .noContent)
        }
    }

    /// While a recording runs: a day.
    private static let longestMilliseconds: Int64 = 86_400_000

    /// - Returns: the filter, and whether the recordings are to be counted.
    private static func filter(_ parameters: [(Substring, Substring)]) throws -> (RecordingFilter, Bool) {
        var filter = RecordingFilter(limit: 50)
        var isCounted = false
        var seen: Set<Substring> = []
        do {
            for (name, value) in parameters {
                guard seen.insert(name).inserted else {
                    throw Problem(.badRequest, "`\(name.prefix(40))` is given twice")
                }
                if name == "count" {
                    guard value == "true" || value == "false" else {
                        throw Problem(.badRequest, "`count`: '\(value.prefix(60))' is not allowed; give true or false")
                    }
                    isCounted = value == "true"
                } else {
                    try RecordingParameters.set(String(name), to: String(value), in: &filter)
                }
            }
            try RecordingParameters.check(filter)
        } catch let error as StorageError {
            throw Problem(.badRequest, error.message)
        }
        guard filter.limit <= 1000 else {
            throw Problem(
                .badRequest, "`limit`: '\(filter.limit)' is not allowed; give 1 to 1000 and go on by `cursor`")
        }
        return (filter, isCounted)
    }

    private func detail(_ id: RecordingID) async throws -> RecordingDetail {
        guard let detail = try await reader.recordingDetail(id) else {
            throw Problem(.notFound, "there is no recording \(id)")
        }
        return detail
    }
}

private struct ListBody: Encodable {
    var page: RecordingPage
    var count: RecordingCount?

    private enum CodingKeys: String, CodingKey {
        case count
    }

    func encode(to encoder: any Encoder) throws {
        try page.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(count, forKey: .count)
    }
}

private struct NoteBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case by, text
        case atMilliseconds = "at_ms"
    }

    /// Nil where a person asks: they are who they are.
    var by: WorkNumber?
    var text: String
    /// What in the recording it is about; null: the whole.
    var atMilliseconds: WholeNumber?
}
