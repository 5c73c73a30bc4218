import Calls

/// One call with everything known of it: what `calls show` prints.
public struct CallDetail: Sendable, Hashable, Encodable {
    /// One event of the timeline.
    public struct Entry: Sendable, Hashable, Encodable {
        /// The event's place in its node's journal.
        public var chain: String
        public var sequence: Int64
        public var id: EventID
        /// The fact's name: `call_offered`, `call_noted`, …
        public var type: String
        /// What happened: for `call_noted` its kind, otherwise the fact's name.
        public var kind: String
        /// When it happened.
        public var at: UTCTime
        /// Milliseconds since the call was offered; nil where it happened in another boot of the machine.
        public var offsetMilliseconds: Int64?
        /// When it was written down.
        public var enteredAt: UTCTime
        public var leg: LegID?
        /// Where in the recording.
        public var position: AudioPosition?
        /// The kind's own fields.
        public var data: [String: String]
        /// The body was erased (personal data): only the event's place and time are known.
        public var erased: Bool

        /// Where in the recording, in milliseconds.
        public var positionMilliseconds: Int64? { position?.milliseconds }

        enum CodingKeys: String, CodingKey {
            case sequence = "seq"
            case id
            case chain
            case type
            case kind
            case at
            case offsetMilliseconds = "ms"
            case enteredAt = "entered_at"
            case leg
            case positionMilliseconds = "position_ms"
            case data
            case erased
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(sequence, forKey: .sequence)
            try fields.encode(id, forKey: .id)
            try fields.encode(chain, forKey: .chain)
            try fields.encode(type, forKey: .type)
            try fields.encode(kind, forKey: .kind)
            try fields.encode(at, forKey: .at)
            try fields.encode(offsetMilliseconds, forKey: .offsetMilliseconds)
            try fields.encode(enteredAt, forKey: .enteredAt)
            try fields.encode(leg, forKey: .leg)
            try fields.encode(positionMilliseconds, forKey: .positionMilliseconds)
            try fields.encode(data, forKey: .data)
            try fields.encode(erased, forKey: .erased)
        }
    }

    public var summary: CallSummary
    /// The number as received.
    public var callerRaw: String?
    public var callerSource: String
    public var diversion: String?
    /// The peer's transport address.
    public var peer: String
    /// The SIP Call-ID.
    public var protocolCallID: String
    /// The boot of the machine that the call's monotonic times belong to.
    public var boot: String
    /// Counters of each leg (`LegStatistics` in JSON), by leg id.
    public var statistics: [String: String]
    /// Stays in queues and refusals at their doors, in order.
    public var queue: [QueuePassage]
    /// Agents' legs, in the order of offering.
    public var agents: [AgentLegSummary]
    /// By recording, channel and position.
    public var segments: [CallSegment]
    public var transfers: [CallTransfer]
    public var marks: [CallMark]
    /// The last one where several agents were rated.
    public var rating: CallRating?
    /// In the order of the journal.
    public var timeline: [Entry]

    enum CodingKeys: String, CodingKey {
        case summary = "call"
        case callerRaw = "caller_raw"
        case callerSource = "caller_source"
        case diversion
        case peer
        case protocolCallID = "protocol_call_id"
        case boot
        case statistics
        case queue
        case agents
        case segments
        case transfers
        case marks
        case rating
        case timeline
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(summary, forKey: .summary)
        try fields.encode(callerRaw, forKey: .callerRaw)
        try fields.encode(callerSource, forKey: .callerSource)
        try fields.encode(diversion, forKey: .diversion)
        try fields.encode(peer, forKey: .peer)
        try fields.encode(protocolCallID, forKey: .protocolCallID)
        try fields.encode(boot, forKey: .boot)
        try fields.encode(statistics, forKey: .statistics)
        try fields.encode(queue, forKey: .queue)
        try fields.encode(agents, forKey: .agents)
        try fields.encode(segments, forKey: .segments)
        try fields.encode(transfers, forKey: .transfers)
        try fields.encode(marks, forKey: .marks)
        try fields.encode(rating, forKey: .rating)
        try fields.encode(timeline, forKey: .timeline)
    }
}

/// A call that began and has no release: what a restart has to close.
public struct OpenCall: Sendable, Hashable {
    public var call: CallID
    public var node: String
    public var boot: String
    public var line: String
    public var caller: String?
    public var offeredAt: Instant
    public var ringingAt: Instant?
    public var answeredAt: Instant?
    /// The latest instant that any of the call's events names: it was alive then.
    public var lastSeenAt: Instant
    public var legs: [LegID]
}
