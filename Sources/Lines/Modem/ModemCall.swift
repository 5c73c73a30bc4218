import Calls

/// RINGs of one call.
struct Rings: Sendable, Hashable {
    var first: Instant
    var last: Instant
    var count: Int
    /// Not yet told, oldest first; those beyond the bound are only counted.
    var untold: [Instant]

    static var untoldLimit: Int { 16 }

    init(at now: Instant) {
        first = now
        last = now
        count = 1
        untold = [now]
    }

    mutating func again(at now: Instant) {
        last = now
        count += 1
        if untold.count < Self.untoldLimit { untold.append(now) }
    }
}

/// The call on the modem.
struct ModemCall: Sendable {
    enum Phase: Sendable, Hashable {
        /// Incoming, rings; perhaps its answer is wanted and waits for the sound card.
        case ringing
        /// ATA is on its way.
        case answering
        /// Outgoing, waits for the sound card.
        case preparing
        /// ATD was sent.
        case dialling
        /// It stands; the audio is being switched on.
        case connected
        case talking
        /// We are hanging up.
        case releasing
    }

    let serial: Int
    let call: CallID
    let leg: LegID
    /// The number to dial; nil: the call came in.
    let number: String?
    var phase: Phase
    var rings: Rings?
    var caller: ATFields?
    var isOffered = false
    var isAnswerWanted = false
    /// The media engine was asked for a leg.
    var hasMedia = false
    var isAlertingTold = false
    var timeoutMilliseconds = 0
    var connectedAt: Instant?
    var audioStep = 0
    var audioAttempts = 0
    /// The call list lacked it so often in a row.
    var absences = 0
    /// An end that may have been the waiting call's, and when it came.
    var suspected: (message: String, at: Instant)?
    /// What is told once the modem has hung up.
    var release: LineRelease?

    var isOutgoing: Bool { number != nil }
}

/// A call that knocks while another one stands.
struct ModemWaitingCall: Sendable {
    let call: CallID
    let leg: LegID
    let at: Instant
    var caller: ATFields?
    var isOffered = false
    var isRefused = false
}

/// A call that is over, but for the modem's reason.
struct ModemEnding: Sendable {
    let call: CallID
    let leg: LegID
    let at: Instant
    var release: LineRelease
}
