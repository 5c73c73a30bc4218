/// An IPv4 or IPv6 address in numeric form; host names never reach the media.
public struct IPAddress: Hashable, Sendable {
    public enum Family: Sendable, Hashable { case v4, v6 }

    public let family: Family
    /// Network order; an IPv4 address uses the first four bytes, the rest are zero.
    public let high: UInt64
    public let low: UInt64

    init(family: Family, high: UInt64, low: UInt64) {
        self.family = family
        self.high = high
        self.low = low
    }
}

/// A transport address: where RTP or SIP is sent to or comes from.
public struct Endpoint: Hashable, Sendable {
    public var address: IPAddress
    /// 0…65,535.
    public var port: UInt16

    public init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }
}
