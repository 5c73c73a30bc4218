import Foundation

/// Linear tones for files and fall-backs; the media thread's tones are made elsewhere.
package enum ToneSamples {
    /// A sine with edges of 5 ms, so that it does not click.
    /// - Parameters:
    ///   - frequency: Hz.
    ///   - amplitude: the peak, 0…32,767.
    package static func sine(frequency: Double, amplitude: Double, milliseconds: Int, rate: Int) -> [Int16] {
        let count = rate * milliseconds / 1000
        let edge = max(1, rate / 200)
        return (0..<count).map { index in
            let slope = min(1, Double(min(index, count - 1 - index)) / Double(edge))
            return Int16(amplitude * slope * sin(2 * .pi * frequency * Double(index) / Double(rate)))
        }
    }
}
