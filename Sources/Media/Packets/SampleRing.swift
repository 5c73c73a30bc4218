/// Encoded samples by position, with one bit each that says whether the sample is there. Positions count up for ever
/// and are never negative; only a window of `capacity` of them is kept, and its owner sees to it that nothing outside
/// is asked for.
///
/// Noncopyable; allocates in `init` alone.
struct SampleRing: ~Copyable {
    /// 1.024 s.
    static let capacity = 8192
    private static let mask = Int64(capacity - 1)

    private let bytes: UnsafeMutablePointer<UInt8>
    private let present: UnsafeMutablePointer<UInt64>

    init() {
        bytes = .allocate(capacity: Self.capacity)
        bytes.initialize(repeating: 0, count: Self.capacity)
        present = .allocate(capacity: Self.capacity / 64)
        present.initialize(repeating: 0, count: Self.capacity / 64)
    }

    deinit {
        bytes.deallocate()
        present.deallocate()
    }

    /// - Parameter count: 0…capacity, as everywhere here.
    mutating func write(_ source: UnsafeRawPointer, from position: Int64, count: Int) {
        let start = Int(position & Self.mask)
        let first = min(count, Self.capacity - start)
        UnsafeMutableRawPointer(bytes + start).copyMemory(from: source, byteCount: first)
        UnsafeMutableRawPointer(bytes).copyMemory(from: source + first, byteCount: count - first)
        mark(from: position, count: count, as: true)
    }

    mutating func fill(with code: UInt8, from position: Int64, count: Int) {
        let start = Int(position & Self.mask)
        let first = min(count, Self.capacity - start)
        (bytes + start).update(repeating: code, count: first)
        bytes.update(repeating: code, count: count - first)
        mark(from: position, count: count, as: true)
    }

    func read(into out: UnsafeMutablePointer<UInt8>, from position: Int64, count: Int) {
        let start = Int(position & Self.mask)
        let first = min(count, Self.capacity - start)
        out.update(from: bytes + start, count: first)
        (out + first).update(from: bytes, count: count - first)
    }

    /// Whether every sample of the range is there.
    func has(from position: Int64, count: Int) -> Bool {
        var index = Int(position & Self.mask)
        var left = count
        while left > 0 {
            let (word, bits, length) = Self.piece(index, left)
            guard present[word] & bits == bits else { return false }
            left -= length
            index = (index + length) & Int(Self.mask)
        }
        return true
    }

    mutating func clear(from position: Int64, count: Int) { mark(from: position, count: count, as: false) }

    mutating func clearAll() { present.update(repeating: 0, count: Self.capacity / 64) }

    /// The mean of the samples' magnitudes, 0…32,768.
    func meanMagnitude(_ codec: Codec, from position: Int64, count: Int) -> Int {
        guard count > 0 else { return 0 }
        let table = G711.table(codec)
        var sum = 0
        for offset in 0..<count {
            sum &+= abs(Int(table[Int(bytes[Int((position + Int64(offset)) & Self.mask)])]))
        }
        return sum / count
    }

    /// Turns everything kept into another law.
    mutating func transcode(from: Codec, to: Codec) {
        G711.transcode(bytes, count: Self.capacity, from: from, to: to, into: bytes)
    }

    private mutating func mark(from position: Int64, count: Int, as isThere: Bool) {
        var index = Int(position & Self.mask)
        var left = count
        while left > 0 {
            let (word, bits, length) = Self.piece(index, left)
            if isThere { present[word] |= bits } else { present[word] &= ~bits }
            left -= length
            index = (index + length) & Int(Self.mask)
        }
    }

    /// The part of a range that lies in one word: the word, its bits, and how many they are.
    private static func piece(_ index: Int, _ left: Int) -> (word: Int, bits: UInt64, length: Int) {
        let shift = index & 63
        let length = min(left, 64 - shift)
        return (index >> 6, (UInt64.max >> UInt64(64 - length)) << UInt64(shift), length)
    }
}
