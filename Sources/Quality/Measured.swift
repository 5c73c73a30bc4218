import Audit
import Calls
import Norms

/// What machines can say of an item: an answer, or why they have none, with what it rests on.
public struct Measured: Sendable, Hashable {
    public enum Verdict: String, Sendable, Hashable, Codable {
        case kept
        case broken
        /// The rule is not about this conversation: a wrong number has no complaint.
        case notConcerned = "not_concerned"
        /// It is, but cannot be judged by machines; or the figure has no bound.
        case open
    }

    public enum Unit: String, Sendable, Hashable, Codable {
        case milliseconds = "ms"
        /// Hundredths of a per cent.
        case share
    }

    public var verdict: Verdict
    /// What was measured; nil: a yes or no.
    public var amount: Int64?
    public var unit: Unit?
    /// When it happened, where it is one moment: Unix microseconds, UTC.
    public var at: Int64?
    /// Why it is broken, or why it cannot be said.
    public var why: String?

    public init(_ verdict: Verdict, amount: Int64? = nil, unit: Unit? = nil, at: Int64? = nil, why: String? = nil) {
        self.verdict = verdict
        self.amount = amount
        self.unit = unit
        self.at = at
        self.why = why
    }
}

/// One agent's part in a call: what is scored.
public struct Conversation: Sendable {
    /// How long was spoken, in milliseconds; of a recording in stereo.
    public struct Sound: Sendable, Hashable {
        public var length: Int64
        public var silence: Int64
        public var overTalk: Int64
        public var callerTalk: Int64
        public var talk: Int64

        public init(length: Int64, silence: Int64, overTalk: Int64, callerTalk: Int64, talk: Int64) {
            self.length = length
            self.silence = silence
            self.overTalk = overTalk
            self.callerTalk = callerTalk
            self.talk = talk
        }
    }

    /// Nobody spoke: Unix microseconds, UTC.
    public struct Silence: Sendable, Hashable {
        public var from: Int64
        public var to: Int64

        var milliseconds: Int64 { (to - from) / 1000 }

        public init(from: Int64, to: Int64) {
            self.from = from
            self.to = to
        }
    }

    public var call: AuditCall
    /// Whose part.
    public var agent: String
    /// Nil: not measured, or not in stereo.
    public var sound: Sound?
    /// Of the whole recording, in order, pauses of the recording left out; nil: not measured.
    public var silences: [Silence]?

    public init(call: AuditCall, agent: String, sound: Sound?, silences: [Silence]? = nil) {
        self.call = call
        self.agent = agent
        self.sound = sound
        self.silences = silences
    }
}

/// Fills in what can be measured.
public struct ScorecardMeasures: Sendable {
    private let judges: [String: CallJudge]

    /// - Parameter context: with the scorecard's profile.
    public init(_ scorecard: Scorecard, _ context: AuditContext) {
        var judges: [String: CallJudge] = [:]
        for item in scorecard.items {
            if case .rule(let id)? = item.source, let rule = context.profile.rule(id) {
                judges[id] = CallJudge(rule, context)
            }
        }
        self.judges = judges
    }

    /// - Returns: nil where nothing of the item is measured.
    public func measured(_ item: Scorecard.Item, of conversation: Conversation) -> Measured? {
        switch item.source {
        case nil: nil
        case .rule(let id): judges[id].map { Self.judged($0, conversation) }
        case .figure(let figure, let bound): Self.figure(figure, bound, conversation)
        }
    }

    /// The worst that the rule says of this agent's part; what names no agent is about the whole call.
    private static func judged(_ judge: CallJudge, _ conversation: Conversation) -> Measured {
        let items = judge.items(for: conversation.call).filter { $0.agent == nil || $0.agent == conversation.agent }
        func measured(_ item: AuditItem, _ verdict: Measured.Verdict, why: String? = nil) -> Measured {
            Measured(
                verdict, amount: item.milliseconds, unit: item.milliseconds == nil ? nil : .milliseconds,
                at: item.done ?? item.at, why: why)
        }
        if let item = items.first(where: { $0.verdict == .broken }) { return measured(item, .broken, why: item.note) }
        for item in items {
            if case .notJudged(let why) = item.verdict { return measured(item, .open, why: why) }
        }
        if let item = items.first(where: { $0.verdict == .pending || $0.verdict == .shown }) {
            return measured(item, .open, why: item.note)
        }
        guard let item = items.first else { return Measured(.notConcerned) }
        return measured(item, .kept)
    }

    private static let notMeasured = "the sound of this recording was not measured"
    /// Milliseconds: what is shorter is no silence.
    private static let shortestSilence: Int64 = 1000

    private static func figure(
        _ figure: Scorecard.SoundFigure, _ bound: Scorecard.Bound?, _ conversation: Conversation
    ) -> Measured {
        let sound = conversation.sound
        return switch figure {
        case .callerTalk: share(sound?.callerTalk, of: sound?.talk, bound)
        case .overTalk: share(sound?.overTalk, of: sound?.length, bound)
        case .silence: share(sound?.silence, of: sound?.length, bound)
        case .longestSilence: longestSilence(bound, conversation)
        }
    }

    private static func share(_ part: Int64?, of whole: Int64?, _ bound: Scorecard.Bound?) -> Measured {
        guard let part, let whole else { return Measured(.open, why: notMeasured) }
        guard whole > 0 else { return Measured(.open, why: "nobody spoke") }
        return bounded(part * 10_000 / whole, .share, bound)
    }

    /// Of the time in which the agent talked with the caller; 0 where none is long enough to be one.
    private static func longestSilence(_ bound: Scorecard.Bound?, _ conversation: Conversation) -> Measured {
        guard let silences = conversation.silences else { return Measured(.open, why: notMeasured) }
        var longest: Conversation.Silence?
        for talk in conversation.call.talks where talk.agent == conversation.agent {
            for silence in silences {
                let part = Conversation.Silence(
                    from: max(silence.from, talk.answeredAt), to: min(silence.to, talk.leftAt ?? silence.to))
                guard part.milliseconds >= shortestSilence else { continue }
                if part.milliseconds > longest?.milliseconds ?? 0 { longest = part }
            }
        }
        var measured = bounded(longest?.milliseconds ?? 0, .milliseconds, bound)
        measured.at = longest?.from
        return measured
    }

    private static func bounded(_ amount: Int64, _ unit: Measured.Unit, _ bound: Scorecard.Bound?) -> Measured {
        let verdict: Measured.Verdict =
            switch bound {
            case nil: .open
            case .some(let bound): bound.holds(of: amount, unit) ? .kept : .broken
            }
        return Measured(verdict, amount: amount, unit: unit)
    }
}
