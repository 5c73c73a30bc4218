import Media

/// How a SIP message travels (RFC 3261 §18).
public enum SIPTransport: String, Sendable, Codable, CaseIterable { case udp, tcp }

/// A socket address that a line listens on or is bound to.
public struct SIPListen: Sendable, Hashable {
    public var endpoint: Endpoint
    public var transports: [SIPTransport]

    /// - Parameter endpoint: a local address, or the unspecified one of its family; port 0 takes a free port, the same
    ///   one for all transports.
    public init(_ endpoint: Endpoint, transports: [SIPTransport] = [.udp, .tcp]) {
        self.endpoint = endpoint
        self.transports = transports
    }
}

/// A name and password for digest authentication (RFC 3261 §22).
public struct SIPUser: Sendable, Hashable {
    public var name: String
    public var password: String
    public init(name: String, password: String) {
        self.name = name
        self.password = password
    }
}

/// Who may place calls. Everybody else gets 403, or 401 where users are configured.
public struct SIPAdmission: Sendable, Hashable {
    /// Source addresses whose calls are taken.
    public var sources: [AddressRange]
    /// Users who may call from anywhere by digest authentication.
    public var users: [SIPUser]
    /// The realm of the challenge.
    public var realm: String
    /// True: a call needs a listed source *and* a user's digest. False: either is enough.
    public var both: Bool

    public init(sources: [AddressRange] = [], users: [SIPUser] = [], realm: String = "hotline", both: Bool = false) {
        self.sources = sources
        self.users = users
        self.realm = realm
        self.both = both
    }
}

/// Agents' telephones: who may register here (RFC 3261 §10), from where, for how long.
public struct SIPPhones: Sendable, Hashable {
    /// One for each agent: the name is the work number.
    public var users: [SIPUser]
    /// Source addresses from which phones register and call. Contacts must lie there too, where NAT is off.
    public var allow: [AddressRange]
    /// The realm of the challenge; another one than the trunk's (`SIPAdmission.realm`).
    public var realm: String
    /// Seconds. A registration for less gets 423 Interval Too Brief.
    public var minimumExpiresSeconds: Int
    /// Seconds. What is asked for above it is cut to it; also what a phone gets that asks for nothing.
    public var maximumExpiresSeconds: Int
    public var lockout: PhoneLockoutRules

    public init(
        users: [SIPUser], allow: [AddressRange], realm: String = "hotline-phones", minimumExpiresSeconds: Int = 60,
        maximumExpiresSeconds: Int = 3600, lockout: PhoneLockoutRules = PhoneLockoutRules()
    ) {
        self.users = users
        self.allow = allow
        self.realm = realm
        self.minimumExpiresSeconds = minimumExpiresSeconds
        self.maximumExpiresSeconds = maximumExpiresSeconds
        self.lockout = lockout
    }
}

/// When wrong passwords lock their sender out; see `PhoneLockout` for what is counted.
public struct PhoneLockoutRules: Sendable, Hashable {
    /// Wrong answers within the window that lock, 1…100.
    public var failures: Int
    /// Milliseconds.
    public var windowMilliseconds: Int64
    /// Milliseconds of the first lock; each one after it is twice as long.
    public var lockMilliseconds: Int64
    /// Milliseconds: no lock is longer, and after so long without a failure the next lock is short again.
    public var maximumLockMilliseconds: Int64

    public init(
        failures: Int = 5, windowMilliseconds: Int64 = 60_000, lockMilliseconds: Int64 = 300_000,
        maximumLockMilliseconds: Int64 = 3_600_000
    ) {
        self.failures = failures
        self.windowMilliseconds = windowMilliseconds
        self.lockMilliseconds = lockMilliseconds
        self.maximumLockMilliseconds = maximumLockMilliseconds
    }
}

/// A registration at a carrier (RFC 3261 §10), kept up while the line runs.
public struct SIPRegistration: Sendable, Hashable {
    /// `sip:host:port;transport=udp|tcp`, host numeric or a name the carrier gave.
    public var registrar: String
    /// The address of record registered: `sip:number@domain`.
    public var addressOfRecord: String
    public var credentials: SIPUser
    /// Seconds asked for; the registrar may shorten them.
    public var expiresSeconds: Int

    public init(registrar: String, addressOfRecord: String, credentials: SIPUser, expiresSeconds: Int = 600) {
        self.registrar = registrar
        self.addressOfRecord = addressOfRecord
        self.credentials = credentials
        self.expiresSeconds = expiresSeconds
    }
}

/// RFC 4028: both ends notice within this time that the other is gone.
public struct SIPSessionTimer: Sendable, Hashable {
    /// Seconds between refreshes that we ask for; 0 turns the timer off.
    public var expiresSeconds: Int
    /// The shortest that we accept; below it, 422. At least 90 by the RFC; tests may go lower.
    public var minimumSeconds: Int

    public init(expiresSeconds: Int = 1800, minimumSeconds: Int = 90) {
        self.expiresSeconds = expiresSeconds
        self.minimumSeconds = minimumSeconds
    }
}

/// Everything a SIP line has to know; read once at its start.
public struct SIPLineConfiguration: Sendable {
    /// E.g. `trunk1`.
    public var name: String
    public var listen: [SIPListen]
    /// Addresses told to peers in Contact and SDP, at most one of each family (behind NAT: the public one). Where a
    /// family has none, the local address by which the peer was reached is told.
    public var advertised: [IPAddress]
    /// Local addresses for RTP, at most one of each family. Where a family has none: the listening address.
    public var rtp: [IPAddress]
    public var admission: SIPAdmission
    /// Peers whose P-Asserted-Identity is believed (RFC 3325) and whose headers may hold host names.
    public var trusted: [AddressRange]
    /// What we speak, in our order of preference.
    public var codecs: [Codec]
    /// Whether keys are taken as RFC 4733 events.
    public var telephoneEvent: Bool
    /// Peers are behind NAT: RTP latches onto its true source, requests go back to where the call came from.
    public var nat: Bool
    public var sessionTimer: SIPSessionTimer
    /// How calls ring here, for the one who commands `ring`.
    public var alerting: Alerting
    public var numbers: NumberRules
    /// The User-Agent and Server header.
    public var userAgent: String
    /// Our user part in From (outbound calls) and Contact.
    public var user: String
    public var registrations: [SIPRegistration]
    /// Agents' phones that register at this line; nil: REGISTER is answered with 405.
    public var phones: SIPPhones?

    public init(name: String, listen: [SIPListen], admission: SIPAdmission) {
        self.name = name
        self.listen = listen
        self.admission = admission
        advertised = []
        rtp = []
        trusted = []
        codecs = [.pcma, .pcmu]
        telephoneEvent = true
        nat = false
        sessionTimer = SIPSessionTimer()
        alerting = .ringing
        numbers = .china
        userAgent = "hotline"
        user = "hotline"
        registrations = []
    }
}
