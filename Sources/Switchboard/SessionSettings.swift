import CallFlow
import Lines
import Norms

/// What holds for every call of this exchange.
public struct SessionSettings: Sendable {
    public var ringClock: RingClock
    /// Answer in this ring (1…), so many milliseconds into it.
    public var answerOnRing: Int
    public var answerAfterMilliseconds: Int64
    public var alerting: Alerting
    /// An answer later than this many rings is apologised for (002 规范 1: 超过4声应道歉).
    public var apologiseAfterRings: Int
    public var apologiseReading: RingClock.Reading
    public var flow: Flow
    /// `name@hash` of the flow.
    public var flowVersion: String
    /// Variables of the flow that do not depend on the call: the unit's name, notices.
    public var variables: [String: String]
    /// False for the calls of agents' own phones to feature codes: nothing is said there but a PIN.
    public var isRecorded = true
    /// An agent's pause of the recording ends by itself after so long.
    public var pauseMilliseconds: Int64 = 180_000
    /// The prompt that a caller on hold hears, again and again.
    public var holdMusic = "music.hold"
    /// An agent's phone that was dialled for so long without an answer is given up, whatever the queue's rules say.
    public var dialMilliseconds = 120_000
    /// Whom we call is given so long to answer.
    public var outboundMilliseconds = 45_000
    /// Nobody is called outside these hours, local time.
    public var outboundHours = OpeningHours.Span.wholeDay
    /// The prompt that tells of the recording, heard to its end at the beginning of calls that we place.
    public var recordingNotice = "notice.recording_outbound"

    public init(
        ringClock: RingClock, answerOnRing: Int, answerAfterMilliseconds: Int64, alerting: Alerting,
        apologiseAfterRings: Int, apologiseReading: RingClock.Reading, flow: Flow, flowVersion: String,
        variables: [String: String]
    ) {
        self.ringClock = ringClock
        self.answerOnRing = answerOnRing
        self.answerAfterMilliseconds = answerAfterMilliseconds
        self.alerting = alerting
        self.apologiseAfterRings = apologiseAfterRings
        self.apologiseReading = apologiseReading
        self.flow = flow
        self.flowVersion = flowVersion
        self.variables = variables
    }
}
