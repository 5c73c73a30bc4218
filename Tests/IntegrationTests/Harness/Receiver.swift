import Foundation
import Glibc
import Synchronization

/// An HTTP server on 127.0.0.1 that keeps what it is sent and answers what the test says: one request a connection.
final class Receiver: Sendable {
    let port: UInt16
    private let listener: Int32
    private let kept = Mutex<[String]>([])

    /// Whole requests, headers and body, in their order.
    var requests: [String] { kept.withLock { $0 } }

    /// - Parameter answers: status and further header lines for the first request, the second, …; the last one goes on.
    init(answers: [String]) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isListening else { throw HarnessError("no HTTP receiver: errno \(errno)") }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [weak self] in
            var count = 0
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                let answer = answers[min(count, answers.count - 1)]
                count += 1
                let request = Self.read(connection)
                self?.kept.withLock { $0.append(request) }
                let text = "HTTP/1.1 \(answer)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                _ = send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL))
                close(connection)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Up to the length that the header names.
    private static func read(_ connection: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let header = text[..<end.lowerBound].lowercased()
                let length =
                    header.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                if text[end.upperBound...].utf8.count >= length { return text }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return text }
            bytes += buffer[..<count]
        }
    }
}
