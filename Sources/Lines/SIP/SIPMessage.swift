import Media

/// One event of the SIP stack, copied out of the shim: plain values, hostile texts already cut by the shim.
package struct SIPMessage: Sendable {
    package enum Kind: Sendable, Hashable {
        case wake, tick
        case invite, reinvite, update, ack, prack, cancel, bye, info, options
        /// A telephone registers; a transfer is asked for. Answered during the event.
        case register, refer
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

    package var kind: Kind
    package var status = 0
    package var phrase = ""
    /// The stack's number of the call; 0: none.
    package var call: UInt32 = 0
    /// Index of the listening address.
    package var listener = 0
    package var source: Endpoint?
    package var transport = SIPTransport.udp
    package var callID = ""
    package var fromUser = ""
    package var toUser = ""
    package var requestUser = ""
    package var requestURI = ""
    /// Hosts of Contact, Record-Route and maddr: where the stack would send to.
    package var hosts: [Substring] = []
    package var hasContact = false
    package var asserted = ""
    package var diversion = ""
    package var history = ""
    package var privacy = ""
    package var reason = ""
    package var authorization = ""
    package var scheme = ""
    package var realm = ""
    package var supportsTimer = false
    package var allowsUpdate = false
    package var asksUsToRefresh = false
    /// Seconds; 0 where not told. In `registered`: granted.
    package var expires = 0
    package var sequence: UInt32 = 0
    /// REGISTER: of the Expires header; nil where it is missing.
    package var expiresHeader: Int?
    /// REGISTER: the first of them, and how many came.
    package var contacts: [PhoneContact.Received] = []
    package var contactCount = 0
    /// REFER: of Refer-To, and the Event that its NOTIFYs carry.
    package var referUser = ""
    package var referHeaders = ""
    package var referEvent = ""
    package var contentType = ""
    package var body: String?
    /// A text was cut, or a body not given for its length.
    package var cut = false
    package var bodyRefused = false

    package init(_ kind: Kind) { self.kind = kind }

    /// The body where it is a session description; RFC 3261 leaves no other meaning to a body without a type here.
    package var sdp: String? {
        guard let body else { return nil }
        let type = contentType.split(separator: ";", maxSplits: 1).first.map { $0.lowercased() } ?? ""
        return type.isEmpty || type == "application/sdp" ? body : nil
    }
}
