import Access
import HTTPTypes
import Hummingbird
import Storage

/// Finds out who asks: the token of the data folder, a person's token, or a browser's session.
struct WhoAsks: RouterMiddleware {
    typealias Context = ConsoleContext
    static let cookie = "hotline_session"
    /// Names a page's own requests, which do not keep a session alive.
    static let byItself = HTTPField.Name("X-Hotline-Live")
    static let csrfHeader = HTTPField.Name("X-CSRF-Token")

    let people: People
    /// Of the data folder.
    let token: String

    func handle(
        _ request: Request, context: ConsoleContext, next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        try await next(request, try identified(request, context))
    }

    /// The context with who asks; nobody where nothing says so.
    /// - Throws: `Problem` 401 for a token that is nobody's.
    func identified(_ request: Request, _ context: ConsoleContext) throws -> ConsoleContext {
        var context = context
        if let header = request.headers[.authorization] {
            guard header.hasPrefix("Bearer ") else { throw Self.refusal }
            let given = String(header.dropFirst(7))
            if SameText.fits(given, token) {
                context.asker = .machine
            } else if let person = people.person(withToken: given) {
                context.asker = .person(person)
            } else {
                throw Self.refusal
            }
            return context
        }
        if let cookie = request.cookies[Self.cookie]?.value {
            let counts = Self.byItself.map { request.headers[$0] == nil } ?? true
            if let (person, session) = people.session(cookie, counts: counts) {
                context.asker = .person(person)
                context.csrf = session.csrf
                context.sessionToken = cookie
            }
        }
        return context
    }

    static let refusal = Problem(
        .unauthorized, "the token of the data folder is needed, or a person's: Authorization: Bearer",
        headers: [.wwwAuthenticate: "Bearer"])
}

/// Opens an address of the API to those who have its right; of things, to those who may see them.
struct RightsCheck: RouterMiddleware {
    typealias Context = ConsoleContext
    let gate: Gatekeeper

    func handle(
        _ request: Request, context: ConsoleContext, next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        switch context.asker {
        case nil: throw WhoAsks.refusal
        case .machine: break
        case .person(let person):
            if let csrf = context.csrf, ![.get, .head].contains(request.method) {
                let given = WhoAsks.csrfHeader.flatMap { request.headers[$0] } ?? ""
                guard SameText.fits(given, csrf) else {
                    throw Problem(.forbidden, "a browser's request that changes something bears X-CSRF-Token")
                }
            }
            let rule = APIRights.rule(request.method, context.endpointPath ?? "")
            context.review = try await check(person, rule, context)
        }
        return try await next(request, context)
    }

    /// - Returns: the review that was looked at, where one was.
    private func check(
        _ person: Person, _ rule: APIRights.Rule, _ context: ConsoleContext
    ) async throws -> ReviewDetail? {
        guard Rights.reach(of: person, rule.right) >= rule.reach else {
            throw Problem(.forbidden, "your roles do not have the right `\(rule.right.rawValue)` (docs/rights.md)")
        }
        switch rule.subject {
        case .none: break
        case .recording: try await gate.check(person, rule.right, recording: try context.recordingID())
        case .order: try await gate.check(person, rule.right, order: try context.part("number"))
        case .review: return try await gate.review(try context.reviewID(), for: person, rule.right)
        case .call: try await gate.check(person, call: try context.callID(), toWrite: true)
        case .agent:
            let number = try context.workNumber()
            guard person.workNumber == number.text || Rights.allows(person, .lead) else {
                throw Problem(.forbidden, "another agent's telephone and state are a shift leader's matter")
            }
        }
        return nil
    }
}

enum SameText {
    /// Takes as long wherever the first difference is; only the length can be told from the time.
    static func fits(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
