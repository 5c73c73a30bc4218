import Access
import Calls
import Evidence
import Foundation
import Hummingbird
import Storage
import Switchboard

/// What the hotline says: looked through, heard, replaced by a recording, and brought back.
struct PromptPages: Sendable {
    let pages: Pages
    /// Nil: this server has no prompts to look after.
    let prompts: PromptDesk?

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("prompts") { request, context in try await list(request, context) }
        group.get("prompts/:id") { request, context in
            try await show(try PromptsAPI.id(context), complaint: nil, request, context)
        }
        group.get("prompts/:id/audio") { request, context in
            let bytes = try await here.audio(
                of: try PromptsAPI.id(context), version: request.uri.queryParameters.get("version"))
            return Self.answer(bytes, request)
        }
        group.post("prompts/:id/version") { request, context in
            let id = try PromptsAPI.id(context)
            let form = try await pages.form(request, context)
            do {
                _ = try await here.bringBack(id, version: form["version"], by: try context.doer(nil) { $0 }.text)
            } catch let error as SwitchboardError where [.refused, .unavailable].contains(error.code) {
                return try await show(id, complaint: pages.said(error.message, context), request, context)
            }
            return pages.go("/prompts/\(Self.escaped(id))?done=prompt_back")
        }
    }

    private var here: PromptDesk { get throws { try PromptsAPI.here(prompts) } }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    // MARK: looking

    private func list(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let sought = String((request.uri.queryParameters.get("text") ?? "").prefix(100)).trimmingCharacters(
            in: .whitespaces)
        let all = try await here.all()
        let found = all.filter { prompt in
            sought.isEmpty
                || [prompt.id, prompt.text, prompt.voice ?? ""].contains { $0.localizedCaseInsensitiveContains(sought) }
        }
        var fields = place(try await here.place())
        fields["q_text"] = sought
        fields["rows"] = found.map { row($0, context) }
        fields["is_empty"] = found.isEmpty
        fields["count"] = found.count
        fields["errors"] = all.count { $0.findings.contains(where: \.isError) }
        return pages.render("prompts", title: "nav_prompts", fields, request, context)
    }

    private func show(
        _ id: String, complaint: String?, _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        let prompt = try await here.one(id)
        let versions = try await here.versions(of: id)
        var fields = place(try await here.place())
        fields.merge(row(prompt, context)) { $1 }
        fields["heading"] = prompt.id
        fields["kind"] = pages.word("prompt_kind_\(prompt.kind)", context)
        fields["spoken"] = prompt.spoken ?? ""
        fields["licence"] = prompt.licence ?? ""
        fields["sha256"] = prompt.sha256 ?? ""
        fields["complaint"] = complaint ?? ""
        fields["most_bytes"] = PromptDesk.mostBytes
        fields["versions"] = versions.map { version in
            [
                "name": version.name, "at": pages.site.time(UTCTime(microseconds: version.replacedAt)),
                "by": version.replacedBy, "version_voice": version.voice ?? "",
                "hash": String(version.sha256.prefix(12)),
                "sound": "/prompts/\(Self.escaped(id))/audio?version=\(Self.escaped(version.name))",
            ] as [String: Any]
        }
        fields["has_versions"] = !versions.isEmpty
        fields["words_json"] = try DataBlock.text(scriptWords(context))
        return pages.render(
            "prompt", title: "nav_prompts", fields, status: complaint == nil ? .ok : .badRequest, request, context)
    }

    private func place(_ place: PromptDesk.Place) -> [String: Any] {
        [
            "folder": place.folder, "is_writable": place.isWritable, "is_read_only": !place.isWritable,
            "is_shipped": place.isWritable && place.isShipped,
        ]
    }

    private func row(_ prompt: DeskPrompt, _ context: ConsoleContext) -> [String: Any] {
        [
            "id": prompt.id, "href": "/prompts/\(Self.escaped(prompt.id))", "text": prompt.text,
            "length": prompt.milliseconds.map(Self.length) ?? "", "voice": prompt.voice ?? "",
            "has_file": prompt.sha256 != nil, "is_waiting": prompt.sha256 != nil && !prompt.isPlayed,
            "findings": prompt.findings.map { finding in
                [
                    "label": pages.word("finding_\(finding.kind)", context), "is_error": finding.isError,
                    "message": pages.said(finding.message, context), "advice": pages.said(finding.advice, context),
                ] as [String: Any]
            },
        ]
    }

    /// Seconds with one digit after the point.
    static func length(_ milliseconds: Int) -> String { "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s" }

    /// What the page's script says, and the names of findings.
    private func scriptWords(_ context: ConsoleContext) -> [String: String] {
        var words: [String: String] = [:]
        for (key, word) in pages.site.words[context.language] {
            if key.hasPrefix("prompt_say_") { words[String(key.dropFirst("prompt_say_".count))] = word }
            if key.hasPrefix("finding_") { words[key] = word }
        }
        return words
    }

    // MARK: hearing

    /// A WAV file, or the part of it that is asked for.
    private static func answer(_ bytes: [UInt8], _ request: Request) -> Response {
        var hash = SHA256Stream()
        hash.update(bytes: bytes)
        let tag = "\"\(hash.finish().prefix(32))\""
        // Asked for anew each time: it may have been replaced.
        var headers: HTTPFields = [
            .contentType: "audio/wav", .acceptRanges: "bytes", .eTag: tag, .cacheControl: "private, no-cache",
            .xContentTypeOptions: "nosniff", .vary: "Cookie",
        ]
        if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
        // Of a file that is another meanwhile no part is given.
        let isSame = request.headers[.ifRange].map { $0 == tag } ?? true
        switch ByteRange(isSame ? request.headers[.range] : nil, length: Int64(bytes.count)) {
        case .whole:
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .part(let part):
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(bytes.count)"
            let slice = bytes[Int(part.lowerBound)..<Int(part.upperBound)]
            return Response(
                status: .partialContent, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: slice)))
        case .unsatisfiable:
            headers[.contentRange] = "bytes */\(bytes.count)"
            return Response(status: .rangeNotSatisfiable, headers: headers)
        }
    }
}
