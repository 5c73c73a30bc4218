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
