import Calls
import Hummingbird
import Storage
import Switchboard

/// Takes imported recordings in, and writes down which recordings are given out: for `hotline recordings import` and
/// `export`, which move the files themselves within the data folder and out of it.
struct RecordingBookAPI: Sendable {
    let book: RecordingBook
    let gate: Gatekeeper

    func add(to group: RouterGroup<ConsoleContext>) {
        group.post("recordings/imports") { request, _ in
            let body = try await request.read(ImportBody.self)
            return try json(ImportView(results: try await book.take(body.recordings)))
        }
        group.post("recordings/exports") { request, context in
            let body = try await request.read(ExportBody.self)
            if let person = context.asker?.person {
                for id in body.recordings { try await gate.check(person, .exportRecordings, recording: id) }
            }
            try await book.noteExport(
                of: body.recordings, format: body.format.value.rawValue, token: RecordingAudioAPI.tokenName,
                by: try context.doerIfSaid(body.by) { $0 }, reason: try body.reason.kept(as: "reason", most: 400))
            return Response(status: .noContent)
        }
    }
}

private struct ImportBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case recordings }

    var recordings: [ImportedRecording]
}

private struct ImportView: Encodable {
    var results: [TakenRecording]
}

private struct ExportBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case recordings, format, by, reason }
    enum Format: String, CaseIterable { case flac, vcon }

    var recordings: [RecordingID]
    var format: Word<Format>
    var by: WorkNumber?
    var reason: String?
}
