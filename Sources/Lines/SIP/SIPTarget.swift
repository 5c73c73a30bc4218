import Media

/// Where to call: `sip:user@host:port;transport=udp|tcp`, host numeric, port 5060 where it is missing.
package struct SIPTarget: Sendable, Hashable {
    package var user: String
    package var endpoint: Endpoint
    package var transport: SIPTransport

    /// - Throws: `LineError.target` that names what is wrong.
    package init(_ text: String) throws(LineError) {
        func fail(_ why: String) -> LineError {
            LineError(
                .target, "cannot call `\(text.prefix(128))`: \(why); write sip:number@192.0.2.1:5060;transport=udp")
        }
        guard text.utf8.count <= 256, text.utf8.allSatisfy({ (33...126).contains($0) && $0 != UInt8(ascii: "\"") })
        else {
            throw fail("it holds spaces, controls or quotes, or is too long")
        }
        guard text.prefix(4).lowercased() == "sip:" else { throw fail("it does not begin with sip:") }
        let parts = text.dropFirst(4).split(separator: ";", omittingEmptySubsequences: false)
        guard let address = parts.first else { throw fail("it is empty") }
        transport = .udp
        for parameter in parts.dropFirst() {
            let pair = parameter.split(separator: "=", maxSplits: 1).map { $0.lowercased() }
            guard pair.count == 2, pair[0] == "transport", let named = SIPTransport(rawValue: pair[1]) else {
                throw fail("`;\(parameter)` is not ;transport=udp or ;transport=tcp")
            }
            transport = named
        }
        let halves = address.split(separator: "@", omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[0].isEmpty else { throw fail("user@host is missing") }
        user = String(halves[0])
        let host = halves[1]
        if let endpoint = Endpoint(host), endpoint.port != 0 {
            self.endpoint = endpoint
        } else if let address = IPAddress(
            host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host),
            address.family == .v4 || host.hasPrefix("[")
        {
            endpoint = Endpoint(address: address, port: 5060)
        } else {
            throw fail("`\(host)` is not a numeric address with an optional port")
        }
    }

    /// As the stack takes it.
    package var url: String { "sip:\(user)@\(endpoint)" + (transport == .tcp ? ";transport=tcp" : "") }
}
