import Media

/// One event of the SIP stack, copied out of the shim: plain values, hostile texts already cut by the shim.
struct SIPMessage: Sendable {
    enum Kind: Sendable, Hashable {
        case wake, tick
        case invite, reinvite, update, ack, prack, cancel, bye, info, options
        /// Our response is on the wire.
        case sent
        /// A response to our INVITE.
        case response
        case registered
        /// The stack met an error on the call, e.g. 408 for a missing ACK.
        case trouble
        /// The stack itself ends the call.
        case ending
        /// The call's number is void from now on.
        case ended
    }

    var kind: Kind
    var status = 0
    var phrase = ""
    /// The stack's number of the call; 0: none.
    var call: UInt32 = 0
    /// Index of the listening address.
    var listener = 0
    var source: Endpoint?
    var transport = SIPTransport.udp
    var callID = ""
    var fromUser = ""
    var toUser = ""
    var requestUser = ""
    var requestURI = ""
    /// Hosts of Contact, Record-Route and maddr: where the stack would send to.
    var hosts: [Substring] = []
    var hasContact = false
    var asserted = ""
    var diversion = ""
    var history = ""
    var privacy = ""
    var reason = ""
    var authorization = ""
    var scheme = ""
    var realm = ""
    var supportsTimer = false
    var allowsUpdate = false
    var asksUsToRefresh = false
    /// Seconds; 0 where not told. In `registered`: granted.
    var expires = 0
    var contentType = ""
    var body: String?
    /// A text was cut, or a body not given for its length.
    var cut = false
    var bodyRefused = false

    init(_ kind: Kind) { self.kind = kind }

    /// The body where it is a session description; RFC 3261 leaves no other meaning to a body without a type here.
    var sdp: String? {
        guard let body else { return nil }
        let type = contentType.split(separator: ";", maxSplits: 1).first.map { $0.lowercased() } ?? ""
        return type.isEmpty || type == "application/sdp" ? body : nil
    }
}
