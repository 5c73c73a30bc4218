import Media

/// Keeps the exchange from taking more calls than its media threads can serve: those inside keep their quality, those outside
/// hear that it is busy. A value; time comes in from outside.
///
/// A call's audio begins a while after its offer: legs that are open and not yet sent to, and what was taken in the last second,
/// are counted as if they cost already what the others do, or did when there were enough of them to tell.
struct LoadGate: Sendable {
    /// Shares of a tick from 0 to 1, beyond which nobody is taken.
    let limit: Double
    /// Calls taken in each quarter of the last second.
    private var taken = [Int](repeating: 0, count: LoadGate.quarters)
    /// The newest quarter, counted from the clock's beginning.
    private var newest: Int64 = 0

    private static let quarters = 4
    private static let quarter: Int64 = 250_000_000
    /// What a leg takes of a media thread's time, as far as was seen last, shares of a tick.
    private var cost: Double?

    /// Of fewer legs nothing can be told about the cost of one.
    private static let fewLegs = 20
    /// The cost of a leg before the first twenty were heard: 20 µs of a thread's 20 ms. An ordinary machine takes less.
    private static let firstGuess = 0.001
    /// What may be remembered while there are fewer: a moment in which something else had the processor is not for ever.
    private static let memory = 0.00025...0.004

    init(limit: Double) { self.limit = limit }

    /// Whether one more call is taken; then it counts.
    /// - Parameter at: CLOCK_MONOTONIC, in nanoseconds.
    mutating func admits(_ load: MediaLoad, at nanoseconds: Int64) -> Bool {
        roll(to: nanoseconds / Self.quarter)
        var each = min(max(cost ?? Self.firstGuess, Self.memory.lowerBound), Self.memory.upperBound)
        if load.sending >= Self.fewLegs {
            each = max(Self.memory.lowerBound, load.share * Double(load.threads) / Double(load.sending))
            cost = each
        }
        let unheard = Double(max(0, load.legs - load.sending) + taken.reduce(0, +))
        let expected = load.busiest + unheard * each / Double(load.threads)
        guard expected < limit else { return false }
        taken[Int(newest % Int64(Self.quarters))] += 1
        return true
    }

    private mutating func roll(to now: Int64) {
        guard now > newest else { return }
        for quarter in max(newest + 1, now - Int64(Self.quarters) + 1)...now {
            taken[Int(quarter % Int64(Self.quarters))] = 0
        }
        newest = now
    }
}
