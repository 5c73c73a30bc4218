import Media

/// The signals that a far end makes: keys as pairs of tones (ITU-T Q.23), and single tones. 8,000 samples a second.
package enum KeyTones {
    /// Samples of a key's tones, and of the pause behind them: 100 ms each.
    package static let samplesDown = 800
    package static let samplesUp = 800

    /// Both frequencies of a key in Hz; nil for what is no key.
    package static func frequencies(of key: Character) -> (low: Double, high: Double)? {
        let rows: [(keys: [Character], low: Double)] = [
            (["1", "2", "3", "A"], 697), (["4", "5", "6", "B"], 770), (["7", "8", "9", "C"], 852),
            (["*", "0", "#", "D"], 941),
        ]
        let columns: [Double] = [1209, 1336, 1477, 1633]
        for row in rows {
            if let column = row.keys.firstIndex(of: key) { return (row.low, columns[column]) }
        }
        return nil
    }

    /// Keys one after the other, each tone at -8 dBm0. What is no key is left out.
    package static func samples(of keys: String) -> [Int16] {
        keys.flatMap { key -> [Int16] in
            guard let pair = frequencies(of: key) else { return [] }
            var low = Sine(frequency: pair.low, level: -8)
            var high = Sine(frequency: pair.high, level: -8)
            let tones = (0..<samplesDown).map { _ in Int16(low.next() + high.next()) }
            return tones + [Int16](repeating: 0, count: samplesUp)
        }
    }

    /// - Parameters: Hz, dBm0, milliseconds.
    package static func tone(frequency: Int, level: Int, milliseconds: Int64) -> [Int16] {
        var sine = Sine(frequency: Double(frequency), level: Double(level))
        return (0..<Int(milliseconds) * 8).map { _ in Int16(sine.next()) }
    }
}
