import Audit
import Calls

/// A share with both its numbers and the formula that they follow, since the same name stands for different formulas in
/// the trade (docs/json.md lists the formulas).
public struct Share: Sendable, Hashable, Encodable {
    /// `name/version`; the version rises where the meaning changes.
    public var formula: String
    public var numerator: Int
    public var denominator: Int
    /// The limit that the numerator keeps to; nil where the formula has none.
    public var limitMilliseconds: Int64?

    public init(_ formula: String, _ numerator: Int, of denominator: Int, limitMilliseconds: Int64? = nil) {
        self.formula = formula
        self.numerator = numerator
        self.denominator = denominator
        self.limitMilliseconds = limitMilliseconds
    }

    /// 0…1 as a rule; nil where there is nothing to judge.
    public var value: Double? { denominator > 0 ? Double(numerator) / Double(denominator) : nil }

    enum CodingKeys: String, CodingKey {
        case formula
        case numerator
        case denominator
        case limitMilliseconds = "limit_ms"
        case value = "share"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(formula, forKey: .formula)
        try fields.encode(numerator, forKey: .numerator)
        try fields.encode(denominator, forKey: .denominator)
        try fields.encode(limitMilliseconds, forKey: .limitMilliseconds)
        try fields.encode(value, forKey: .value)
    }
}

/// How a number of durations lie.
public struct Spread: Sendable, Hashable, Encodable {
    public var count: Int
    /// Rounded half up; nil where there are none, as the others.
    public var meanMilliseconds: Int64?
    public var maximumMilliseconds: Int64?
    /// The smallest duration that half of them do not exceed (nearest rank).
    public var p50Milliseconds: Int64?
    /// The smallest duration that nine in ten do not exceed.
    public var p90Milliseconds: Int64?

    /// - Parameter milliseconds: none below zero.
    public init(of milliseconds: [Int64]) {
        let spread = AuditSpread(of: milliseconds)
        count = spread.count
        meanMilliseconds = spread.mean
        maximumMilliseconds = spread.max
        p50Milliseconds = spread.p50
        p90Milliseconds = spread.p90
    }

    enum CodingKeys: String, CodingKey {
        case count
        case meanMilliseconds = "mean_ms"
        case maximumMilliseconds = "max_ms"
        case p50Milliseconds = "p50_ms"
        case p90Milliseconds = "p90_ms"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(count, forKey: .count)
        try fields.encode(meanMilliseconds, forKey: .meanMilliseconds)
        try fields.encode(maximumMilliseconds, forKey: .maximumMilliseconds)
        try fields.encode(p50Milliseconds, forKey: .p50Milliseconds)
        try fields.encode(p90Milliseconds, forKey: .p90Milliseconds)
    }
}

/// The stretch between two instants that were written down, perhaps by two runs of the program.
struct StoredSpan {
    /// Within one boot the monotonic clock measures; across boots, or where a boot is not known, the wall clock has to.
    /// - Returns: microseconds, never below zero: a clock that was set back makes no negative time.
    static func microseconds(from start: Instant, _ startBoot: String?, to end: Instant, _ endBoot: String?) -> Int64 {
        guard let startBoot, startBoot == endBoot else { return max(0, end.wall - start.wall) }
        return max(0, (end.mono - start.mono) / 1000)
    }

    static func milliseconds(from start: Instant, _ startBoot: String?, to end: Instant, _ endBoot: String?) -> Int64 {
        microseconds(from: start, startBoot, to: end, endBoot) / 1000
    }
}
