import Foundation

/// Changes the rate of a whole recording by windowed-sinc interpolation (Kaiser window, about 70 dB). Off line only: it
/// looks 10 ms ahead and back.
struct Resampler {
    private let from: Int
    private let to: Int
    /// The passed band's end as a share of the source's rate.
    private let cutoff: Double
    /// Taps on each side of the middle.
    private let reach: Int

    /// - Parameters: rates in samples a second, 1,000 or more each.
    init(from: Int, to: Int) {
        self.from = from
        self.to = to
        let lower = Double(min(from, to))
        cutoff = 0.45 * lower / Double(from)
        // The transition from 0.45 to 0.5 of the lower rate asks for about 80 of its samples.
        reach = Int(Double(from) / lower * 45)
    }

    func resample(_ samples: [Double]) -> [Double] {
        guard from != to, !samples.isEmpty else { return samples }
        let count = Int((Double(samples.count) * Double(to) / Double(from)).rounded(.up))
        // The fraction between two samples takes `to / gcd` values; each has its own kernel.
        let divisor = Self.gcd(from, to)
        let phases = to / divisor
        let kernels = (0..<phases).map { kernel(Double($0) / Double(phases)) }
        return (0..<count).map { index in
            let position = index * (from / divisor)
            let middle = position / phases
            let kernel = kernels[position % phases]
            var sum = 0.0
            for tap in max(0, middle - reach + 1)..<max(0, min(samples.count, middle + reach + 1)) {
                sum += samples[tap] * kernel[tap - middle + reach - 1]
            }
            return sum
        }
    }

    /// Weights of the samples from `reach - 1` before to `reach` after the position, `fraction` past the middle one.
    private func kernel(_ fraction: Double) -> [Double] {
        let raw = (1 - reach...reach).map { tap in
            let distance = Double(tap) - fraction
            let angle = 2 * .pi * cutoff * distance
            let sinc = abs(angle) < 1e-9 ? 1 : sin(angle) / angle
            let edge = distance / Double(reach)
            return edge * edge >= 1 ? 0 : sinc * Self.bessel(6.5 * (1 - edge * edge).squareRoot())
        }
        let sum = raw.reduce(0, +)
        return raw.map { $0 / sum }
    }

    /// The modified Bessel function of order 0, by its power series.
    private static func bessel(_ x: Double) -> Double {
        var term = 1.0, sum = 1.0, k = 1.0
        while term > sum * 1e-12 {
            term *= (x / (2 * k)) * (x / (2 * k))
            sum += term
            k += 1
        }
        return sum
    }

    private static func gcd(_ a: Int, _ b: Int) -> Int { b == 0 ? a : gcd(b, a % b) }
}
