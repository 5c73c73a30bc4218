/// The far end's side of a dialog, and what our requests within it are made of (RFC 3261 §12).
package struct Dialog: Sendable, Hashable {
    package var callID: String
    /// Our From (as a caller) or the request's To (as a phone), with our tag.
    package var local: String
    /// The far end's, with its tag.
    package var remote: String
    package var remoteTag: String
    /// Where its requests go: the Contact.
    package var target: String
    package var route: [String]
    package var sequence: UInt32
    /// Our own address in Via.
    package var via: Endpoint
    /// Where datagrams go.
    package var destination: Endpoint

    /// - Parameter fallback: where datagrams go if the route or the target has no IPv4 address.
    static func destination(route: [String], target: String, fallback: Endpoint) -> Endpoint {
        let first = route.first.flatMap { NameAddress($0)?.uri } ?? target
        return SIPURI(first)?.endpoint ?? fallback
    }

    /// A request within the dialog.
    package func request(_ method: String, sequence: UInt32, branch: String) -> [UInt8] {
        var headers: [(String, String)] = [
            ("Via", "SIP/2.0/UDP \(via);branch=\(branch);rport"), ("Max-Forwards", "70"),
        ]
        headers += route.map { ("Route", $0) }
        headers += [
            ("From", local), ("To", remote), ("Call-ID", callID), ("CSeq", "\(sequence) \(method)"),
            ("User-Agent", SIPText.agent),
        ]
        return SIPText.message("\(method) \(target) SIP/2.0", headers)
    }
}

/// What a call's machine wants done, in this order.
package enum SIPAction: Sendable, Hashable {
    case send([UInt8], to: Endpoint)
    /// 180, or 183 (RFC 3261 §13).
    case ringing
    /// Media may come before the answer.
    case early(SDP.Session)
    case answered(SDP.Session)
    /// The call is over.
    case over(CallEnd)
}

/// How a call ended.
package enum CallEnd: Sendable, Hashable {
    /// Our BYE was answered; or our CANCEL, before the answer.
    case released
    /// The server's BYE or CANCEL.
    case releasedByServer
    /// A final answer other than 2xx.
    case refused(status: Int, phrase: String)
    /// Anything that a server must not do, and silence.
    case failed(String)
}
