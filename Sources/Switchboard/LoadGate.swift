import Foundation
import Media

/// Keeps the exchange from taking more calls than its media threads can serve: those inside keep their quality, those outside
/// hear that it is busy. A value; time comes in from outside.
///
/// A call's audio begins a while after its offer: legs that are open and not yet sent to, and what was taken in the last second,
/// are counted as if they cost already what the others do, or did when there were enough of them to tell.
///
/// Whoever is let in stays. A machine is faster in one moment and slower in the next, and a gate that goes by the moment lets in
/// with each of the good ones, until the bad ones are too much: what a leg costs counts at once where it rises, and is forgotten
/// slowly.
struct LoadGate: Sendable {
    /// Shares of a tick from 0 to 1, beyond which nobody is taken.
    let limit: Double
    /// Calls taken in each quarter of the last second.
    private var taken = [Int](repeating: 0, count: LoadGate.quarters)
    /// The newest quarter, counted from the clock's beginning.
    private var newest: Int64 = 0

    private static let quarters = 4
    private static let quarter: Int64 = 250_000_000
    /// What a leg takes of a media thread's time, as far as was seen last, shares of a tick; and when.
    private var cost: (each: Double, at: Int64)?

    /// Of fewer legs nothing can be told about the cost of one.
    private static let fewLegs = 20
    /// The cost of a leg before the first twenty were heard: 20 µs of a thread's 20 ms. An ordinary machine takes less.
    private static let firstGuess = 0.001
    /// In so many seconds two thirds of a rise are believed, and of a fall.
    private static let (rises, falls) = (1.0, 20.0)
    /// Seconds that the load is an average of.
    private static let window = 0.32
    private static let manyLegs = 100.0
    /// What may be remembered while there are fewer: a moment in which something else had the processor is not for ever.
    private static let memory = 0.00025...0.004

    init(limit: Double) { self.limit = limit }

    /// Whether one more call is taken; then it counts.
    /// - Parameter at: CLOCK_MONOTONIC, in nanoseconds.
    mutating func admits(_ load: MediaLoad, at nanoseconds: Int64) -> Bool {
        roll(to: nanoseconds / Self.quarter)
        var each = min(max(cost?.each ?? Self.firstGuess, Self.memory.lowerBound), Self.memory.upperBound)
        var busiest = load.busiest
        if load.sending >= Self.fewLegs {
            let now = max(Self.memory.lowerBound, load.share * Double(load.threads) / Double(load.sending))
            each = max(now, believe(min(now, Self.memory.upperBound), of: load.sending, at: nanoseconds))
            busiest *= each / now
        }
        let unheard = Double(max(0, load.legs - load.sending) + taken.reduce(0, +))
        let expected = busiest + unheard * each / Double(load.threads)
        guard expected < limit else { return false }
        taken[Int(newest % Int64(Self.quarters))] += 1
        return true
    }

    /// A call more that was not asked about: it counts all the same.
    mutating func took(at nanoseconds: Int64) {
        roll(to: nanoseconds / Self.quarter)
        taken[Int(newest % Int64(Self.quarters))] += 1
    }

    /// A rise is of as long as the load is an average of, however long nobody asked, and of half as much again at most; of few
    /// legs it says little.
    private mutating func believe(_ now: Double, of legs: Int, at nanoseconds: Int64) -> Double {
        guard let before = cost else {
            cost = (now, nanoseconds)
            return now
        }
        let seconds = Double(max(0, nanoseconds - before.at)) / 1_000_000_000
        let each: Double
        if now > before.each {
            let part = (1 - exp(-min(seconds, Self.window) / Self.rises)) * min(1, Double(legs) / Self.manyLegs)
            each = before.each + (min(now, 1.5 * before.each) - before.each) * part
        } else {
            each = before.each + (now - before.each) * (1 - exp(-seconds / Self.falls))
        }
        cost = (each, max(before.at, nanoseconds))
        return each
    }

    private mutating func roll(to now: Int64) {
        guard now > newest else { return }
        for quarter in max(newest + 1, now - Int64(Self.quarters) + 1)...now {
            taken[Int(quarter % Int64(Self.quarters))] = 0
        }
        newest = now
    }
}
