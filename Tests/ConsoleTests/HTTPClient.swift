import Foundation
import Glibc
import Testing

/// What came back.
struct Answer {
    var status: Int
    /// By name in lower case.
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// Nil for what is no answer of HTTP/1.1.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) }) else {
            return nil
        }
        var lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines.removeFirst().split(separator: " ")
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else { return nil }
        self.status = status
        headers = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        body = Array(bytes[(end + 4)...])
    }

    struct Problem: Decodable {
        var type: String
        var title: String
        var status: Int
        var detail: String
    }

    /// The problem document that every refusal must be.
    func problem() throws -> Problem {
        #expect(headers["content-type"] == "application/problem+json; charset=utf-8", "\(status): \(text)")
        let problem = try JSONDecoder().decode(Problem.self, from: Data(body))
        #expect(problem.status == status)
        #expect(!problem.title.isEmpty && !problem.detail.isEmpty)
        return problem
    }
}

/// Speaks HTTP over a plain socket, one connection a request, so that a test can also send what no client would.
struct HTTPClient: Sendable {
    let port: UInt16
    /// A server that says nothing for so long hangs.
    static let patienceSeconds = 30
    private static let threads = DispatchQueue(label: "http-client", attributes: .concurrent)

    func ask(
        _ method: String, _ path: String, authorization: String? = nil, type: String? = nil, body: [UInt8]? = nil
    ) async throws -> Answer {
        let bytes = try await exchange(
            Self.request(method, path, authorization: authorization, type: type, body: body))
        return try #require(Answer(bytes), "\(method) \(path): \(String(decoding: bytes, as: UTF8.self))")
    }

    static func request(
        _ method: String, _ path: String, authorization: String? = nil, type: String? = nil, body: [UInt8]? = nil
    ) -> [UInt8] {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        if let authorization { head += "Authorization: \(authorization)\r\n" }
        if let type { head += "Content-Type: \(type)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + (body ?? [])
    }

    /// Sends bytes, then nothing more.
    /// - Parameter mark: of a stream, which does not end by itself: the connection is closed once this has come after the head.
    /// - Returns: everything that came until the server closed the connection; perhaps nothing.
    /// - Throws: where it cannot be reached, or hangs.
    func exchange(_ bytes: [UInt8], until mark: String? = nil) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            Self.threads.async { continuation.resume(with: Result { try blockingExchange(bytes, until: mark) }) }
        }
    }

    private static func holds(_ answer: [UInt8], _ mark: String) -> Bool {
        let text = String(decoding: answer, as: UTF8.self)
        return text.range(of: "\r\n\r\n").map { text[$0.upperBound...].contains(mark) } ?? false
    }

    private func blockingExchange(_ bytes: [UInt8], until mark: String?) throws -> [UInt8] {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard connection >= 0 else { throw TestError("no socket: \(errno)") }
        defer { close(connection) }
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(connection, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw TestError("cannot connect to port \(port): \(errno)") }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // A server that refused the head may close before the whole body is out: its answer can still be read.
            if count < 0, errno == EPIPE || errno == ECONNRESET { break }
            guard count > 0 else { throw TestError("sending failed: \(errno)") }
            sent += count
        }
        // Whoever listens to a stream stays.
        if mark == nil { shutdown(connection, Int32(SHUT_WR)) }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            if count < 0, errno == EAGAIN {
                throw TestError("the server hangs; it was sent \(String(decoding: bytes.prefix(2000), as: UTF8.self))")
            }
            guard count > 0 else { return answer }
            answer += buffer[..<count]
            if let mark, Self.holds(answer, mark) { return answer }
        }
    }
}
