import Calls
import Foundation
import Hummingbird

/// What a route wants to be sent: one flat JSON object, of which every key is known.
protocol APIBody: Decodable {
    associatedtype CodingKeys: CodingKey, CaseIterable
}

/// The connection broke, or was no HTTP, while the body came: for the server beneath, not for an answer.
struct BodyBroken: Error {
    let cause: any Error
}

/// Takes a request's body in before its route is asked, up to a size that no honest one comes near.
struct BodyLimit: RouterMiddleware {
    typealias Context = ConsoleContext
    static let bytes = 65_536

    func handle(
        _ request: Request, context: ConsoleContext,
        next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        var request = request
        do {
            _ = try await request.collectBody(upTo: Self.bytes)
        } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
            throw Problem(.contentTooLarge, "the body has more than \(Self.bytes) bytes")
        } catch {
            throw BodyBroken(cause: error)
        }
        return try await next(request, context)
    }
}

extension Request {
    /// The body, read strictly.
    /// - Throws: `Problem`: 415 for another content type than JSON, 400 for what is no JSON object in UTF-8, for a key
    ///   that is unknown, missing or of the wrong type.
    func read<Body: APIBody>(_: Body.Type = Body.self) async throws -> Body {
        let (type, charset) = contentType
        guard type == "application/json", charset == nil || charset == "utf-8" else {
            throw Problem(.unsupportedMediaType, "the body must be JSON: Content-Type: application/json")
        }
        let bytes = try await body.collect(upTo: BodyLimit.bytes).readableBytesView
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem(.badRequest, "the body is no UTF-8")
        }
        do {
            return try JSONDecoder().decode(Strict<Body>.self, from: Data(text.utf8)).body
        } catch let error as DecodingError {
            throw Problem(error)
        }
    }

    /// For routes that want no body: none, or an object without keys.
    func readNothing() async throws {
        guard try await body.collect(upTo: BodyLimit.bytes).readableBytes > 0 else { return }
        _ = try await read(NoBody.self)
    }

    private var contentType: (type: String, charset: String?) {
        let parts = (headers[.contentType] ?? "").lowercased().split(separator: ";").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        let charset = parts.dropFirst().first { $0.hasPrefix("charset=") }?.dropFirst("charset=".count)
        return (parts.first ?? "", charset?.trimmingCharacters(in: CharacterSet(charactersIn: "\"")))
    }
}

private struct NoBody: APIBody {
    enum CodingKeys: CodingKey, CaseIterable {}

    init(from decoder: any Decoder) throws {}
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// A JSON object of which every key is known.
struct Strict<Body: APIBody>: Decodable {
    let body: Body

    init(from decoder: any Decoder) throws {
        let given = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        let known = Body.CodingKeys.allCases.map(\.stringValue).sorted()
        if let unknown = given.filter({ !known.contains($0) }).min() {
            let may = known.isEmpty ? "there are none here" : "known are \(known.joined(separator: ", "))"
            throw Problem(.badRequest, "the key \(quoted(unknown)) is not known: \(may)")
        }
        body = try Body(from: decoder)
    }
}

extension Problem {
    fileprivate init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, _): self.init(.badRequest, "\(quoted(key.stringValue)) is missing")
        case .valueNotFound(let type, let context), .typeMismatch(let type, let context):
            guard let key = context.codingPath.first else {
                self.init(.badRequest, "the body must be a JSON object")
                return
            }
            self.init(.badRequest, "\(quoted(key.stringValue)) must be \(Self.word(for: type))")
        case .dataCorrupted(let context):
            guard let key = context.codingPath.first else {
                self.init(.badRequest, "the body is no JSON")
                return
            }
            let what = String(String.UnicodeScalarView(context.debugDescription.unicodeScalars.prefix(200)))
            self.init(.badRequest, "\(quoted(key.stringValue)): \(what)")
        @unknown default: self.init(.badRequest, "the body cannot be read")
        }
    }

    private static func word(for type: any Any.Type) -> String {
        switch type {
        case is Bool.Type: "true or false"
        case is Int.Type: "a whole number"
        case is String.Type: "a text"
        default: "another kind of value"
        }
    }
}

/// A word of a fixed vocabulary; for any other the vocabulary is told.
struct Word<Value: RawRepresentable<String> & CaseIterable>: Decodable {
    let value: Value

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Value(rawValue: text) else {
            let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "must be one of \(words), not \(quoted(text))")
        }
        self.value = value
    }
}

/// A whole number. The decoder's own error for a fraction, or for one that is too large, does not name the key.
struct WholeNumber: Decodable {
    let value: Int

    init(from decoder: any Decoder) throws {
        do {
            value = try decoder.singleValueContainer().decode(Int.self)
        } catch {
            throw DecodingError.typeMismatch(
                Int.self, DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "no whole number"))
        }
    }
}

extension Optional where Wrapped == String {
    /// A text that is kept for people to read: not longer than `most` characters (Unicode scalars), and without
    /// control characters but line feed and tab.
    /// - Throws: `Problem` 400.
    func kept(as key: String, most: Int) throws -> String? {
        guard let text = self else { return nil }
        guard text.unicodeScalars.count <= most else {
            throw Problem(.badRequest, "`\(key)` is longer than \(most) characters")
        }
        let isControl = { (scalar: Unicode.Scalar) in
            scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
        }
        guard !text.unicodeScalars.contains(where: isControl) else {
            throw Problem(.badRequest, "`\(key)` holds control characters")
        }
        return text
    }
}
