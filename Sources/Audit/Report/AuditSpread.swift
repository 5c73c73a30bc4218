/// How a number of durations lie, in milliseconds.
public struct AuditSpread: Sendable, Hashable {
    public let count: Int
    /// Rounded half up; nil where there are none, as the others.
    public let mean: Int64?
    public let max: Int64?
    /// The smallest duration that half of them do not exceed (nearest rank).
    public let p50: Int64?
    /// … that nine in ten do not exceed.
    public let p90: Int64?
    /// … that 19 in 20 do not exceed.
    public let p95: Int64?
    /// … that 99 in 100 do not exceed.
    public let p99: Int64?

    /// - Parameter milliseconds: none below zero, in any order.
    public init(of milliseconds: [Int64]) {
        let sorted = milliseconds.sorted()
        let size = Int64(sorted.count)
        count = sorted.count
        mean = sorted.isEmpty ? nil : (sorted.reduce(0, +) * 2 + size) / (size * 2)
        max = sorted.last
        p50 = Self.percentile(50, sorted)
        p90 = Self.percentile(90, sorted)
        p95 = Self.percentile(95, sorted)
        p99 = Self.percentile(99, sorted)
    }

    /// The value at rank ⌈count × percent ÷ 100⌉.
    private static func percentile(_ percent: Int, _ sorted: [Int64]) -> Int64? {
        sorted.isEmpty ? nil : sorted[(sorted.count * percent + 99) / 100 - 1]
    }
}
