// Addresses as text: RFC 791 dotted quads, RFC 4291 §2.2 read, RFC 5952 printed. Nothing here resolves names.

extension IPAddress {
    /// An IPv4 address from its 32 bits, the first octet most significant: `0x7F00_0001` is 127.0.0.1.
    public init(v4 bits: UInt32) {
        self.init(family: .v4, high: UInt64(bits) << 32, low: 0)
    }

    /// An IPv6 address from its 128 bits, the first group most significant.
    public init(v6High high: UInt64, low: UInt64) {
        self.init(family: .v6, high: high, low: low)
    }

    /// From 4 or 16 bytes in network order; nil where the count is another.
    public init?(bytes: some Sequence<UInt8>) {
        // One pass that keeps the newest sixteen: of a generic collection, used from another module, every other step
        // costs calls of its own.
        var (high, low, count) = (UInt64(0), UInt64(0), 0)
        for byte in bytes {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(byte)
            count += 1
        }
        switch count {
        case 4: self.init(v4: UInt32(truncatingIfNeeded: low))
        case 16: self.init(v6High: high, low: low)
        default: return nil
        }
    }

    /// 4 or 16 bytes in network order.
    public var bytes: [UInt8] {
        family == .v4
            ? (0..<4).map { UInt8(truncatingIfNeeded: high >> UInt64(56 - 8 * $0)) }
            : (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> UInt64(56 - 8 * ($0 % 8))) }
    }

    /// The 32 bits of an IPv4 address, the first octet most significant; nil for IPv6.
    public var v4Bits: UInt32? { family == .v4 ? UInt32(truncatingIfNeeded: high >> 32) : nil }

    /// 0.0.0.0 or `::`: no address at all.
    public var isUnspecified: Bool { high == 0 && low == 0 }

    /// 224.0.0.0/4 (RFC 5771), 255.255.255.255 or ff00::/8 (RFC 4291 §2.7): not one party's address.
    public var isGroup: Bool {
        family == .v4 ? high >> 60 == 0xE || high >> 32 == 0xFFFF_FFFF : high >> 56 == 0xFF
    }

    /// 127.0.0.0/8 or `::1`.
    public var isLoopback: Bool { family == .v4 ? high >> 56 == 127 : high == 0 && low == 1 }

    /// The unspecified address of a family, to bind every local one.
    public static func unspecified(_ family: Family) -> IPAddress { IPAddress(family: family, high: 0, low: 0) }

    /// Reads a numeric address: `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1` (stays IPv6). Nil for anything else,
    /// as host names, zones (`fe80::1%eth0`), brackets, octets with leading zeros or short forms (`127.1`).
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        // The longest form, with an embedded IPv4 address, has 45 characters (INET6_ADDRSTRLEN without the end).
        guard !bytes.isEmpty, bytes.count <= 45 else { return nil }
        if bytes.contains(UInt8(ascii: ":")) {
            guard let groups = Self.v6Groups(bytes[...]) else { return nil }
            self.init(
                v6High: groups[0..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) },
                low: groups[4..<8].reduce(UInt64(0)) { $0 << 16 | UInt64($1) })
        } else {
            guard let bits = Self.v4(bytes[...]) else { return nil }
            self.init(v4: bits)
        }
    }

    private static func v4(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            var octet: UInt32 = 0
            for digit in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
                octet = octet * 10 + UInt32(digit - UInt8(ascii: "0"))
            }
            guard octet <= 255 else { return nil }
            bits = bits << 8 | octet
        }
        return bits
    }

    private static func v6Groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        let colon = UInt8(ascii: ":")
        var gap: Int?
        for index in text.indices.dropLast() where text[index] == colon && text[index + 1] == colon {
            // A second "::" (or ":::") would leave the lengths open.
            guard gap == nil else { return nil }
            gap = index
        }
        guard let gap else {
            guard let groups = groups(text, last: true), groups.count == 8 else { return nil }
            return groups
        }
        guard let head = groups(text[..<gap], last: false), let tail = groups(text[(gap + 2)...], last: true),
            head.count + tail.count <= 7
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// Groups between colons; an empty text has none. Only the last part of an address may end as an IPv4 address.
    private static func groups(_ text: ArraySlice<UInt8>, last: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if last, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let bits = v4(part) else { return nil }
                groups.append(UInt16(truncatingIfNeeded: bits >> 16))
                groups.append(UInt16(truncatingIfNeeded: bits))
                continue
            }
            guard (1...4).contains(part.count) else { return nil }
            var group: UInt16 = 0
            for digit in part {
                switch digit {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): group = group << 4 | UInt16(digit - UInt8(ascii: "0"))
                case UInt8(ascii: "a")...UInt8(ascii: "f"): group = group << 4 | UInt16(digit - UInt8(ascii: "a") + 10)
                case UInt8(ascii: "A")...UInt8(ascii: "F"): group = group << 4 | UInt16(digit - UInt8(ascii: "A") + 10)
                default: return nil
                }
            }
            groups.append(group)
        }
        return groups
    }
}

extension IPAddress: LosslessStringConvertible {
    /// Dotted quad, or RFC 5952's canonical form (lower case, the longest run of zero groups as `::`, IPv4-mapped
    /// addresses with their quad).
    public var description: String {
        if let bits = v4Bits { return Self.quad(bits) }
        if high == 0, low >> 32 == 0xFFFF { return "::ffff:" + Self.quad(UInt32(truncatingIfNeeded: low)) }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: ($0 < 4 ? high : low) >> UInt64(48 - 16 * ($0 % 4))) }
        // RFC 5952 §4.2: the longest run of two or more, the first of equals.
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start >= 2, end - start > best.count { best = start..<end }
            start = max(end, start + 1)
        }
        let hex = groups.map { String($0, radix: 16) }
        guard !best.isEmpty else { return hex.joined(separator: ":") }
        return hex[..<best.lowerBound].joined(separator: ":") + "::" + hex[best.upperBound...].joined(separator: ":")
    }

    private static func quad(_ bits: UInt32) -> String {
        "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
    }
}

extension Endpoint: LosslessStringConvertible {
    /// `192.0.2.1:5060`, `[2001:db8::1]:5060`.
    public var description: String {
        address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }

    /// Reads the printed form; nil for names, a missing port or a port above 65,535.
    public init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let host = text[..<colon]
        let port = text[text.index(after: colon)...]
        guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ (48...57).contains($0) }),
            let port = UInt16(port)
        else { return nil }
        let address: IPAddress?
        if host.hasPrefix("["), host.hasSuffix("]") {
            address = IPAddress(host.dropFirst().dropLast())
            guard address?.family == .v6 else { return nil }
        } else {
            address = IPAddress(host)
            guard address?.family == .v4 else { return nil }
        }
        guard let address else { return nil }
        self.init(address: address, port: port)
    }
}
