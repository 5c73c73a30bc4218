/// Keeps a timeline's reader and writer at their distance by changing a resampler's rate: a PI controller on the
/// low-passed distance. A pure value.
///
/// The distance answers to the rate as a tank does to its tap: 1 ppm fills 0.008 samples a second. With
/// `proportional` = 1/(10 s) and critical damping, an error has gone after half a minute; what is left of a lump of 30 ms is
/// some 100 ppm for a moment, which nobody hears.
package struct RateControl: Sendable, Hashable {
    /// The rate is changed by no more than this, parts per million.
    package static let limit = 1000.0
    private static let samplesPerSecond = 8000.0
    private static let proportional = 0.1
    /// Critical damping: (proportional / 2)².
    private static let integral = 0.0025
    private static let smoothingSeconds = 2.0

    /// The distance to keep, samples.
    package let setpoint: Double
    /// The low-passed distance, samples; nil before the first.
    package private(set) var smoothed: Double?
    /// What has been learnt of the two clocks' difference, ppm; positive: samples come too fast.
    package private(set) var learnt = 0.0
    /// The present correction, ppm.
    package private(set) var correction = 0.0
    private var last: Int64?

    package init(setpoint: Double) { self.setpoint = setpoint }

    /// Reader or writer has taken up a new place; the clocks are the same.
    /// - Parameter drift: of the two clocks as measured, ppm, where it is known.
    package mutating func restart(drift: Double?) {
        smoothed = nil
        last = nil
        if let drift { learnt = Self.clamp(drift) }
        correction = learnt
    }

    /// The distance was put right at once; what was learnt stays.
    package mutating func relock() { smoothed = setpoint }

    /// Takes one measurement.
    /// - Parameters:
    ///   - distance: samples between reader and writer.
    ///   - now: CLOCK_MONOTONIC, nanoseconds.
    /// - Returns: by how much too fast samples are made, ppm.
    package mutating func update(distance: Double, at now: Int64) -> Double {
        guard let last, let smoothed else {
            self.last = now
            self.smoothed = distance
            return correction
        }
        // After a standstill of the thread one measurement is still only one.
        let seconds = max(0, min(0.5, Double(now - last) / 1e9))
        self.last = now
        let next = smoothed + (distance - smoothed) * seconds / (Self.smoothingSeconds + seconds)
        self.smoothed = next
        let error = next - setpoint
        let unlimited = learnt + error * Self.proportional / Self.samplesPerSecond * 1e6
        correction = Self.clamp(unlimited)
        // At its limit it does not learn: the error then says nothing of the clocks.
        if correction == unlimited {
            learnt = Self.clamp(learnt + error * Self.integral * seconds / Self.samplesPerSecond * 1e6)
        }
        return correction
    }

    private static func clamp(_ value: Double) -> Double { max(-limit, min(limit, value)) }
}
