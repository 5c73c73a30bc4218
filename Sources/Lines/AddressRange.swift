import Media

/// A block of addresses in CIDR notation (RFC 4632, RFC 4291 §2.3): `192.0.2.0/24`, `2001:db8::/32`, or one address.
public struct AddressRange: Sendable, Hashable {
    public let network: IPAddress
    /// Leading bits that count: 0…32 for IPv4, 0…128 for IPv6.
    public let prefix: Int

    /// Bits behind the prefix are cleared. Nil where the prefix is out of range.
    public init?(network: IPAddress, prefix: Int) {
        let width = network.family == .v4 ? 32 : 128
        guard (0...width).contains(prefix) else { return nil }
        self.network = Self.masked(network, prefix: prefix)
        self.prefix = prefix
    }

    /// Whether the address lies in the block. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) counts as the IPv4
    /// address it holds, so that a dual-stack socket admits nobody else than two sockets would.
    public func contains(_ address: IPAddress) -> Bool {
        let address = address.unmapped
        guard address.family == network.family else { return false }
        return Self.masked(address, prefix: prefix) == network
    }

    private static func masked(_ address: IPAddress, prefix: Int) -> IPAddress {
        switch address.family {
        case .v4:
            let bits = UInt32(truncatingIfNeeded: address.high >> 32)
            return IPAddress(v4: prefix == 0 ? 0 : bits & (UInt32.max << UInt32(32 - prefix)))
        case .v6:
            let high =
                prefix == 0 ? 0 : prefix >= 64 ? address.high : address.high & (UInt64.max << UInt64(64 - prefix))
            let low =
                prefix <= 64 ? 0 : prefix == 128 ? address.low : address.low & (UInt64.max << UInt64(128 - prefix))
            return IPAddress(v6High: high, low: low)
        }
    }
}

extension AddressRange: LosslessStringConvertible {
    /// Reads `address` or `address/prefix`; nil for names, missing or wrong prefixes.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        guard parts.count == 2 else {
            self.init(network: address, prefix: address.family == .v4 ? 32 : 128)
            return
        }
        guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
            let prefix = Int(parts[1])
        else { return nil }
        self.init(network: address, prefix: prefix)
    }

    public var description: String { "\(network)/\(prefix)" }
}

extension IPAddress {
    /// The IPv4 address in an IPv4-mapped IPv6 one (RFC 4291 §2.5.5.2); every other address unchanged.
    var unmapped: IPAddress {
        guard family == .v6, high == 0, low >> 32 == 0xFFFF else { return self }
        return IPAddress(v4: UInt32(truncatingIfNeeded: low))
    }
}
