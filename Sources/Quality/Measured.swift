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

    public var call: AuditCall
    /// Whose part.
    public var agent: String
    /// Nil: not measured, or not in stereo.
    public var sound: Sound?

    public init(call: AuditCall, agent: String, sound: Sound?) {
        self.call = call
        self.agent = agent
        self.sound = sound
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
        case .figure(let figure, let bound): Self.share(figure, bound, conversation.sound)
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

    private static func share(
        _ figure: Scorecard.SoundShare, _ bound: Scorecard.Bound?, _ sound: Conversation.Sound?
    ) -> Measured {
        guard let sound else { return Measured(.open, why: "the sound of this recording was not measured") }
        let (part, whole) =
            switch figure {
            case .callerTalk: (sound.callerTalk, sound.talk)
            case .overTalk: (sound.overTalk, sound.length)
            case .silence: (sound.silence, sound.length)
            }
        guard whole > 0 else { return Measured(.open, why: "nobody spoke") }
        let hundredths = part * 10_000 / whole
        let verdict: Measured.Verdict =
            switch bound {
            case nil: .open
            case .some(let bound): bound.holds(of: Int(hundredths)) ? .kept : .broken
            }
        return Measured(verdict, amount: hundredths, unit: .share)
    }
}
