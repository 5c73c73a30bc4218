/// A session description (RFC 8866) as far as offer and answer need it: who made it, where media goes, what media
/// there is and its attributes. Bandwidth, time zones, contacts and keys are checked for form and not kept.
public struct SessionDescription: Sendable, Hashable {
    /// `o=`: names the session and its version (RFC 8866 §5.2).
    public struct Origin: Sendable, Hashable {
        public var username: String
        /// Digits, as received: peers send up to 20.
        public var sessionID: String
        /// Digits, as received; a rising version announces a changed description.
        public var version: String
        /// As received: host names are permitted here and never resolved.
        public var address: String

        public init(username: String, sessionID: String, version: String, address: String) {
            self.username = username
            self.sessionID = sessionID
            self.version = version
            self.address = address
        }
    }

    /// `c=`: where media is to be sent (RFC 8866 §5.7).
    public enum Connection: Sendable, Hashable {
        /// One party's numeric address, or the unspecified address of an old hold (RFC 2543).
        case address(IPAddress)
        /// A group address; the hotline speaks to one party.
        case multicast
        /// A host name, which the media never resolves: a peer could name anything.
        case name(String)
        /// Another network or address type than `IN IP4` and `IN IP6`.
        case other
    }

    /// `a=name` or `a=name:value` (RFC 8866 §5.13). Names are compared as written: they are case-sensitive.
    public struct Attribute: Sendable, Hashable {
        public var name: String
        public var value: String?

        public init(_ name: String, _ value: String? = nil) {
            self.name = name
            self.value = value
        }
    }

    /// `m=` with the lines that belong to it (RFC 8866 §5.14).
    public struct Media: Sendable, Hashable {
        /// `audio`, `video`, `image`, `application`, …
        public var kind: String
        /// 0: rejected, or not in use.
        public var port: UInt16
        /// `RTP/AVP`, `RTP/SAVP`, `udptl`, …
        public var transport: String
        /// Payload types of RTP, or what the transport says.
        public var formats: [String]
        public var connection: Connection?
        public var attributes: [Attribute]

        public init(
            kind: String, port: UInt16, transport: String, formats: [String], connection: Connection? = nil,
            attributes: [Attribute] = []
        ) {
            self.kind = kind
            self.port = port
            self.transport = transport
            self.formats = formats
            self.connection = connection
            self.attributes = attributes
        }

        /// The first value of an attribute; an attribute without a value gives an empty text.
        public func value(of name: String) -> String? {
            attributes.first { $0.name == name }.map { $0.value ?? "" }
        }
    }

    public var origin: Origin
    public var connection: Connection?
    public var attributes: [Attribute]
    public var media: [Media]

    public init(origin: Origin, connection: Connection?, attributes: [Attribute] = [], media: [Media]) {
        self.origin = origin
        self.connection = connection
        self.attributes = attributes
        self.media = media
    }

    /// Where a medium's packets go: its own `c=`, else the session's.
    public func connection(of media: Media) -> Connection? { media.connection ?? connection }

    /// Which way a medium flows, seen from who made the description: the medium's own attribute, else the session's,
    /// else both ways (RFC 8866 §6.7).
    public func direction(of media: Media) -> MediaDirection {
        Self.direction(in: media.attributes) ?? Self.direction(in: attributes) ?? .sendReceive
    }

    private static func direction(in attributes: [Attribute]) -> MediaDirection? {
        for attribute in attributes where attribute.value == nil {
            if let direction = MediaDirection(rawValue: attribute.name) { return direction }
        }
        return nil
    }
}

extension SessionDescription: CustomStringConvertible {
    /// The description as it goes on the wire: lines end in CRLF, in the order of RFC 8866 §5.
    public var description: String {
        let family = origin.address.utf8.contains(UInt8(ascii: ":")) ? "IP6" : "IP4"
        var lines = [
            "v=0",
            "o=\(origin.username) \(origin.sessionID) \(origin.version) IN \(family) \(origin.address)",
            "s=-",
        ]
        if let line = connection?.line { lines.append(line) }
        lines.append("t=0 0")
        lines += attributes.map(\.line)
        for medium in media {
            let formats = medium.formats.joined(separator: " ")
            lines.append("m=\(medium.kind) \(medium.port) \(medium.transport) \(formats)")
            if let line = medium.connection?.line { lines.append(line) }
            lines += medium.attributes.map(\.line)
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }
}

extension SessionDescription.Connection {
    /// Only addresses are ever written: what cannot be sent to is never repeated to a peer.
    fileprivate var line: String? {
        guard case .address(let address) = self else { return nil }
        return "c=IN \(address.family == .v4 ? "IP4" : "IP6") \(address)"
    }
}

extension SessionDescription.Attribute {
    fileprivate var line: String { value.map { "a=\(name):\($0)" } ?? "a=\(name)" }
}
