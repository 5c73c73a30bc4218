/// What a simulated modem is and what happens to it, as a file says (docs/modem-simulator.md). Times in milliseconds.
package struct ModemScript: Sendable, Equatable {
    package var name: String
    package var modem: SimulatedModemSettings
    /// Calls that come in, one after the other.
    package var calls: [ScriptedCall]
    /// How the far end takes calls that are dialled: one after the other, the last one again and again.
    package var answers: [ScriptedAnswer]
    package var faults: [ScriptedFault]
    /// After the last call the first one comes again.
    package var repeats = false
}

/// A call that comes in.
package struct ScriptedCall: Sendable, Equatable {
    /// From ready, or from the end of the call before.
    package var after: Int64
    /// nil: withheld.
    package var from: String?
    /// nil: the modem's own.
    package var ringEvery: Int64?
    /// The caller gives up after so many rings.
    package var rings: Int
    package var clip: CallerNumberStyle
    package var conversation: ScriptedConversation
    package var expectation: ScriptedExpectation
    package var whenHungUp: WhenHungUp

    /// What becomes of the script where the hotline hangs up first.
    package enum WhenHungUp: String, Sendable, CaseIterable {
        /// The next call.
        case next
        /// The same caller calls once more.
        case again
        /// Nobody calls any more.
        case stop
    }
}

/// What is said in a call once it stands.
package struct ScriptedConversation: Sendable, Equatable {
    package var talk: [ScriptedStep] = []
    /// WAV file of what the far end hears.
    package var record: String?
    /// The far end hangs up so long after its last step, where the hotline does not.
    package var stay: Int64 = 120_000
}

package enum ScriptedStep: Sendable, Equatable {
    case wait(Int64)
    /// 100 ms of tones and 100 ms of silence each. `detected`: the modem hears them and tells, where that is switched
    /// on.
    case keys(String, detected: Bool)
    /// 8,000 samples a second.
    case say(file: String, samples: [Int16])
    /// Hz, dBm0, milliseconds.
    case tone(frequency: Int, level: Int, milliseconds: Int64)
    /// Until something was heard and then nothing for `quiet`; after `atMost` in any case.
    case hearOut(quiet: Int64, atMost: Int64)
    /// A second caller knocks, and gives up after a while.
    case waitingCall(from: String?, for: Int64)
    case hangUp
}

/// The far end of a call that is dialled.
package struct ScriptedAnswer: Sendable, Equatable {
    package enum Outcome: String, Sendable, CaseIterable {
        case answer, busy
        case noAnswer = "no_answer"
        case noCarrier = "no_carrier"
    }
    package var outcome: Outcome
    /// From dialling to that outcome.
    package var after: Int64
    package var conversation: ScriptedConversation
}

/// What must come of a call; a script whose expectations fail ends with exit status 1.
package struct ScriptedExpectation: Sendable, Equatable {
    /// From the first ring.
    package var answeredWithin: Int64?
    package var answeredAfter: Int64?
    package var noAnswer = false
    package var hungUpBy: Party?

    package enum Party: String, Sendable, CaseIterable { case hotline, caller }
}

/// Something that breaks, and when.
package struct ScriptedFault: Sendable, Equatable {
    package enum Moment: Sendable, Equatable {
        /// From ready.
        case at(Int64)
        /// From the first ring or the answer of call `number`, counted from 1.
        case during(call: Int, since: Since, after: Int64)
    }
    package enum Since: String, Sendable, CaseIterable { case ring, answer }

    package var moment: Moment
    package var fault: SimulatedFault

    package init(moment: Moment, fault: SimulatedFault) {
        self.moment = moment
        self.fault = fault
    }
}
