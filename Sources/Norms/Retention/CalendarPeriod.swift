/// A length of time as rules give it: days, or months and years of the calendar.
public struct CalendarPeriod: Sendable, Hashable, CustomStringConvertible {
    public let months: Int
    public let days: Int

    /// - Parameters:
    ///   - months: 0…1200.
    ///   - days: 0…36,500.
    public init(months: Int = 0, days: Int = 0) {
        self.months = min(max(months, 0), 1200)
        self.days = min(max(days, 0), 36_500)
    }

    /// Reads `90 days`, `6 months`, `3 years`, `1 year`; nil for anything else, and for more than a hundred years.
    public init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].utf8.count <= 5, parts[0].utf8.allSatisfy({ (48...57).contains($0) }),
            let count = Int(parts[0]), count > 0
        else { return nil }
        switch parts[1] {
        case "day", "days":
            guard count <= 36_500 else { return nil }
            self.init(days: count)
        case "month", "months":
            guard count <= 1200 else { return nil }
            self.init(months: count)
        case "year", "years":
            guard count <= 100 else { return nil }
            self.init(months: count * 12)
        default: return nil
        }
    }

    /// As it is read.
    public var description: String {
        func words(_ count: Int, _ unit: String) -> String { "\(count) \(unit)\(count == 1 ? "" : "s")" }
        if months == 0 { return words(days, "day") }
        let whole = months % 12 == 0 ? words(months / 12, "year") : words(months, "month")
        return days == 0 ? whole : "\(whole) \(words(days, "day"))"
    }

    /// The moment so long after another, at the same local time of day. A month later than the 31st of a month is the
    /// last day of one that has fewer.
    /// - Parameters:
    ///   - wall: Unix time in microseconds, UTC. Beyond the year 100,000 on either side the nearest that is not.
    ///   - offsetSeconds: what local time is ahead of UTC.
    public func after(_ wall: Int64, offsetSeconds: Int) -> Int64 {
        let dayLength: Int64 = 86_400_000_000
        let bound: Int64 = 3_000_000_000_000_000_000
        let local = min(max(wall, -bound), bound) + Int64(offsetSeconds) * 1_000_000
        let start = CivilTime(wallMicroseconds: local, offsetSeconds: 0)
        let inDay = local - Self.floor(local, dayLength) * dayLength
        let target = Int64(CivilDate(start).adding(months: months).dayNumber + days)
        return target * dayLength + inDay - Int64(offsetSeconds) * 1_000_000
    }

    private static func floor(_ value: Int64, _ by: Int64) -> Int64 {
        value >= 0 ? value / by : -((-value + by - 1) / by)
    }
}
