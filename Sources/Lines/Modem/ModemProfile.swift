/// What is particular to a family of modems, read from `modems/<id>.yaml`: which commands, which words in answer, which
/// times. Nothing in the program knows a modem by name.
public struct ModemProfile: Sendable, Hashable {
    /// A command of a list that is sent in order.
    package struct Step: Sendable, Hashable {
        package var command: String
        /// May be refused: the modem does without.
        package var isOptional = false
    }

    /// A question, and where the answer stands.
    package struct Query: Sendable, Hashable {
        package var command: String
        package var prefix: String
        /// The field, from 1.
        package var field = 1
    }

    package struct SIM: Sendable, Hashable {
        package var query: Query
        /// Gives the PIN, which stands for `%`.
        package var enterPIN: String
        /// How many attempts are left before the SIM locks itself.
        package var attempts: Query?
        package var removed: [ModemPattern]
        package var inserted: [ModemPattern]
    }

    package struct Registration: Sendable, Hashable {
        package var queries: [Query]
        package var everyMilliseconds: Int
        /// Not registered for so long is an alarm.
        package var graceMilliseconds: Int
    }

    package struct Signal: Sendable, Hashable {
        package var query: Query
        package var everyMilliseconds: Int
    }

    package struct Ring: Sendable, Hashable {
        package var patterns: [ModemPattern]
        /// Sets the modem's own interval of RINGs.
        package var interval: [Step]
        /// No RING for so long: the caller gave up.
        package var givenUpAfterMilliseconds: Int
        /// What brings the caller's number.
        package var callerPrefix: String
        /// The number is waited for so long after the first RING.
        package var callerWaitMilliseconds: Int
    }

    package struct Waiting: Sendable, Hashable {
        package var prefix: String
        package var refuse: String
        package var givenUpAfterMilliseconds: Int
    }

    package struct Answer: Sendable, Hashable {
        package var command: String
        /// OK to the command says that the call stands.
        package var okMeansConnected: Bool
        package var connected: [ModemPattern]
        package var timeoutMilliseconds: Int
    }

    package struct Dial: Sendable, Hashable {
        /// `%` stands for the number.
        package var command: String
        package var alerting: [ModemPattern]
        package var connected: [ModemPattern]
        package var timeoutMilliseconds: Int
    }

    /// `AT+CLCC` (3GPP TS 27.007 §7.18): id, direction, state. What the modem itself says of its calls.
    package struct CallList: Sendable, Hashable {
        package var command: String
        package var prefix: String
        /// Asked so often while a call stands.
        package var everyMilliseconds: Int
        /// Asked so often while one is being placed or answered.
        package var settingUpMilliseconds: Int
    }

    /// What the modem says of the reason when a call has ended.
    package struct Cause: Sendable, Hashable {
        package var command: String
        package var prefix: String
        /// The field that holds a Q.850 number, from 1; nil: there is none.
        package var field: Int?
        /// Q.850 numbers of texts, in lower case.
        package var texts: [String: Int]
    }

    package struct Keys: Sendable, Hashable {
        package enum Form: String, Sendable, CaseIterable {
            /// The key itself: `5`.
            case key
            /// Its ASCII code: `53`.
            case code
        }
        /// Sends one key, which stands for `%`.
        package var send: String
        /// What reports a key; nil: keys are sought in the audio.
        package var reported: String?
        package var form: Form
        package var enable: [Step]
    }

    package struct Audio: Sendable, Hashable {
        /// With the other initial commands.
        package var atStart: [Step]
        /// After the connected indication.
        package var whenConnected: [Step]
        /// A command of `whenConnected` is tried so often.
        package var attempts: Int
        package var whenReleased: [Step]
    }

    package struct Reset: Sendable, Hashable {
        package var command: String
        /// What the modem says when it has started.
        package var started: [ModemPattern]
        /// So long after a reset the port is opened anew.
        package var waitMilliseconds: Int
    }

    package struct Times: Sendable, Hashable {
        package var commandMilliseconds: Int
        package var probeMilliseconds: Int
        /// Commands without an answer in a row after which the modem counts as unresponsive.
        package var unresponsiveAfter: Int
    }

    public var id: String
    public var name: String
    /// Texts by one of which the modem's answer to `identify` is known; empty: any modem.
    package var matches: [String]
    package var identify: [String]
    package var initial: [Step]
    package var sim: SIM
    package var registration: Registration
    package var signal: Signal
    package var ring: Ring
    package var waiting: Waiting
    package var answer: Answer
    package var dial: Dial
    package var hangUp: [String]
    package var ended: [ModemPattern]
    package var callList: CallList
    package var cause: Cause?
    package var keys: Keys
    package var audio: Audio
    package var reset: Reset
    package var times: Times

    /// What is known to come unsolicited, for commands whose answer may have any form.
    package var unsolicited: [String] {
        let patterns =
            ring.patterns + answer.connected + dial.alerting + dial.connected + ended + sim.removed + sim.inserted
            + reset.started
        let prefixes =
            patterns.map(\.prefix) + [ring.callerPrefix, waiting.prefix] + registration.queries.map(\.prefix)
        return (prefixes + [keys.reported].compactMap(\.self)).filter { !$0.isEmpty }
    }
}
