import Norms

/// How soon the callers of a period were answered. What each figure counts: docs/audit.md, Answer times.
public struct AnswerFigures: Sendable, Hashable {
    /// A quotient of which both parts are kept, so that it can be computed again and added up.
    public struct Share: Sendable, Hashable {
        /// `name/version`; the version rises where the meaning changes.
        public let formula: String
        public let numerator: Int
        public let denominator: Int

        public init(_ formula: String, _ numerator: Int, of denominator: Int) {
            self.formula = formula
            self.numerator = numerator
            self.denominator = denominator
        }
    }

    /// Answers in a ring.
    public struct Ring: Sendable, Hashable {
        /// 1…
        public let ring: Int
        public let answers: Int
    }

    /// A number of ringings that ended in an answer.
    public struct Ringing: Sendable, Hashable {
        /// Milliseconds.
        public let spread: AuditSpread
        /// Rising, without empty ones.
        public let rings: [Ring]
        /// Those within `ringLimit`, of all of them; nil where there is no limit.
        public let withinLimit: Share?
    }

    /// Passages that an agent answered.
    public struct Answers: Sendable, Hashable {
        public let answered: Int
        /// Of people's phones, summed over all that were tried; of passages in which a phone was tried.
        public let ringing: Ringing
        /// From asking for a person to the answer. Milliseconds.
        public let wait: AuditSpread
        /// Answered within `answerWithinMilliseconds`, of all answered.
        public let inTime: Share
    }

    /// Passages through queues: `answered`, `abandoned`, `leftOtherwise` and `open` sum to `entered`.
    public struct Passages: Sendable, Hashable {
        public let entered: Int
        /// Short ones among them.
        public let abandoned: Int
        /// Given up before `shortAbandonMilliseconds`.
        public let shortAbandoned: Int
        /// Neither served nor given up: time-out, key, call-back, failures.
        public let leftOtherwise: Int
        /// Of no known end, as of the audit's moment.
        public let open: Int
        /// Not let in; not in `entered`.
        public let refused: Int
        public let answers: Answers
        /// Answered in time, of those who entered without the short abandoned.
        public let inTimeOfOffered: Share
        /// Abandoned, of those who entered.
        public let abandonment: Share
        /// The same without the short abandoned, on both sides.
        public let abandonmentInEarnest: Share
    }

    public struct Hour: Sendable, Hashable {
        /// 0…23, local.
        public let hour: Int
        public let passages: Passages
    }

    public struct Day: Sendable, Hashable {
        /// Local.
        public let date: CivilDate
        public let passages: Passages
    }

    public struct Agent: Sendable, Hashable {
        /// The work number of whoever answered.
        public let agent: String
        /// `ringing` holds the phones tried before this agent's as well.
        public let answers: Answers
    }

    public struct Line: Sendable, Hashable {
        public let line: String
        /// Inbound calls, without those refused because of who called.
        public let offered: Int
        /// Those of them that the line answered.
        public let answered: Int
        /// The line's own, until the machine or a person took it; of the calls answered.
        public let ringing: Ringing
        public let passages: Passages
    }

    /// An answer after at most so long is in time.
    public let answerWithinMilliseconds: Int64
    /// Whoever gives up before this was not offered to the agents in earnest.
    public let shortAbandonMilliseconds: Int64
    /// Of people's ringing; nil where the profile sets none.
    public let ringLimit: NormLimit?
    public let total: Passages
    /// All 24.
    public let hours: [Hour]
    /// Those on which calls with a passage were offered, rising.
    public let days: [Day]
    /// By work number.
    public let agents: [Agent]
    /// By name.
    public let lines: [Line]
}
