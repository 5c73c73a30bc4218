import Calls
import Synchronization

/// What the exchange counts about itself, for `/metrics`. Labels are bounded: outcomes, categories and reasons, never
/// numbers or identifiers.
public final class ExchangeCounters: Sendable {
    /// A snapshot.
    public struct Values: Sendable {
        public var offered = 0
        public var active = 0
        public var answered = 0
        /// Calls refused because the media threads had enough to do, which are among `outcomes`, too, and calls not placed.
        public var overloaded = 0
        public var outcomes: [Outcome: Int] = [:]
        public var orders: [String: Int] = [:]
        public var lookupsFailed = 0
        public var promptsMissing = 0
        public var mailboxDropped = 0
        /// Answers by milliseconds of ringing, cumulative counts at `ringBuckets`.
        public var ringCounts = [Int](repeating: 0, count: ExchangeCounters.ringBuckets.count)
        public var ringMillisecondsTotal: Int64 = 0
    }

    /// Upper bounds in milliseconds: 1 to 5 rings of 5 s, the 16 s of the other reading, and beyond.
    public static let ringBuckets: [Int64] = [1000, 2500, 5000, 10_000, 15_000, 16_000, 20_000, 25_000, 60_000]

    private let values = Mutex(Values())

    public init() {}

    public var snapshot: Values { values.withLock { $0 } }

    func offered() { values.withLock { $0.offered += 1 } }

    func began() { values.withLock { $0.active += 1 } }

    func left() { values.withLock { $0.active -= 1 } }

    func answered(ringMilliseconds: Int64, rings: Int) {
        values.withLock { values in
            values.answered += 1
            values.ringMillisecondsTotal += ringMilliseconds
            for (index, bound) in Self.ringBuckets.enumerated() where ringMilliseconds <= bound {
                values.ringCounts[index] += 1
            }
        }
    }

    func overloaded() { values.withLock { $0.overloaded += 1 } }

    func ended(_ outcome: Outcome) { values.withLock { $0.outcomes[outcome, default: 0] += 1 } }

    func orderCreated(category: String) { values.withLock { $0.orders[category, default: 0] += 1 } }

    func lookupFailed() { values.withLock { $0.lookupsFailed += 1 } }

    func promptMissing() { values.withLock { $0.promptsMissing += 1 } }

    func mailboxDropped(_ count: Int) { values.withLock { $0.mailboxDropped += count } }
}
