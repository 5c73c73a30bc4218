import Foundation

/// One channel of audio, with what the tests ask of it. Audio is asserted by content, never by wall-clock time.
package struct Signal {
    /// −1…1.
    package var samples: [Double]
    /// Samples a second.
    package var rate: Int

    package init(samples: [Double], rate: Int) {
        self.samples = samples
        self.rate = rate
    }

    package var seconds: Double { Double(samples.count) / Double(rate) }

    /// The part between two times, cut to what is there.
    package func part(from: Double, to: Double) -> Signal {
        let lower = min(max(0, Int(from * Double(rate))), samples.count)
        let upper = min(max(lower, Int(to * Double(rate))), samples.count)
        return Signal(samples: Array(samples[lower..<upper]), rate: rate)
    }

    package var rms: Double {
        samples.isEmpty ? 0 : (samples.reduce(0) { $0 + $1 * $1 } / Double(samples.count)).squareRoot()
    }

    /// The share of the power that lies at one frequency, 0…1 (Goertzel's algorithm over the whole signal).
    package func share(of frequency: Double) -> Double {
        let total = samples.reduce(0) { $0 + $1 * $1 }
        guard total > 0 else { return 0 }
        let coefficient = 2 * cos(2 * Double.pi * frequency / Double(rate))
        var (s1, s2) = (0.0, 0.0)
        for sample in samples { (s1, s2) = (sample + coefficient * s1 - s2, s1) }
        let power = s1 * s1 + s2 * s2 - coefficient * s1 * s2
        return min(1, 2 * power / (total * Double(samples.count)))
    }

    /// The stretches, in seconds, in which a frequency holds more than half of the power of each 20 ms frame.
    package func stretches(of frequency: Double, atLeast level: Double = 0.01) -> [ClosedRange<Double>] {
        let frame = rate / 50
        var found: [ClosedRange<Double>] = []
        var start: Int?
        for index in 0...(samples.count / frame) {
            let from = index * frame
            var present = false
            if from + frame <= samples.count {
                let part = Signal(samples: Array(samples[from..<from + frame]), rate: rate)
                present = part.rms > level && part.share(of: frequency) > 0.5
            }
            if present, start == nil { start = from }
            if !present, let begin = start {
                found.append(Double(begin) / Double(rate)...Double(from) / Double(rate))
                start = nil
            }
        }
        return found
    }

    /// Where the template fits best: the normalised correlation (1: the same up to loudness) and the second at which it begins.
    package func match(_ template: Signal) -> (correlation: Double, at: Double) {
        guard template.rate == rate, !template.samples.isEmpty, template.samples.count <= samples.count else {
            return (0, 0)
        }
        let products = FFT.correlate(template.samples, in: samples)
        let norm = template.samples.reduce(0) { $0 + $1 * $1 }
        var energy = samples[..<template.samples.count].reduce(0) { $0 + $1 * $1 }
        var best = (correlation: 0.0, at: 0)
        for lag in products.indices {
            if lag > 0 {
                let gone = samples[lag - 1]
                let come = samples[lag + template.samples.count - 1]
                energy += come * come - gone * gone
            }
            // Below this the stretch is silence and the quotient noise.
            guard energy > norm * 1e-4 else { continue }
            let value = products[lag] / (norm * energy).squareRoot()
            if value > best.correlation { best = (value, lag) }
        }
        return (best.correlation, Double(best.at) / Double(rate))
    }

    /// How much of the template is found piece by piece (0.25 s each), at the places where the pieces belong: the pieces'
    /// correlations, each by its share of the power. What has passed two clocks is stretched by some hundred ppm, and a
    /// sound server that comes late leaves out or repeats a fragment of some 20 ms, which a match of the whole would take
    /// for something else.
    package func fit(_ template: Signal) -> Double {
        let length = rate / 4
        var found: [(correlation: Double, start: Double, power: Double)] = []
        for start in stride(from: 0, through: template.samples.count - length, by: length) {
            let piece = Signal(samples: Array(template.samples[start..<start + length]), rate: rate)
            let (correlation, at) = match(piece)
            found.append(
                (correlation, at - Double(start) / Double(rate), piece.samples.reduce(0) { $0 + $1 * $1 }))
        }
        let total = found.reduce(0) { $0 + $1.power }
        guard total > 0 else { return 0 }
        // Where the whole begins, as most of the power says; a piece found elsewhere, further away than a few fragments,
        // is not found.
        func agreeing(_ start: Double) -> [(correlation: Double, start: Double, power: Double)] {
            found.filter { abs($0.start - start) < 0.1 }
        }
        let best = found.map { agreeing($0.start).reduce(0) { $0 + $1.correlation * $1.power } }.max() ?? 0
        return best / total
    }
}
