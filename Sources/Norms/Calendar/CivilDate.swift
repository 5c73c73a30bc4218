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

    /// Values beyond the calendar's are cut to it: the 31st of a month of 30 days is its 30th.
    public init(year: Int, month: Int, day: Int) {
        let month = min(max(month, 1), 12)
        let first = CivilDate(dayNumber: Self.dayNumber(year: year, month: month, day: 1))
        let length = first.adding(months: 1).dayNumber - first.dayNumber
        self = first.adding(days: min(max(day, 1), length) - 1)
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

    /// The first and the last day of `2026-10-01`, or of `2026-10-01..2026-10-08`, both ends in it; nil for any other
    /// text. The order is as written.
    public static func ends(of text: some StringProtocol) -> (first: CivilDate, last: CivilDate)? {
        if let date = CivilDate(text) { return (date, date) }
        let ends = text.split(separator: ".", omittingEmptySubsequences: false)
        guard ends.count == 3, ends[1].isEmpty, let first = CivilDate(ends[0]), let last = CivilDate(ends[2]) else {
            return nil
        }
        return (first, last)
    }

    /// The day so many months later, of the same number; the month's last where it has fewer days.
    /// - Parameter months: negative for earlier.
    public func adding(months: Int) -> CivilDate {
        let count = year * 12 + month - 1 + months
        let newYear = count >= 0 ? count / 12 : (count - 11) / 12
        let newMonth = count - newYear * 12 + 1
        let first = Self.dayNumber(year: newYear, month: newMonth, day: 1)
        let length =
            Self.dayNumber(year: newMonth == 12 ? newYear + 1 : newYear, month: newMonth % 12 + 1, day: 1) - first
        return CivilDate(dayNumber: first + min(day, length) - 1)
    }

    /// The day so many days later.
    /// - Parameter days: negative for earlier.
    public func adding(days: Int) -> CivilDate { CivilDate(dayNumber: dayNumber + days) }

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
