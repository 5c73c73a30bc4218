import Media
import Testing

@Suite struct ToneTests {
    func generate(_ tone: Tone, samples: Int, by chunk: Int = 160) -> [Int16] {
        var generator = ToneGenerator(tone)
        var all: [Int16] = []
        var buffer = [Int16](repeating: 0, count: chunk)
        while all.count < samples, !generator.isFinished {
            let count = generator.fill(&buffer, count: min(chunk, samples - all.count))
            all += buffer.prefix(count)
        }
        return all
    }

    /// The power of one frequency (Goertzel), as a share of all.
    func share(_ samples: [Int16], of frequency: Double) -> Double {
        var sine = Sine(frequency: frequency, level: 3.14)
        var real = 0.0
        var imaginary = 0.0
        var total = 0.0
        // A quarter of a period apart, by two runs of the same generator.
        var quarter = Sine(frequency: frequency, level: 3.14)
        let shift = Int((2000 / frequency).rounded())
        for _ in 0..<shift { _ = quarter.next() }
        for sample in samples {
            real += Double(sample) * sine.next() / 32_767
            imaginary += Double(sample) * quarter.next() / 32_767
            total += Double(sample) * Double(sample)
        }
        return (real * real + imaginary * imaginary) * 2 / Double(samples.count) / total
    }

    @Test func theRingBackToneHasItsFrequencyLevelAndCadence() {
        let samples = generate(.ringBack, samples: 80_000)
        #expect(samples.count == 80_000)
        let on = Array(samples[0..<8000])
        #expect(abs(share(on, of: 450) - 1) < 0.1)
        #expect(share(on, of: 600) < 0.01)
        #expect(samples[8000..<40_000].allSatisfy { $0 == 0 })
        #expect(Array(samples[40_000..<48_000]) == on)
        // -10 dBm0 is 13.14 dB below a full sine, which is 3.01 dB below the overload point's square wave.
        let level = LevelMeter.decibels(on, count: on.count)
        #expect(abs(level + 16.15) < 0.05)
    }

    @Test func chunksDoNotShow() {
        let tone = Tone(frequency: 1000, level: -13, onMilliseconds: 37, offMilliseconds: 21, repeats: 5)
        let whole = generate(tone, samples: 100_000, by: 100_000)
        #expect(whole.count == 58 * 8 * 5)
        for chunk in [1, 7, 80, 160, 333] { #expect(generate(tone, samples: 100_000, by: chunk) == whole) }
    }

    @Test func aToneWithoutAPauseHasNoSeam() {
        let samples = generate(
            Tone(frequency: 450, level: -10, onMilliseconds: 33, offMilliseconds: 0, repeats: 30), samples: 7920)
        #expect(samples.count == 7920)
        #expect(share(samples, of: 450) > 0.95)
    }

    @Test(arguments: [
        (Tone(frequency: 450, level: -10, onMilliseconds: 0, offMilliseconds: 0, repeats: 0), 0),
        (Tone(frequency: 450, level: -10, onMilliseconds: -5, offMilliseconds: -5, repeats: -1), 0),
        (Tone(frequency: 450, level: -10, onMilliseconds: 0, offMilliseconds: 10, repeats: 2), 160),
        (Tone(frequency: .max, level: .max, onMilliseconds: 1, offMilliseconds: 0, repeats: 1), 8),
        (Tone(frequency: .min, level: .min, onMilliseconds: 1, offMilliseconds: 0, repeats: 1), 8),
        (Tone(frequency: 450, level: 0, onMilliseconds: .max, offMilliseconds: .max, repeats: .max), 1000),
    ])
    func senselessTonesAreHarmless(tone: Tone, count: Int) {
        #expect(generate(tone, samples: 1000).count == count)
    }

    @Test func aSineStaysItselfForAnHour() {
        var sine = Sine(frequency: 450, level: 0)
        var greatest = 0.0
        for _ in 0..<(3600 * 8000 - 8000) { _ = sine.next() }
        for _ in 0..<8000 { greatest = max(greatest, abs(sine.next())) }
        #expect(abs(greatest - Sine.peak(level: 0)) < 1)
    }
}
