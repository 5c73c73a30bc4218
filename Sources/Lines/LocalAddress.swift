import Glibc
import Media

/// Which of this machine's addresses a peer is reached from, by the kernel's routing table.
enum LocalAddress {
    /// Connects a datagram socket, which sends nothing, and reads its own address. Nil where there is no route.
    static func toward(_ peer: Endpoint) -> IPAddress? {
        let isV4 = peer.address.family == .v4
        let descriptor = socket(isV4 ? AF_INET : AF_INET6, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // Any port serves: nothing is sent.
        let port = in_port_t(peer.port == 0 ? 9 : peer.port).bigEndian
        let bytes = peer.address.bytes
        if isV4 {
            var to = sockaddr_in()
            to.sin_family = sa_family_t(AF_INET)
            to.sin_port = port
            withUnsafeMutableBytes(of: &to.sin_addr) { $0.copyBytes(from: bytes) }
            guard connected(descriptor, &to) else { return nil }
            var own = sockaddr_in()
            guard named(descriptor, &own) else { return nil }
            return withUnsafeBytes(of: own.sin_addr) { IPAddress(bytes: $0) }
        }
        var to = sockaddr_in6()
        to.sin6_family = sa_family_t(AF_INET6)
        to.sin6_port = port
        withUnsafeMutableBytes(of: &to.sin6_addr) { $0.copyBytes(from: bytes) }
        guard connected(descriptor, &to) else { return nil }
        var own = sockaddr_in6()
        guard named(descriptor, &own) else { return nil }
        return withUnsafeBytes(of: own.sin6_addr) { IPAddress(bytes: $0) }
    }

    private static func connected<Address>(_ descriptor: Int32, _ address: inout Address) -> Bool {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size)) == 0
            }
        }
    }

    private static func named<Address>(_ descriptor: Int32, _ address: inout Address) -> Bool {
        var size = socklen_t(MemoryLayout<Address>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) == 0 }
        }
    }
}
