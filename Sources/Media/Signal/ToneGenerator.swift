import Glibc

/// A sine of one frequency, exact in phase from tick to tick: s(n) = 2·cos(ω)·s(n−1) − s(n−2), in double precision.
package struct Sine: Sendable {
    private var last: Double
    private var beforeLast: Double
    private let factor: Double

    /// The peak of a sine at `level` dBm0: 0 dBm0 lies 3.14 dB below the overload point (G.711 table 1a).
    package static func peak(level: Double) -> Double { 32_767 * pow(10, (min(3.14, level) - 3.14) / 20) }

    /// Starts at phase 0.
    /// - Parameters:
    ///   - frequency: Hz, below 4,000.
    ///   - level: dBm0.
    package init(frequency: Double, level: Double) {
        let step = 2 * Double.pi * frequency / 8000
        let peak = Self.peak(level: level)
        last = -sin(step) * peak
        beforeLast = -sin(2 * step) * peak
        factor = 2 * cos(step)
    }

    /// The next sample.
    package mutating func next() -> Double {
        let sample = factor * last - beforeLast
        beforeLast = last
        last = sample
        return sample
    }
}

/// Plays a `Tone`: its sine, in its cadence, as often as it says.
///
/// A value; `init` computes sines, the rest is fit for the media thread.
package struct ToneGenerator: Sendable {
    private let fresh: Sine
    private var sine: Sine
    private let on: Int
    private let off: Int
    private let repeats: Int?
    /// Cycles not yet over; nil: without end.
    private var left: Int?
    private var position = 0
    /// The last sample was given.
    package private(set) var isFinished = false

    package init(_ tone: Tone) {
        let frequency = Double(max(20, min(3900, tone.frequency)))
        fresh = Sine(frequency: frequency, level: Double(max(-60, min(0, tone.level))))
        sine = fresh
        // A day at most, so that no sum overflows.
        on = max(0, min(86_400_000, tone.onMilliseconds)) * 8
        off = max(0, min(86_400_000, tone.offMilliseconds)) * 8
        repeats = tone.repeats > 0 ? tone.repeats : nil
        left = repeats
        if on + off == 0 { isFinished = true }
    }

    /// Fills in up to `count` samples; fewer than that only at the tone's end (the last pause belongs to it).
    /// - Returns: how many were written.
    package mutating func fill(_ samples: UnsafeMutablePointer<Int16>, count: Int) -> Int {
        var written = 0
        while written < count, !isFinished {
            if position < on {
                let run = min(on - position, count - written)
                for index in written..<written + run { samples[index] = Int16(sine.next()) }
                written += run
                position += run
            } else {
                let run = min(on + off - position, count - written)
                (samples + written).update(repeating: 0, count: run)
                written += run
                position += run
            }
            if position >= on + off { nextCycle() }
        }
        return written
    }

    private mutating func nextCycle() {
        position = 0
        // Without a pause the sine goes on as it is.
        if off > 0 { sine = fresh }
        guard let before = left else { return }
        left = before - 1
        isFinished = before <= 1
    }

    /// From its first sample again.
    package mutating func restart() {
        sine = fresh
        position = 0
        left = repeats
        isFinished = on + off == 0
    }
}
