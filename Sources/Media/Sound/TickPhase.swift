/// Where a thread that moves by 160 samples every 20 ms of CLOCK_MONOTONIC stands between two ticks. A pure value.
///
/// A tick is never early, only late: of all sightings of its position the earliest for its place is the nearest to the
/// truth, and stays so, since both go by the same clock. Sightings of more than two minutes ago are forgotten, so that no
/// mistake stays for ever.
package struct TickPhase: Sendable, Hashable {
    private static let nanosecondsPerSample: Int64 = 125_000

    private static let window: Int64 = 60_000_000_000

    /// When position 0 was due, as far as is known from this window and from the last one.
    private var current: Int64?
    private var previous: Int64?
    private var windowEnd: Int64 = 0

    package init() {}

    /// The thread has taken up another place.
    package mutating func reset() {
        current = nil
        previous = nil
    }

    /// The thread was seen at `position`.
    /// - Parameter now: CLOCK_MONOTONIC, nanoseconds.
    package mutating func observe(_ position: Int64, at now: Int64) {
        let seen = now - position * Self.nanosecondsPerSample
        if let earliest = current, now < windowEnd {
            current = min(earliest, seen)
        } else {
            previous = current
            current = seen
            windowEnd = now + Self.window
        }
    }

    /// The position by the clock; nil before the first sighting.
    package func position(at now: Int64) -> Double? {
        guard let current else { return nil }
        return Double(now - min(current, previous ?? current)) / Double(Self.nanosecondsPerSample)
    }
}
