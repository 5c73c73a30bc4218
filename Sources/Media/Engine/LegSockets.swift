import CLinux
import Glibc

/// How a leg's audio comes and goes.
enum LegTransport {
    case rtp(LegSockets)
    /// Of a card that the registry keeps until the leg is reaped.
    case sound(SoundLinkPointer)

    /// Lets go of what the system gave; off the media thread.
    func close() {
        switch self {
        case .rtp(let sockets): sockets.close()
        case .sound(let link): link.pointee.release()
        }
    }
}

/// A leg's two sockets: RTP on an even port, RTCP on the next (RFC 3550 §11). Not connected, since a latch listens to
/// any source; never waiting.
struct LegSockets {
    let rtp: Int32
    let rtcp: Int32
    /// RTP's address.
    let endpoint: Endpoint

    /// Binds both.
    /// - Returns: nil where one of the ports is taken by somebody else.
    /// - Throws: `.socket` where it cannot work at all.
    static func open(_ endpoint: Endpoint, dscp: UInt8) throws(MediaError) -> LegSockets? {
        guard let rtp = try make(endpoint, dscp: dscp, stamps: true) else { return nil }
        let next = Endpoint(address: endpoint.address, port: endpoint.port + 1)
        let rtcp: Int32?
        do throws(MediaError) {
            rtcp = try make(next, dscp: dscp, stamps: false)
        } catch {
            Glibc.close(rtp)
            throw error
        }
        guard let rtcp else {
            Glibc.close(rtp)
            return nil
        }
        return LegSockets(rtp: rtp, rtcp: rtcp, endpoint: endpoint)
    }

    func close() {
        Glibc.close(rtp)
        Glibc.close(rtcp)
    }

    private static func make(_ endpoint: Endpoint, dscp: UInt8, stamps: Bool) throws(MediaError) -> Int32? {
        let isV6 = endpoint.address.family == .v6
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(isV6 ? AF_INET6 : AF_INET, kind, 0)
        guard descriptor >= 0 else { throw failure("a UDP socket cannot be made", endpoint) }
        // The marking and the stamps are refinements; calls go on without them.
        if isV6 {
            set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1)
            set(descriptor, Int32(IPPROTO_IPV6), IPV6_TCLASS, Int32(dscp) << 2)
        } else {
            set(descriptor, Int32(IPPROTO_IP), IP_TOS, Int32(dscp) << 2)
        }
        if stamps { set(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, 1) }
        guard SocketAddress(endpoint).bind(descriptor) else {
            let number = errno
            Glibc.close(descriptor)
            if number == EADDRINUSE { return nil }
            errno = number
            throw failure("UDP port \(endpoint.port) cannot be bound on the configured address", endpoint)
        }
        return descriptor
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func failure(_ text: String, _ endpoint: Endpoint) -> MediaError {
        let number = errno
        return MediaError(.socket, "\(text): \(String(cString: strerror(number)))", errno: number)
    }
}
