/// Sends keys as tones within the audio (DTMF, ITU-T Q.23), for legs without telephone-event: 100 ms on, 100 ms off.
///
/// Noncopyable; `init` allocates, everything else belongs to the media thread and does not.
package struct InbandKeySender: ~Copyable {
    /// Keys that can wait.
    package static let capacity = 64
    private static let samplesDown = 800
    private static let samplesUp = 800

    private let queue: UnsafeMutablePointer<UInt8>
    private let sines: UnsafeMutablePointer<Sine>
    private var low: Sine
    private var high: Sine
    private var head = 0
    private var count = 0
    private var position = 0

    /// - Parameter level: of the low tone, dBm0; the high one is 2 dB louder, as lines attenuate it more.
    package init(level: Double = -9) {
        queue = .allocate(capacity: Self.capacity)
        queue.initialize(repeating: 0, count: Self.capacity)
        sines = .allocate(capacity: 8)
        for (index, frequency) in [697.0, 770, 852, 941].enumerated() {
            (sines + index).initialize(to: Sine(frequency: frequency, level: level))
        }
        for (index, frequency) in [1209.0, 1336, 1477, 1633].enumerated() {
            (sines + 4 + index).initialize(to: Sine(frequency: frequency, level: level + 2))
        }
        low = sines[0]
        high = sines[4]
    }

    deinit {
        queue.deallocate()
        sines.deallocate()
    }

    /// Appends a key; false where too many wait.
    package mutating func append(_ key: Key) -> Bool {
        guard count < Self.capacity else { return false }
        queue[(head + count) % Self.capacity] = key.rawValue
        count += 1
        return true
    }

    /// Nothing is being sent or waiting; true again when the pause after the last key is over.
    package var isIdle: Bool { count == 0 }

    /// Fills in `count` samples in place of other audio: tones and pauses, silence when idle.
    package mutating func fill(_ samples: UnsafeMutablePointer<Int16>, count: Int) {
        for index in 0..<count {
            guard self.count > 0 else {
                samples[index] = 0
                continue
            }
            if position == 0 { select(queue[head]) }
            samples[index] = position < Self.samplesDown ? Int16(low.next() + high.next()) : 0
            position += 1
            if position == Self.samplesDown + Self.samplesUp {
                position = 0
                head = (head + 1) % Self.capacity
                self.count -= 1
            }
        }
    }

    /// Throws away what waits.
    package mutating func removeAll() {
        count = 0
        position = 0
    }

    private mutating func select(_ code: UInt8) {
        let row: Int
        let column: Int
        switch code {
        case 0: (row, column) = (3, 1)
        case 1...9: (row, column) = ((Int(code) - 1) / 3, (Int(code) - 1) % 3)
        case 10: (row, column) = (3, 0)
        case 11: (row, column) = (3, 2)
        default: (row, column) = (Int(code) - 12, 3)
        }
        low = sines[row & 3]
        high = sines[4 + column]
    }
}
