import Access
import HTTPTypes
import Hummingbird

/// One's own account: who one is, the password, and tokens for programs where one may make them.
struct AccountPage: Sendable {
    /// What came of a form of the page.
    struct Outcome: Sendable {
        /// About the password.
        var complaint: String?
        /// About a token.
        var tokenComplaint: String?
        /// Just made: shown this once.
        var token: String?
        /// What was entered for a token.
        var title = ""
        var days = ""
    }

    let pages: Pages

    func render(
        _ outcome: Outcome, _ request: Request, _ context: ConsoleContext
    ) throws -> Response {
        let person = try context.person
        let isWrong = outcome.complaint != nil || outcome.tokenComplaint != nil
        var fields: [String: Any] = [
            "name": person.name, "complaint": outcome.complaint ?? "", "unit": person.unit ?? "",
            "work_number": person.workNumber ?? "",
            "roles": person.roles.map { pages.word("role_\($0.rawValue)", context) }.sorted().joined(separator: "、"),
            // Where a form of the page was sent to is no page to come back to.
            "here": "/account",
        ]
        if Rights.allows(person, .ownTokens) { fields.merge(tokens(of: person, outcome, context)) { $1 } }
        return pages.render(
            "account", title: "account_title", fields, status: isWrong ? .badRequest : .ok, request, context)
    }

    private func tokens(of person: Person, _ outcome: Outcome, _ context: ConsoleContext) -> [String: Any] {
        let now = pages.time.now().wall
        let tokens = pages.people.tokens(of: person.name)
        return [
            "may_make_tokens": true, "token_complaint": outcome.tokenComplaint ?? "", "token": outcome.token ?? "",
            "e_title": outcome.title, "e_days": outcome.days.isEmpty ? "\(OwnTokenPages.usualDays)" : outcome.days,
            "no_tokens": tokens.isEmpty,
            "tokens": tokens.map { token in
                [
                    "title": token.title, "made": pages.site.time(token.madeAt), "until": pages.site.time(token.until),
                    "is_over": token.until.microseconds <= now,
                    "used": token.usedAt.map { pages.site.time($0) } ?? pages.word("token_unused", context),
                ] as [String: Any]
            },
        ]
    }
}

/// Tokens that people make for programs of their own, with their own rights and for nobody else.
struct OwnTokenPages: Sendable {
    static let usualDays = 90
    /// A token holds for so many days at most.
    private static let mostDays = 400
    /// Whoever needs more of them does not know any more what they are for.
    private static let most = 20

    let pages: Pages
    private var people: People { pages.people }

    func add(to group: RouterGroup<ConsoleContext>) {
        group.post("account/tokens") { request, context in
            let form = try await pages.form(request, context)
            var outcome = AccountPage.Outcome(title: form["title"], days: form["days"])
            do {
                outcome.token = try await make(form, context)
                outcome.title = ""
                outcome.days = ""
            } catch let problem as Problem where problem.status == .badRequest {
                outcome.tokenComplaint = pages.said(problem.detail, context)
            }
            return try AccountPage(pages: pages).render(outcome, request, context)
        }
        group.post("account/tokens/removal") { request, context in
            let form = try await pages.form(request, context)
            do {
                try await people.removeToken(try context.person.name, title: form["title"])
            } catch let error as AccessError where error.code == .notFound {
                let outcome = AccountPage.Outcome(tokenComplaint: pages.word("token_gone", context))
                return try AccountPage(pages: pages).render(outcome, request, context)
            }
            return pages.go("/account?done=token_ended")
        }
    }

    /// By titles tokens are told apart: nothing in them may be hidden.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        return !properties.isDefaultIgnorableCodePoint && ![.control, .format].contains(properties.generalCategory)
    }

    /// - Throws: `Problem` 400 with what is wrong.
    private func make(_ form: Form, _ context: ConsoleContext) async throws -> String {
        func wrong(_ word: String) -> Problem { Problem(.badRequest, pages.word(word, context)) }
        let name = try context.person.name
        guard let title = try form.text("title", most: 60), title.unicodeScalars.allSatisfy(Self.isVisible) else {
            throw wrong("token_title_wrong")
        }
        guard let days = Int(form["days"]), (1...Self.mostDays).contains(days) else { throw wrong("token_days_wrong") }
        let tokens = people.tokens(of: name)
        // By its title one is ended: two of them would end together.
        guard !tokens.contains(where: { $0.title == title }) else { throw wrong("token_taken") }
        guard tokens.count < Self.most else { throw wrong("token_many") }
        return try await people.makeToken(name, title: title, days: days)
    }
}
