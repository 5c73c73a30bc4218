import Foundation

/// A radix-2 Fourier transform, enough for correlating seconds of telephone audio.
enum FFT {
    /// Transforms in place; the count must be a power of two. `inverse` leaves the factor 1/n to the caller.
    static func transform(_ real: inout [Double], _ imaginary: inout [Double], inverse: Bool) {
        let count = real.count
        precondition(count == imaginary.count && count & (count - 1) == 0)
        var j = 0
        for i in 1..<max(1, count) {
            var bit = count >> 1
            while j & bit != 0 {
                j ^= bit
                bit >>= 1
            }
            j |= bit
            if i < j {
                real.swapAt(i, j)
                imaginary.swapAt(i, j)
            }
        }
        var length = 2
        while length <= count {
            let angle = (inverse ? 2 : -2) * Double.pi / Double(length)
            let half = length / 2
            let cosines = (0..<half).map { cos(angle * Double($0)) }
            let sines = (0..<half).map { sin(angle * Double($0)) }
            for start in stride(from: 0, to: count, by: length) {
                for k in 0..<half {
                    let a = start + k
                    let b = a + half
                    let re = real[b] * cosines[k] - imaginary[b] * sines[k]
                    let im = real[b] * sines[k] + imaginary[b] * cosines[k]
                    real[b] = real[a] - re
                    imaginary[b] = imaginary[a] - im
                    real[a] += re
                    imaginary[a] += im
                }
            }
            length <<= 1
        }
    }

    /// `result[lag] = Σ template[i] · signal[lag + i]` for every lag at which the template lies within the signal.
    static func correlate(_ template: [Double], in signal: [Double]) -> [Double] {
        guard !template.isEmpty, template.count <= signal.count else { return [] }
        var size = 1
        while size < signal.count + template.count { size <<= 1 }
        var aReal = signal + [Double](repeating: 0, count: size - signal.count)
        var aImaginary = [Double](repeating: 0, count: size)
        var bReal = template + [Double](repeating: 0, count: size - template.count)
        var bImaginary = [Double](repeating: 0, count: size)
        transform(&aReal, &aImaginary, inverse: false)
        transform(&bReal, &bImaginary, inverse: false)
        for i in 0..<size {
            // Times the conjugate: correlation, not convolution.
            let re = aReal[i] * bReal[i] + aImaginary[i] * bImaginary[i]
            aImaginary[i] = aImaginary[i] * bReal[i] - aReal[i] * bImaginary[i]
            aReal[i] = re
        }
        transform(&aReal, &aImaginary, inverse: true)
        return aReal[...(signal.count - template.count)].map { $0 / Double(size) }
    }
}
