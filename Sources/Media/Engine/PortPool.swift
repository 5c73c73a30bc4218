/// The even ports of the configured range. A port that was given back comes last, so that nobody who still sends to
/// it reaches the next call; the order is shuffled, so that nobody guesses the next one.
struct PortPool {
    private var free: [UInt16]
    private var head = 0
    /// Ports in the range, free or not.
    let size: Int

    /// - Parameter shuffle: random bits for the order; a generator is passed in tests.
    init(_ range: ClosedRange<UInt16>, using generator: inout some RandomNumberGenerator) {
        let first = UInt32(range.lowerBound) + UInt32(range.lowerBound & 1)
        free = stride(from: first, to: UInt32(range.upperBound), by: 2).map { UInt16(truncatingIfNeeded: $0) }
        free.shuffle(using: &generator)
        size = free.count
    }

    /// How many are free.
    var count: Int { free.count - head }

    /// The one that was free for longest; nil where none is.
    mutating func take() -> UInt16? {
        guard head < free.count else { return nil }
        defer {
            head += 1
            if head > 256, head * 2 > free.count {
                free.removeFirst(head)
                head = 0
            }
        }
        return free[head]
    }

    mutating func giveBack(_ port: UInt16) { free.append(port) }
}
