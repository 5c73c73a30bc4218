import AudioMeasure
import Foundation
import Testing

/// The measures themselves, before anything is judged by them.
@Suite struct SignalTests {
    private static func tone(_ frequency: Double, seconds: Double, level: Double = 0.3) -> Signal {
        Signal(
            samples: (0..<Int(seconds * 8000)).map { level * sin(2 * Double.pi * frequency * Double($0) / 8000) },
            rate: 8000)
    }

    private static func noise(_ count: Int, seed: UInt64) -> [Double] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Double.random(in: -0.3...0.3, using: &generator) }
    }

    @Test func goertzelFindsItsFrequencyOnly() {
        let tone = Self.tone(1000, seconds: 0.5)
        #expect(tone.share(of: 1000) > 0.99)
        #expect(tone.share(of: 440) < 0.01)
        #expect(abs(tone.rms - 0.3 / 2.0.squareRoot()) < 0.001)
        #expect(Signal(samples: Self.noise(4000, seed: 1), rate: 8000).share(of: 1000) < 0.05)
    }

    @Test func stretchesOfAToneAreFoundWhereTheyAre() throws {
        let silence = [Double](repeating: 0, count: 8000)
        let signal = Signal(samples: silence + Self.tone(1000, seconds: 2).samples + silence, rate: 8000)
        let found = signal.stretches(of: 1000)
        let stretch = try #require(found.first)
        #expect(found.count == 1)
        #expect(abs(stretch.lowerBound - 1) <= 0.02)
        #expect(abs(stretch.upperBound - 3) <= 0.02)
    }

    @Test func correlationFindsATemplateQuieterAndNoisy() {
        let template = Self.noise(8000, seed: 2)
        let other = Self.noise(30_000, seed: 3).map { $0 * 0.1 }
        var samples = other
        for (index, value) in template.enumerated() { samples[12_345 + index] += value * 0.5 }
        let match = Signal(samples: samples, rate: 8000).match(Signal(samples: template, rate: 8000))
        #expect(match.correlation > 0.9)
        #expect(abs(match.at - 12_345.0 / 8000) < 0.0002)
        let nothing = Signal(samples: other, rate: 8000).match(Signal(samples: template, rate: 8000))
        #expect(nothing.correlation < 0.2)
    }

    @Test func aStretchedTemplateIsFoundByItsPieces() {
        let template = Signal(samples: Self.noise(12_000, seed: 4), rate: 8000)
        // Longer by 500 ppm, by linear interpolation, amid noise.
        let stretched = (0..<12_000).map { index in
            let place = Double(index) / 1.0005
            let whole = Int(place)
            let next = min(whole + 1, 11_999)
            let from = template.samples[whole]
            return from + (template.samples[next] - from) * (place - Double(whole))
        }
        let around = Self.noise(16_000, seed: 5)
        let heard = Signal(samples: around[..<8000] + stretched + around[8000...], rate: 8000)
        #expect(heard.fit(template) > heard.match(template).correlation)
        #expect(heard.fit(template) > 0.6)
        #expect(Signal(samples: Self.noise(30_000, seed: 6), rate: 8000).fit(template) < 0.2)
        // The same pieces in another order are not the template.
        let halves = Signal(samples: Array(template.samples[6000...] + template.samples[..<6000]), rate: 8000)
        #expect(halves.fit(template) < 0.6)
    }

    @Test func aLawOfTheFixturesIsG711() {
        // ITU-T G.711 table 1a: the ends, and the smallest values of either sign.
        #expect(ALaw.encode(0) == 0xD5)
        #expect(ALaw.encode(-1.0 / 32768) == 0x55 || ALaw.encode(-1.0 / 32768) == 0xD5)
        #expect(ALaw.encode(1) == 0xAA)
        #expect(ALaw.encode(-1) == 0x2A)
    }

    @Test func pcapHoldsWhatWasAsked() {
        var pcap = Pcap()
        pcap.tone(1000, milliseconds: 100)
        pcap.key(2)
        let bytes = pcap.bytes
        // 5 packets of audio, 5 of the key, its end three times; each with 16 + 14 + 20 + 8 + 12 bytes of headers.
        #expect(bytes.count == 24 + 5 * (70 + 160) + 8 * (70 + 4))
        #expect(Array(bytes.prefix(4)) == [0xD4, 0xC3, 0xB2, 0xA1])
    }

    @Test func theMutatorIsTheSameInEveryRunAndAlwaysDoesSomething() {
        let original = Array("OPTIONS sip:95598@127.0.0.1 SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n".utf8)
        var first = Mutator(seed: 7)
        var second = Mutator(seed: 7)
        var changed = 0
        for _ in 0..<200 {
            let one = first.mutate(original)
            #expect(one == second.mutate(original))
            if one != original { changed += 1 }
        }
        #expect(changed > 180)
    }
}
