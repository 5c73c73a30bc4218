import CLinux
import Calls
import Glibc

/// Reads all legs' RTCP sockets, which are mostly silent: one epoll for all of them, asked once a tick.
struct ControlPort: ~Copyable {
    /// Sockets read in a tick; the others wait for the next.
    static let most = 32
    static let size = 1536

    private let descriptor: Int32
    private let ready: UnsafeMutablePointer<epoll_event>
    let bytes: UnsafeMutableRawPointer
    private let source: UnsafeMutablePointer<sockaddr_storage>

    init() throws(MediaError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw MediaError(.socket, "an epoll cannot be made", errno: errno) }
        ready = .allocate(capacity: Self.most)
        ready.initialize(repeating: epoll_event(), count: Self.most)
        bytes = .allocate(byteCount: Self.size, alignment: 64)
        source = .allocate(capacity: 1)
        source.initialize(to: sockaddr_storage())
    }

    deinit {
        Glibc.close(descriptor)
        ready.deallocate()
        bytes.deallocate()
        source.deallocate()
    }

    func watch(_ leg: LegPointer) {
        guard case .rtp(let sockets) = leg.pointee.transport else { return }
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.ptr = UnsafeMutableRawPointer(leg)
        epoll_ctl(descriptor, EPOLL_CTL_ADD, sockets.rtcp, &event)
    }

    func forget(_ leg: LegPointer) {
        guard case .rtp(let sockets) = leg.pointee.transport else { return }
        var event = epoll_event()
        epoll_ctl(descriptor, EPOLL_CTL_DEL, sockets.rtcp, &event)
    }

    /// How many legs have something to read, `most` at most.
    func poll() -> Int { max(0, Int(epoll_wait(descriptor, ready, Int32(Self.most), 0))) }

    func leg(_ index: Int) -> LegPointer? { ready[index].data.ptr?.assumingMemoryBound(to: Leg.self) }

    /// Reads one datagram of the leg; nil where there is none.
    func read(_ leg: LegPointer) -> (bytes: UnsafeRawBufferPointer, source: Endpoint)? {
        guard case .rtp(let sockets) = leg.pointee.transport else { return nil }
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let address = UnsafeMutableRawPointer(source).assumingMemoryBound(to: sockaddr.self)
        let count = recvfrom(sockets.rtcp, bytes, Self.size, 0, address, &length)
        guard count >= 0, let from = SocketAddress.endpoint(source) else { return nil }
        return (UnsafeRawBufferPointer(start: bytes, count: count), from)
    }
}
