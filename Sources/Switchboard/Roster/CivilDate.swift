import Norms

/// A day of the local calendar, proleptic Gregorian.
public struct CivilDate: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let year: Int
    /// 1…12.
    public let month: Int
    /// 1…31.
    public let day: Int

    /// The day of a local time.
    public init(_ time: CivilTime) {
        year = time.year
        month = time.month
        day = time.day
    }

    /// - Parameter dayNumber: days since 1970-01-01.
    public init(dayNumber: Int) {
        self.init(CivilTime(wallMicroseconds: Int64(dayNumber) * 86_400_000_000, offsetSeconds: 0))
    }

    /// Reads `2026-10-01` (ISO 8601), years 2000…2199; nil for any other text and for days that no calendar has.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }), let year = Int(parts[0]),
            let month = Int(parts[1]), let day = Int(parts[2]), (2000...2199).contains(year),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let number = Self.dayNumber(year: year, month: month, day: day)
        self.init(dayNumber: number)
        // The 31st of a short month would be the next one's first.
        guard self.month == month, self.day == day else { return nil }
    }

    /// Days since 1970-01-01.
    public var dayNumber: Int { Self.dayNumber(year: year, month: month, day: day) }

    /// 1 (Monday) … 7 (Sunday), ISO 8601.
    public var weekday: Int { ((dayNumber % 7) + 7 + 3) % 7 + 1 }

    /// `2026-10-01`.
    public var description: String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(year)-\(two(month))-\(two(day))"
    }

    public static func < (left: Self, right: Self) -> Bool { left.dayNumber < right.dayNumber }

    /// Years begin in March, so that leap days come last; the inverse of `CivilTime`'s.
    private static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let marchYear = month > 2 ? year : year - 1
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
