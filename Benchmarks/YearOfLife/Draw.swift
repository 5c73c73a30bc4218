/// Draws that are the same in every run (SplitMix64).
///
/// Each thing of the year has a stream of its own, so that one draw more for a call changes nothing of the next.
struct Draw: Sendable {
    /// What has a stream of its own.
    enum Stream: UInt64 {
        case year, day, call, order, outgoing, penalty, duty, outage, server
    }

    private var state: UInt64

    init(seed: UInt64, _ stream: Stream, _ index: Int = 0) {
        state = seed
        state = next() ^ stream.rawValue &* 0xD6E8_FEB8_6659_FD93
        state = next() ^ UInt64(bitPattern: Int64(index)) &* 0xA076_1D64_78BD_642F
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    /// 0…count − 1, count at least 1.
    mutating func below(_ count: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(max(1, count))).high) }

    /// True so many times of a thousand.
    mutating func chance(_ perMille: Int) -> Bool { below(1000) < perMille }

    /// Even over both ends.
    mutating func within(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(below(Int(range.upperBound - range.lowerBound + 1)))
    }

    /// 0 to less than 1.
    private mutating func fraction() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    /// Most draws lie near the lower end: half of them within the first eighth.
    mutating func skewed(_ range: ClosedRange<Int64>) -> Int64 {
        let part = fraction()
        return range.lowerBound + Int64(Double(range.upperBound - range.lowerBound) * part * part * part)
    }

    /// One of several.
    mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

    /// One by weights.
    mutating func weighted<Value>(_ values: [(Value, Int)]) -> Value {
        var rest = below(values.reduce(0) { $0 + $1.1 })
        for (value, weight) in values {
            if rest < weight { return value }
            rest -= weight
        }
        return values[0].0
    }

    /// Lower-case hexadecimal digits.
    mutating func hex(_ digits: Int) -> String {
        var text = ""
        while text.utf8.count < digits {
            let part = String(next(), radix: 16)
            text += String(repeating: "0", count: 16 - part.utf8.count) + part
        }
        return String(text.prefix(digits))
    }
}
