/// When ticks are due, on CLOCK_MONOTONIC, whatever the thread's sleep does: absolute times, 20 ms apart. A value;
/// time comes in from outside.
package struct TickSchedule: Sendable, Hashable {
    /// Nanoseconds.
    package static let interval: Int64 = 20_000_000
    /// So many ticks are made up for when the machine stood still; of more, the oldest are skipped.
    package static let mostCaughtUp: Int64 = 5

    /// What is due.
    package struct Due: Sendable, Hashable {
        /// Ticks left out.
        package var skipped: Int
        /// Ticks to run now, one after the other.
        package var run: Int
        /// How late the first of those due is, nanoseconds.
        package var lateness: Int64
    }

    /// The next tick's time.
    package private(set) var next: Int64

    /// - Parameter first: the first tick's time.
    package init(first: Int64) { next = first }

    /// Takes out everything that is due at `now`.
    package mutating func due(at now: Int64) -> Due {
        guard now >= next else { return Due(skipped: 0, run: 0, lateness: 0) }
        let lateness = now - next
        let ticks = lateness / Self.interval + 1
        next += ticks * Self.interval
        let run = min(ticks, Self.mostCaughtUp)
        return Due(skipped: Int(ticks - run), run: Int(run), lateness: lateness)
    }
}
