import Calls

/// What a line has done since its start; every counter is named after a decision.
public struct SIPLineStatistics: Sendable, Hashable, Codable {
    /// Requests received, by method (`INVITE`, `re-INVITE`, `UPDATE`, `INFO`, `OPTIONS`, `BYE`, `CANCEL`).
    public var requests: [String: UInt64] = [:]
    /// Calls refused before they became a leg, by `RejectedAttempt.Reason`.
    public var rejected: [String: UInt64] = [:]
    /// Calls offered to the switchboard.
    public var offered: UInt64 = 0
    /// Calls placed by us.
    public var dialled: UInt64 = 0
    /// Legs that are not yet over.
    public var legs: Int = 0
    /// INVITEs turned away with 503 because too many stood undecided (the shim's fixed backlog limit).
    public var backlogRefused: UInt64 = 0
    /// Descriptions or header fields that did not fit the shim's fixed sizes.
    public var oversized: UInt64 = 0
    /// Messages that the stack or the line could not read.
    public var malformed: UInt64 = 0
    /// Refusals that `rejected` was not told about because of their number.
    public var rejectionsUntold: UInt64 = 0
    /// REGISTERs of agents' phones that were taken, and those that were not, by `PhoneRefusal`.
    public var phoneRegistrations: UInt64 = 0
    public var phonesRefused: [String: UInt64] = [:]
    /// Locks imposed for wrong passwords.
    public var phoneLocks: UInt64 = 0
    /// Registered contacts now, by agent.
    public var phoneContacts: [WorkNumber: Int] = [:]
    /// Registrations at carriers: standing now, by address of record.
    public var registered: [String: Bool] = [:]

    public init() {}
}

/// A call that was refused before it became a leg: nobody's offer, but worth a line in the log.
public struct RejectedAttempt: Sendable, Hashable {
    public enum Reason: String, Sendable, Codable, CaseIterable {
        /// Source not listed, no users configured: 403.
        case foreignSource = "foreign_source"
        /// Challenged: 401; the usual first half of a digest call, not yet a failure.
        case challenged
        /// Wrong name, password or an answer to no challenge of ours: 403.
        case badCredentials = "bad_credentials"
        /// An agent's phone that guessed its password too often: 403.
        case locked
        /// The SDP cannot be read: 400.
        case badSDP = "bad_sdp"
        /// Nothing in common: 488.
        case noCodec = "no_codec"
        /// A body that is no SDP: 415.
        case badBody = "bad_body"
        /// A host name, or an address that cannot be sent to, where a numeric one is needed: 400.
        case badAddress = "bad_address"
        /// The line takes no new calls: 503.
        case draining
        /// Too many calls stood undecided: 503.
        case backlog
        /// No RTP port or media engine busy: 503.
        case noMedia = "no_media"
        /// A description or header field longer than we read: 413.
        case oversized
    }
    public var at: Instant
    public var line: String
    public var reason: Reason
    /// The SIP status sent.
    public var status: Int
    /// The peer's transport address.
    public var peer: String
    /// As received, cut and cleaned.
    public var caller: String?
    public var called: String
    public var protocolCallID: String
    /// For people.
    public var message: String
    /// Refusals of this line that were not told since the last one told (a flood tells 20 a second at most).
    public var untold: UInt64

    public init(
        at: Instant, line: String, reason: Reason, status: Int, peer: String, caller: String?, called: String,
        protocolCallID: String, message: String, untold: UInt64
    ) {
        self.at = at
        self.line = line
        self.reason = reason
        self.status = status
        self.peer = peer
        self.caller = caller
        self.called = called
        self.protocolCallID = protocolCallID
        self.message = message
        self.untold = untold
    }
}
