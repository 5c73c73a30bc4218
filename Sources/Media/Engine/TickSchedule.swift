/// When ticks are due, on CLOCK_MONOTONIC, whatever the thread's sleep does: absolute times, 20 ms apart. A value;
/// time comes in from outside.
///
/// A tick may be run in several turns, each for a part of what there is to do: the turns of a tick are as far apart from
/// each other as its last from the next tick's first, and what belongs to one of them (a phase) has its turn every 20 ms.
package struct TickSchedule: Sendable, Hashable {
    /// Of ticks, nanoseconds.
    package static let interval: Int64 = 20_000_000
    /// So many ticks are made up for when the machine stood still; of more, the oldest are skipped.
    package static let mostCaughtUp: Int64 = 5

    /// What is due.
    package struct Due: Sendable, Hashable {
        /// Turns left out.
        package var skipped: Int
        /// Turns to run now, one after the other.
        package var run: Int
        /// How late the first of those due is, nanoseconds.
        package var lateness: Int64
        /// The phase whose turn the first of all is, skipped or not.
        package var phase: Int
    }

    /// Turns of a tick.
    package let phases: Int
    /// The next turn's time, nanoseconds.
    package private(set) var next: Int64
    /// Whose turn is next.
    package private(set) var phase = 0

    /// - Parameters:
    ///   - first: the first turn's time.
    ///   - phases: turns of a tick; they divide 20 ms evenly.
    package init(first: Int64, phases: Int = 1) {
        next = first
        self.phases = phases
    }

    /// Leaves out the next turn: there is nothing to do in it.
    package mutating func pass() {
        next += Self.interval / Int64(phases)
        phase = (phase + 1) % phases
    }

    /// Takes out everything that is due at `now`.
    package mutating func due(at now: Int64) -> Due {
        guard now >= next else { return Due(skipped: 0, run: 0, lateness: 0, phase: phase) }
        let apart = Self.interval / Int64(phases)
        let lateness = now - next
        let turns = lateness / apart + 1
        let run = min(turns, Self.mostCaughtUp * Int64(phases))
        let due = Due(skipped: Int(turns - run), run: Int(run), lateness: lateness, phase: phase)
        next += turns * apart
        phase = Int((Int64(phase) + turns) % Int64(phases))
        return due
    }
}
