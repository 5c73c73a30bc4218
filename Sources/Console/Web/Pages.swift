import Access
import Calls
import Foundation
import HTTPTypes
import Hummingbird
import Mustache
import Storage
import Switchboard

/// An empty text in a template.
private struct Nothing: MustacheCustomRenderable {
    var renderText: String { "" }
    var isNull: Bool { true }
}

/// What every page has in common: who looks at it, the menu, the words, errors in words.
struct Pages: Sendable {
    let site: Site
    let people: People
    let gate: Gatekeeper
    let time: any TimeSource

    /// A line of the menu.
    private struct Entry {
        var href: String
        var word: String
        var right: Right
    }

    private static let menu = [
        // Whoever takes calls begins here.
        Entry(href: "/desk", word: "nav_desk", right: .agentSelf),
        Entry(href: "/", word: "nav_wallboard", right: .wallboard),
        Entry(href: "/inbox", word: "nav_inbox", right: .inbox),
        Entry(href: "/orders", word: "nav_orders", right: .seeOrders),
        Entry(href: "/recordings", word: "nav_recordings", right: .hearRecordings),
        Entry(href: "/quality", word: "nav_quality", right: .seeScores),
        Entry(href: "/audit", word: "nav_audit", right: .audit),
        Entry(href: "/outages", word: "nav_outages", right: .announceOutages),
        Entry(href: "/flow", word: "nav_flow", right: .announceOutages),
        Entry(href: "/prompts", word: "nav_prompts", right: .operate),
        Entry(href: "/people", word: "nav_people", right: .people),
        Entry(href: "/operation", word: "nav_operation", right: .wallboard),
    ]

    /// - Parameters:
    ///   - template: its name.
    ///   - title: a word's key, or a text where there is no such word.
    func render(
        _ template: String, title: String, _ fields: [String: Any] = [:], status: HTTPResponse.Status = .ok,
        _ request: Request, _ context: ConsoleContext
    ) -> Response {
        let language = context.language
        let person = context.asker?.person
        let path = request.uri.path
        let entries = Self.menu.filter { entry in person.map { Rights.allows($0, entry.right) } ?? false }
        var all: [String: Any] = [
            "words": site.words[language], "lang": language.tag, "title": site.words[language, title],
            "other_language": language.other.rawValue, "here": request.uri.string,
            "csrf": context.csrf ?? "", "signed_in": person != nil, "person": person?.title ?? "",
            "done": Self.done(request).map { site.words[language, "done_\($0)"] } ?? "",
            "menu": entries.map { entry in
                let isHere = entry.href == "/" ? path == "/" : path.hasPrefix(entry.href)
                return ["href": entry.href, "label": site.words[language, entry.word], "here": isHere] as [String: Any]
            },
        ]
        all.merge(fields) { $1 }
        let text = site.library.render(Self.marked(all), withTemplate: template) ?? ""
        var headers = Self.headers
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.contentLanguage] = language.tag
        let bytes = Array(text.utf8)
        if StaticFiles.takesDeflate(request), let packed = StaticFiles.deflate(bytes) {
            headers[.contentEncoding] = "deflate"
            return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: packed)))
        }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Empty texts are nothing: sections of templates pass over them, and do not find another of that name further out.
    private static func marked(_ value: Any) -> Any {
        switch value {
        case let text as String: text.isEmpty ? Nothing() : escapable(text)
        case let fields as [String: String]: fields.mapValues { marked($0) }
        case let fields as [String: Any]: fields.mapValues { marked($0) }
        case let list as [Any]: list.map { marked($0) }
        default: value
        }
    }

    private static let markup: Set<Unicode.Scalar> = ["<", ">", "&", "\"", "'"]

    /// The templates escape characters as people see them: a quotation mark that bears an accent is another character to them,
    /// and would end an attribute. Such a one loses what clings to it.
    private static func escapable(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 >= 128 }), text.unicodeScalars.contains(where: markup.contains) else {
            return text
        }
        var plain = String.UnicodeScalarView()
        for character in text {
            let scalars = character.unicodeScalars
            let isClung = scalars.count > 1 && scalars.contains(where: markup.contains)
            plain.append(contentsOf: isClung ? Array(scalars.filter(markup.contains)) : Array(scalars))
        }
        return String(plain)
    }

    /// What was done, to be told on the page that it leads to; a word's key, and no text of the address's.
    private static func done(_ request: Request) -> String? {
        guard let done = request.uri.queryParameters.get("done"),
            done.utf8.allSatisfy({ (97...122).contains($0) || $0 == 95 }),
            done.utf8.count <= 30
        else { return nil }
        return done
    }

    static let headers: HTTPFields = {
        var headers: HTTPFields = [
            .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .vary: "Cookie, Accept-Language, Accept-Encoding",
            .contentSecurityPolicy:
                "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
                + "form-action 'self'; frame-ancestors 'none'",
        ]
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "same-origin" }
        if let name = HTTPField.Name("X-Frame-Options") { headers[name] = "DENY" }
        return headers
    }()

    /// On to another page, after something was done.
    func go(_ address: String, cookies: [String] = []) -> Response {
        var headers = Self.headers
        headers[.location] = address
        for cookie in cookies { headers.append(HTTPField(name: .setCookie, value: cookie)) }
        return Response(status: .seeOther, headers: headers)
    }

    /// The form of a page that changes something, once it is certain that the page was ours.
    /// - Throws: `Problem` 403.
    func form(_ request: Request, _ context: ConsoleContext) async throws -> Form {
        let form = try await Form(request)
        guard let csrf = context.csrf, SameText.fits(form["csrf"], csrf) else {
            throw Problem(.forbidden, site.words[context.language, "error_form"])
        }
        return form
    }

    func word(_ key: String, _ context: ConsoleContext) -> String { site.words[context.language, key] }

    /// What an error says, in the reader's language.
    func said(_ message: String, _ context: ConsoleContext) -> String { site.words.said(message, context.language) }
}

/// Who looks at a page: those who have not signed in are led to where they can; what goes wrong is told as a page.
struct PageGuard: RouterMiddleware {
    typealias Context = ConsoleContext
    let pages: Pages
    /// Nil: everybody may.
    let right: Right?

    func handle(
        _ request: Request, context: ConsoleContext, next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.language = Language(of: request)
        do {
            if let right {
                guard let person = context.asker?.person, context.csrf != nil else {
                    let isRead = request.method == .get || request.method == .head
                    let back = isRead ? request.uri.string : "/"
                    return pages.go(
                        "/sign-in?next=\(back.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")")
                }
                guard Rights.allows(person, right) else {
                    throw Problem(.forbidden, pages.word("error_right", context))
                }
            }
            return try await next(request, context)
        } catch {
            return page(for: error, request, context)
        }
    }

    private func page(for error: any Error, _ request: Request, _ context: ConsoleContext) -> Response {
        let problem: Problem
        switch error {
        case let error as Problem: problem = error
        case let error as StorageError: problem = Problem(error)
        case let error as SwitchboardError: problem = Problem(error)
        case let error as AccessError: problem = Problem(error)
        case let error as any HTTPResponseError where error.status.code < 500:
            problem = Problem(error.status, pages.word("error_request", context))
        default: problem = .unexpected
        }
        if problem.status.code >= 500 {
            context.logger.error(
                "a page failed",
                metadata: [
                    "http.status": "\(problem.status.code)", "http.route": "\(context.endpointPath ?? "-")",
                    "error": "\(error)",
                ])
        }
        return pages.render(
            "error", title: "error_title",
            ["code": problem.status.code, "detail": pages.said(problem.detail, context)], status: problem.status,
            request, context)
    }
}
