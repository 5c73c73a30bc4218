import ArgumentParser
import Foundation
import Storage

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Asks the running server of a data folder: its address and the token of its API stand there.
struct ServerClient {
    /// `http://127.0.0.1:8080`.
    let address: String
    private let base: URL
    private let token: String

    /// - Throws: `CommandError` where no server runs on the folder.
    init(folder path: String) throws {
        let folder = DataFolder(path)
        guard RunningServer.process(folder) != nil else {
            throw CommandError("no server runs on \(path); start one with `\(Program.name) serve --data \(path)`")
        }
        let address = try Self.line(of: folder.httpAddress)
        token = try Self.line(of: folder.apiToken)
        guard let base = URL(string: "http://\(address)/api/v1/") else {
            throw CommandError("\(folder.httpAddress) holds no address: \(address)")
        }
        self.base = base
        self.address = "http://\(address)"
    }

    private static func line(of file: String) throws -> String {
        do {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            return text.trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            throw CommandError("\(file) cannot be read: \(error.localizedDescription); does the server run as you?")
        }
    }

    /// A part of a path; what would lead elsewhere is escaped.
    static func part(_ text: String) throws -> String {
        guard let part = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics), !part.isEmpty else {
            throw CommandError("`\(text)` cannot be asked for")
        }
        return part
    }

    func get(_ path: String, seconds: Double = 10) async throws -> Data {
        try await ask(path, method: "GET", body: nil, seconds: seconds)
    }

    @discardableResult
    func post(_ path: String, _ body: [String: JSONScalar] = [:]) async throws -> Data {
        try await post(path, encodable: body)
    }

    /// - Parameter seconds: how long the answer may take.
    func post(_ path: String, encodable body: some Encodable, seconds: Double = 10) async throws -> Data {
        try await ask(path, method: "POST", body: try JSONEncoder().encode(body), seconds: seconds)
    }

    func put(_ path: String, _ body: [String: JSONScalar]) async throws {
        _ = try await ask(path, method: "PUT", body: try JSONEncoder().encode(body))
    }

    /// - Parameter query: what stands behind `?`, escaped here.
    func delete(_ path: String, query: [String: String]) async throws {
        let items = try query.sorted { $0.key < $1.key }.map { "\($0.key)=\(try Self.part($0.value))" }
        _ = try await ask("\(path)?\(items.joined(separator: "&"))", method: "DELETE", body: nil)
    }

    private func ask(_ path: String, method: String, body: Data?, seconds: Double = 10) async throws -> Data {
        guard let url = URL(string: path, relativeTo: base) else { throw CommandError("`\(path)` is no path") }
        var request = URLRequest(url: url, timeoutInterval: seconds)
        request.httpMethod = method
        request.httpBody = body
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard (200..<300).contains(status) else {
            let problem = try? JSONDecoder().decode(ProblemBody.self, from: data)  // else there is only the status
            throw CommandError(problem?.detail ?? "the server answered with status \(status)")
        }
        return data
    }

    private struct ProblemBody: Decodable {
        var detail: String
    }
}

/// A value of a flat JSON object.
enum JSONScalar: Encodable {
    case text(String)
    case number(Int)
    case boolean(Bool)

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .boolean(let value): try container.encode(value)
        }
    }
}
