import Foundation
import Lines
import Testing

@Suite struct KeyTonesTests {
    /// Goertzel: the share of the power that lies at one frequency, 0…1.
    static func share(_ samples: [Int16], _ frequency: Double) -> Double {
        let factor = 2 * cos(2 * Double.pi * frequency / 8000)
        var last = 0.0, beforeLast = 0.0, total = 0.0
        for sample in samples {
            let value = Double(sample)
            (last, beforeLast) = (value + factor * last - beforeLast, last)
            total += value * value
        }
        guard total > 0 else { return 0 }
        let power = last * last + beforeLast * beforeLast - factor * last * beforeLast
        return 2 * power / (total * Double(samples.count))
    }

    @Test(arguments: Array("123A456B789C*0#D").enumerated().map { ($0, $1) })
    func `each key has its row and its column`(_ index: Int, _ key: Character) {
        let rows = [697.0, 770, 852, 941]
        let columns = [1209.0, 1336, 1477, 1633]
        let samples = KeyTones.samples(of: String(key))
        #expect(samples.count == 1600)
        let tone = Array(samples[..<800])
        for (row, frequency) in rows.enumerated() {
            let share = Self.share(tone, frequency)
            #expect(row == index / 4 ? abs(share - 0.5) < 0.05 : share < 0.05, "\(key) at \(frequency): \(share)")
        }
        for (column, frequency) in columns.enumerated() {
            let share = Self.share(tone, frequency)
            #expect(column == index % 4 ? abs(share - 0.5) < 0.05 : share < 0.05, "\(key) at \(frequency): \(share)")
        }
        #expect(samples[800...].allSatisfy { $0 == 0 })
        // Two tones of -8 dBm0 each: 3 dB more together, 0 dBm0 being 6.14 dB below a full sine's square.
        let energy = tone.reduce(0.0) { $0 + Double($1) * Double($1) } / 800
        let level = 10 * log10(energy / (32_767 * 32_767 / 2)) + 3.14
        #expect(abs(level - -5) < 0.3, "\(level)")
    }

    @Test func `what is no key has no tones`() {
        #expect(KeyTones.samples(of: "x").isEmpty)
        #expect(KeyTones.frequencies(of: "a") == nil)
        #expect(KeyTones.samples(of: "1x2").count == 3200)
    }

    @Test func `a tone has its frequency, level and length`() {
        let tone = KeyTones.tone(frequency: 450, level: -10, milliseconds: 1000)
        #expect(tone.count == 8000)
        #expect(Self.share(tone, 450) > 0.99)
        let energy = tone.reduce(0.0) { $0 + Double($1) * Double($1) } / 8000
        #expect(abs(10 * log10(energy / (32_767 * 32_767 / 2)) + 3.14 - -10) < 0.1)
    }
}
