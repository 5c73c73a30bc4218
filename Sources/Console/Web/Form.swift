import Foundation
import Hummingbird

/// What a browser's form sent (application/x-www-form-urlencoded).
struct Form: Sendable {
    static let mostBytes = 65_536
    private var values: [String: [String]] = [:]

    /// - Throws: `Problem` 413 for a body that no honest form has, 400 for what is none.
    init(_ request: Request) async throws {
        guard (request.headers[.contentType] ?? "").hasPrefix("application/x-www-form-urlencoded") else {
            throw Problem(.unsupportedMediaType, "a form is expected")
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.mostBytes)
        } catch {
            throw Problem(.contentTooLarge, "the form has more than \(Self.mostBytes) bytes")
        }
        guard let text = String(validating: body.readableBytesView, as: UTF8.self) else {
            throw Problem(.badRequest, "the form is no UTF-8")
        }
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = Self.decoded(parts[0]), let value = Self.decoded(parts.count > 1 ? parts[1] : "") else {
                throw Problem(.badRequest, "the form has escapes that stand for no UTF-8")
            }
            values[key, default: []].append(value)
        }
    }

    private static func decoded(_ text: Substring) -> String? {
        text.replacingOccurrences(of: "+", with: " ").removingPercentEncoding
    }

    /// The first value, without spaces around it; empty where there is none.
    subscript(key: String) -> String {
        (values[key]?.first ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// As it was typed: passwords may begin with a space.
    func raw(_ key: String) -> String { values[key]?.first ?? "" }

    func all(_ key: String) -> [String] { values[key] ?? [] }

    /// A text to be kept; nil where it is empty.
    /// - Throws: `Problem` 400.
    func text(_ key: String, most: Int) throws -> String? {
        let text = self[key].replacingOccurrences(of: "\r\n", with: "\n")
        return text.isEmpty ? nil : try Optional(text).kept(as: key, most: most)
    }

    /// What was typed in fields whose names begin so, to be shown again whatever is wrong with it; no control characters.
    func typed(beginning prefix: String) -> [String: String] {
        var typed: [String: String] = [:]
        for key in values.keys where key.hasPrefix(prefix) {
            typed[String(key.dropFirst(prefix.count))] = self.typed(key)
        }
        return typed
    }

    /// The same of one field.
    func typed(_ key: String) -> String {
        let scalars = self[key].replacingOccurrences(of: "\r\n", with: "\n").unicodeScalars.filter {
            $0.properties.generalCategory != .control || $0 == "\n" || $0 == "\t"
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// The fields whose names begin so, without that; empty ones are left out.
    func fields(beginning prefix: String) throws -> [String: String] {
        var fields: [String: String] = [:]
        for key in values.keys where key.hasPrefix(prefix) {
            if let text = try text(key, most: 2000) { fields[String(key.dropFirst(prefix.count))] = text }
        }
        return fields
    }
}
