/// Random numbers that are the same in every run (SplitMix64), so that what failed once fails again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// Damages datagrams: bits, bytes, stretches, numbers, lines.
struct Mutator {
    private var generator: SeededGenerator
    private static let numbers = ["-1", "0", "65536", "4294967296", "99999999999999999999", "00000000000000000001"]

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func mutate(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &generator) { step(&bytes) }
        // What does not fit a datagram would not be sent at all.
        return Array(bytes.prefix(8000))
    }

    private mutating func step(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = [UInt8.random(in: 0...255, using: &generator)]
            return
        }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        let length = Int.random(in: 1...min(64, bytes.count - place), using: &generator)
        let stretch = place..<place + length
        switch Int.random(in: 0..<9, using: &generator) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 2: bytes.removeSubrange(stretch)
        case 3: bytes.insert(contentsOf: Array(bytes[stretch]), at: place)
        case 4: bytes.removeSubrange(place...)
        case 5:
            for index in stretch { bytes[index] = UInt8.random(in: 0...255, using: &generator) }
        case 6: number(&bytes, from: place)
        case 7:
            let other = Int.random(in: 0..<bytes.count, using: &generator)
            bytes.swapAt(place, other)
        default: bytes.insert(contentsOf: Array(repeating: bytes[place], count: length * 8), at: place)
        }
    }

    /// Puts an awkward number in the place of the next run of digits.
    private mutating func number(_ bytes: inout [UInt8], from place: Int) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = bytes[place...].firstIndex(where: digits.contains) else { return }
        let last = bytes[first...].firstIndex { !digits.contains($0) } ?? bytes.endIndex
        let text = Self.numbers[Int.random(in: 0..<Self.numbers.count, using: &generator)]
        bytes.replaceSubrange(first..<last, with: Array(text.utf8))
    }
}
