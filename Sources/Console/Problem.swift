import Access
import Foundation
import Hummingbird
import Storage
import Switchboard

/// An error as the API tells it: a problem document (RFC 9457, `application/problem+json`).
struct Problem: HTTPResponseError {
    let status: HTTPResponse.Status
    /// For people: what is wrong and what to do.
    let detail: String
    let headers: HTTPFields

    init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
        self.status = status
        self.detail = detail
        self.headers = headers
    }

    private struct Body: Encodable {
        var type = "about:blank"
        var title: String
        var status: Int
        var detail: String
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        let body = Body(title: status.reasonPhrase, status: status.code, detail: detail)
        var fields = headers
        fields[.contentType] = "application/problem+json; charset=utf-8"
        return Response(
            status: status, headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try QueryJSON.encode(body))))
    }

    /// For what is nobody's fault who asks; what it was stands in the log alone.
    static let unexpected = Problem(
        .internalServerError, "the server failed at this; its log says why, under the time of this request")
}

extension Problem {
    /// What the store refused, or could not do: only the first two are the asker's doing.
    init(_ error: StorageError) {
        switch error.code {
        case .argument: self.init(.badRequest, error.message)
        // The engine's own words name tables and files.
        case .conflict where error.underlying == nil: self.init(.conflict, error.message)
        case .conflict: self.init(.conflict, "it contradicts what is stored")
        case .unavailable, .locked, .lost, .closed:
            self.init(.serviceUnavailable, "the store is away at the moment: nothing was changed; ask again later")
        default: self = .unexpected
        }
    }

    init(_ error: SwitchboardError) {
        switch error.code {
        case .notFound: self.init(.notFound, error.message)
        case .argument: self.init(.badRequest, error.message)
        case .refused, .outsideHours: self.init(.conflict, error.message)
        case .unavailable: self.init(.serviceUnavailable, error.message)
        case .tickets: self.init(.badGateway, error.message)
        // Who asks for a recording is to know that it is not as it was.
        case .damaged: self.init(.internalServerError, error.message)
        default: self = .unexpected
        }
    }
}

extension Problem {
    init(_ error: AccessError) {
        switch error.code {
        case .notFound: self.init(.notFound, error.message)
        case .argument: self.init(.badRequest, error.message)
        case .refused: self.init(.conflict, error.message)
        case .credentials: self.init(.unauthorized, error.message)
        case .locked:
            self.init(
                .tooManyRequests, error.message, headers: [.retryAfter: String(error.retryAfter ?? 60)])
        case .busy: self.init(.serviceUnavailable, error.message)
        default: self = .unexpected
        }
    }
}

/// A value as the commands print it with `--json`.
func json(_ value: some Encodable) throws -> Response {
    Response(
        status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: try QueryJSON.encode(value))))
}

/// A text of the asker's, short enough to be repeated.
func quoted(_ text: some StringProtocol) -> String {
    "`\(String(String.UnicodeScalarView(text.unicodeScalars.prefix(40))))`"
}
