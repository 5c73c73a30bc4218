import Calls

// What the exchange writes down. Each fact becomes one journal event, and changes the tables in the same transaction.
// Facts are the only way into the store; a fact's fields are its canonical body, its name is stable.

/// A call came in, or was placed: the first fact of each call.
public struct CallOffered: Sendable, Codable, Hashable {
    public var call: CallID
    public var leg: LegID
    public var at: Instant
    public var line: String
    public var direction: Direction
    /// Normalised number; nil where withheld.
    public var caller: String?
    public var callerRaw: String?
    /// `p_asserted_identity`, `from`, `clip`.
    public var callerSource: String
    public var called: String
    public var diversion: String?
    public var peer: String
    /// The SIP Call-ID.
    public var protocolCallID: String

    public init(
        call: CallID, leg: LegID, at: Instant, line: String, direction: Direction, caller: String?, callerRaw: String?,
        callerSource: String, called: String, diversion: String?, peer: String, protocolCallID: String
    ) {
        self.call = call
        self.leg = leg
        self.at = at
        self.line = line
        self.direction = direction
        self.caller = caller
        self.callerRaw = callerRaw
        self.callerSource = callerSource
        self.called = called
        self.diversion = diversion
        self.peer = peer
        self.protocolCallID = protocolCallID
    }
}

/// The first alerting at our edge: ring 1 begins.
public struct CallAlerted: Sendable, Codable, Hashable {
    public var call: CallID
    public var at: Instant
    public var basis: RingsBasis

    public init(call: CallID, at: Instant, basis: RingsBasis) {
        self.call = call
        self.at = at
        self.basis = basis
    }
}

/// Our 200 is on the wire. `ringMilliseconds` and `rings` are derived (ring clock) and kept with their basis, so that
/// a later change of the cadence does not rewrite history.
public struct CallAnswered: Sendable, Codable, Hashable {
    public var call: CallID
    public var at: Instant
    public var rings: Int
    public var ringMilliseconds: Int64
    public var basis: RingsBasis
    /// `name@version-hash` of the flow that guides the call.
    public var flowVersion: String
    /// How often the modem had said RING; nil on lines that do not ring by themselves.
    public var rawRings: Int?

    public init(
        call: CallID, at: Instant, rings: Int, ringMilliseconds: Int64, basis: RingsBasis, flowVersion: String,
        rawRings: Int? = nil
    ) {
        self.call = call
        self.at = at
        self.rings = rings
        self.ringMilliseconds = ringMilliseconds
        self.basis = basis
        self.flowVersion = flowVersion
        self.rawRings = rawRings
    }
}

/// A leg stands: media can flow. `codec` is the encoding name, `rate` samples a second.
public struct LegEstablished: Sendable, Codable, Hashable {
    public var call: CallID
    public var leg: LegID
    public var at: Instant
    public var role: LegRole
    public var line: String
    public var codec: String
    public var rate: Int

    public init(call: CallID, leg: LegID, at: Instant, role: LegRole, line: String, codec: String, rate: Int) {
        self.call = call
        self.leg = leg
        self.at = at
        self.role = role
        self.line = line
        self.codec = codec
        self.rate = rate
    }
}

/// Anything else on a call's timeline: prompts, keys, steps of the flow, hold, gaps, latching, alarms.
public struct CallNoted: Sendable, Codable, Hashable {
    public var call: CallID
    public var leg: LegID?
    public var at: Instant
    /// Where in the recording, where it is being recorded.
    public var position: AudioPosition?
    /// `prompt_started`, `prompt_finished`, `prompt_stopped`, `key`, `step`, `held`, `resumed`, `gap`, `lookup`, …
    public var kind: String
    /// Fields of that kind, by name.
    public var data: [String: String]

    public init(
        call: CallID, leg: LegID? = nil, at: Instant, position: AudioPosition? = nil, kind: String,
        data: [String: String] = [:]
    ) {
        self.call = call
        self.leg = leg
        self.at = at
        self.position = position
        self.kind = kind
        self.data = data
    }
}

/// The call is over: its one classified termination.
public struct CallReleased: Sendable, Codable, Hashable {
    public var call: CallID
    public var at: Instant
    public var releasedBy: ReleasedBy
    public var evidence: ReleaseEvidence
    public var outcome: Outcome
    /// Counters of each leg, as `LegStatistics` in JSON, by leg id.
    public var statistics: [String: String]
    /// How often the modem said RING for a call that was not answered.
    public var rawRings: Int?

    public init(
        call: CallID, at: Instant, releasedBy: ReleasedBy, evidence: ReleaseEvidence, outcome: Outcome,
        statistics: [String: String], rawRings: Int? = nil
    ) {
        self.call = call
        self.at = at
        self.releasedBy = releasedBy
        self.evidence = evidence
        self.outcome = outcome
        self.rawRings = rawRings
        self.statistics = statistics
    }
}

/// A recording is about to begin: written, and durable, before its first sample.
public struct RecordingPlanned: Sendable, Codable, Hashable {
    /// A channel and whom it carries.
    public struct Channel: Sendable, Codable, Hashable {
        /// 0: left, 1: right.
        public var index: Int
        public var leg: LegID
        /// Whose voice it is: the role of the leg for `received`; `system` (prompts, later the bridge) for `sent`.
        public var role: String
        /// `received` or `sent`.
        public var tap: String

        public init(index: Int, leg: LegID, role: String, tap: String) {
            self.index = index
            self.leg = leg
            self.role = role
            self.tap = tap
        }
    }
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    public var channels: [Channel]
    /// `call`: the caller's call; `consultation`: what an agent says to a colleague meanwhile.
    public var purpose: String

    /// The purpose of recordings whose journal body names none.
    public static let usualPurpose = "call"

    public init(
        recording: RecordingID, call: CallID, at: Instant, channels: [Channel], purpose: String = Self.usualPurpose
    ) {
        self.recording = recording
        self.call = call
        self.at = at
        self.channels = channels
        self.purpose = purpose
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        recording = try fields.decode(RecordingID.self, forKey: .recording)
        call = try fields.decode(CallID.self, forKey: .call)
        at = try fields.decode(Instant.self, forKey: .at)
        channels = try fields.decode([Channel].self, forKey: .channels)
        purpose = try fields.decodeIfPresent(String.self, forKey: .purpose) ?? Self.usualPurpose
    }

    /// The usual purpose is left out: the body of a fact that waited in an older version's spool stays as it was.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(recording, forKey: .recording)
        try fields.encode(call, forKey: .call)
        try fields.encode(at, forKey: .at)
        try fields.encode(channels, forKey: .channels)
        if purpose != Self.usualPurpose { try fields.encode(purpose, forKey: .purpose) }
    }

    private enum CodingKeys: String, CodingKey {
        case recording, call, at, channels, purpose
    }
}

/// Sample 0 was taken at this instant.
public struct RecordingStarted: Sendable, Codable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant

    public init(recording: RecordingID, call: CallID, at: Instant) {
        self.recording = recording
        self.call = call
        self.at = at
    }
}

/// The last sample was taken; `length` is what the finished file must have.
public struct RecordingStopped: Sendable, Codable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    public var length: AudioPosition

    public init(recording: RecordingID, call: CallID, at: Instant, length: AudioPosition) {
        self.recording = recording
        self.call = call
        self.at = at
        self.length = length
    }
}

/// The file is finished, hashed and indexed.
public struct RecordingFinished: Sendable, Codable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    /// Below the data folder's `recordings/`: `YYYY/MM/DD/<time>-<call id>.flac`.
    public var file: String
    /// `flac` or `wav`.
    public var format: String
    public var rate: Int
    /// Samples in each channel.
    public var frames: Int64
    public var bytes: Int64
    /// Lower-case hex.
    public var sha256: String
    /// Stretches without audio (skipped ticks, blocks lost), `[from, to)` in 1/48,000 s.
    public var gaps: [[Int64]]
    /// True where the log was recovered after a crash.
    public var recovered: Bool

    public init(
        recording: RecordingID, call: CallID, at: Instant, file: String, format: String, rate: Int, frames: Int64,
        bytes: Int64, sha256: String, gaps: [[Int64]], recovered: Bool
    ) {
        self.recording = recording
        self.call = call
        self.at = at
        self.file = file
        self.format = format
        self.rate = rate
        self.frames = frames
        self.bytes = bytes
        self.sha256 = sha256
        self.gaps = gaps
        self.recovered = recovered
    }
}

/// No file could be made; an alarm, never a silence.
public struct RecordingFailed: Sendable, Codable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    public var message: String

    public init(recording: RecordingID, call: CallID, at: Instant, message: String) {
        self.recording = recording
        self.call = call
        self.at = at
        self.message = message
    }
}

/// A work order (工单) was made; durable before its number is spoken.
public struct OrderCreated: Sendable, Codable, Hashable {
    public var order: OrderID
    public var at: Instant
    /// `20261122-0007`.
    public var number: String
    /// Given to the caller with the number; opens the order from another telephone.
    public var code: String
    /// `fault`, `complaint`, `report`, `consultation`, …
    public var category: String
    public var call: CallID?
    public var caller: String?
    /// What the flow collected, by name.
    public var fields: [String: String]

    public init(
        order: OrderID, at: Instant, number: String, code: String, category: String, call: CallID?, caller: String?,
        fields: [String: String]
    ) {
        self.order = order
        self.at = at
        self.number = number
        self.code = code
        self.category = category
        self.call = call
        self.caller = caller
        self.fields = fields
    }
}

/// Ties an order to a recording of its call, or to a stretch of it.
public struct OrderLinked: Sendable, Codable, Hashable {
    public var order: OrderID
    public var at: Instant
    public var recording: RecordingID
    /// `call`: the whole call; `message`: the caller's voice message, from–to.
    public var role: String
    public var from: AudioPosition?
    public var to: AudioPosition?

    public init(
        order: OrderID, at: Instant, recording: RecordingID, role: String, from: AudioPosition? = nil,
        to: AudioPosition? = nil
    ) {
        self.order = order
        self.at = at
        self.recording = recording
        self.role = role
        self.from = from
        self.to = to
    }
}

/// The server's own life: `started`, `draining`, `stopped`, `clock`, `recovered`, `alarm`.
public struct ServerNoted: Sendable, Codable, Hashable {
    public var at: Instant
    public var kind: String
    public var data: [String: String]

    public init(at: Instant, kind: String, data: [String: String]) {
        self.at = at
        self.kind = kind
        self.data = data
    }
}

/// One fact.
public enum Fact: Sendable, Hashable {
    case callOffered(CallOffered)
    case callAlerted(CallAlerted)
    case callAnswered(CallAnswered)
    case legEstablished(LegEstablished)
    case callNoted(CallNoted)
    case callReleased(CallReleased)
    case recordingPlanned(RecordingPlanned)
    case recordingStarted(RecordingStarted)
    case recordingStopped(RecordingStopped)
    case recordingFinished(RecordingFinished)
    case recordingFailed(RecordingFailed)
    case orderCreated(OrderCreated)
    case orderLinked(OrderLinked)
    case orderStepped(OrderStepped)
    case orderCallLinked(OrderCallLinked)
    case orderAlarmed(OrderAlarmed)
    case penaltyProposed(PenaltyProposed)
    case penaltyDecided(PenaltyDecided)
    case orderReferred(OrderReferred)
    case dutyDone(DutyDone)
    case normBroken(NormBroken)
    case outageAnnounced(OutageAnnounced)
    case outageWithdrawn(OutageWithdrawn)
    case noticeSet(NoticeSet)
    case serverNoted(ServerNoted)
    case queueEntered(QueueEntered)
    case queueLeft(QueueLeft)
    case agentOffered(AgentOffered)
    case agentAlerted(AgentAlerted)
    case offerEnded(OfferEnded)
    case agentAnswered(AgentAnswered)
    case agentLeft(AgentLeft)
    case agentHeld(AgentHeld)
    case agentChanged(AgentChanged)
    case announced(Announced)
    case apologyPlayed(ApologyPlayed)
    case transferred(Transferred)
    case segmentBegan(SegmentBegan)
    case callMarked(CallMarked)
    case rated(Rated)
    case messageLeft(MessageLeft)
    case messageHeard(MessageHeard)
    case callBackAsked(CallBackAsked)
    case callBackEnded(CallBackEnded)
    case numberBlocked(NumberBlocked)
    case numberUnblocked(NumberUnblocked)
    case rosterLoaded(RosterLoaded)
    case callReported(CallReported)
    case formOwed(FormOwed)
    case formWaived(FormWaived)
    case anchorMade(AnchorMade)
    case anchorSent(AnchorSent)
    case recordingNoted(RecordingNoted)
    case recordingMeasured(RecordingMeasured)
    case recordingReplayed(RecordingReplayed)
    case recordingAlarm(RecordingAlarmChanged)
    case transcriptAsked(TranscriptAsked)
    case transcriptMade(TranscriptMade)
    case transcriptFailed(TranscriptFailed)
    case qaFlagged(QAFlagged)
    case carrierImported(CarrierImported)
    case holdPlaced(HoldPlaced)
    case holdReleased(HoldReleased)
    case recordingArchived(RecordingArchived)
    case recordingDeleted(RecordingDeleted)
    case recordingRemoved(RecordingRemoved)
    case personalDataErased(PersonalDataErased)
    case recordingPaused(RecordingPaused)
    case recordingResumed(RecordingResumed)
    case recordingImported(RecordingImported)
    case personSet(PersonSet)
    case accessNoted(AccessNoted)
    case sampleDrawn(SampleDrawn)
    case reviewSubmitted(ReviewSubmitted)
    case reviewAppealed(ReviewAppealed)
    case appealDecided(AppealDecided)
}

extension Fact {
    /// Whether it takes out what was written before, so that words have to leave the recordings' index.
    var erases: Bool {
        switch self {
        case .recordingDeleted, .personalDataErased: true
        default: false
        }
    }
}
