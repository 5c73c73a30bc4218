import Foundation
import Glibc
import Synchronization
import Testing

/// An HTTP server on 127.0.0.1 that keeps what it is sent and answers what the test says, one request a connection.
final class SmallServer: Sendable {
    struct Answer: Sendable {
        /// `200 OK`.
        var status: String
        var headers = ""
        var body: [UInt8] = []
        /// Nothing at all is answered.
        var isSilent = false

        init(_ status: String, headers: String = "", body: [UInt8] = [], isSilent: Bool = false) {
            self.status = status
            self.headers = headers
            self.body = body
            self.isSilent = isSilent
        }
    }

    struct Request: Sendable {
        /// Request line and fields.
        var head: String
        var body: [UInt8]
    }

    let port: UInt16
    private let listener: Int32
    private let kept = Mutex<[Request]>([])

    var requests: [Request] { kept.withLock { $0 } }

    /// - Parameter answers: to the first request, the second, …; the last one goes on.
    init(_ answers: [Answer]) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        try #require(isListening)
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [weak self] in
            var count = 0
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                let answer = answers[min(count, answers.count - 1)]
                count += 1
                let request = Self.read(connection)
                self?.kept.withLock { $0.append(request) }
                if answer.isSilent {
                    // Until the asker gives up.
                    var byte: UInt8 = 0
                    _ = recv(connection, &byte, 1, 0)
                } else {
                    let head =
                        "HTTP/1.1 \(answer.status)\r\n\(answer.headers)Content-Length: \(answer.body.count)\r\n"
                        + "Connection: close\r\n\r\n"
                    let bytes = Array(head.utf8) + answer.body
                    var sent = 0
                    while sent < bytes.count {
                        let part = Array(bytes[sent...])
                        let count = send(connection, part, part.count, Int32(MSG_NOSIGNAL))
                        guard count > 0 else { break }
                        sent += count
                    }
                }
                close(connection)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func read(_ connection: Int32) -> Request {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let border = Array("\r\n\r\n".utf8)
        var isContinued = false
        while true {
            if let end = bytes.firstRange(of: border) {
                let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                let fields = head.lowercased().split(separator: "\r\n")
                let length =
                    fields.first { $0.hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                if fields.contains("expect: 100-continue"), !isContinued {
                    isContinued = true
                    let text = "HTTP/1.1 100 Continue\r\n\r\n"
                    _ = send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL))
                }
                if bytes.count - end.upperBound >= length {
                    return Request(head: head, body: Array(bytes[end.upperBound...]))
                }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return Request(head: String(decoding: bytes, as: UTF8.self), body: []) }
            bytes += buffer[..<count]
        }
    }
}
