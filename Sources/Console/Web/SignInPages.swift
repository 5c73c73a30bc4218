import Access
import Foundation
import HTTPTypes
import Hummingbird

/// Coming in and going out, the first password, one's own account.
struct SignInPages: Sendable {
    let pages: Pages
    private var people: People { pages.people }

    func add(to open: RouterGroup<ConsoleContext>, _ own: RouterGroup<ConsoleContext>) {
        open.get("sign-in") { request, context in
            show(request, context, next: request.uri.queryParameters.get("next"), name: "", complaint: nil)
        }
        open.post("sign-in") { request, context in
            try checkOrigin(request)
            let form = try await Form(request)
            do {
                let signIn = try await people.signIn(
                    form["name"], password: form.raw("password"), address: context.address)
                return enter(signIn, next: form["next"])
            } catch let error as AccessError where error.code == .credentials || error.code == .locked {
                let word = error.code == .locked ? "sign_in_locked" : "sign_in_wrong"
                var response = show(
                    request, context, next: form["next"], name: form["name"], complaint: pages.word(word, context),
                    status: error.code == .locked ? .tooManyRequests : .unauthorized)
                if let seconds = error.retryAfter { response.headers[.retryAfter] = String(seconds) }
                return response
            }
        }
        open.get("welcome/:link") { request, context in
            try welcome(try context.part("link"), complaint: nil, request, context)
        }
        open.post("welcome/:link") { request, context in
            try checkOrigin(request)
            let link = try context.part("link")
            let form = try await Form(request)
            guard form.raw("password") == form.raw("again") else {
                return try welcome(link, complaint: pages.word("password_differs", context), request, context)
            }
            do {
                return enter(
                    try await people.accept(link, password: form.raw("password"), address: context.address), next: "/")
            } catch let error as AccessError where error.code == .argument {
                return try welcome(link, complaint: pages.said(error.message, context), request, context)
            }
        }
        open.post("language") { request, context in
            let form = try await Form(request)
            let language = Language(rawValue: form["language"]) ?? .chinese
            return pages.go(
                Self.local(form["next"]),
                cookies: ["\(Language.cookie)=\(language.rawValue); Path=/; Max-Age=31536000; SameSite=Lax"])
        }
        own.post("sign-out") { request, context in
            _ = try await pages.form(request, context)
            if let token = context.sessionToken { try await people.signOut(token, address: context.address) }
            return pages.go("/sign-in", cookies: [cookie("", seconds: 0)])
        }
        own.get("account") { request, context in
            try AccountPage(pages: pages).render(AccountPage.Outcome(), request, context)
        }
        own.post("account") { request, context in
            let form = try await pages.form(request, context)
            guard form.raw("password") == form.raw("again") else {
                return try account(complaint: pages.word("password_differs", context), request, context)
            }
            do {
                let signIn = try await people.changePassword(
                    try context.person.name, from: form.raw("old"), to: form.raw("password"), address: context.address)
                return pages.go("/account?done=password", cookies: [cookie(signIn.token, seconds: nil)])
            } catch let error as AccessError where [.argument, .credentials, .locked].contains(error.code) {
                return try account(complaint: pages.said(error.message, context), request, context)
            }
        }
    }

    // MARK: pages

    private func show(
        _ request: Request, _ context: ConsoleContext, next: String?, name: String, complaint: String?,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        pages.render(
            "sign-in", title: "sign_in_title",
            ["next": next ?? "/", "name": name, "complaint": complaint ?? ""], status: status, request, context)
    }

    private func welcome(
        _ link: String, complaint: String?, _ request: Request, _ context: ConsoleContext
    ) throws -> Response {
        guard let person = people.invited(link) else {
            throw Problem(.notFound, pages.word("welcome_gone", context))
        }
        return pages.render(
            "welcome", title: "welcome_title",
            ["name": person.name, "who": person.title, "complaint": complaint ?? ""],
            status: complaint == nil ? .ok : .badRequest, request, context)
    }

    private func account(complaint: String, _ request: Request, _ context: ConsoleContext) throws -> Response {
        try AccountPage(pages: pages).render(AccountPage.Outcome(complaint: complaint), request, context)
    }

    // MARK: cookies and addresses

    private func enter(_ signIn: People.SignIn, next: String) -> Response {
        pages.go(Self.local(next), cookies: [cookie(signIn.token, seconds: nil)])
    }

    /// - Parameter seconds: nil: as long as the browser is open.
    private func cookie(_ token: String, seconds: Int?) -> String {
        "\(WhoAsks.cookie)=\(token); Path=/; HttpOnly; SameSite=Lax" + (pages.site.isSecure ? "; Secure" : "")
            + (seconds.map { "; Max-Age=\($0)" } ?? "")
    }

    /// An address of this site, and no other: what stands behind `next` may be anybody's.
    static func local(_ next: String) -> String {
        let isPath = next.hasPrefix("/") && !next.hasPrefix("//") && !next.hasPrefix("/\\")
        let isPlain = next.utf8.allSatisfy { (33...126).contains($0) && $0 != 92 }
        return isPath && isPlain && next.utf8.count <= 2000 ? next : "/"
    }

    /// Before there is a session there is no token of ours in a form: the browser says where the form came from.
    private func checkOrigin(_ request: Request) throws {
        let site = HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] }
        guard site == nil || site == "same-origin" || site == "none" else {
            throw Problem(.forbidden, "the form came from another site")
        }
    }
}
