import Calls

/// What happened while a recording ran, laid beside its audio: `GET /api/v1/recordings/{id}/events` (docs/json.md).
public struct RecordingTimeline: Sendable, Hashable, Encodable {
    public struct Event: Sendable, Hashable, Encodable {
        public var sequence: Int64
        public var kind: String
        public var at: UTCTime
        /// Where in the audio; nil before its beginning, after its end, or where it cannot be told.
        public var positionMilliseconds: Int64?
        /// `recorded`: the event itself says so; `clock`: from the monotonic clock and the recording's start; nil: no
        /// position.
        public var basis: String?
        public var leg: LegID?
        public var data: [String: String]

        enum CodingKeys: String, CodingKey {
            case sequence = "seq"
            case kind
            case at
            case positionMilliseconds = "position_ms"
            case basis = "position_basis"
            case leg
            case data
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(sequence, forKey: .sequence)
            try fields.encode(kind, forKey: .kind)
            try fields.encode(at, forKey: .at)
            try fields.encode(positionMilliseconds, forKey: .positionMilliseconds)
            try fields.encode(basis, forKey: .basis)
            try fields.encode(leg, forKey: .leg)
            try fields.encode(data, forKey: .data)
        }
    }

    /// Whom a channel carries from one place to another.
    public struct Segment: Sendable, Hashable, Encodable {
        public var channel: Int
        public var fromMilliseconds: Int64
        /// The next owner's beginning, or the end; nil while the recording runs.
        public var toMilliseconds: Int64?
        public var role: String
        public var agent: WorkNumber?

        enum CodingKeys: String, CodingKey {
            case channel
            case fromMilliseconds = "from_ms"
            case toMilliseconds = "to_ms"
            case role
            case agent
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(channel, forKey: .channel)
            try fields.encode(fromMilliseconds, forKey: .fromMilliseconds)
            try fields.encode(toMilliseconds, forKey: .toMilliseconds)
            try fields.encode(role, forKey: .role)
            try fields.encode(agent, forKey: .agent)
        }
    }

    public var recording: RecordingID
    public var call: CallID
    public var startedAt: UTCTime?
    /// Nil while it runs.
    public var lengthMilliseconds: Int64?
    /// Of the whole call, in order.
    public var events: [Event]
    /// By channel and place.
    public var segments: [Segment]
    public var gaps: [RecordingSummary.Gap]
    /// Stretches of silence that somebody asked for, in order.
    public var pauses: [RecordingPause]

    enum CodingKeys: String, CodingKey {
        case recording = "recording_id"
        case call = "call_id"
        case startedAt = "started_at"
        case lengthMilliseconds = "length_ms"
        case events
        case segments
        case gaps
        case pauses
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(recording, forKey: .recording)
        try fields.encode(call, forKey: .call)
        try fields.encode(startedAt, forKey: .startedAt)
        try fields.encode(lengthMilliseconds, forKey: .lengthMilliseconds)
        try fields.encode(events, forKey: .events)
        try fields.encode(segments, forKey: .segments)
        try fields.encode(gaps, forKey: .gaps)
        try fields.encode(pauses, forKey: .pauses)
    }

    public init(_ summary: RecordingSummary, of detail: CallDetail) {
        recording = summary.id
        call = summary.callID
        startedAt = summary.startedAt
        gaps = summary.gaps
        pauses = summary.pauses
        let length = summary.seconds.map { Int64(($0 * 1000).rounded(.down)) }
        lengthMilliseconds = length
        let id = summary.id.description
        let start = detail.timeline.first { $0.kind == "recording_started" && $0.data["recording"] == id }?
            .offsetMilliseconds
        // Positions in the journal are the call's own recording's; one made apart has the clock alone.
        let isOwn = summary.purpose == RecordingPlanned.usualPurpose
        events = detail.timeline.map { entry in
            let named = entry.data["recording"]
            var position: Int64?
            var basis: String?
            if let recorded = entry.positionMilliseconds, named == id || named == nil && isOwn {
                (position, basis) = (recorded, "recorded")
            } else if let start, let offset = entry.offsetMilliseconds, offset >= start,
                offset - start <= length ?? .max
            {
                (position, basis) = (offset - start, "clock")
            }
            return Event(
                sequence: entry.sequence, kind: entry.kind, at: entry.at, positionMilliseconds: position, basis: basis,
                leg: entry.leg, data: entry.data)
        }
        segments = summary.channels.flatMap { channel in
            var owners = detail.segments.filter { $0.recording == summary.id && $0.channel == channel.index }
            if owners.first?.fromMilliseconds != 0 {
                owners.insert(
                    CallSegment(
                        recording: summary.id, channel: channel.index, fromMilliseconds: 0, role: channel.role,
                        agent: nil),
                    at: 0)
            }
            return owners.indices.map { index in
                Segment(
                    channel: channel.index, fromMilliseconds: owners[index].fromMilliseconds,
                    toMilliseconds: index + 1 < owners.count ? owners[index + 1].fromMilliseconds : length,
                    role: owners[index].role, agent: owners[index].agent)
            }
        }
    }
}
