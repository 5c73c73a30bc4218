import Foundation

/// Plain sockets on loopback, for messages that no SIP stack would send.
final class RawPeer {
    private let descriptor: Int32
    let port: UInt16
    let host: String
    private let remote: UInt16

    /// A UDP socket that sends to 127.0.0.1:`remote`.
    /// - Parameter host: the last number of its own address, 127.0.0.x.
    init(remote: UInt16, host: UInt8 = 1) throws {
        self.remote = remote
        self.host = "127.0.0.\(host)"
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { throw TestFailure("no socket") }
        var address = Self.loopback(port: 0, host: host)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard bound else { throw TestFailure("no free port") }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    func send(_ bytes: some Collection<UInt8>) {
        var address = Self.loopback(port: remote)
        let descriptor = descriptor
        let bytes = Array(bytes.prefix(65_000))
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// The next datagram; nil where none comes within the time.
    func receive(milliseconds: Int32) -> String? {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&wanted, 1, milliseconds) == 1 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }

    /// Reads and drops what is there.
    func drain() { while receive(milliseconds: 0) != nil {} }

    /// Whether OPTIONS is answered with 200, within ten seconds: the datagram is sent again as RFC 3261 has it, for the
    /// kernel drops what a burst leaves no room for.
    func isServed() -> Bool {
        drain()
        let id = UInt32.random(in: 0 ... .max)
        let clock = ContinuousClock()
        let limit = clock.now + .seconds(10)
        var next = clock.now
        while clock.now < limit {
            if clock.now >= next {
                send(Self.options(port: port, id: id).utf8)
                next = clock.now + .milliseconds(500)
            }
            // Among retransmissions of 200s that nobody acknowledged.
            if let answer = receive(milliseconds: 100), answer.hasPrefix("SIP/2.0 200"), answer.contains("probe-\(id)")
            {
                return true
            }
        }
        return false
    }

    static func options(port: UInt16, id: UInt32) -> String {
        [
            "OPTIONS sip:127.0.0.1 SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1:\(port);branch=z9hG4bK-probe-\(id)",
            "From: <sip:probe@127.0.0.1>;tag=\(id)", "To: <sip:127.0.0.1>", "Call-ID: probe-\(id)", "CSeq: 1 OPTIONS",
            "Max-Forwards: 70", "Content-Length: 0", "", "",
        ].joined(separator: "\r\n")
    }

    /// Sends bytes over a TCP connection of their own and closes it.
    static func sendTCP(_ bytes: [UInt8], to port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = loopback(port: port)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else { return }
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        shutdown(descriptor, Int32(SHUT_WR))
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&wanted, 1, 20)
    }

    private static func loopback(port: UInt16, host: UInt8 = 1) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = (0x7F00_0000 | UInt32(host)).bigEndian
        return address
    }
}
