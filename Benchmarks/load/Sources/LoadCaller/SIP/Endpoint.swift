import CLoad
import Glibc

/// An IPv4 address and a port.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// Host byte order.
    package var address: UInt32
    package var port: UInt16

    package init(address: UInt32, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// `127.0.0.1`; nil for names and anything else.
    package static func address(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
                let byte = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(byte)
        }
        return value
    }

    package static func text(_ address: UInt32) -> String {
        stride(from: 24, through: 0, by: -8).map { String(address >> UInt32($0) & 0xFF) }.joined(separator: ".")
    }

    package var description: String { "\(Self.text(address)):\(port)" }

    package init(_ address: sockaddr_in) {
        self.init(address: UInt32(bigEndian: address.sin_addr.s_addr), port: UInt16(bigEndian: address.sin_port))
    }

    package var socketAddress: sockaddr_in {
        var out = sockaddr_in()
        out.sin_family = sa_family_t(AF_INET)
        out.sin_port = port.bigEndian
        out.sin_addr.s_addr = address.bigEndian
        return out
    }

    /// The first IPv4 address of a host's name. Blocking.
    package static func resolve(_ host: String) throws(LoadError) -> UInt32 {
        if let address = address(host) { return address }
        var hints = addrinfo()
        hints.ai_family = AF_INET
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0, let found = list?.pointee.ai_addr else {
            throw LoadError("\(host): no IPv4 address (\(String(cString: gai_strerror(status))))")
        }
        return found.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { Endpoint($0.pointee).address }
    }
}
