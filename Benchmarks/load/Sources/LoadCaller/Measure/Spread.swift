/// A distribution by its values: nearest rank, so that every figure is one that was measured.
package struct Spread: Sendable, Hashable, Codable {
    package var count = 0
    package var p50 = 0.0
    package var p99 = 0.0
    package var p999 = 0.0
    package var max = 0.0

    enum CodingKeys: String, CodingKey {
        case count, p50, p99, max
        case p999 = "p99_9"
    }

    package init() {}

    /// - Parameter values: nanoseconds; the figures are milliseconds.
    package init(_ values: [Int64]) {
        let sorted = values.sorted()
        count = sorted.count
        guard count > 0 else { return }
        func at(_ share: Double) -> Double {
            let rank = Int((share * Double(sorted.count)).rounded(.up))
            return Double(sorted[Swift.min(sorted.count - 1, Swift.max(0, rank - 1))]) / 1e6
        }
        (p50, p99, p999, max) = (at(0.5), at(0.99), at(0.999), at(1))
    }

    package init(_ histogram: Histogram) {
        count = histogram.count
        guard count > 0 else { return }
        p50 = histogram.at(0.5)
        p99 = histogram.at(0.99)
        p999 = histogram.at(0.999)
        max = histogram.maximum
    }
}

/// Counts in steps of 10 µs up to two seconds, and the greatest value as it is: for millions of values, and for threads
/// that may not allocate. Its memory is there from the beginning.
package final class Histogram {
    static let step: Int64 = 10_000
    static let steps = 200_000
    private let counts: UnsafeMutablePointer<UInt32>
    package private(set) var count = 0
    private var greatest: Int64 = 0

    package init() {
        counts = .allocate(capacity: Self.steps + 1)
        counts.initialize(repeating: 0, count: Self.steps + 1)
    }

    deinit { counts.deallocate() }

    /// - Parameter value: nanoseconds; what is below 0 counts as 0.
    package func add(_ value: Int64) {
        let place = Swift.min(Swift.max(0, value) / Self.step, Int64(Self.steps))
        counts[Int(place)] += 1
        count += 1
        if value > greatest { greatest = value }
    }

    package func add(_ other: Histogram) {
        for place in 0...Self.steps { counts[place] += other.counts[place] }
        count += other.count
        greatest = Swift.max(greatest, other.greatest)
    }

    /// Milliseconds: the upper end of the step in which the share is reached, at most the greatest value.
    package func at(_ share: Double) -> Double {
        guard count > 0 else { return 0 }
        let wanted = Swift.max(1, Int((share * Double(count)).rounded(.up)))
        var sum = 0
        for place in 0..<Self.steps {
            sum += Int(counts[place])
            if sum >= wanted { return Swift.min(Double((Int64(place) + 1) * Self.step) / 1e6, maximum) }
        }
        return maximum
    }

    /// Milliseconds.
    package var maximum: Double { Double(greatest) / 1e6 }
}
