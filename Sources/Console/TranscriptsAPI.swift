import Calls
import Hummingbird
import Storage
import Switchboard

/// Machines' transcripts: read, and asked for again.
struct TranscriptsAPI: Sendable {
    /// Nil: none are made.
    let transcriber: Transcriber?
    let reader: StoreReader
    let desk: AgentDesk?

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("recordings/:id/transcript") { _, context in
            let id = try context.recordingID()
            if let transcript = try await reader.transcript(id) { return try json(transcript) }
            guard try await reader.recording(id) != nil else { throw Problem(.notFound, "there is no recording \(id)") }
            throw Problem(.notFound, "no transcript of recording \(id) was ever asked for")
        }
        group.post("recordings/:id/transcript") { request, context in
            let id = try context.recordingID()
            let body = try await request.read(AskBody.self)
            let by = try context.doerIfSaid(body.by, desk.known)
            guard let transcriber else {
                throw Problem(
                    .conflict, "no transcripts are made here: set `transcripts.command` or `transcripts.url`")
            }
            try await transcriber.ask(id, by: by)
            return Response(status: .accepted)
        }
    }
}

private struct AskBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case by }

    /// Who wants it.
    var by: WorkNumber?
}
