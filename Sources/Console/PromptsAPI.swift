import Calls
import Hummingbird
import Switchboard

/// What the hotline says: listed, and replaced by recordings (docs/prompts.md).
struct PromptsAPI: Sendable {
    let prompts: PromptDesk?
    let desk: AgentDesk?

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("prompts") { request, _ in
            _ = try ListQuery(request, keys: [])
            return try json(try await here.all().map(PromptView.init))
        }
    }

    /// - Parameter group: one that takes in larger bodies than others do: the route does that itself, once it is certain
    ///   that there is such a prompt.
    func addUpload(to group: RouterGroup<ConsoleContext>) {
        group.put("prompts/:id/audio") { request, context in
            let query = try ListQuery(request, keys: ["check", "voice", "licence", "by"])
            let id = try Self.id(context)
            _ = try await here.one(id)
            let isCheck = try query.flag("check")
            let by = isCheck ? nil : try context.doer(try query.workNumber("by"), desk.known)
            let bytes = try await Self.audio(request)
            guard let by else { return try json(VerdictView(verdict: try await here.check(bytes, as: id))) }
            return try json(
                ReplacedView(
                    replaced: try await here.replace(
                        id, with: bytes, voice: try query.text("voice") ?? "", licence: try query.text("licence") ?? "",
                        by: by.text)))
        }
    }

    private var here: PromptDesk { get throws { try Self.here(prompts) } }

    static func here(_ prompts: PromptDesk?) throws -> PromptDesk {
        guard let prompts else { throw Problem(.notFound, "this server has no prompts to look after") }
        return prompts
    }

    /// The prompt in the path. What is no text is no prompt's id either.
    /// - Throws: `Problem` 404.
    static func id(_ context: ConsoleContext) throws -> String {
        do {
            return try context.part("id")
        } catch is Problem {
            throw Problem(.notFound, "there is no such prompt")
        }
    }

    /// The recording in the body.
    /// - Throws: `Problem`: 413, 415.
    private static func audio(_ request: Request) async throws -> [UInt8] {
        let type = (request.headers[.contentType] ?? "").lowercased().prefix { $0 != ";" && $0 != " " }
        guard type == "application/octet-stream" || type.hasPrefix("audio/") else {
            throw Problem(
                .unsupportedMediaType,
                "the body must be an audio file: Content-Type: application/octet-stream or audio/…")
        }
        let tooLong = Problem(
            .contentTooLarge,
            "the recording has more than \(PromptDesk.mostBytes) bytes: make it shorter, or save it as FLAC")
        if let length = request.headers[.contentLength].flatMap(Int.init), length > PromptDesk.mostBytes {
            throw tooLong
        }
        do {
            var request = request
            return Array(try await request.collectBody(upTo: PromptDesk.mostBytes).readableBytesView)
        } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
            throw tooLong
        } catch {
            throw BodyBroken(cause: error)
        }
    }
}

/// A prompt as the API shows it.
private struct PromptView: Encodable {
    let prompt: DeskPrompt

    init(_ prompt: DeskPrompt) { self.prompt = prompt }

    private enum CodingKeys: String, CodingKey {
        case id, kind, text, spoken
        case length = "length_ms"
        case voice, licence, sha256, played, findings
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(prompt.id, forKey: .id)
        try fields.encode(prompt.kind, forKey: .kind)
        try fields.encode(prompt.text, forKey: .text)
        try fields.encode(prompt.spoken, forKey: .spoken)
        try fields.encode(prompt.milliseconds, forKey: .length)
        try fields.encode(prompt.voice, forKey: .voice)
        try fields.encode(prompt.licence, forKey: .licence)
        try fields.encode(prompt.sha256, forKey: .sha256)
        try fields.encode(prompt.isPlayed, forKey: .played)
        try fields.encode(prompt.findings.map(FindingView.init), forKey: .findings)
    }
}

private struct FindingView: Encodable {
    var kind: String
    var severity: String
    var message: String
    var advice: String

    init(_ finding: DeskPrompt.Finding) {
        kind = finding.kind
        severity = finding.isError ? "error" : "warning"
        message = finding.message
        advice = finding.advice
    }
}

private struct VerdictView: Encodable {
    let verdict: PromptVerdict

    private enum CodingKeys: String, CodingKey {
        case id, accepted, rate, channels
        case level = "level_dbfs"
        case target = "target_dbfs"
        case length = "length_ms"
        case findings
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(verdict.id, forKey: .id)
        try fields.encode(verdict.isAccepted, forKey: .accepted)
        try fields.encode(verdict.rate, forKey: .rate)
        try fields.encode(verdict.channels, forKey: .channels)
        try fields.encode(verdict.level, forKey: .level)
        try fields.encode(verdict.target, forKey: .target)
        try fields.encode(verdict.milliseconds, forKey: .length)
        try fields.encode(verdict.findings.map(FindingView.init), forKey: .findings)
    }
}

private struct ReplacedView: Encodable {
    let replaced: PromptReplaced

    private enum CodingKeys: String, CodingKey {
        case id
        case length = "length_ms"
        case sha256
        case former = "former_sha256"
        case played, findings
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(replaced.id, forKey: .id)
        try fields.encode(replaced.milliseconds, forKey: .length)
        try fields.encode(replaced.sha256, forKey: .sha256)
        try fields.encode(replaced.formerSHA256, forKey: .former)
        try fields.encode(replaced.isPlayed, forKey: .played)
        try fields.encode(replaced.findings.map(FindingView.init), forKey: .findings)
    }
}
