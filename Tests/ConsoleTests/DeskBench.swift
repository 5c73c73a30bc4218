import Access
import Calls
import Foundation
import Glibc
import Storage
import Testing

/// Somebody at a browser.
struct DeskBrowser {
    let bench: Bench
    var cookie = ""
    var csrf = ""

    /// Signs somebody in.
    init(
        _ bench: Bench, _ name: String, roles: Set<Role>, workNumber: String?, title: String = "李", unit: String? = nil
    ) async throws {
        self.bench = bench
        try await bench.people.set(
            Person(name: name, title: title, roles: roles, unit: unit, workNumber: workNumber), by: nil)
        let link = try await bench.people.invite(name)
        let answer = try await post(
            "/welcome/\(link)", ["password": "Quagga horse 77", "again": "Quagga horse 77"])
        cookie = String(try #require(answer.headers["set-cookie"]).prefix { $0 != ";" })
        let page = try await get("/account").text
        csrf = String(try #require(page.firstMatch(of: #/name="csrf" content="([0-9a-f]{64})"/#)).1)
    }

    private var head: String {
        "Host: 127.0.0.1\r\nConnection: close\r\nAccept-Language: zh\r\n"
            + (cookie.isEmpty ? "" : "Cookie: \(cookie)\r\n")
    }

    func get(_ path: String) async throws -> Answer {
        try #require(Answer(try await bench.client.exchange(Array("GET \(path) HTTP/1.1\r\n\(head)\r\n".utf8))))
    }

    func post(_ path: String, _ fields: [String: String]) async throws -> Answer {
        var fields = fields
        if !csrf.isEmpty { fields["csrf"] = csrf }
        let body = fields.map { "\($0.key)=\(Self.escaped($0.value))" }.joined(separator: "&")
        let text =
            "POST \(path) HTTP/1.1\r\n\(head)Content-Type: application/x-www-form-urlencoded\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        return try #require(Answer(try await bench.client.exchange(Array(text.utf8))))
    }

    /// The first event of a stream, then the connection is closed.
    func firstEvent(_ path: String) async throws -> String {
        let text = "GET \(path) HTTP/1.1\r\n\(head)\r\n"
        let port = bench.client.port
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try Self.read(text, port: port, until: "\n\n") })
            }
        }
    }

    /// Everything until a text has come after the head.
    private static func read(_ request: String, port: UInt16, until mark: String) throws -> String {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard connection >= 0 else { throw TestError("no socket: \(errno)") }
        defer { close(connection) }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
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
        let bytes = Array(request.utf8)
        guard send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw TestError("sending failed: \(errno)")
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let text = String(decoding: answer, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n"), text[end.upperBound...].contains(mark) { return text }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { throw TestError("the stream said no more than: \(text)") }
            answer += buffer[..<count]
        }
    }

    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

extension Bench {
    /// A caller calls, and agent 1001 talks with them.
    func served(_ index: UInt64, from caller: String = "13900000001") async throws -> CallID {
        let call = CallID(high: 0x019B_0000_0000_7000, low: 0x8000_0000_0000_0100 + index)
        #expect(try await post("agents/1001/state", #"{"state": "available"}"#).status == 200)
        trunk.call(call, leg: LegID(high: 0x019B_0000_0000_7000, low: 0x8000_0000_0000_0200 + index), from: caller)
        let talks = try await eventually {
            let agent = try await self.agent("1001")
            guard agent?.call == call, agent?.state == .talking else { return false }
            return try await self.reader.call(call)?.agents.contains { $0.answeredAt != nil } == true
        }
        #expect(talks)
        return call
    }

    /// Agent 1001 hangs up; the call is over, and its form is owed unless it has an order.
    func hangUp(_ call: CallID) async throws {
        #expect(try await hangsUp("1001"))
        let isOver = try await eventually { try await self.reader.call(call)?.summary.releasedAt != nil }
        #expect(isOver)
    }
}
