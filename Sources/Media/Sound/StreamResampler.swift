import CSpeexDSP

/// Changes the rate of a stream of mono samples, by a ratio that may be changed at any time (speexdsp). Used by one
/// thread.
struct StreamResampler: ~Copyable {
    /// Passes up to 3.5 kHz at 8,000 a second; delays by 4 ms.
    private static let quality: Int32 = 4
    /// Where the ratio's denominator is sought. speexdsp multiplies an old one by a new one in 32 bits, and where that
    /// fails it is left in a state in which it reads beyond its memory; a small one would cost the place between two
    /// samples at each change.
    private static let denominators: ClosedRange<UInt32> = 60_000...65_535
    /// Smaller changes are left: the nearest ratio to a simple one is 15 ppm off.
    private static let leastChange = 8.0

    private let state: OpaquePointer
    private let from: Int
    private let to: Int
    private var set = 0.0

    /// - Parameters: rates in samples a second.
    /// - Throws: `MediaError` with code `.limit` where there is no memory.
    init(from: Int, to: Int) throws(MediaError) {
        self.from = from
        self.to = to
        var status: Int32 = 0
        let ratio = Self.ratio(from: from, to: to, partsPerMillion: 0)
        let made = speex_resampler_init_frac(
            1, ratio.numerator, ratio.denominator, UInt32(from), UInt32(to), Self.quality, &status)
        guard let made, status == 0 else {
            throw MediaError(.limit, "no memory for a resampler from \(from) to \(to) Hz")
        }
        state = made
    }

    deinit { speex_resampler_destroy(state) }

    /// The input comes by so much faster than its rate says.
    mutating func adjust(partsPerMillion: Double) {
        guard abs(partsPerMillion - set) >= Self.leastChange else { return }
        let ratio = Self.ratio(from: from, to: to, partsPerMillion: partsPerMillion)
        let status = speex_resampler_set_rate_frac(
            state, ratio.numerator, ratio.denominator, UInt32(from), UInt32(to))
        // Without memory for it the old ratio goes on, and the next turn tries again.
        if status == 0 { set = partsPerMillion }
    }

    /// Moves samples through, as far as input and room for output go.
    mutating func process(
        _ input: UnsafePointer<Int16>, count: Int, into output: UnsafeMutablePointer<Int16>, room: Int
    ) -> (read: Int, written: Int) {
        var read = UInt32(count)
        var written = UInt32(room)
        speex_resampler_process_int(state, 0, input, &read, output, &written)
        return (Int(read), Int(written))
    }

    /// The nearest ratio in lowest terms; 16 ppm off at most, mostly far less.
    private static func ratio(
        from: Int, to: Int, partsPerMillion: Double
    ) -> (numerator: UInt32, denominator: UInt32) {
        let exact = Double(from) / Double(to) * (1 + partsPerMillion * 1e-6)
        var best: (numerator: UInt32, denominator: UInt32) = (0, 1)
        var bestError = Double.infinity
        for denominator in denominators {
            let middle = (exact * Double(denominator)).rounded()
            for step in -1...1 {
                let numerator = middle + Double(step)
                let error = abs(numerator / Double(denominator) - exact)
                guard error < bestError, divisor(UInt32(numerator), denominator) == 1 else { continue }
                best = (UInt32(numerator), denominator)
                bestError = error
            }
        }
        return best
    }

    private static func divisor(_ a: UInt32, _ b: UInt32) -> UInt32 { b == 0 ? a : divisor(b, a % b) }
}
