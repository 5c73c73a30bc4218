/// What one leg says, as a function of the sample's number since it began to speak: a loop of speech that begins
/// elsewhere in each leg, and over it, every half second, a mark of `Mark.length` bytes that names the leg and the
/// sample. So no two recordings are alike, and whoever hears a mark knows whose it is and when it was sent.
package struct Voice: Sendable {
    /// Samples between the beginnings of marks: 25 packets.
    package static let period = 4000
    /// Samples in a packet.
    package static let packet = 160

    /// Encoded speech; empty is silence.
    let speech: [UInt8]
    let idle: UInt8

    package init(speech: [UInt8], law: G711.Law) {
        self.speech = speech
        idle = law.idle
    }

    /// Where a leg's loop begins: a stride that shares no factor with usual lengths, so that neighbours differ.
    package static func offset(leg: Int, length: Int) -> Int { length == 0 ? 0 : leg &* 7919 % length }

    /// The byte that leg `leg` sends as its sample `number`.
    package func byte(leg: Int, number: Int) -> UInt8 {
        let inPeriod = number % Self.period
        if inPeriod < Mark.length {
            return Mark.bytes(leg: leg, period: number / Self.period)[inPeriod]
        }
        guard !speech.isEmpty else { return idle }
        return speech[(Self.offset(leg: leg, length: speech.count) + number) % speech.count]
    }

    /// Samples `range` of a leg.
    package func bytes(leg: Int, _ range: Range<Int>) -> [UInt8] {
        guard !range.isEmpty else { return [] }
        var out = [UInt8](repeating: idle, count: range.count)
        if !speech.isEmpty {
            var at = (Self.offset(leg: leg, length: speech.count) + range.lowerBound) % speech.count
            for index in out.indices {
                out[index] = speech[at]
                at += 1
                if at == speech.count { at = 0 }
            }
        }
        var period = range.lowerBound / Self.period
        while period * Self.period < range.upperBound {
            let mark = Mark.bytes(leg: leg, period: period)
            for (index, byte) in mark.enumerated() {
                let at = period * Self.period + index - range.lowerBound
                if out.indices.contains(at) { out[at] = byte }
            }
            period += 1
        }
        return out
    }

    /// Speech-like sound where no file is given: noise in syllables of 120 to 280 ms with pauses, the same each time.
    package static func noise(seconds: Int, law: G711.Law) -> [UInt8] {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        var samples: [Int16] = []
        var low = 0.0
        while samples.count < seconds * 8000 {
            let syllable = 960 + Int(next() % 1280)
            let level = 2000 + Double(next() % 6000)
            for index in 0..<syllable {
                let white = Double(Int64(bitPattern: next()) >> 40) / Double(1 << 23)
                low += 0.35 * (white - low)
                let swell = Double(min(index, syllable - index)) / Double(syllable) * 2
                samples.append(Int16(max(-30_000, min(30_000, low * level * 2 * swell))))
            }
            samples += [Int16](repeating: 0, count: 240 + Int(next() % 960))
        }
        return G711.encode(Array(samples.prefix(seconds * 8000)), law)
    }
}

/// The mark in a leg's voice: 36 G.711 bytes, 4.5 ms: a fixed beginning, then the leg's number, the number of the
/// period and a check sum, four bits a byte.
package enum Mark {
    package static let length = 36
    /// No sequence that speech, tones or silence make.
    package static let beginning: [UInt8] = [
        0x2A, 0xAA, 0x3F, 0xB1, 0x24, 0xA3, 0x35, 0xBC, 0x21, 0xAF, 0x38, 0xB6, 0x2D, 0xA8, 0x33, 0xBE,
    ]
    /// Sixteen codes of middle level, any two of them far apart in the byte.
    private static let digits: [UInt8] = [
        0x80, 0x85, 0x8A, 0x8F, 0x90, 0x95, 0x9A, 0x9F, 0x00, 0x05, 0x0A, 0x0F, 0x10, 0x15, 0x1A, 0x1F,
    ]
    private static let values: [Int] = {
        var table = [Int](repeating: -1, count: 256)
        for (value, code) in digits.enumerated() { table[Int(code)] = value }
        return table
    }()

    /// The code of four bits.
    static func digit(_ value: Int) -> UInt8 { digits[value & 0x0F] }

    package static func bytes(leg: Int, period: Int) -> [UInt8] {
        let leg = UInt32(truncatingIfNeeded: leg)
        let period = UInt32(truncatingIfNeeded: period)
        var out = beginning
        for shift in stride(from: 28, through: 0, by: -4) { out.append(digits[Int(leg >> UInt32(shift) & 0x0F)]) }
        for shift in stride(from: 28, through: 0, by: -4) { out.append(digits[Int(period >> UInt32(shift) & 0x0F)]) }
        let sum = check(leg, period)
        for shift in stride(from: 12, through: 0, by: -4) { out.append(digits[Int(sum >> UInt16(shift) & 0x0F)]) }
        return out
    }

    /// The mark at the beginning of `bytes`; nil where none stands there whole.
    package static func read(_ bytes: ArraySlice<UInt8>) -> (leg: Int, period: Int)? {
        guard bytes.count >= length, bytes.prefix(beginning.count).elementsEqual(beginning) else { return nil }
        var numbers: [UInt32] = []
        var at = bytes.startIndex + beginning.count
        for size in [8, 8, 4] {
            var number: UInt32 = 0
            for _ in 0..<size {
                let value = values[Int(bytes[at])]
                guard value >= 0 else { return nil }
                number = number << 4 | UInt32(value)
                at += 1
            }
            numbers.append(number)
        }
        guard UInt32(check(numbers[0], numbers[1])) == numbers[2] else { return nil }
        return (Int(numbers[0]), Int(numbers[1]))
    }

    /// Writes the mark without allocating: for the sending thread.
    static func write(leg: UInt32, period: UInt32, to out: UnsafeMutablePointer<UInt8>, table: UnsafePointer<UInt8>) {
        for index in 0..<16 { out[index] = table[16 + index] }
        for index in 0..<8 {
            let shift = UInt32(28 - 4 * index)
            out[16 + index] = table[Int(leg >> shift & 0x0F)]
            out[24 + index] = table[Int(period >> shift & 0x0F)]
        }
        let sum = check(leg, period)
        for index in 0..<4 { out[32 + index] = table[Int(sum >> UInt16(12 - 4 * index) & 0x0F)] }
    }

    /// What `write` reads from: the sixteen digits, then the beginning.
    static func table() -> UnsafePointer<UInt8> {
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 32)
        for (index, code) in (digits + beginning).enumerated() { (table + index).initialize(to: code) }
        return UnsafePointer(table)
    }

    private static func check(_ leg: UInt32, _ period: UInt32) -> UInt16 {
        let mixed = (leg &* 2_654_435_761) ^ (period &* 40_503 &+ 0x5A17)
        return UInt16(truncatingIfNeeded: mixed ^ mixed >> 16)
    }
}
