import Foundation

/// The signal by which a sound card is tested, and what is found of it in what came back: silence, a tone, silence, a
/// sweep. Linear samples, 8,000 a second.
struct LineTest: Sendable {
    static let rate = 8000
    /// Of the tone, Hz.
    let frequency: Double
    /// Full scale is 0, dB: the tone's and the sweep's level (RMS).
    let level: Double
    /// How long the tone stands, samples.
    let toneLength: Int

    static let pause = rate
    /// Short enough that a stretch of some hundred ppm by the clocks' correction does not hide it.
    static let sweepLength = rate / 4

    /// - Parameters: hertz, dBFS (RMS), seconds.
    init(frequency: Double, level: Double, seconds: Double) {
        self.frequency = frequency
        self.level = level
        toneLength = Int(seconds * Double(Self.rate))
    }

    private var toneStart: Int { Self.pause }
    private var sweepStart: Int { toneStart + toneLength + Self.pause }
    /// Everything, with the time in which the sweep may come back.
    var length: Int { sweepStart + Self.sweepLength + 2 * Self.rate }

    /// The sample at a place of the signal.
    func sample(_ index: Int) -> Int16 {
        let amplitude = pow(10, level / 20) * 2.0.squareRoot() * 32_767
        switch index {
        case toneStart..<toneStart + toneLength:
            return Int16(clamping: Int(amplitude * sin(2 * .pi * frequency * Double(index - toneStart) / 8000)))
        case sweepStart..<sweepStart + Self.sweepLength:
            return Int16(clamping: Int(amplitude * Self.sweep(index - sweepStart)))
        default: return 0
        }
    }

    /// From 400 to 3,000 Hz within the sweep's length.
    private static func sweep(_ index: Int) -> Double {
        let time = Double(index) / Double(rate)
        let length = Double(sweepLength) / Double(rate)
        return sin(2 * .pi * (400 * time + 2600 / (2 * length) * time * time))
    }

    /// What came back.
    struct Findings: Sendable, Codable, Equatable {
        /// Level before anything was played, dBFS (RMS).
        var noise: Double
        /// Level of the tone's frequency while it was played, dBFS (RMS); -120: nothing.
        var heard: Double
        /// What was heard of the tone against what was played, dB; nil: not told from the noise.
        var echo: Double?
        /// From playing to hearing, milliseconds; nil: the sweep did not come back.
        var delay: Double?
        /// How like the sweep what came back is, 0…1.
        var likeness: Double
    }

    /// Examines what was heard while the signal was played, sample by sample from its beginning.
    func examine(_ heard: [Int16]) -> Findings {
        func range(_ from: Int, _ to: Int) -> ArraySlice<Int16> {
            heard[min(from, heard.count)..<min(max(from, to), heard.count)]
        }
        // The pause before the tone, and the tone without the time that it may take to come back.
        let noise = Self.decibels(range(Self.pause / 4, Self.pause))
        let tone = Self.decibels(
            amplitude: Self.share(of: frequency, in: range(toneStart + 6000, toneStart + toneLength)))
        let (delay, likeness) = place(in: range(sweepStart, length))
        // A tone within the noise is the noise's.
        let isTold = tone > noise + 6 && tone > -90
        return Findings(
            noise: noise, heard: tone, echo: isTold ? tone - level : nil,
            delay: likeness > 0.5 ? Double(delay) / 8 : nil, likeness: likeness)
    }

    /// Where in what was heard the sweep is most alike, and how alike (normalised cross-correlation).
    private func place(in heard: ArraySlice<Int16>) -> (Int, Double) {
        let sweep = (0..<Self.sweepLength).map { Self.sweep($0) }
        let energy = sweep.reduce(0) { $0 + $1 * $1 }
        let samples = heard.map(Double.init)
        var best = (place: 0, likeness: 0.0)
        guard samples.count > sweep.count else { return best }
        var power = samples[..<sweep.count].reduce(0) { $0 + $1 * $1 }
        for place in 0..<samples.count - sweep.count {
            if power > 1 {
                var sum = 0.0
                for index in 0..<sweep.count { sum += sweep[index] * samples[place + index] }
                let likeness = abs(sum) / (energy * power).squareRoot()
                if likeness > best.likeness { best = (place, likeness) }
            }
            power += samples[place + sweep.count] * samples[place + sweep.count] - samples[place] * samples[place]
        }
        return best
    }

    private static func decibels(_ samples: ArraySlice<Int16>) -> Double {
        guard !samples.isEmpty else { return -120 }
        let power = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)
        return max(-120, 10 * log10(max(power, 1e-12) / (32_767.0 * 32_767.0)))
    }

    /// - Parameter amplitude: a sine's peak, full scale is 1.
    private static func decibels(amplitude: Double) -> Double {
        max(-120, 20 * log10(max(amplitude / 2.0.squareRoot(), 1e-9)))
    }

    /// The amplitude of one frequency (Goertzel), full scale is 1: over pieces of 100 ms, since a card's clock moves the
    /// frequency by more than the whole stretch would resolve.
    private static func share(of frequency: Double, in samples: ArraySlice<Int16>) -> Double {
        let piece = rate / 10
        guard samples.count >= piece else { return 0 }
        let factor = 2 * cos(2 * .pi * frequency / Double(rate))
        var sum = 0.0
        var count = 0
        var start = samples.startIndex
        while start + piece <= samples.endIndex {
            var (one, two) = (0.0, 0.0)
            for sample in samples[start..<start + piece] {
                (one, two) = (Double(sample) / 32_767 + factor * one - two, one)
            }
            sum += max(0, one * one + two * two - factor * one * two) * 4 / Double(piece * piece)
            count += 1
            start += piece
        }
        return (sum / Double(count)).squareRoot()
    }
}
