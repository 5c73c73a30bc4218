import Calls

/// A stretch of a recording that holds digital silence because somebody wanted it so: keys as in docs/json.md.
public struct RecordingPause: Sendable, Hashable, Encodable {
    public var from: AudioPosition
    /// Nil while it goes on.
    public var to: AudioPosition?
    public var by: PauseOrigin
    /// Who paused it, where an agent did.
    public var agent: WorkNumber?
    public var reason: String
    /// Nil while it goes on; `interrupted`: the program ended in it.
    public var endedBy: PauseEnd?
    public var endedAgent: WorkNumber?

    public init(
        from: AudioPosition, to: AudioPosition?, by: PauseOrigin, agent: WorkNumber?, reason: String,
        endedBy: PauseEnd?, endedAgent: WorkNumber?
    ) {
        self.from = from
        self.to = to
        self.by = by
        self.agent = agent
        self.reason = reason
        self.endedBy = endedBy
        self.endedAgent = endedAgent
    }

    enum CodingKeys: String, CodingKey {
        case fromMilliseconds = "from_ms"
        case toMilliseconds = "to_ms"
        case by
        case agent
        case reason
        case endedBy = "ended_by"
        case endedAgent = "ended_agent"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(from.milliseconds, forKey: .fromMilliseconds)
        try fields.encode(to?.milliseconds, forKey: .toMilliseconds)
        try fields.encode(by, forKey: .by)
        try fields.encode(agent, forKey: .agent)
        try fields.encode(reason, forKey: .reason)
        try fields.encode(endedBy, forKey: .endedBy)
        try fields.encode(endedAgent, forKey: .endedAgent)
    }
}

extension [RecordingPause] {
    /// Silences without what was paused; a rest that is too short is none.
    /// - Parameters:
    ///   - silences: in order, `[from, to)` in milliseconds.
    ///   - length: the recording's, milliseconds: where a pause that goes on ends.
    ///   - minimum: the shortest rest, milliseconds.
    package func cut(outOf silences: [[Int64]], length: Int64, minimum: Int64) -> [[Int64]] {
        guard !isEmpty else { return silences }
        var rests: [[Int64]] = []
        for silence in silences where silence.count == 2 {
            var from = silence[0]
            for pause in self {
                let (begin, end) = (pause.from.milliseconds, pause.to?.milliseconds ?? length)
                guard end > from, begin < silence[1] else { continue }
                if begin > from { rests.append([from, begin]) }
                from = Swift.min(end, silence[1])
            }
            if from < silence[1] { rests.append([from, silence[1]]) }
        }
        return rests.filter { $0[1] - $0[0] >= minimum }
    }

    /// How long of a recording they take together, milliseconds.
    /// - Parameter length: the recording's; one that goes on goes on to there, and none goes further.
    package func milliseconds(within length: Int64) -> Int64 {
        reduce(0) { sum, pause in
            sum
                + Swift.max(
                    0, Swift.min(pause.to?.milliseconds ?? length, length) - Swift.min(pause.from.milliseconds, length))
        }
    }
}
