import Foundation
import Media
import Testing

/// Recordings made into prompts.
@Suite struct PromptsLevelTests {
    /// Source rates and levels; the result is at the common level and keeps its pitch.
    @Test(arguments: [8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000], [0.01, 0.2, 0.9])
    func bringsToLevel(_ rate: Int, _ level: Double) {
        let audio = AudioFile(samples: PromptsFolder.tone(1000, seconds: 0.6, level: level, rate: rate), rate: rate)
        let samples = PromptLevel.normalise(audio)
        #expect(abs(PromptLevel.speechLevel(samples) - PromptLevel.target) < 0.6)
        // 600 ms, 30 before, 120 after; the resampler may smear an edge by a few milliseconds.
        #expect(abs(samples.count - 6000) <= 160)
        let middle = Array(samples[1000..<4000])
        let tone = PromptsFolder.share(of: 1000, in: middle)
        #expect(abs(20 * log10(tone) - -15) < 0.6, "a sine's peak is 3 dB above its RMS")
        #expect(PromptsFolder.share(of: 2000, in: middle) < tone / 100)
    }

    @Test func whatTelephonesDoNotCarryIsRemoved() {
        // 6 kHz would fold to 2 kHz at 8,000 samples a second.
        let high = PromptsFolder.tone(6000, seconds: 0.5, level: 0.3, rate: 24_000)
        let speech = PromptsFolder.tone(1000, seconds: 0.5, level: 0.3, rate: 24_000)
        let hum = PromptsFolder.tone(50, seconds: 0.5, level: 0.3, rate: 24_000)
        let mixed = zip(zip(high, speech), hum).map { $0.0 + $0.1 + $1 }
        let samples = Array(PromptLevel.normalise(AudioFile(samples: mixed, rate: 24_000))[800..<3600])
        let tone = PromptsFolder.share(of: 1000, in: samples)
        #expect(PromptsFolder.share(of: 2000, in: samples) < tone / 300)
        #expect(PromptsFolder.share(of: 50, in: samples) < tone / 6)
    }

    @Test func cutsSilenceAndKeepsTheMargins() throws {
        let quiet = [Int16](repeating: 0, count: 8000)
        let samples = PromptLevel.normalise(
            AudioFile(samples: quiet + PromptsFolder.tone(500, seconds: 0.4) + quiet, rate: 8000))
        let first = try #require(samples.firstIndex { abs(Int($0)) > 1000 })
        let last = try #require(samples.lastIndex { abs(Int($0)) > 1000 })
        #expect(abs(first - 240) < 60)
        #expect(abs(samples.count - last - 960) < 80)
    }

    @Test func pausesDoNotMakeAPromptLouder() {
        let pause = [Int16](repeating: 0, count: 12_000)
        let tone = PromptsFolder.tone(500, seconds: 0.5, level: 0.05)
        let samples = PromptLevel.normalise(AudioFile(samples: tone + pause + tone, rate: 8000))
        #expect(abs(PromptLevel.speechLevel(samples) - PromptLevel.target) < 0.6)
        #expect(samples.count > 19_000)
    }

    @Test func peaksAreBentNotCut() {
        // One loud syllable among soft ones wants more gain than the ceiling has room for.
        let soft = PromptsFolder.tone(500, seconds: 1, level: 0.05)
        let loud = PromptsFolder.tone(700, seconds: 0.05, level: 0.9)
        let samples = PromptLevel.normalise(AudioFile(samples: soft + loud + soft, rate: 8000))
        let peak = samples.map { abs(Int($0)) }.max() ?? 0
        #expect(peak > 16_000 && Double(peak) <= PromptLevel.ceiling * 32_768)
    }

    @Test func twoChannelsBecomeOne() {
        let tone = PromptsFolder.tone(500, seconds: 0.5)
        let stereo = AudioFile(samples: tone.flatMap { [$0, $0] }, rate: 8000, channels: 2)
        let same = PromptLevel.normalise(stereo) == PromptLevel.normalise(AudioFile(samples: tone, rate: 8000))
        #expect(same)
    }

    @Test(arguments: [0, 1, 50, 8000])
    func silenceGivesNothing(_ count: Int) {
        #expect(PromptLevel.normalise(AudioFile(samples: Array(repeating: 0, count: count), rate: 8000)).isEmpty)
        #expect(PromptLevel.normalise(AudioFile(samples: Array(repeating: 5, count: count), rate: 24_000)).isEmpty)
    }

    @Test func isTheSameEveryTime() {
        let audio = AudioFile(samples: PromptsFolder.tone(333, seconds: 0.7, rate: 22_050), rate: 22_050)
        let same = PromptLevel.normalise(audio) == PromptLevel.normalise(audio)
        #expect(same)
    }
}
