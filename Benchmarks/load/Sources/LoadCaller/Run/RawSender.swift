import CLoad
import Glibc

/// Sends RTP of many legs with one system call, as whole IPv4 datagrams given to an interface: on loopback a call costs the
/// caller a seventh less than by its own socket. The server sees the same packets, from the same address and port.
package final class RawSender {
    static let capacity = 32
    static let headerLength = 28
    static let length = headerLength + 172

    private let descriptor: Int32
    private let datagrams: UnsafeMutablePointer<load_datagram>
    private let vectors: UnsafeMutablePointer<iovec>
    private let memory: UnsafeMutablePointer<UInt8>
    private let address: UnsafeMutableRawPointer
    private let legs: UnsafeMutablePointer<UnsafeMutablePointer<MediaLeg>>
    private(set) var count = 0

    /// - Throws: `LoadError` where the system gives no such socket.
    init(interface: String) throws(LoadError) {
        address = .allocate(byteCount: 32, alignment: 8)
        var addressLength: UInt32 = 0
        descriptor = load_raw_socket(interface, address, &addressLength)
        datagrams = .allocate(capacity: Self.capacity)
        vectors = .allocate(capacity: Self.capacity)
        memory = .allocate(capacity: Self.capacity * Self.length)
        memory.initialize(repeating: 0, count: Self.capacity * Self.length)
        legs = .allocate(capacity: Self.capacity)
        for index in 0..<Self.capacity {
            (vectors + index).initialize(to: iovec(iov_base: memory + index * Self.length, iov_len: Self.length))
            var datagram = load_datagram()
            datagram.message.msg_name = address
            datagram.message.msg_namelen = addressLength
            datagram.message.msg_iov = vectors + index
            datagram.message.msg_iovlen = 1
            (datagrams + index).initialize(to: datagram)
        }
        guard descriptor >= 0 else { throw LoadError("--raw-send: error \(errno); it wants root and \(interface)") }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        datagrams.deallocate()
        vectors.deallocate()
        memory.deallocate()
        address.deallocate()
        legs.deallocate()
    }

    var isFull: Bool { count == Self.capacity }

    /// Room for the next leg's RTP packet of 172 bytes, behind the leg's header.
    func next(_ leg: UnsafeMutablePointer<MediaLeg>, header: UnsafePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        let place = memory + count * Self.length
        place.update(from: header, count: Self.headerLength)
        legs[count] = leg
        count += 1
        return place + Self.headerLength
    }

    /// Sends what is there.
    func flush() {
        guard count > 0 else { return }
        let sent = Int(load_sendmmsg(descriptor, datagrams, UInt32(count), Int32(MSG_DONTWAIT)))
        for index in 0..<count {
            if index < sent { legs[index].pointee.sent += 1 } else { legs[index].pointee.sendErrors += 1 }
        }
        count = 0
    }

    /// IPv4 and UDP header of a datagram of `payload` bytes; no UDP checksum, which IPv4 allows (RFC 768).
    package static func header(from source: Endpoint, to destination: Endpoint, payload: Int) -> [UInt8] {
        func pair(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)] }
        func word(_ value: UInt32) -> [UInt8] { pair(Int(value >> 16)) + pair(Int(value & 0xFFFF)) }
        // Version and length, not to be fragmented, 64 hops, UDP.
        var ip: [UInt8] = [0x45, 0] + pair(28 + payload) + [0, 0, 0x40, 0, 64, 17, 0, 0]
        ip += word(source.address) + word(destination.address)
        var sum = stride(from: 0, to: 20, by: 2).reduce(0) { $0 + Int(ip[$1]) << 8 + Int(ip[$1 + 1]) }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        ip.replaceSubrange(10..<12, with: pair(~sum & 0xFFFF))
        return ip + pair(Int(source.port)) + pair(Int(destination.port)) + pair(8 + payload) + [0, 0]
    }

    /// Whether what is sent so arrives: the kernel lets loopback addresses in only where it is told to.
    /// - Throws: `LoadError` with what to set.
    static func check(address: UInt32, interface: String) throws(LoadError) {
        guard let socket = try Sockets.bound(Endpoint(address: address, port: 0)) else { return }
        defer { close(socket) }
        let target = Sockets.local(socket)
        let sender = try RawSender(interface: interface)
        var leg = MediaLeg()
        withUnsafeMutablePointer(to: &leg) { leg in
            header(from: target, to: target, payload: 172).withUnsafeBufferPointer { header in
                if let base = header.baseAddress { _ = sender.next(leg, header: base) }
            }
            sender.flush()
        }
        guard load_wait(socket, load_monotonic() + 500_000_000) == 1 else {
            throw LoadError(
                "--raw-send: what is sent does not arrive. In a network namespace of its own: "
                    + "sysctl -w net.ipv4.conf.\(interface).route_localnet=1 net.ipv4.conf.\(interface).accept_local=1")
        }
    }
}
