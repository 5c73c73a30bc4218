import Foundation

/// Telephone audio's shape: 8,000 Hz, speech at -18 dBFS, nothing clipped, little silence at the ends. The same
/// samples in give the same samples out.
///
/// Levels are RMS in dB below a full-scale square wave (a full-scale sine has -3 dBFS). "Speech" is found by two gates,
/// as in ITU-R BS.1770: 20 ms frames above -60 dBFS, and of those the ones that are not 10 dB below their mean. So
/// neither pauses nor a single loud sound decide about the level.
public enum PromptLevel {
    /// Samples a second of every prompt.
    public static let rate = 8000
    /// What speech is brought to, dBFS.
    public static let target = -18.0
    /// What music is brought to, dBFS: it is not to be talked against.
    public static let musicTarget = -24.0
    /// The level of a kind of prompt, dBFS.
    public static func target(of kind: PromptCatalog.Kind) -> Double {
        switch kind {
        case .speech: target
        case .music: musicTarget
        }
    }

    /// Kept before the first and after the last sound, milliseconds.
    public static let leading = 30
    public static let trailing = 120
    /// Nothing is louder than this share of full scale, so that G.711's coarse upper steps and later mixing have room.
    public static let ceiling = 0.95
    /// Below this share the limiter does nothing.
    private static let knee = 0.7
    /// 20 ms.
    private static let frame = rate / 50
    /// The gates' mean squares: -60 dBFS, and -10 dB as a factor.
    private static let absoluteGate = 1e-6
    private static let relativeGate = 0.1
    /// Quieter than this a file holds no speech, dBFS.
    public static let silence = -50.0

    /// A recording or a voice's output, made into a prompt's samples: one channel, 8,000 Hz, rumble below 150 Hz and
    /// all above 3,600 Hz removed, trimmed, levelled, limited. Empty where there is nothing but silence.
    /// - Parameters:
    ///   - audio: of 8,000 Hz or more; several channels are averaged.
    ///   - kind: music keeps its ends as they are, so that its end runs into its beginning.
    public static func normalise(_ audio: AudioFile, as kind: PromptCatalog.Kind = .speech) -> [Int16] {
        var samples = mono(audio)
        samples = Resampler(from: audio.rate, to: rate).resample(samples)
        highPass(&samples, frequency: 150)
        if kind == .speech { samples = trim(samples) }
        guard speechLevel(samples) > silence else { return [] }
        // Limiting lowers the level a little, hence several rounds.
        for _ in 0..<4 {
            let gain = pow(10, (target(of: kind) - speechLevel(samples)) / 20)
            for index in samples.indices { samples[index] = limit(samples[index] * gain) }
        }
        if kind == .speech { fade(&samples) }
        return samples.map { Int16(max(-32_768, min(32_767, ($0 * 32_768).rounded()))) }
    }

    /// The level of speech in samples, dBFS; -100 where there is none.
    public static func speechLevel(_ samples: [Int16]) -> Double { speechLevel(samples.map { Double($0) / 32_768 }) }

    private static func speechLevel(_ samples: [Double]) -> Double {
        let sounding = frames(samples).filter { $0 > absoluteGate }
        let mean = sounding.reduce(0, +) / Double(max(1, sounding.count))
        let speech = sounding.filter { $0 >= mean * relativeGate }
        guard !speech.isEmpty else { return -100 }
        return 10 * log10(speech.reduce(0, +) / Double(speech.count))
    }

    /// The mean square of each 20 ms frame; a shorter rest counts as a frame of its own.
    private static func frames(_ samples: [Double]) -> [Double] {
        stride(from: 0, to: samples.count, by: frame).map { start in
            let part = samples[start..<min(start + frame, samples.count)]
            return part.reduce(0) { $0 + $1 * $1 } / Double(part.count)
        }
    }

    private static func mono(_ audio: AudioFile) -> [Double] {
        let scale = 1 / (32_768 * Double(max(1, audio.channels)))
        return (0..<audio.frames).map { frame in
            var sum = 0
            for channel in 0..<audio.channels { sum += Int(audio.samples[frame * audio.channels + channel]) }
            return Double(sum) * scale
        }
    }

    /// Cuts the ends that lie 40 dB below the speech, but for the margins; adds what of the margins is missing.
    private static func trim(_ samples: [Double]) -> [Double] {
        let step = rate / 200
        let threshold = pow(10, (speechLevel(samples) - 40) / 10)
        func sounds(_ start: Int) -> Bool {
            let part = samples[start..<min(start + step, samples.count)]
            return part.reduce(0) { $0 + $1 * $1 } / Double(part.count) > threshold
        }
        let starts = Array(stride(from: 0, to: samples.count, by: step))
        guard let first = starts.first(where: sounds), let last = starts.last(where: sounds) else { return [] }
        let before = rate * leading / 1000
        let after = rate * trailing / 1000
        let end = min(last + step, samples.count)
        let kept = samples[max(0, first - before)..<min(samples.count, end + after)]
        return Array(repeating: 0, count: max(0, before - first)) + kept
            + Array(repeating: 0, count: max(0, after - (samples.count - end)))
    }

    /// Above the knee bends the curve towards the ceiling, without a corner.
    private static func limit(_ sample: Double) -> Double {
        let size = abs(sample)
        guard size > knee else { return sample }
        let room = ceiling - knee
        return (sample < 0 ? -1 : 1) * (knee + room * tanh((size - knee) / room))
    }

    /// 5 ms at either end, so that prompts put together do not click.
    private static func fade(_ samples: inout [Double]) {
        let length = min(rate / 200, samples.count / 2)
        for index in 0..<length {
            let gain = Double(index) / Double(length)
            samples[index] *= gain
            samples[samples.count - 1 - index] *= gain
        }
    }

    /// A Butterworth high-pass of second order.
    private static func highPass(_ samples: inout [Double], frequency: Double) {
        let omega = tan(.pi * frequency / Double(rate))
        let norm = 1 / (1 + 2.0.squareRoot() * omega + omega * omega)
        let a1 = 2 * (omega * omega - 1) * norm
        let a2 = (1 - 2.0.squareRoot() * omega + omega * omega) * norm
        var x1 = 0.0, x2 = 0.0, y1 = 0.0, y2 = 0.0
        for index in samples.indices {
            let x = samples[index]
            let y = norm * (x - 2 * x1 + x2) - a1 * y1 - a2 * y2
            (x2, x1, y2, y1) = (x1, x, y1, y)
            samples[index] = y
        }
    }
}
