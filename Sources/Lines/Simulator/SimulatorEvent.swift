import Calls

/// Something that happened to a simulated modem, for people and tests. Numbers are masked in its words.
package struct SimulatorEvent: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case portOpened(String)
        case portClosed
        case ready
        case ringing(call: Int, from: String?, count: Int)
        /// `milliseconds` since the first ring.
        case answered(call: Int, rings: Int, milliseconds: Int64)
        case saying(String)
        case pressed(String)
        case hungUp(call: Int, by: ScriptedExpectation.Party)
        case refused(call: Int)
        case gaveUp(call: Int, rings: Int)
        case notDelivered(call: Int, isBusy: Bool)
        case lost(call: Int)
        case waiting(from: String?)
        case waitingAnswered
        case waitingRefused
        case waitingGone
        case dialled(call: Int, number: String)
        case outcome(call: Int, ScriptedAnswer.Outcome)
        case keyReceived(Character)
        case speech(Bool)
        case fault(SimulatedFault)
        case restarted
        case expectationFailed(String)
        /// Sound card, recording or port.
        case failed(String)
        case finished
    }

    package var at: Instant
    package var kind: Kind

    package init(at: Instant, kind: Kind) {
        self.at = at
        self.kind = kind
    }

    /// A line for people.
    package var text: String {
        switch kind {
        case .portOpened(let path): "port is \(path)"
        case .portClosed: "port is gone"
        case .ready: "ready: driver at work, registered"
        case .ringing(let call, let from, let count):
            "call \(call) from \(Self.masked(from)): RING \(count)"
        case .answered(let call, let rings, let milliseconds):
            "call \(call): answered after \(rings) RING, \(milliseconds) ms"
        case .saying(let file): "caller says \(file)"
        case .pressed(let keys): "caller presses \(keys)"
        case .hungUp(let call, let party): "call \(call): \(party.rawValue) hangs up"
        case .refused(let call): "call \(call): refused"
        case .gaveUp(let call, let rings): "call \(call): caller gives up after \(rings) RING"
        case .notDelivered(let call, let isBusy):
            "call \(call): caller hears \(isBusy ? "the busy tone" : "that the line cannot be reached")"
        case .lost(let call): "call \(call): lost"
        case .waiting(let from): "a second caller, \(Self.masked(from)), waits"
        case .waitingAnswered: "the second caller is answered"
        case .waitingRefused: "the second caller is refused"
        case .waitingGone: "the second caller gives up"
        case .dialled(let call, let number): "call \(call): hotline dials \(Self.masked(number))"
        case .outcome(let call, let outcome): "call \(call): \(outcome.rawValue)"
        case .keyReceived: "hotline sends a key"
        case .speech(let flows): flows ? "sound card connected" : "sound card disconnected"
        case .fault(let fault): "fault: \(fault.text)"
        case .restarted: "modem restarts"
        case .expectationFailed(let text): "NOT AS EXPECTED: \(text)"
        case .failed(let text): "failed: \(text)"
        case .finished: "script is over"
        }
    }

    /// The first three and the last two digits of a number; less of a short one.
    package static func masked(_ number: String?) -> String {
        guard let number else { return "withheld" }
        guard number.count >= 7 else { return String(repeating: "*", count: number.count) }
        return number.prefix(3) + String(repeating: "*", count: number.count - 5) + number.suffix(2)
    }
}

extension SimulatedFault {
    var text: String {
        switch self {
        case .cardRemoved: "SIM removed"
        case .cardBack: "SIM back"
        case .networkLost: "network lost"
        case .networkBack: "network back"
        case .hang(let duration): duration.map { "no answer for \($0) ms" } ?? "no answer until restarted"
        case .garbage(let count): "\(count) random bytes"
        case .slow(let factor, let duration): "\(factor) times slower for \(duration) ms"
        case .noCarrier: "radio loss"
        case .usbGone(let duration): "USB gone for \(duration) ms"
        }
    }
}
