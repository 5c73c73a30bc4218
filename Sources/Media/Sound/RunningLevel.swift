/// The level of the last second: mean power and highest sample, in dB below the overload point (a square wave at full
/// scale has 0, a sine -3). A value.
struct RunningLevel: Sendable {
    /// Parts of a second that are forgotten one by one.
    private static let parts = 10

    private let samplesPerPart: Int
    private var powers = [Double](repeating: 0, count: parts)
    private var peaks = [Int32](repeating: 0, count: parts)
    private var current = 0
    private var filled = 0
    private var power = 0.0
    private var peak: Int32 = 0

    /// - Parameter rate: samples a second.
    init(rate: Int) { samplesPerPart = max(1, rate / Self.parts) }

    mutating func add(_ samples: UnsafePointer<Int16>, count: Int) {
        for index in 0..<count {
            let sample = Int32(samples[index])
            power += Double(sample * sample)
            peak = max(peak, abs(sample))
            filled += 1
            if filled >= samplesPerPart {
                powers[current] = power / Double(filled)
                peaks[current] = peak
                current = (current + 1) % Self.parts
                power = 0
                peak = 0
                filled = 0
            }
        }
    }

    /// dB, -127…0.
    var rms: Double {
        Double(LevelMeter.decibels(Float(powers.reduce(0, +) / Double(Self.parts))))
    }

    /// dB, -127…0.
    var highest: Double {
        let peak = Float(peaks.max() ?? 0)
        return Double(LevelMeter.decibels(peak * peak))
    }
}
