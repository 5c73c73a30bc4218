import CLinux
import Glibc

/// An `Endpoint` as the socket calls take it.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private(set) var length: socklen_t = 0

    init() {}

    init(_ endpoint: Endpoint) {
        let address = endpoint.address
        withUnsafeMutableBytes(of: &storage) { bytes in
            switch address.family {
            case .v4:
                bytes.storeBytes(of: sa_family_t(AF_INET), as: sa_family_t.self)
                bytes.storeBytes(of: endpoint.port.bigEndian, toByteOffset: 2, as: UInt16.self)
                bytes.storeBytes(
                    of: UInt32(truncatingIfNeeded: address.high >> 32).bigEndian, toByteOffset: 4, as: UInt32.self)
            case .v6:
                bytes.storeBytes(of: sa_family_t(AF_INET6), as: sa_family_t.self)
                bytes.storeBytes(of: endpoint.port.bigEndian, toByteOffset: 2, as: UInt16.self)
                bytes.storeBytes(of: address.high.bigEndian, toByteOffset: 8, as: UInt64.self)
                bytes.storeBytes(of: address.low.bigEndian, toByteOffset: 16, as: UInt64.self)
            }
        }
        length = socklen_t(
            address.family == .v4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
    }

    /// The sender that a receive call wrote down; nil for other families.
    static func endpoint(_ storage: UnsafeRawPointer) -> Endpoint? {
        let port = UInt16(bigEndian: storage.load(fromByteOffset: 2, as: UInt16.self))
        switch Int32(storage.load(as: sa_family_t.self)) {
        case AF_INET:
            let bits = UInt32(bigEndian: storage.load(fromByteOffset: 4, as: UInt32.self))
            return Endpoint(address: IPAddress(family: .v4, high: UInt64(bits) << 32, low: 0), port: port)
        case AF_INET6:
            return Endpoint(
                address: IPAddress(
                    family: .v6, high: UInt64(bigEndian: storage.load(fromByteOffset: 8, as: UInt64.self)),
                    low: UInt64(bigEndian: storage.load(fromByteOffset: 16, as: UInt64.self))),
                port: port)
        default: return nil
        }
    }

    /// Sends one datagram without waiting; false where the socket refused it.
    func send(_ bytes: UnsafeRawPointer, count: Int, on descriptor: Int32) -> Bool {
        withUnsafeBytes(of: storage) { storage in
            guard let address = storage.bindMemory(to: sockaddr.self).baseAddress else { return false }
            return sendto(descriptor, bytes, count, 0, address, length) == count
        }
    }

    func bind(_ descriptor: Int32) -> Bool {
        withUnsafeBytes(of: storage) { storage in
            guard let address = storage.bindMemory(to: sockaddr.self).baseAddress else { return false }
            return Glibc.bind(descriptor, address, length) == 0
        }
    }
}

extension Endpoint {
    /// Something can be sent there.
    var isReachable: Bool { port != 0 && !address.isUnspecified }
}
