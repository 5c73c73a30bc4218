import Calls
import Media

/// A way calls come in and go out: a SIP trunk, a 4G modem. Commands may come from any thread and return at once;
/// what happens is told to the event sink given at the line's making, on the line's own thread, in order, and the
/// sink returns at once.
public protocol Line: Sendable {
    /// The configured name, e.g. `trunk1`.
    var name: String { get }

    /// Lets an offered leg ring.
    /// - Parameter alerting: `.ringing` sends 180; `.earlyMedia` sends 183 with our SDP and lets media flow (the caller
    ///   of this method plays the ring-back tone). `.alerted` is told when it is on the wire. A modem rings by itself
    ///   and passes the parameter over; its `.alerted` bears the instant of the first RING.
    func ring(leg: LegID, alerting: Alerting)

    /// Answers (200; a modem: ATA). `.answered` is told when the 200 is on the wire (a modem's connected indication),
    /// `.established` when the ACK is in and media is configured; a call that is never acknowledged is `.released`.
    func answer(leg: LegID)

    /// Refuses an offered leg that was not answered. A modem hangs up, whatever the refusal's status is.
    func refuse(leg: LegID, _ refusal: Refusal)

    /// Ends a leg in whatever state it is: BYE, CANCEL or a final refusal; a modem hangs up. `.released` follows in any
    /// case.
    /// - Parameter reason: goes out as a Reason header (RFC 3326).
    func release(leg: LegID, reason: ReleaseReason)

    /// Places an outbound call. The leg's events follow; media is opened and configured by the line.
    func dial(_ request: DialRequest) throws(LineError)

    /// Tells the agent's phone that asked for a transfer (`.transferAsked`) what became of it: a NOTIFY with the final
    /// status (RFC 3515 §2.4.5), which ends its subscription. A line without transfers does nothing.
    /// - Parameter status: a final SIP status, 200…699; 200: the other party answered.
    func transferEnded(leg: LegID, status: Int)

    /// Refuses new calls from now on (503), running ones go on.
    func drain()
}

extension Line {
    public func transferEnded(leg: LegID, status: Int) {}
}

public enum Alerting: String, Sendable, Codable {
    case ringing = "180", earlyMedia = "183"

    /// What a count of rings rests on that begins with it.
    public var basis: RingsBasis { self == .earlyMedia ? .emitted183 : .nominal180 }
}

public struct ReleaseReason: Sendable, Hashable {
    /// Q.850, 16 is a normal clearing.
    public var cause: Int
    public var text: String
    public init(cause: Int = 16, text: String = "Normal call clearing") {
        self.cause = cause
        self.text = text
    }
}

public struct Refusal: Sendable, Hashable {
    /// SIP status, 400…699.
    public var status: Int
    /// Q.850 cause for the Reason header.
    public var cause: Int
    public init(status: Int, cause: Int) {
        self.status = status
        self.cause = cause
    }
    /// Every place is taken: 486 with cause 17, so that the carrier does not turn the whole trunk away.
    public static let overCapacity = Refusal(status: 486, cause: 17)
    public static let draining = Refusal(status: 503, cause: 41)
}

public struct DialRequest: Sendable {
    public var leg: LegID
    public var call: CallID
    /// `sip:number@host:port;transport=udp|tcp`, host numeric; on a modem the number alone, or `tel:` and the number.
    /// On a SIP line with phones also `agent:` and a work number: every registered contact of that agent rings, the
    /// first answer wins.
    public var target: String
    /// The From user; nil: the line's own.
    public var caller: String?
    /// Digest credentials, where the far side asks.
    public var username: String?
    public var password: String?
    /// Gives up after so many milliseconds without an answer.
    public var timeoutMilliseconds: Int

    public init(
        leg: LegID, call: CallID, target: String, caller: String? = nil, username: String? = nil,
        password: String? = nil, timeoutMilliseconds: Int = 60_000
    ) {
        self.leg = leg
        self.call = call
        self.target = target
        self.caller = caller
        self.username = username
        self.password = password
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}

/// An incoming call as the line saw it. Texts are hostile input, already cut to 256 characters and free of controls.
public struct Offer: Sendable {
    /// The caller's number as normalised by the line's rules; nil where withheld.
    public var caller: String?
    /// The number as received.
    public var callerRaw: String?
    /// Where it comes from: `p_asserted_identity`, `from`, `clip`.
    public var callerSource: String
    /// The number dialled.
    public var called: String
    /// The last Diversion or History-Info number, where one came.
    public var diversion: String?
    /// The peer's transport address.
    public var peer: String
    /// The SIP Call-ID, for finding the call in the carrier's logs; empty on a modem.
    public var protocolCallID: String
    /// The line itself has no room for it: a second call that knocks on a modem. It can only be refused.
    public var isWaiting: Bool
    /// The agent whose phone calls, proved by digest; nil for everybody else, whatever number they claim. Only such an
    /// offer may be dialled on or taken as a feature code.
    public var agent: WorkNumber?

    public init(
        caller: String?, callerRaw: String?, callerSource: String, called: String, diversion: String?, peer: String,
        protocolCallID: String, isWaiting: Bool = false, agent: WorkNumber? = nil
    ) {
        self.caller = caller
        self.callerRaw = callerRaw
        self.callerSource = callerSource
        self.called = called
        self.diversion = diversion
        self.peer = peer
        self.protocolCallID = protocolCallID
        self.isWaiting = isWaiting
        self.agent = agent
    }
}

/// Something that happened on a leg.
public struct LineEvent: Sendable {
    public enum Kind: Sendable {
        /// A new incoming call; nothing but 100 was sent yet. It passed admission and has a codec in common.
        case offered(Offer)
        /// Our 180 or 183 is on the wire, or the modem rang first (at that RING's instant): ring 1 begins.
        case alerted(RingsBasis)
        /// The modem said RING for the `count`th time, the first included. The interval is the modem's own setting:
        /// the nominal rings come from the time.
        case rang(count: Int)
        /// Our 200 is on the wire; a modem has its connected indication.
        case answered
        /// Outbound: a provisional answer came (status 180, 183, …); `early` where it carries media.
        case progress(status: Int, early: Bool)
        /// The dialog stands (ACK received or sent) and media is configured: `MediaControl.start` may follow.
        case established(MediaSession)
        /// The far end put us on hold, or took us back.
        case held(Bool)
        /// A re-INVITE or UPDATE changed the session; media is configured anew already.
        case sessionChanged(MediaSession)
        /// A key by SIP INFO (application/dtmf-relay or application/dtmf), or by the modem.
        case key(Key, KeySource, milliseconds: Int)
        /// An agent's phone asks for a transfer of its call (REFER, RFC 3515); it has 202 and a NOTIFY "100 Trying"
        /// already, and waits for `Line.transferEnded`. Never told of any other leg.
        /// - Parameters:
        ///   - target: the user part of Refer-To, at most 64 characters, free of controls: a number, a feature code.
        ///   - replaces: attended transfer: the Call-ID of the dialog to be replaced (RFC 3891), as in
        ///     `Offer.protocolCallID`, at most 256 characters; nil: blind transfer.
        case transferAsked(target: String, replaces: String?)
        /// The leg is over; the last event of it.
        case released(by: LineRelease)
    }
    public var leg: LegID
    public var call: CallID
    public var line: String
    public var at: Instant
    public var kind: Kind

    public init(leg: LegID, call: CallID, line: String, at: Instant, kind: Kind) {
        self.leg = leg
        self.call = call
        self.line = line
        self.at = at
        self.kind = kind
    }
}

/// How a leg ended, as the line saw it.
public struct LineRelease: Sendable, Hashable {
    public enum Cause: String, Sendable, Codable {
        /// The far end cancelled before the answer.
        case cancelled
        /// The far end said BYE.
        case remoteBye = "remote_bye"
        /// We released it.
        case local
        /// We refused it.
        case refused
        /// No ACK came to our 200.
        case noAck = "no_ack"
        /// The session timer ran out (RFC 4028).
        case sessionTimer = "session_timer"
        /// The carrier is gone, and nothing says who went (a modem's NO CARRIER; its rings ceased).
        case carrierLost = "carrier_lost"
        /// Outbound: a final answer of 300 or more (see `status`), or the modem's BUSY, NO ANSWER.
        case rejected
        /// A transport or protocol error; see `message`.
        case failed
    }
    public var cause: Cause
    /// The final SIP status where one ended the leg.
    public var status: Int?
    /// The Reason header as received.
    public var reason: String?
    /// Q.850 cause from the Reason header.
    public var q850: Int?
    /// `BYE received`, `CANCEL received`, `BYE sent`, `NO CARRIER`, …
    public var message: String

    public init(cause: Cause, status: Int? = nil, reason: String? = nil, q850: Int? = nil, message: String) {
        self.cause = cause
        self.status = status
        self.reason = reason
        self.q850 = q850
        self.message = message
    }
}

/// Something about a line that wants a person: raised once, cleared when it is over.
public struct LineAlarm: Sendable, Hashable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// The serial port is not there or cannot be used.
        case port
        /// The modem does not answer commands.
        case unresponsive
        /// No SIM, or the SIM is blocked.
        case sim
        /// The SIM wants a PIN that is not given, or refused the one that was.
        case pin
        /// Not registered in a network.
        case registration
        /// The sound card is not there or was lost.
        case audio
    }
    public var line: String
    public var kind: Kind
    /// What happened and what to do; nil: it is over.
    public var message: String?

    public init(line: String, kind: Kind, message: String?) {
        self.line = line
        self.kind = kind
        self.message = message
    }
}

/// What went wrong in the lines' room.
public struct LineError: Error, Sendable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        public init(_ name: String) { self.name = name }
        /// The SIP stack could not be started (address in use, bad address).
        public static let start = Code("start")
        /// A target to dial is not a usable address.
        public static let target = Code("target")
        /// Nobody to ring: the agent's phone is not registered.
        public static let unreachable = Code("unreachable")
        /// The command queue is closed.
        public static let stopped = Code("stopped")
        /// A configuration value is wrong.
        public static let configuration = Code("configuration")
        /// A serial port cannot be used.
        public static let port = Code("port")
        /// A modem profile is wrong.
        public static let profile = Code("profile")
        /// A modem simulator's script is wrong.
        public static let script = Code("script")
        /// A simulated modem's port or sound cannot be made.
        public static let simulator = Code("simulator")
    }
    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [lines.\(code.name)]" }
}
