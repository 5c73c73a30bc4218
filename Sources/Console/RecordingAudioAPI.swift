import Calls
import Hummingbird
import Recordings
import Storage
import Switchboard

/// Recordings to be heard and looked at, and their checking.
struct RecordingAudioAPI: Sendable {
    let replay: Replay
    let reconciliation: Reconciliation
    let carrier: CarrierBook
    let gate: Gatekeeper
    /// Whether people say why they listen.
    let reasonIsRequired: Bool

    /// The name under which replays through the data folder's token are journalled.
    static let tokenName = "api"
    private static let chunk = 262_144

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("recordings/:id/audio") { request, context in
            try await audio(request, context, isHead: false)
        }
        group.head("recordings/:id/audio") { request, context in
            try await audio(request, context, isHead: true)
        }
        group.get("recordings/:id/peaks") { request, context in
            let id = try context.recordingID()
            let text = try ListQuery(request, keys: ["samples_per_pixel"]).text("samples_per_pixel") ?? "256"
            guard let samples = Int(text) else {
                throw Problem(.badRequest, "`samples_per_pixel` must be a whole number, not `\(text.prefix(20))`")
            }
            let bytes = try await replay.peaks(id, samplesPerPixel: samples)
            return Response(
                status: .ok,
                headers: [.contentType: "application/octet-stream", .cacheControl: "private, no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        }
        group.get("recordings/:id/events") { _, context in
            let id = try context.recordingID()
            return try json(gate.shown(try await replay.timeline(id), to: context.asker?.person))
        }
        group.get("recordings/:id/silence") { _, context in
            let id = try context.recordingID()
            let (summary, figures) = try await replay.figures(id)
            return try json(SilenceView(summary, figures))
        }
        group.post("recordings/reconciliation") { request, _ in
            let body = try await request.read(ReconciliationBody.self)
            return try json(
                try await reconciliation.run(from: body.from, to: body.to, all: body.all ?? false))
        }
        group.post("carrier/records") { request, _ in
            let body = try await request.read(CarrierBody.self)
            let new = try await carrier.take(body.records, file: body.file)
            return try json(CarrierView(new: new, known: body.records.count - new))
        }
    }

    // MARK: audio

    private func audio(_ request: Request, _ context: ConsoleContext, isHead: Bool) async throws -> Response {
        let id = try context.recordingID()
        _ = try ListQuery(request, keys: ["format", "channel", "reason", "by"])
        let query = request.uri.queryParameters
        let format: ReplayForm.Format? = try choice(query.get("format"), "format")
        let channel: ReplayForm.Side = try choice(query.get("channel"), "channel") ?? .both
        let reason = try query.get("reason").kept(as: "reason", most: 500)
        if reasonIsRequired, context.asker?.person != nil, !isHead {
            guard reason?.contains(where: { !$0.isWhitespace }) ?? false else {
                throw Problem(.forbidden, "a replay needs a reason: `reason`")
            }
        }
        var by: WorkNumber?
        if let text = query.get("by") {
            by = WorkNumber(text)
            if by == nil { throw Problem(.badRequest, "`\(text.prefix(20))` is no work number") }
        }
        if context.asker?.person != nil { by = try context.doer(by) { $0 } }
        let audio = try await replay.audio(id, format: format, channel: channel)
        let length = audio.file.length
        let tag = "\"\(audio.tag)\""
        var headers: HTTPFields = [
            .contentType: audio.form.format.mediaType, .acceptRanges: "bytes", .eTag: tag,
            .cacheControl: "private, no-store", .xContentTypeOptions: "nosniff",
            .contentDisposition: "inline; filename=\"\(audio.name)\"",
        ]
        if let known = request.headers[.ifNoneMatch], Self.matches(known, tag) {
            return Response(status: .notModified, headers: headers)
        }
        // Range is defined for GET alone (RFC 9110 14.2).
        var range = ByteRange(isHead ? nil : request.headers[.range], length: length)
        // Another version than the asker has a part of, or a date, which we do not give: the whole (13.1.5).
        if let condition = request.headers[.ifRange], condition != tag { range = .whole }
        switch range {
        case .unsatisfiable:
            headers[.contentRange] = "bytes */\(length)"
            let problem = try Problem(.rangeNotSatisfiable, "the file has \(length) bytes")
                .response(from: request, context: context)
            headers[.contentType] = problem.headers[.contentType]
            headers[.contentDisposition] = nil
            return Response(status: .rangeNotSatisfiable, headers: headers, body: problem.body)
        case .whole:
            if isHead {
                headers[.contentLength] = String(length)
                return Response(status: .ok, headers: headers)
            }
            try await note(audio, context, by: by, reason: reason)
            return Response(status: .ok, headers: headers, body: Self.body(audio.file, 0..<length))
        case .part(let part):
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(length)"
            try await note(audio, context, by: by, reason: reason)
            return Response(status: .partialContent, headers: headers, body: Self.body(audio.file, part))
        }
    }

    private func note(
        _ audio: Replay.Audio, _ context: ConsoleContext, by: WorkNumber?, reason: String?
    ) async throws {
        try await replay.note(audio, token: context.asker?.person?.name ?? Self.tokenName, by: by, reason: reason)
    }

    private func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String?, _ name: String
    ) throws -> Choice? {
        guard let text else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw Problem(.badRequest, "`\(name)` must be one of \(names), not `\(text.prefix(20))`")
    }

    /// If-None-Match compares weakly (RFC 9110 13.1.2).
    private static func matches(_ header: String, _ tag: String) -> Bool {
        header == "*"
            || header.split(separator: ",").contains { part in
                let known = part.drop { $0 == " " }.prefix { $0 != " " }
                return known == tag || known == "W/\(tag)"
            }
    }

    /// A part of a file, piece by piece as it is taken. A file that has become shorter meanwhile ends the connection
    /// before the length promised.
    private static func body(_ file: RecordingFile, _ part: Range<Int64>) -> ResponseBody {
        ResponseBody(contentLength: Int(part.upperBound - part.lowerBound)) { writer in
            var place = part.lowerBound
            while place < part.upperBound {
                let count = min(Self.chunk, Int(part.upperBound - place))
                try await writer.write(ByteBuffer(bytes: try await file.read(at: place, count: count)))
                place += Int64(count)
            }
            try await writer.finish(nil)
        }
    }
}

private struct ReconciliationBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case from, to, all }

    var from: UTCTime?
    var to: UTCTime?
    /// Reads every file of the period.
    var all: Bool?
}

private struct CarrierBody: APIBody {
    enum CodingKeys: String, CodingKey, CaseIterable { case file, records }

    var file: String
    var records: [CarrierImported.Record]
}

private struct CarrierView: Encodable {
    var new: Int
    var known: Int
}
