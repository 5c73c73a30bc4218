import Media

/// Where a registered phone is reached: one Contact of its REGISTER, read and made safe.
package struct PhoneContact: Sendable, Hashable {
    /// A Contact as the stack split it. Hostile.
    package struct Received: Sendable, Hashable {
        package var scheme: String
        package var user: String
        /// An IPv6 address in brackets.
        package var host: String
        package var port: String
        /// Of the URI, without the leading semicolon.
        package var parameters: String
        /// Of the header field; empty where it is missing.
        package var expires: String
        package var q: String

        package init(
            scheme: String, user: String, host: String, port: String = "", parameters: String = "",
            expires: String = "", q: String = ""
        ) {
            self.scheme = scheme
            self.user = user
            self.host = host
            self.port = port
            self.parameters = parameters
            self.expires = expires
            self.q = q
        }
    }

    /// The URI as the phone gave it, in order to be told back; the host may be a name where NAT is on.
    package let uri: String
    /// The same to whoever means the same contact: without parameters, and with the source's address behind NAT, where
    /// phones of several homes share one private address.
    package let key: String
    /// Where requests go.
    package let endpoint: Endpoint
    package let transport: SIPTransport
    /// The request URI: numeric.
    package let target: String

    /// - Parameter source: where the REGISTER came from, which takes the contact's place behind NAT; nil where NAT is off.
    /// - Returns: nil for another scheme than sip:, a transport we do not speak, a host name or an address that cannot
    ///   be sent to where there is no NAT, and anything malformed.
    package init?(_ received: Received, transport arrived: SIPTransport, behindNAT source: Endpoint?) {
        guard received.scheme.lowercased() == "sip", Self.isText(received.user, 64, allowed: Self.userMarks),
            !received.host.isEmpty, Self.isText(received.host, 128, allowed: "-._:[]"),
            received.port.utf8.count <= 5, received.port.utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        let port = received.port.isEmpty ? 5060 : UInt16(received.port) ?? 0
        guard port != 0 else { return nil }
        var transport: SIPTransport?
        var kept = ""
        for parameter in received.parameters.split(separator: ";").prefix(16) {
            let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            switch pair[0].lowercased() {
            case "transport":
                guard pair.count == 2, let named = SIPTransport(rawValue: pair[1].lowercased()) else { return nil }
                transport = named
            // Would have the stack send elsewhere, or make another request of it (RFC 3261 §19.1.1).
            case "maddr", "ttl", "method", "lr": continue
            default:
                // Telephones find their own line by them.
                guard kept.utf8.count + parameter.utf8.count < 120,
                    Self.isText(String(parameter), 100, allowed: Self.parameterMarks)
                else { continue }
                kept += ";" + parameter
            }
        }
        let told = transport.map { ";transport=\($0.rawValue)" } ?? ""
        // Behind NAT the connection or mapping that the REGISTER came through is the only way back.
        self.transport = source == nil ? transport ?? .udp : arrived
        let user = received.user.isEmpty ? "" : received.user + "@"
        let host = received.host.lowercased()
        uri = "sip:\(user)\(host)" + (received.port.isEmpty ? "" : ":\(port)") + told + kept
        if let source {
            endpoint = source
        } else {
            let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
            guard let address = IPAddress(bare), address.family == .v4 || bare != host, !address.isUnspecified,
                !address.isGroup
            else { return nil }
            endpoint = Endpoint(address: address, port: port)
        }
        key = "\(user)\(host):\(port);\(transport?.rawValue ?? "udp")" + (source.map { "|\($0.address)" } ?? "")
        target = "sip:\(user)\(endpoint)" + (self.transport == .tcp ? ";transport=tcp" : "") + kept
    }

    private static let userMarks = "-_.!~*'()&=+$,;?/%#:"
    private static let parameterMarks = "-_.!~*'()[]/:&+$%="

    private static func isText(_ text: String, _ limit: Int, allowed marks: String) -> Bool {
        text.utf8.count <= limit
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || marks.utf8.contains(byte)
            }
    }
}
