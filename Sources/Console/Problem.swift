import Foundation
import Hummingbird

/// An error as the API tells it: a problem document (RFC 9457, `application/problem+json`).
struct Problem: HTTPResponseError {
    let status: HTTPResponse.Status
    /// For people: what is wrong and what to do.
    let detail: String

    init(_ status: HTTPResponse.Status, _ detail: String) {
        self.status = status
        self.detail = detail
    }

    private struct Body: Encodable {
        var type = "about:blank"
        var title: String
        var status: Int
        var detail: String
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        let body = Body(title: status.reasonPhrase, status: status.code, detail: detail)
        return Response(
            status: status, headers: [.contentType: "application/problem+json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSONEncoder().encode(body))))
    }
}

/// A value as JSON with stable order of keys.
func json(_ value: some Encodable) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Response(
        status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(value))))
}

/// Lets through whoever has the token; compares in constant time.
struct TokenCheck: RouterMiddleware {
    typealias Context = BasicRequestContext
    let token: String

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        let given = request.headers[.authorization] ?? ""
        guard Self.same(given, "Bearer \(token)") else {
            var refused = try Problem(
                .unauthorized, "the token of the data folder is needed: Authorization: Bearer, from api.token"
            ).response(from: request, context: context)
            refused.headers[.wwwAuthenticate] = "Bearer"
            return refused
        }
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return try problem.response(from: request, context: context)
        } catch let error as any HTTPResponseError {
            return try Problem(error.status, "the request cannot be read: \(error)")
                .response(from: request, context: context)
        }
    }

    private static func same(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
