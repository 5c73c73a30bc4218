import Norms

/// What a reviewer judges a conversation by: items in groups, each with its clause, data of a file (docs/quality.md).
public struct Scorecard: Sendable, Hashable {
    /// A text in both languages of the console.
    public struct Words: Sendable, Hashable {
        public var chinese: String
        public var english: String

        public init(chinese: String, english: String) {
            self.chinese = chinese
            self.english = english
        }
    }

    /// One question.
    public struct Item: Sendable, Hashable {
        /// Names it in reviews, for ever.
        public var id: String
        /// The document and its clause: `002 三 服务规范 1`.
        public var clause: String
        public var words: Words
        /// What it weighs.
        public var points: Int
        /// The best answer; answers go from 0 to it. 1: yes or no.
        public var scale: Int
        /// Whoever gets none of its points has failed, whatever else was good.
        public var isCritical: Bool
        /// What can be measured of it; nil: the reviewer alone says.
        public var source: Source?
    }

    /// Where a measured answer comes from.
    public enum Source: Sendable, Hashable {
        /// A rule of the scorecard's profile, as audits judge it.
        case rule(String)
        /// A figure of the recording's sound, and what is good.
        case figure(SoundFigure, Bound?)
    }

    /// Shares of a recording in hundredths of a per cent, or a time in milliseconds.
    public enum SoundFigure: String, Sendable, Hashable, CaseIterable {
        /// Of all that was said, what the caller said.
        case callerTalk = "caller_talk"
        /// Of the length, what was said by both at once.
        case overTalk = "over_talk"
        /// Of the length, when nobody spoke.
        case silence
        /// The longest time on end in which nobody spoke while the agent talked with the caller.
        case longestSilence = "longest_silence"
    }

    /// What a figure has to be.
    public enum Bound: Sendable, Hashable {
        /// Per cent of a share, seconds of a time.
        case atLeast(Int)
        case atMost(Int)

        func holds(of amount: Int64, _ unit: Measured.Unit) -> Bool {
            let one: Int64 =
                switch unit {
                case .share: 100
                case .milliseconds: 1000
                }
            return switch self {
            case .atLeast(let least): amount >= Int64(least) * one
            case .atMost(let most): amount <= Int64(most) * one
            }
        }
    }

    public struct Group: Sendable, Hashable {
        public var id: String
        public var words: Words
        public var items: [Item]
    }

    public var id: String
    /// Changes with every change of an item: reviews keep it.
    public var version: String
    public var title: Words
    /// The norm profile whose rules it asks.
    public var profile: String
    /// Whoever has less has failed. Per cent.
    public var pass: Int
    /// So many working days after a review an agent may appeal.
    public var appealDays: Int
    public var groups: [Group]

    public var items: [Item] { groups.flatMap(\.items) }

    /// Whether an item asks where in the recording nobody spoke.
    public var needsSilences: Bool {
        items.contains { item in
            if case .figure(.longestSilence, _)? = item.source { return true }
            return false
        }
    }

    public func item(_ id: String) -> Item? { items.first { $0.id == id } }

    /// `id@version`.
    public var citation: String { "\(id)@\(version)" }
}
