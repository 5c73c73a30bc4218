import CLinux
import Glibc

/// Tries whether a port can be bound, and lets it go again. Any thread.
public enum PortProbe {
    /// What is in the way; nil where it is free.
    public static func problem(with endpoint: Endpoint, udp: Bool) -> String? {
        let addresses = getAddress(endpoint)
        guard let addresses else { return "the address is not usable on this machine" }
        defer { freeaddrinfo(addresses) }
        for type in udp ? [SOCK_DGRAM, SOCK_STREAM] : [SOCK_STREAM] {
            let descriptor = socket(addresses.pointee.ai_family, Int32(type.rawValue), 0)
            guard descriptor >= 0 else { return String(cString: strerror(errno)) }
            defer { close(descriptor) }
            var reuse: Int32 = 1
            if type == SOCK_STREAM {
                setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
            }
            guard bind(descriptor, addresses.pointee.ai_addr, addresses.pointee.ai_addrlen) == 0 else {
                return String(cString: strerror(errno))
            }
        }
        return nil
    }

    private static func getAddress(_ endpoint: Endpoint) -> UnsafeMutablePointer<addrinfo>? {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
        var result: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(endpoint.address.description, String(endpoint.port), &hints, &result) == 0 else { return nil }
        return result
    }
}
