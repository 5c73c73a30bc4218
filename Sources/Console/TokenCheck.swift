import Hummingbird

/// Lets through whoever has the token of the data folder; compares in constant time.
struct TokenCheck: RouterMiddleware {
    typealias Context = BasicRequestContext
    let token: String

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        guard Self.same(request.headers[.authorization] ?? "", "Bearer \(token)") else {
            throw Problem(
                .unauthorized, "the token of the data folder is needed: Authorization: Bearer, from api.token",
                headers: [.wwwAuthenticate: "Bearer"])
        }
        return try await next(request, context)
    }

    /// Takes as long wherever the first difference is; only the length can be told from the time.
    private static func same(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
