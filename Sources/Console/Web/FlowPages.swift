import CallFlow
import Documents
import Foundation
import Hummingbird

/// The flows in use: drawn, told step by step, and what the checker says against them.
struct FlowPages: Sendable {
    let pages: Pages
    /// Those for callers first.
    let flows: [ShownFlow]
    let pictures: FlowPictures

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("flow") { request, context in try await show(request, context) }
        group.get("flow/drawing.svg") { request, context in
            let shown = try chosen(request)
            let given = request.uri.queryParameters.get("language")
            let language = given.flatMap { Language(rawValue: $0) } ?? context.language
            switch await picture(of: shown, language) {
            case .success(let picture): return Self.response(picture, request)
            case .failure: throw Problem(.notFound, pages.word("flow_no_drawing", context))
            }
        }
    }

    /// No script, no style, nothing from anywhere; links within lead on.
    private static func response(_ picture: FlowPictures.Picture, _ request: Request) -> Response {
        var headers = Pages.headers
        headers[.contentType] = "image/svg+xml"
        headers[.contentSecurityPolicy] =
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
        guard let packed = picture.deflated, StaticFiles.takesDeflate(request) else {
            return Response(
                status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: picture.bytes)))
        }
        headers[.contentEncoding] = "deflate"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: packed)))
    }

    private func chosen(_ request: Request) throws -> ShownFlow {
        guard let name = request.uri.queryParameters.get("flow") else {
            guard let first = flows.first else { throw Problem(.notFound, "there is no flow here") }
            return first
        }
        guard let shown = flows.first(where: { $0.use.rawValue == name }) else {
            let known = flows.map(\.use.rawValue).joined(separator: ", ")
            throw Problem(.notFound, "there is no flow \(quoted(name)): there is \(known)")
        }
        return shown
    }

    private func picture(
        of shown: ShownFlow, _ language: Language
    ) async -> Result<FlowPictures.Picture, FlowPictures.Failure> {
        await pictures.picture(
            "\(shown.use.rawValue) \(language.rawValue)", of: shown.flow,
            FlowDrawing.Captions(
                texts: shown.texts, words: words(shown, language),
                link: "/flow?flow=\(shown.use.rawValue)#step-"))
    }

    // MARK: the page

    private func show(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let shown = try chosen(request)
        let outline = FlowOutline(shown.flow, texts: shown.texts)
        let words = words(shown, context.language)
        var fields: [String: Any] = [
            "flows": flows.map { flow in
                [
                    "href": "/flow?flow=\(flow.use.rawValue)",
                    "label": pages.word("flow_\(flow.use.rawValue)", context),
                    "here": flow.use == shown.use,
                ] as [String: Any]
            },
            "name": shown.flow.name, "flow_title": shown.flow.title, "version": shown.flow.version, "file": shown.file,
            "step_count": outline.steps.count, "has_warnings": !shown.warnings.isEmpty,
            "warnings": shown.warnings.map { warning in
                let step = outline.step(atLine: warning.line)
                return [
                    "place": warning.line > 0 ? "\(warning.file):\(warning.line):\(warning.column)" : warning.file,
                    "message": pages.said(warning.message, context),
                    "advice": pages.said(warning.advice, context), "step": step ?? "",
                ] as [String: Any]
            },
            "globals": outline.globals.map { way($0, words) },
            "steps": outline.steps.map { row($0, outline, words, context) },
        ]
        switch await picture(of: shown, context.language) {
        case .success(let picture):
            fields["drawing"] =
                [
                    "href": "/flow/drawing.svg?flow=\(shown.use.rawValue)&language=\(context.language.rawValue)",
                    "width": picture.width.map { String($0) } ?? "", "height": picture.height.map { String($0) } ?? "",
                ]
        case .failure(.noProgram): fields["no_drawing"] = pages.word("flow_no_program", context)
        case .failure(.failed(let why)):
            context.logger.warning(
                "a flow was not drawn", metadata: ["flow": "\(shown.use.rawValue)", "reason": "\(why)"])
            fields["no_drawing"] = "\(pages.word("flow_no_drawing", context)) (\(why))"
        }
        return pages.render("flow", title: "nav_flow", fields, request, context)
    }

    private func row(
        _ step: FlowOutline.Step, _ outline: FlowOutline, _ words: [String: String], _ context: ConsoleContext
    ) -> [String: Any] {
        [
            "name": step.name, "line": step.line, "verb": step.verb,
            "verb_word": pages.word("flow_verb_\(step.verb)", context), "is_person": step.isPerson,
            "is_start": step.name == outline.start, "says": step.says.map { said($0, context) },
            "says_too": step.saysToo.map { said($0, context) }, "has_more": !step.saysToo.isEmpty,
            "ways": step.ways.map { way($0, words) },
        ]
    }

    /// Words stand as text, what the file says as code.
    private func said(_ said: FlowOutline.Said, _ context: ConsoleContext) -> [String: Any] {
        switch said {
        case .prompt(let id, let words): ["id": id, "text": words, "lang": Language.chinese.tag]
        case .variable(let name): ["id": "${\(name)}", "text": ""]
        case .value(let kind, let text):
            ["id": text, "text": pages.word("flow_value_\(kind.rawValue)", context)]
        case .beep: ["id": "", "text": pages.word("flow_beep", context)]
        }
    }

    private func way(_ way: FlowOutline.Way, _ words: [String: String]) -> [String: Any] {
        ["word": words[way.label] ?? "", "label": words[way.label] == nil ? way.label : "", "step": way.step]
    }

    // MARK: words

    /// The words for a flow's verbs and ways out in a language, by what the file's language calls them; keys and conditions have
    /// none.
    private func words(_ shown: ShownFlow, _ language: Language) -> [String: String] {
        let all = pages.site.words[language]
        var words: [String: String] = [:]
        for step in FlowOutline(shown.flow).steps {
            words[step.verb] = all["flow_verb_\(step.verb)"]
            for way in step.ways where words[way.label] == nil { words[way.label] = Self.word(way.label, all) }
        }
        words["from anywhere"] = all["flow_exit_from_anywhere"]
        return words
    }

    private static func word(_ label: String, _ all: [String: String]) -> String? {
        if let times = label.firstMatch(of: #/^up to (\d+) times$/#) {
            return all["flow_exit_up_to"]?.replacing("{n}", with: times.1)
        }
        return all["flow_exit_\(label.replacing(" ", with: "_"))"]
    }
}
