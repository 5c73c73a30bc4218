import Foundation
import Glibc
import Media
import Testing

/// A UDP socket on loopback: whoever is at the other end of a leg, or would like to be.
final class EnginePeer {
    let descriptor: Int32
    let endpoint: Endpoint

    init(_ address: IPAddress) throws {
        let isV6 = address.family == .v6
        let descriptor = socket(isV6 ? AF_INET6 : AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        try #require(descriptor >= 0)
        self.descriptor = descriptor
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        var storage = Self.address(Endpoint(address: address, port: 0))
        let bound = withUnsafeMutableBytes(of: &storage) { bytes in
            guard let base = bytes.bindMemory(to: sockaddr.self).baseAddress else { return false }
            let length0 = socklen_t(isV6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
            return bind(descriptor, base, length0) == 0 && getsockname(descriptor, base, &length) == 0
        }
        try #require(bound)
        endpoint = Endpoint(address: address, port: UInt16(bigEndian: storage.sin6_port))
    }

    deinit { close(descriptor) }

    /// Sends, and returns once it lies in the other's socket, so that the next tick finds it there.
    func send(_ bytes: [UInt8], to other: Endpoint) throws {
        let before = Self.waiting(other)
        try sendAtOnce(bytes, to: other)
        for _ in 0..<200 where Self.waiting(other) <= before { usleep(500) }
    }

    /// Returns once something lies in every one of these sockets, of one family: cheaper than a wait for each.
    static func settle(_ others: [Endpoint]) {
        guard let family = others.first?.address.family else { return }
        for _ in 0..<200 {
            let text = list(family)
            if others.allSatisfy({ waiting($0, in: text) > 0 }) { return }
            usleep(500)
        }
    }

    /// Sends, and leaves the waiting to `settle`.
    func sendAtOnce(_ bytes: [UInt8], to other: Endpoint) throws {
        var storage = Self.address(other)
        let sent = withUnsafeBytes(of: &storage) { address in
            guard let base = address.bindMemory(to: sockaddr.self).baseAddress else { return -1 }
            let length = other.address.family == .v6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
            return sendto(descriptor, bytes, bytes.count, 0, base, socklen_t(length))
        }
        try #require(sent == bytes.count)
    }

    /// The next datagram, for which it waits as long as a busy machine may need.
    func receive() throws -> [UInt8] {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        try #require(poll(&entry, 1, 5000) == 1, "no datagram came")
        var bytes = [UInt8](repeating: 0, count: 2048)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        try #require(count >= 0)
        return Array(bytes.prefix(count))
    }

    /// The next RTP packet and its payload.
    func packet() throws -> (header: RTPPacket, payload: [UInt8]) {
        let bytes = try receive()
        let header = try #require(bytes.withUnsafeBytes { RTPPacket($0) })
        return (header, Array(bytes[header.payloadOffset..<header.payloadOffset + header.payloadLength]))
    }

    func packets(_ count: Int) throws -> [(header: RTPPacket, payload: [UInt8])] {
        try (0..<count).map { _ in try packet() }
    }

    /// Whether nothing more has come.
    var isQuiet: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 20) == 0
    }

    /// Room for both families; the port stands in the same place.
    private static func address(_ endpoint: Endpoint) -> sockaddr_in6 {
        var storage = sockaddr_in6()
        withUnsafeMutableBytes(of: &storage) { bytes in
            let isV6 = endpoint.address.family == .v6
            bytes.storeBytes(of: sa_family_t(isV6 ? AF_INET6 : AF_INET), as: sa_family_t.self)
            bytes.storeBytes(of: endpoint.port.bigEndian, toByteOffset: 2, as: UInt16.self)
            for (index, byte) in endpoint.address.bytes.enumerated() { bytes[(isV6 ? 8 : 4) + index] = byte }
        }
        return storage
    }

    /// Bytes that lie in the socket bound to a port.
    private static func waiting(_ endpoint: Endpoint) -> Int { waiting(endpoint, in: list(endpoint.address.family)) }

    /// The kernel's own list of UDP sockets; it takes the kernel milliseconds.
    private static func list(_ family: IPAddress.Family) -> Data {
        FileManager.default.contents(atPath: family == .v6 ? "/proc/self/net/udp6" : "/proc/self/net/udp") ?? Data()
    }

    /// Field 5 of the line that names the port.
    private static func waiting(_ endpoint: Endpoint, in text: Data) -> Int {
        guard let name = text.range(of: Data(String(format: ":%04X ", Int(endpoint.port)).utf8)),
            let line = text[name.upperBound...].range(of: Data("\n".utf8))
        else { return 0 }
        let fields = text[name.upperBound..<line.lowerBound].split(separator: UInt8(ascii: " "))
        guard fields.count > 2, let waiting = fields[2].split(separator: UInt8(ascii: ":")).last else { return 0 }
        return Int(String(decoding: waiting, as: UTF8.self), radix: 16) ?? 0
    }
}
