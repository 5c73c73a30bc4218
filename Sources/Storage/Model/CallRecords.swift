import Calls

/// One call as `calls list --json` shows it. Its keys are a contract (docs/json.md): a key without a value is null,
/// never absent, which is why `encode` is written out.
public struct CallSummary: Sendable, Hashable, Codable {
    /// A party's connection within the call.
    public struct Leg: Sendable, Hashable, Codable {
        public var id: LegID
        public var role: LegRole
        /// The codec's encoding name; nil where media never stood.
        public var codec: String?
        /// Samples a second.
        public var rate: Int?

        public init(id: LegID, role: LegRole, codec: String?, rate: Int?) {
            self.id = id
            self.role = role
            self.codec = codec
            self.rate = rate
        }

        enum CodingKeys: String, CodingKey {
            case id
            case role
            case codec
            case rate
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(id, forKey: .id)
            try fields.encode(role, forKey: .role)
            try fields.encode(codec, forKey: .codec)
            try fields.encode(rate, forKey: .rate)
        }
    }

    /// A recording of the call.
    public struct Recording: Sendable, Hashable, Codable {
        /// A channel and whom it carries.
        public struct Channel: Sendable, Hashable, Codable {
            /// 0: left, 1: right.
            public var index: Int
            public var leg: LegID
            public var role: String

            public init(index: Int, leg: LegID, role: String) {
                self.index = index
                self.leg = leg
                self.role = role
            }
        }
        public var id: RecordingID
        /// `call`, `consultation`.
        public var purpose: String
        /// How far it is; `failed` has no file and never gets one.
        public var state: RecordingState
        /// Below the data folder's `recordings/`; nil until finished.
        public var file: String?
        /// Length; nil until it stopped.
        public var seconds: Double?
        public var channels: [Channel]
        /// Lower-case hex; nil until finished.
        public var sha256: String?

        public init(
            id: RecordingID, state: RecordingState, file: String?, seconds: Double?, channels: [Channel],
            sha256: String?, purpose: String = RecordingPlanned.usualPurpose
        ) {
            self.id = id
            self.purpose = purpose
            self.state = state
            self.file = file
            self.seconds = seconds
            self.channels = channels
            self.sha256 = sha256
        }

        enum CodingKeys: String, CodingKey {
            case id
            case purpose
            case state
            case file
            case seconds
            case channels
            case sha256
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(id, forKey: .id)
            try fields.encode(purpose, forKey: .purpose)
            try fields.encode(state, forKey: .state)
            try fields.encode(file, forKey: .file)
            try fields.encode(seconds, forKey: .seconds)
            try fields.encode(channels, forKey: .channels)
            try fields.encode(sha256, forKey: .sha256)
        }
    }

    public var callID: CallID
    /// The node that took the call.
    public var node: String
    public var line: String
    public var direction: Direction
    /// Normalised; nil where withheld.
    public var caller: String?
    public var called: String
    public var offeredAt: UTCTime
    public var ringingAt: UTCTime?
    public var answeredAt: UTCTime?
    /// Nominal rings until the answer, as derived when the call was answered.
    public var rings: Int?
    public var ringsBasis: RingsBasis?
    /// How often the modem said RING, in the modem's own interval; nil on other lines.
    public var rawRings: Int?
    /// Milliseconds from the first alerting to the answer, or to the end of a call that was not answered.
    public var ringMilliseconds: Int64?
    /// Milliseconds from the first alerting to the answer.
    public var answerMilliseconds: Int64?
    public var firstPromptAt: UTCTime?
    public var releasedAt: UTCTime?
    public var releasedBy: ReleasedBy?
    public var releaseEvidence: StoredReleaseEvidence?
    public var outcome: Outcome?
    /// `name@version-hash` of the flow.
    public var flowVersion: String?
    /// Every key pressed, in order.
    public var digits: String
    public var legs: [Leg]
    /// Numbers of the work orders made in this call.
    public var orders: [String]
    public var recordings: [Recording]
    /// Agents who answered, in the order of their answers.
    public var answeredBy: [WorkNumber]

    enum CodingKeys: String, CodingKey {
        case callID = "call_id"
        case node
        case line
        case direction
        case caller
        case called
        case offeredAt = "offered_at"
        case ringingAt = "ringing_at"
        case answeredAt = "answered_at"
        case rings
        case ringsBasis = "rings_basis"
        case rawRings = "raw_rings"
        case ringMilliseconds = "ring_ms"
        case answerMilliseconds = "answer_ms"
        case firstPromptAt = "first_prompt_at"
        case releasedAt = "released_at"
        case releasedBy = "released_by"
        case releaseEvidence = "release_evidence"
        case outcome
        case flowVersion = "flow_version"
        case digits
        case legs
        case orders
        case recordings
        case answeredBy = "answered_by"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(callID, forKey: .callID)
        try fields.encode(node, forKey: .node)
        try fields.encode(line, forKey: .line)
        try fields.encode(direction, forKey: .direction)
        try fields.encode(caller, forKey: .caller)
        try fields.encode(called, forKey: .called)
        try fields.encode(offeredAt, forKey: .offeredAt)
        try fields.encode(ringingAt, forKey: .ringingAt)
        try fields.encode(answeredAt, forKey: .answeredAt)
        try fields.encode(rings, forKey: .rings)
        try fields.encode(ringsBasis, forKey: .ringsBasis)
        try fields.encode(rawRings, forKey: .rawRings)
        try fields.encode(ringMilliseconds, forKey: .ringMilliseconds)
        try fields.encode(answerMilliseconds, forKey: .answerMilliseconds)
        try fields.encode(firstPromptAt, forKey: .firstPromptAt)
        try fields.encode(releasedAt, forKey: .releasedAt)
        try fields.encode(releasedBy, forKey: .releasedBy)
        try fields.encode(releaseEvidence, forKey: .releaseEvidence)
        try fields.encode(outcome, forKey: .outcome)
        try fields.encode(flowVersion, forKey: .flowVersion)
        try fields.encode(digits, forKey: .digits)
        try fields.encode(legs, forKey: .legs)
        try fields.encode(orders, forKey: .orders)
        try fields.encode(recordings, forKey: .recordings)
        try fields.encode(answeredBy, forKey: .answeredBy)
    }
}

/// What a statement about a call's end rests on, as JSON shows it (`ReleaseEvidence` with its instant as a time).
public struct StoredReleaseEvidence: Sendable, Hashable, Codable {
    public var firstLeg: LegID?
    public var message: String
    /// The Reason header as received.
    public var reason: String?
    public var q850: Int?
    public var sipStatus: Int?
    public var lastRTPAt: UTCTime?

    public init(_ evidence: ReleaseEvidence) {
        firstLeg = evidence.firstLeg
        message = evidence.message
        reason = evidence.reason
        q850 = evidence.q850
        sipStatus = evidence.sipStatus
        lastRTPAt = evidence.lastRTP.map { UTCTime($0) }
    }

    enum CodingKeys: String, CodingKey {
        case firstLeg = "first_leg"
        case message
        case reason
        case q850
        case sipStatus = "sip_status"
        case lastRTPAt = "last_rtp_at"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(firstLeg, forKey: .firstLeg)
        try fields.encode(message, forKey: .message)
        try fields.encode(reason, forKey: .reason)
        try fields.encode(q850, forKey: .q850)
        try fields.encode(sipStatus, forKey: .sipStatus)
        try fields.encode(lastRTPAt, forKey: .lastRTPAt)
    }
}
