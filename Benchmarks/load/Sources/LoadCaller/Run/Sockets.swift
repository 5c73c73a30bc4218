import CLoad
import Glibc

/// UDP sockets of the run.
enum Sockets {
    /// - Parameter port: 0 takes a free one.
    /// - Throws: `LoadError` with the error's number; `EADDRINUSE` is nil.
    static func bound(_ endpoint: Endpoint) throws(LoadError) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw LoadError("no socket: error \(errno) (see ulimit -n)") }
        var address = endpoint.socketAddress
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            let error = errno
            close(descriptor)
            if error == EADDRINUSE { return nil }
            throw LoadError("\(endpoint) cannot be bound: error \(error)")
        }
        return descriptor
    }

    static func local(_ descriptor: Int32) -> Endpoint {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return Endpoint(address)
    }

    /// The address from which the system would send to another one.
    static func sourceAddress(towards remote: Endpoint) -> UInt32? {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return connect(descriptor, to: remote) ? local(descriptor).address : nil
    }

    static func connect(_ descriptor: Int32, to remote: Endpoint) -> Bool {
        var address = remote.socketAddress
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    static func send(_ descriptor: Int32, _ bytes: [UInt8], to endpoint: Endpoint) -> Bool {
        var address = endpoint.socketAddress
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                bytes.withUnsafeBytes {
                    sendto(descriptor, $0.baseAddress, $0.count, 0, name, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        return sent == bytes.count
    }

    /// As many open files as the system allows; at least `wanted`.
    static func raiseLimit(to wanted: Int) throws(LoadError) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw LoadError("the limit of open files cannot be read")
        }
        guard limit.rlim_cur < UInt(wanted) else { return }
        limit.rlim_cur = max(limit.rlim_max, limit.rlim_cur)
        if limit.rlim_max < UInt(wanted) { limit = rlimit(rlim_cur: UInt(wanted), rlim_max: UInt(wanted)) }
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw LoadError("\(wanted) open files are needed: raise the hard limit (ulimit -Hn \(wanted))")
        }
    }
}

/// Even ports for RTP, each with the odd one above it for RTCP. Nobody reads the odd one, and its buffer is as small as may
/// be: what comes there costs the server no refusal and us nothing.
struct PortPairs {
    struct Pair {
        var rtp: Int32
        var rtcp: Int32
        var port: UInt16
    }

    private let address: UInt32
    private let range: ClosedRange<UInt16>
    private var next: UInt16

    init(address: UInt32, range: ClosedRange<UInt16>) {
        self.address = address
        self.range = range
        next = range.lowerBound + range.lowerBound % 2
    }

    /// - Throws: `LoadError` where every pair of the range is in use.
    mutating func open() throws(LoadError) -> Pair {
        for _ in 0...(range.count / 2) {
            let port = next
            next = Int(next) + 3 > Int(range.upperBound) ? range.lowerBound + range.lowerBound % 2 : next + 2
            guard let rtp = try Sockets.bound(Endpoint(address: address, port: port)) else { continue }
            guard let rtcp = try Sockets.bound(Endpoint(address: address, port: port + 1)) else {
                close(rtp)
                continue
            }
            load_receive_buffer(rtcp, 0)
            let status = load_stamp(rtp)
            guard status == 0 else { throw LoadError("the kernel stamps no datagrams: error \(status)") }
            return Pair(rtp: rtp, rtcp: rtcp, port: port)
        }
        throw LoadError("every port of \(range) is in use: give others with --ports")
    }
}
