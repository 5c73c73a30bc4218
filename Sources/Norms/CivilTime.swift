/// A date and time of day on a wall clock, derived from an instant and an offset. The rules of the zone (which offset
/// holds when) come from outside.
public struct CivilTime: Hashable, Sendable {
    public let year: Int
    /// 1…12.
    public let month: Int
    /// 1…31.
    public let day: Int
    /// 0…23.
    public let hour: Int
    /// 0…59.
    public let minute: Int
    /// 0…59.
    public let second: Int
    /// 1 (Monday) … 7 (Sunday), ISO 8601.
    public let weekday: Int

    /// - Parameters:
    ///   - wallMicroseconds: Unix time, UTC.
    ///   - offsetSeconds: what local time is ahead of UTC (Asia/Shanghai: 28,800).
    public init(wallMicroseconds: Int64, offsetSeconds: Int) {
        let seconds = Self.floorDivide(wallMicroseconds, 1_000_000) + Int64(offsetSeconds)
        let days = Self.floorDivide(seconds, 86_400)
        let inDay = Int(seconds - days * 86_400)
        hour = inDay / 3600
        minute = inDay / 60 % 60
        second = inDay % 60
        // 1970-01-01 was a Thursday.
        weekday = Int((days % 7 + 7 + 3) % 7) + 1

        // Days since 0000-03-01 in the proleptic Gregorian calendar; years begin in March, so leap days come last.
        let shifted = days + 719_468
        let era = Self.floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * marchMonth + 2) / 5 + 1)
        month = Int(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9)
        year = Int(yearOfEra + era * 400 + (marchMonth >= 10 ? 1 : 0))
    }

    /// `20261122`: the date part of an order's number.
    public var compactDate: String { Self.pad(year, 4) + Self.pad(month, 2) + Self.pad(day, 2) }

    /// Minutes since midnight, 0…1439.
    public var minuteOfDay: Int { hour * 60 + minute }

    private static func pad(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }

    private static func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
        value >= 0 ? value / by : -((-value + by - 1) / by)
    }
}
