/// Keeps a timeline's reader and writer at their distance by changing a resampler's rate: a PI controller on the
/// low-passed distance. A pure value.
///
/// The distance answers to the rate as a tank does to its tap: 1 ppm fills 0.008 samples a second. With
/// `proportional` = 1/(10 s) and critical damping, an error has gone after half a minute; what is left of a lump of 30 ms is
/// some 100 ppm for a moment, which nobody hears.
///
/// Where a new place was taken up some milliseconds beside the wanted one, that is the distance kept from then on: a
/// few milliseconds of delay are nothing, while pulling them in would stretch the first half minute of every call.
package struct RateControl: Sendable {
    /// The rate is changed by no more than this, parts per million.
    package static let limit = 1000.0
    private static let samplesPerSecond = 8000.0
    private static let proportional = 0.1
    /// Critical damping: (proportional / 2)².
    private static let integral = 0.0025
    private static let smoothingSeconds = 2.0

    /// A new place is watched for this long before anything is corrected.
    private static let settlingSeconds = 1.0
    /// How far a new place may be beside the wanted distance and is kept, samples: 10 ms nearer, 40 ms further.
    package static let slack = -80.0...320.0

    /// The wanted distance, samples.
    private let wanted: Double
    /// The distance to keep, samples: the wanted one, or near it the one that was found at the start.
    package private(set) var setpoint: Double
    private var settling: (sum: Double, seconds: Double, count: Double)? = (0, 0, 0)
    /// The low-passed distance, samples; nil before the first.
    package private(set) var smoothed: Double?
    /// What has been learnt of the two clocks' difference, ppm; positive: samples come too fast.
    package private(set) var learnt = 0.0
    /// The present correction, ppm.
    package private(set) var correction = 0.0
    private var last: Int64?

    package init(setpoint: Double) {
        wanted = setpoint
        self.setpoint = setpoint
    }

    /// Reader or writer has taken up a new place; the clocks are the same.
    /// - Parameter drift: of the two clocks as measured, ppm, where it is known.
    package mutating func restart(drift: Double?) {
        smoothed = nil
        last = nil
        settling = (0, 0, 0)
        setpoint = wanted
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
        if var found = settling {
            found.sum += distance
            found.seconds += seconds
            found.count += 1
            settling = found.seconds < Self.settlingSeconds ? found : nil
            guard settling == nil else { return correction }
            let mean = found.sum / found.count
            setpoint = wanted + max(Self.slack.lowerBound, min(Self.slack.upperBound, mean - wanted))
            self.smoothed = mean
            return correction
        }
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
