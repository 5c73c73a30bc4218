/// The signalling life of one call, as a value: offered, alerting, answered, established, over; or, placed by us: dialled,
/// alerting there, established, over.
///
/// It decides when to answer (so that a ring is heard) and how the call ended; it performs nothing. Time and the ring
/// cadence come in as arguments.
public struct CallMachine: Sendable {
    public enum Event: Sendable, Hashable {
        /// A new call that passed admission and capacity.
        case offered
        /// We dial the other party ourselves.
        case placed
        /// Our 180 or 183 is on the wire, or the modem rang first; of a call that we placed: the far end rings.
        case alerted(RingsBasis)
        /// The flow wants the call answered.
        case answerWanted
        /// The timer that `.answerAfter` asked for is up.
        case answerDue
        /// Our 200 is on the wire, or the modem connected.
        case answered
        /// The dialog stands (ACK).
        case established
        /// Someone here ends the call.
        case releaseWanted(ReleaseIntent)
        /// The leg is over.
        case legEnded(LegEnd)
    }

    public enum Action: Sendable, Hashable {
        case ring
        /// Feed `.answerDue` after so many milliseconds.
        case answerAfter(milliseconds: Int64)
        case answer
        /// Write down the first alerting.
        case noteAlerted(RingsBasis)
        /// Write down the answer: whole milliseconds since the first alerting, and on what they rest.
        case noteAnswered(milliseconds: Int64, basis: RingsBasis)
        /// Media may flow, the flow may speak.
        case begin
        case release
        /// The leg is over; media can be closed and the call judged.
        case over
    }

    private enum State: Sendable, Hashable {
        case new
        case offered(answerWanted: Bool)
        case alerting(answerWanted: Bool)
        case dialled
        case ringingThere
        case answering
        case answered
        case established
        case over
    }

    private var state = State.new
    /// When the first alerting began.
    public private(set) var alertedAt: Instant?
    public private(set) var basis: RingsBasis?
    public private(set) var answeredAt: Instant?
    public private(set) var establishedAt: Instant?
    public private(set) var endedAt: Instant?
    public private(set) var end: LegEnd?
    /// What one of us wanted first, if the call ended by our will.
    public private(set) var intent: ReleaseIntent?
    private let answerDelay: Int64

    /// - Parameter answerDelayMilliseconds: from the first alerting to the answer (`RingClock.answerDelay`).
    public init(answerDelayMilliseconds: Int64) { answerDelay = answerDelayMilliseconds }

    public var isEstablished: Bool { state == .established }
    public var isOver: Bool { state == .over }

    public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        switch (state, event) {
        case (.new, .offered):
            state = .offered(answerWanted: false)
            return [.ring]
        case (.new, .placed):
            state = .dialled
            return []
        case (.dialled, .alerted(let basis)):
            alertedAt = now
            self.basis = basis
            state = .ringingThere
            return [.noteAlerted(basis)]
        case (.dialled, .established), (.ringingThere, .established):
            // Answered is the 200 received, which stands as soon as we have acknowledged it.
            answeredAt = now
            establishedAt = now
            state = .established
            let rang = alertedAt ?? now
            return [
                .noteAnswered(milliseconds: now.milliseconds(since: rang), basis: basis ?? .nominal180), .begin,
            ]
        case (.offered, .answerWanted):
            state = .offered(answerWanted: true)
            return []
        case (.offered(let wanted), .alerted(let basis)):
            alertedAt = now
            self.basis = basis
            state = .alerting(answerWanted: wanted)
            return [.noteAlerted(basis)] + (wanted ? [.answerAfter(milliseconds: answerDelay)] : [])
        case (.alerting(let wanted), .answerWanted):
            guard !wanted, let alertedAt else { return [] }
            state = .alerting(answerWanted: true)
            return [.answerAfter(milliseconds: max(0, answerDelay - now.milliseconds(since: alertedAt)))]
        case (.alerting, .answerDue):
            state = .answering
            return [.answer]
        case (.answering, .answered):
            answeredAt = now
            state = .answered
            guard let alertedAt, let basis else { return [] }
            return [.noteAnswered(milliseconds: now.milliseconds(since: alertedAt), basis: basis)]
        case (.answered, .established):
            establishedAt = now
            state = .established
            return [.begin]
        case (.over, _), (_, .alerted), (_, .answerWanted), (_, .answerDue), (_, .answered), (_, .established),
            (_, .offered), (_, .placed):
            // Crossing messages: an alerting told after the answer, a timer that ran out as the caller gave up.
            return []
        case (_, .releaseWanted(let wanted)):
            guard intent == nil else { return [] }
            intent = wanted
            return [.release]
        case (_, .legEnded(let end)):
            self.end = end
            endedAt = now
            state = .over
            return [.over]
        }
    }

    /// How the call ended, once it is over.
    /// - Parameter lastRTP: when the caller's last RTP packet came; nil where none did.
    public func termination(lastRTP: Instant?) -> Termination? {
        guard let end, let endedAt else { return nil }
        return Termination.classify(
            end: end, endedAt: endedAt, answered: answeredAt != nil, established: establishedAt != nil, intent: intent,
            lastRTP: lastRTP)
    }
}

/// Why one of us ends a call.
public enum ReleaseIntent: Sendable, Hashable {
    /// The flow came to its end without waiting.
    case flowCompleted
    /// The flow asked the caller to hang up, waited, warned, and now releases.
    case flowAfterWait
    /// The caller neither spoke nor pressed a key.
    case inactive
    /// An operator's stop, after the drain limit.
    case stopped
    /// Something of ours failed.
    case failed
    /// The agent who was to speak did not answer: nobody was called.
    case agentMissing
    /// Every place is taken.
    case overCapacity
    /// The server takes no new calls.
    case draining
    /// The disk cannot take a recording, and unrecorded calls are not taken.
    case unrecordable
}
