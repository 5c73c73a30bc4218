import Calls

/// A call as the modem and its network know it.
struct SimulatedCall: Sendable, Equatable {
    /// As `+CLCC` counts them (TS 27.007 §7.18).
    enum State: Int, Sendable {
        case active = 0
        case held, dialling, alerting, incoming, waiting
    }

    /// Unique in the simulator's life.
    let serial: Int
    /// The number in `+CLCC`, the smallest that was free.
    let index: Int
    let isIncoming: Bool
    var state: State
    /// nil where the caller withholds it.
    let number: String?
    let clip: CallerNumberStyle
    /// Milliseconds between two `RING`.
    let ringEvery: Int64
    var rings = 0
    var activeSince: Instant?

    /// Q.931's type of number: 145 international, 129 unknown, 128 where there is none.
    var numberType: Int { number.map { $0.hasPrefix("+") ? 145 : 129 } ?? 128 }
}

/// When the caller's number is told.
package enum CallerNumberStyle: String, Sendable, CaseIterable {
    case afterRing = "after_ring"
    case beforeRing = "before_ring"
    /// Never, although the driver asked for it.
    case none
}

/// What the network does to the modem.
package enum SimulatedNetworkEvent: Sendable, Equatable {
    /// Somebody calls. `ringEvery` in milliseconds; nil: the modem's own.
    case call(serial: Int, from: String?, clip: CallerNumberStyle, ringEvery: Int64?)
    /// The far end of a call gives up, hangs up, or is lost.
    case farEnded(serial: Int, cause: SimulatedCause)
    /// The far end of an outgoing call is being rung.
    case alerting(serial: Int)
    /// The far end of an outgoing call answers.
    case farAnswered(serial: Int)
    /// The modem hears a key in the far end's speech.
    case key(Character)
}

/// Why a call ended, with its Q.850 number.
package enum SimulatedCause: Int, Sendable, CaseIterable {
    case normal = 16
    case busy = 17
    case noAnswer = 19
    case outOfOrder = 27

    /// As `+CEER` tells it.
    var text: String {
        switch self {
        case .normal: "Normal call clearing"
        case .busy: "User busy"
        case .noAnswer: "User alerting, no answer"
        case .outOfOrder: "Destination out of order"
        }
    }
}

/// What becomes of calls and speech, for the far end and for people.
package enum SimulatedHappening: Sendable, Equatable {
    /// A call rings at the modem for the `count`-th time.
    case rang(serial: Int, count: Int)
    /// The driver answered.
    case answered(serial: Int)
    /// The driver ended a call; `wasAnswered` tells a hang-up from a refusal.
    case endedHere(serial: Int, wasAnswered: Bool)
    /// A call that the network could not bring to the modem: no service, no card, or engaged without call waiting.
    case notDelivered(serial: Int, isBusy: Bool)
    /// A call ended because the modem lost network, card or power.
    case lost(serial: Int)
    /// The driver dials.
    case dialled(serial: Int, number: String)
    /// The driver sends a key to the far end, for so many milliseconds.
    case keySent(Character, milliseconds: Int)
    /// Speech flows between far end and sound card from now on, or no longer.
    case speech(Bool)
    /// A driver is there, and the modem has network.
    case ready
    /// The driver restarted the modem; with `dropsUSB` its port goes away meanwhile.
    case restarted(dropsUSB: Bool)
}
